"""Pictures that come with feedback: what is left of a file, who may send one, who may see it."""

from __future__ import annotations

import struct
import time
import zlib
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import func, insert, select

from bot.channels.errors import PlatformAway
from bot.desk.errors import Refusal
from bot.desk.pictures import LARGEST, made_anew
from bot.desk.tables import pictures
from bot.mailbox.core import PULL
from bot.mailbox.privacy import erase
from bot.mailbox.tables import inbox
from tests.bot.desk.citizen import Citizen
from tests.bot.desk.conftest import Serve
from tests.bot.desk.rig import Browser, Rig, error_of
from tests.bot.desk.seeding import add_case

SECRET = b"21.028511N <script>alert(1)</script>"


def encoded(kind: str, size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **more)
    return out.getvalue()


def telling() -> dict[str, bytes]:
    """Pictures with something beside the picture, of each kind that is taken."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x0112] = 6  # the camera was held upright
    exif.get_ifd(0x8825)[29] = "2026:11:22"
    text = PngInfo()
    text.add_text("Comment", SECRET.decode())
    return {
        "jpeg": encoded("JPEG", exif=exif, comment=SECRET, icc_profile=b"x" * 200 + SECRET) + SECRET,
        "png": encoded("PNG", pnginfo=text, exif=exif) + SECRET,
        "webp": encoded("WEBP", exif=exif, xmp=SECRET) + SECRET,
    }


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_nothing_but_the_picture_is_left(kind: str) -> None:
    made = made_anew(telling()[kind])
    assert SECRET not in made and b"script" not in made and b"Exif" not in made
    with Image.open(BytesIO(made)) as picture:
        assert picture.format == "JPEG" and not picture.getexif() and picture.size == (40, 60)
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_large_one_is_made_smaller() -> None:
    with Image.open(BytesIO(made_anew(encoded("JPEG", (4000, 1000))))) as picture:
        assert picture.size == (2048, 512)


def claiming(width: int, height: int) -> bytes:
    """A few bytes that say they are a PNG of that size."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [b"\x89PNG\r\n\x1a\n", struct.pack(">I", 13), head, struct.pack(">I", zlib.crc32(head))]
    return b"".join([*parts, struct.pack(">I", 9), b"IDAT", b"nonsense", b"\0" * 20])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + b"\0" * 50,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        encoded("JPEG")[:200],
        encoded("PNG")[:60],
        encoded("BMP"),
        claiming(10, 10),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        made_anew(data)
    assert (refused.value.status, refused.value.code) == (422, "no_picture")


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000])
def test_few_bytes_that_would_fill_the_memory_are_refused(side: int) -> None:
    with pytest.raises(Refusal) as refused:
        made_anew(claiming(side, side))
    assert refused.value.code == "picture_too_big"


@pytest.fixture
def minh(rig: Rig, kept_password: str) -> Browser:
    rig.person("Minh", "lead", kept_password)
    return rig.browser("Minh")


def upload(citizen: Citizen, number: int | str, data: bytes, **more: str):
    where = {"session": citizen.session, "feedback": number, **more}
    return citizen.http.post("/api/v1/pictures", params=where, content=data)


