"""Thousands of entries as an import leaves them: official names, papers, fees, times, and nothing else.

The names are made of the parts that official names are made of, so that they are as long and as alike
as those of a national list; no entry stands for a procedure that exists.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import yaml

from procedures_catalog.model import Channel, Document, Duration, Fee, LegalBasis, Procedure, Source

PARTS = Path(__file__).with_name("entries.yml")
CHECKED_ON = date(2026, 11, 21)
FOLDERS = 60


def entries(count: int, seed: int = 6) -> Iterator[Procedure]:
    """So many entries, each with a name of its own; the same ones for the same ``seed``."""
    parts = yaml.load(PARTS.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    chooser, names = random.Random(seed), dict[str, None]()
    while len(names) < count:
        chosen = (chooser.choice(parts[part]) for part in ("acts", "things", "matters", "ends"))
        names[" ".join(filter(None, chosen))] = None
    for number, name in enumerate(names):
        yield _entry(number, name, parts, chooser)


def _entry(number: int, name: str, parts: dict[str, list[str]], chooser: random.Random) -> Procedure:
    agency = chooser.choice(parts["agencies"])
    papers = chooser.sample(parts["papers"], chooser.randint(2, 6))
    number_of_law = f"{chooser.randint(1, 190)}/{chooser.randint(2014, 2026)}"
    return Procedure(
        id=f"thu-tuc-{number}",
        name=name,
        field=f"Lĩnh vực {number % FOLDERS}",
        level="commune" if agency.endswith("xã") else "province",
        completeness="listed",
        checked_on=CHECKED_ON,
        sources=[
            Source(
                title="Cổng Dịch vụ công quốc gia", url=f"https://example.org/{number}", note="Trang đã lưu"
            )
        ],
        code=f"9.{number:06}",
        agency=agency,
        submit_at=[f"Trung tâm phục vụ hành chính công, quầy của {agency}"],
        channels=[Channel(channel="in_person"), Channel(channel="online", service="partial")],
        documents=[Document(name=paper, originals=1, note=f"Theo {number_of_law}/NĐ-CP") for paper in papers],
        fees=[
            Fee(state="amount", amount=chooser.randint(1, 90) * 10_000, unit="hồ sơ", name="Phí thẩm định")
        ],
        processing_time=[Duration(unit="working_days", amount=chooser.randint(1, 45))],
        eligibility=[f"Đáp ứng điều kiện về {name.lower()} theo quy định của pháp luật chuyên ngành."],
        result=[f"Văn bản của {agency}"],
        legal_basis=[LegalBasis(number=f"{number_of_law}/NĐ-CP", title=f"Quy định chi tiết về {name[:80]}")],
        imported=f"{number:016x}",
    )


def write(found: Iterator[Procedure], folder: Path) -> None:
    """One YAML file each, in folders by field."""
    for number in range(FOLDERS):
        (folder / f"linh-vuc-{number}").mkdir(parents=True)
    for entry in found:
        plain = msgspec.to_builtins(entry, builtin_types=(date,))
        text = yaml.dump(plain, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=110)
        field = entry.field.rpartition(" ")[2]
        (folder / f"linh-vuc-{field}" / f"{entry.id}.yml").write_text(text, encoding="utf-8")
