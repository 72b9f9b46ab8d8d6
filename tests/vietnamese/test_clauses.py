from __future__ import annotations

import pytest

from vietnamese import clauses


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Cần giấy tờ gì, bao lâu, hết bao nhiêu", ["Cần giấy tờ gì", "bao lâu", "hết bao nhiêu"]),
        ("khai sinh với thường trú cho bé", ["khai sinh", "thường trú cho bé"]),
        ("kết hôn với người nước ngoài cần gì", ["kết hôn với người nước ngoài cần gì"]),
        ("bán nhà và đất ở", ["bán nhà và đất ở"]),
        ("thủ tục kết hôn cần gì và nộp ở đâu?", ["thủ tục kết hôn cần gì", "nộp ở đâu"]),
        ("khai sinh bao lâu còn kết hôn?", ["khai sinh bao lâu", "còn kết hôn"]),
        ("khai sinh bao lau, con ket hon thi sao", ["khai sinh bao lau", "con ket hon thi sao"]),
        ("làm giấy cho con kết hôn", ["làm giấy cho con kết hôn"]),
        ("sinh con lam giay gi", ["sinh con lam giay gi"]),
        ("tôi còn sổ hộ khẩu cũ", ["tôi còn sổ hộ khẩu cũ"]),
        ("làm khai sinh rồi nhập hộ khẩu + thẻ bhyt", ["làm khai sinh rồi", "nhập hộ khẩu", "thẻ bhyt"]),
        ("TP.HCM nộp ở đâu.Cảm ơn", ["TP.HCM nộp ở đâu", "Cảm ơn"]),
        (
            "Nghị định 123/2015/NĐ-CP. Lệ phí 50.000đ; hết",
            ["Nghị định 123/2015/NĐ-CP", "Lệ phí 50.000đ", "hết"],
        ),
        ("sổ đỏ, sổ hồng\ntách thửa", ["sổ đỏ", "sổ hồng", "tách thửa"]),
        ("mình làm ks cho bé, với lại xin bhyt luôn", ["mình làm ks cho bé", "với lại xin bhyt luôn"]),
        ("chào chị, em hỏi chút", ["chào chị", "em hỏi chút"]),
        ("đúng, rồi", ["đúng, rồi"]),
        ("có được nghỉ hay nhận tiền gì không", ["có được nghỉ hay nhận tiền gì không"]),
        ("gia hạn được mấy lần, phí sao", ["gia hạn được mấy lần", "phí sao"]),
        ("rut bao hiem mot lan thi cho bao lau", ["rut bao hiem mot lan thi cho bao lau"]),
        ("làm hộ chiếu nhan tien lam can cuoc", ["làm hộ chiếu", "nhan tien lam can cuoc"]),
        ("?!", []),
    ],
)
def test_clauses_of_a_message(message: str, expected: list[str]) -> None:
    assert [clause.text for clause in clauses(message)] == expected