def test_a_picture_goes_to_ones_own_feedback_and_leads_alone_see_it(
    rig: Rig, minh: Browser, kept_password: str
) -> None:
    rig.person("Lan", kept=kept_password)
    lan, citizen, stranger = rig.browser("Lan"), Citizen(rig), Citizen(rig)
    _, about = citizen.say("cán bộ thái độ kém quá")
    assert about["buttons"][-1]["title"] == "Gửi ảnh"
    (where,) = citizen.say(payload=about["buttons"][0]["payload"])
    assert [button["title"] for button in where["buttons"]] == ["Gửi ảnh", "Không cần thêm"]
    (row,) = minh.get("/desk/api/feedback", state="new").json()["rows"]
    number = row["id"]

    assert error_of(upload(stranger, number, telling()["jpeg"])) == "unknown_feedback"
    assert error_of(upload(citizen, 999, telling()["jpeg"])) == "unknown_feedback"
    assert error_of(upload(citizen, "x", telling()["jpeg"])) == "bad_field"
    assert error_of(upload(citizen, number, telling()["jpeg"], session="a b")) == "bad_field"
    assert error_of(upload(citizen, number, b"no picture")) == "no_picture"
    foreign = {"Origin": "https://evil.example"}
    refused = citizen.http.post("/api/v1/pictures", content=b"", headers=foreign)
    assert error_of(refused) == "wrong_origin"

    for _ in range(2):  # its acknowledgement was lost: sent again is not twice
        taken = upload(citizen, number, telling()["png"])
        assert taken.status_code == 200 and "Đã nhận ảnh" in taken.json()["replies"][0]["text"]
    (thanks,) = citizen.say("quầy số 3")
    assert "đã đủ" in thanks["text"]
    (row,) = minh.get("/desk/api/feedback", state="new").json()["rows"]
    (file,) = row["files"]
    assert row["place"] == "quầy số 3" and file["picture"]
    shown = minh.get(file["url"])
    assert shown.headers["content-type"] == "image/jpeg" and shown.headers["cache-control"] == "no-store"
    assert shown.headers["content-security-policy"] == "sandbox" and SECRET not in shown.content
    assert lan.get(file["url"]).status_code == 403 and citizen.http.get(file["url"]).status_code == 401
    assert error_of(minh.get(file["url"][:-1] + "7")) == "unknown_file"


def test_so_many_and_no_more_and_gone_with_the_person(rig: Rig, minh: Browser) -> None:
    citizen = Citizen(rig)
    citizen.say("cán bộ thái độ kém quá")
    (row,) = minh.get("/desk/api/feedback", state="new").json()["rows"]
    told = [upload(citizen, row["id"], encoded("PNG", (10 + n, 10))) for n in range(7)]
    assert [answer.status_code for answer in told] == [200] * 6 + [409]
    assert "Đã đủ" in told[5].json()["replies"][0]["text"]
    assert told[5].json()["replies"][0]["buttons"][0]["title"] == "Không cần thêm"
    big = upload(citizen, row["id"], b"\xff" * (LARGEST + 1))
    assert (big.status_code, error_of(big)) == (413, "picture_too_big") and "10 MB" in big.text
    with rig.write() as connection:
        erase(connection, time.time(), f"web:{citizen.session}", PULL)
        assert connection.scalar(select(func.count()).select_from(pictures)) == 0


def test_what_came_by_telegram_is_seen_by_whoever_has_the_case(
    serving: Serve, sqlite_url: str, kept_password: str
) -> None:
    async def fetch(file_id: str) -> bytes:
        if file_id == "gone":
            raise PlatformAway("gone")
        return telling()["jpeg"] if file_id == "photo" else b"<script>alert(1)</script>"

    rig = serving(sqlite_url, fetch=fetch)
    lan, hoa = (rig.person(name, kept=kept_password) and rig.browser(name) for name in ("Lan", "Hoa"))
    now = time.time()
    with rig.write() as connection:
        case = add_case(connection, now, "telegram:7")
        for n, (kind, name) in enumerate([("image", "photo"), ("file", "page.html"), ("image", "gone")]):
            body = {"event": "attachment", "type": kind, "attachments": [{"file_id": name, "name": name}]}
            row = {"conversation": "telegram:7", "channel": "telegram", "platform_message_id": str(n)}
            row |= {"received_at": now, "accepted_at": now + n, "kind": "event", "body": body}
            connection.execute(insert(inbox).values({**row, "state": "answered", "repeats": 0}))
    assert lan.post(f"/desk/api/cases/{case}/claim").status_code == 200
    lines = lan.get(f"/desk/api/cases/{case}").json()["lines"]
    photo, page, gone = [line["files"][0] for line in lines if line.get("files")]
    assert (photo["picture"], page["picture"]) == (True, False)
    shown = lan.get(photo["url"])
    assert shown.headers["content-type"] == "image/jpeg" and SECRET not in shown.content
    saved = lan.get(page["url"])
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"] == "attachment"
    assert error_of(lan.get(gone["url"])) == "file_away"
    assert error_of(lan.get(photo["url"][:-1] + "5")) == "unknown_file"
    assert error_of(hoa.get(photo["url"])) == "not_yours"
