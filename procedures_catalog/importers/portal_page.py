"""Portal pages as JSON: the portal's labels in snake case, each with the page's text below it.

Some pages were cut at a label that also stands inside a text; the raw text of the page mends that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from procedures_catalog.errors import ImportFault
from procedures_catalog.importers import flat_text
from procedures_catalog.importers.entry import Draft, draft_of
from procedures_catalog.importers.page import Page, said, tidy, tidy_lines, unread, web_address
from procedures_catalog.importers.words import words
from procedures_catalog.model import Source

_NEEDED = ("ma_thu_tuc", "ten_thu_tuc", "linh_vuc")
_RAW_PAPERS = re.compile(r"Thành phần hồ sơ(?=[^\s).,;:])(.*?)Căn cứ pháp lýTên văn bản pháp lý", re.DOTALL)
_RAW_AGENCY = re.compile(r"Mã văn bản.*Cơ quan thực hiện(.*?)Yêu cầu, điều kiện thực hiện", re.DOTALL)
_TABLE = "Tên giấy tờ"


def is_portal_page(record: Mapping[str, object]) -> bool:
    """Whether a JSON object has the labels of a portal page."""
    return "ten_thu_tuc" in record or "ma_thu_tuc" in record


def page_draft(record: Mapping[str, object], day: date) -> Draft:
    """The entry of one portal page.

    Raises:
        ImportFault: a label is missing or a value is not text.
    """
    for key in _NEEDED:
        if not isinstance(record.get(key), str):
            raise ImportFault(f"it is no portal page: {key!r} is missing or not text")
    page = portal_page(record)
    return draft_of(page, page_source(page), day)


def page_source(page: Page) -> Source:
    """The page as a source: its address, and the decision that published the procedure."""
    title = words("source_page", code=page.code) if page.code else words("source_no_code")
    note = words("decision", number=page.decision) if page.decision else None
    return Source(title=title, url=page.url or None, note=note)


def portal_page(record: Mapping[str, object]) -> Page:
    """The page's parts, put apart again."""

    def text(key: str) -> str:
        value = record.get(key)
        return value if isinstance(value, str) else ""

    papers = text("thanh_phan_ho_so")
    agency = text("co_quan_thuc_hien")
    raw = text("raw_text")
    if _TABLE not in papers and (mended := _RAW_PAPERS.findall(raw)):
        papers = mended[-1]
    if "\n" in agency.strip() and (found := _RAW_AGENCY.search(raw)):
        agency = found[1]
    ways, laws = tidy_lines(text("cach_thuc_thuc_hien")), tidy(text("can_cu_phap_ly"))
    page = Page(
        name=tidy(text("ten_thu_tuc")),
        code=tidy(text("ma_thu_tuc")),
        domain=tidy(text("linh_vuc")),
        level=tidy(text("cap_thuc_hien")),
        agencies=[said(agency) or said(text("co_quan_co_tham_quyen"))],
        place=said(text("dia_chi_tiep_nhan")),
        url=web_address(text("detail_url")),
        decision=said(text("so_quyet_dinh")),
        ways=flat_text.ways(ways),
        groups=flat_text.papers(tidy_lines(papers)),
        laws=flat_text.laws(laws),
        conditions="" if not said(text("yeu_cau_dieu_kien")) else tidy_lines(text("yeu_cau_dieu_kien")),
        results=flat_text.results(tidy(text("ket_qua_xu_ly"))),
    )
    if flat_text.lost_ways(ways):
        page.remarks.append(unread("Cách thức thực hiện", "channels, fees and time limits"))
    if said(papers) and not any(group.papers for group in page.groups):
        page.remarks.append(unread("Thành phần hồ sơ", "the papers are"))
    if said(laws) and not page.laws:
        page.remarks.append(unread("Căn cứ pháp lý", "the legal texts are"))
    return page
