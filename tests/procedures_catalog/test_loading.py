from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from procedures_catalog.errors import EntryError
from procedures_catalog.loading import ENTRIES, entry_stamps, read_entries, read_procedure


def fault_of(path: Path) -> EntryError:
    with pytest.raises(EntryError) as caught:
        read_procedure(path)
    return caught.value


def test_a_small_entry_is_read_with_its_defaults(write_entry):
    procedure = read_procedure(write_entry("lam-giay", code="1.000001", valid_until="2026-12-31"))
    assert (procedure.id, procedure.code, procedure.valid_until) == (
        "lam-giay",
        "1.000001",
        date(2026, 12, 31),
    )
    assert procedure.documents == []


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"lệ_phí": 3}, "entry", "unknown field"),
        ({"code": "1193"}, "code", "regex"),
        ({"level": "district"}, "level", "district"),
        ({"sources": []}, "sources", "length"),
        ({"fees": [{"state": "amount"}]}, "fees[0]", "needs an amount"),
        ({"fees": [{"state": "free", "amount": 5000}]}, "fees[0]", "takes no amount"),
        ({"processing_time": [{"unit": "days"}]}, "processing_time[0]", "amount goes with"),
        ({"processing_time": [{"unit": "same_day", "amount": 1}]}, "processing_time[0]", "amount goes with"),
        ({"documents": [{"name": "Đơn", "form": "mau"}]}, "documents[0].form", "form of this entry"),
        ({"documents": [{"name": "Đơn", "when": {"ai": "toi"}}]}, "documents[0].when", "case of this entry"),
        ({"valid_from": "2026-02-01", "valid_until": "2026-01-01"}, "valid_until", "before valid_from"),
        (
            {"fees": [{"state": "not_published", "valid_from": "2026-02-01", "valid_until": "2026-01-01"}]},
            "fees[0].valid_until",
            "before valid_from",
        ),
        (
            {
                "cases": [
                    {
                        "id": "ai",
                        "question": "Ai?",
                        "choices": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}],
                    }
                ],
                "documents": [{"name": "Đơn", "when": {"ai": ["a", "c"]}}],
            },
            "documents[0].when.ai",
            "choice of that case",
        ),
    ],
)
def test_a_fault_names_file_field_and_what_is_expected(write_entry, fields, field, words):
    path = write_entry("lam-giay", **fields)
    fault = fault_of(path)
    assert fault.path == str(path)
    assert fault.field == field
    assert words in fault.expected


def test_the_id_is_the_name_of_the_file(write_entry, entries):
    path = write_entry("lam-giay").rename(entries / "giay-khac.yml")
    assert fault_of(path).field == "id"


def test_what_is_not_yaml_names_the_line(entries):
    path = entries / "hong.yml"
    path.write_text("id: hong\nname: [chưa đóng\nfield: x: y\n", encoding="utf-8")
    assert fault_of(path).field.startswith("line ")


def test_a_date_that_does_not_exist_is_a_fault_of_its_file_alone(write_entry, entries):
    good = write_entry("lam-giay")
    path = entries / "hong.yml"
    path.write_text("id: hong\nchecked_on: 2026-02-30\n", encoding="utf-8")
    assert fault_of(path).field == "line 2"
    assert "there is no '2026-02-30'" in fault_of(path).expected
    assert read_entries(entries)[good].procedure is not None


def test_what_is_not_utf8_says_so(entries):
    path = entries / "hong.yml"
    path.write_bytes("id: hong\nname: Thủ tục".encode("utf-16"))
    assert "UTF-8" in fault_of(path).expected


def test_a_file_that_is_gone_says_so(entries):
    assert "cannot be read" in fault_of(entries / "khong-co.yml").expected


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert read_entries(tmp_path / "khong-co") == {}


def test_files_of_an_interrupted_import_are_no_entries(write_entry, entries):
    write_entry("lam-giay")
    (entries / ".lam-giay.yml.4711").write_text("id: lam-gi", encoding="utf-8")
    assert [path.name for path in entry_stamps(entries)] == ["lam-giay.yml"]


def test_a_broken_file_keeps_its_last_good_entry(write_entry, entries):
    path = write_entry("lam-giay", name="Tên cũ")
    before = read_entries(entries)
    path.write_text("id: lam-giay", encoding="utf-8")
    after = read_entries(entries, before)[path]
    assert after.procedure is not None and after.procedure.name == "Tên cũ"
    assert after.fault is not None


class TestCache:
    """Two hundred entries and more are kept as they were read."""

    @pytest.fixture
    def many(self, write_entry, entries):
        for number in range(210):
            write_entry(f"thu-tuc-{number}")
        read_entries(entries)
        return entries

    @staticmethod
    def files(own_var: Path) -> list[Path]:
        return list((own_var / "catalog-cache").glob("*.bin"))

    def test_what_was_kept_is_what_was_read(self, many, own_var):
        assert len(self.files(own_var)) == 1
        kept = {path: file.procedure for path, file in read_entries(many).items()}
        assert kept == {path: read_procedure(path) for path in kept}

    def test_it_is_used(self, many, own_var):
        # A kept entry is believed as long as its file is untouched, so what is kept shows itself.
        cache = self.files(own_var)[0]
        header, _, body = cache.read_bytes().partition(b"\n")
        from hashlib import blake2b

        body = body.replace("Thủ tục thu tuc 7".encode(), "Thủ tục thu tuc 8".encode())
        words = header.split()
        words[2] = blake2b(body, digest_size=16).hexdigest().encode()
        cache.write_bytes(b" ".join(words) + b"\n" + body)
        names = {file.procedure.name for file in read_entries(many).values() if file.procedure}
        assert "Thủ tục thu tuc 7" not in names

    @pytest.mark.parametrize("damage", [b"", b"\x00" * 64, b"motcua-catalog x y\n\x91"])
    def test_a_damaged_cache_is_thrown_away(self, many, own_var, damage):
        self.files(own_var)[0].write_bytes(damage)
        assert len([f for f in read_entries(many).values() if f.procedure]) == 210
        assert self.files(own_var)[0].read_bytes() != damage

    def test_one_flipped_byte_is_noticed(self, many, own_var):
        cache = self.files(own_var)[0]
        data = bytearray(cache.read_bytes())
        data[-20] ^= 1
        cache.write_bytes(data)
        names = {file.procedure.name for file in read_entries(many).values() if file.procedure}
        assert names == {f"Thủ tục thu tuc {number}" for number in range(210)}

    def test_a_changed_file_is_read_again_even_if_its_time_and_size_are_put_back(self, many):
        path = many / "thu-tuc-5.yml"
        stat = path.stat()
        path.write_text(path.read_text(encoding="utf-8").replace("thu tuc 5", "thu tuc X"), encoding="utf-8")
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        read = read_entries(many)[path].procedure
        assert read is not None and read.name == "Thủ tục thu tuc X"

    def test_without_a_folder_for_it_everything_works(self, many, own_var, monkeypatch, tmp_path):
        monkeypatch.setenv("MOTCUA_VAR", str(tmp_path / "khong-co"))
        assert len(read_entries(many)) == 210
        assert not (tmp_path / "khong-co").exists()


def test_our_own_entries_are_read_without_fault():
    files = read_entries(ENTRIES)
    assert len(files) >= 300
    assert [str(file.fault) for file in files.values() if file.fault] == []
