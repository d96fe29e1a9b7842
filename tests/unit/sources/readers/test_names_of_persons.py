"""Personal data outside cells: names of sheets and pages, text boxes."""

from __future__ import annotations

import pytest

from sources.bundle import write_bundle
from sources.readers.bundles import read_bundle
from sources.readers.cells import ReadRequest, WorkerPool
from sources.readers.delimited import Dialect
from sources.readers.grid import empty_sheet, guard, read_workbook
from sources.readers.limits import DEFAULT_LIMITS, Limits
from sources.readers.plain_workbook import read_plain
from sources.readers.rejections import Rejected

PHONE = "0912345678"
DRAWING = "xl/drawings/drawing1.xml"
BOX = (
    '<d:wsDr xmlns:d="d" xmlns:a="a"><d:col>0</d:col><d:off>{}</d:off><d:txBody>'
    "<a:p><a:r><a:t>{}</a:t></a:r><a:r><a:t>{}</a:t></a:r></a:p></d:txBody></d:wsDr>"
)


def refusal(path, **limits):
    with pytest.raises(Rejected) as caught:
        read_workbook(path, Limits(**limits))
    assert PHONE not in str(caught.value)
    return caught.value.code, caught.value.detail


def test_a_sheet_goes_by_its_number_where_its_name_is_personal(workbook):
    path = workbook({"Tổng hợp": [["a"]], f"Hồ sơ {PHONE}": [["b", 1]]})
    code, detail = refusal(path)
    assert code == "PERSONAL_DATA"
    assert detail == "tên trang/sheet name #2 (điện thoại/phone)"


def test_cells_and_comments_of_such_a_sheet_are_told_by_its_number():
    sheet = empty_sheet(f"Hồ sơ {PHONE}", "visible")
    sheet["rows"], sheet["columns"], sheet["kinds"] = [1], [0], "s"
    sheet["texts"] = ["a@b.vn"]
    with pytest.raises(Rejected) as caught:
        guard([sheet], texts=[(sheet["name"], PHONE), ("xl/comments1.xml", "ổn")])
    assert caught.value.detail == (
        "tên trang/sheet name #1 (điện thoại/phone), #1 (điện thoại/phone), #1!A2"
        " (e-mail)"
    )


def test_no_refusal_repeats_the_name_of_a_person(workbook):
    path = workbook({f"Hồ sơ {PHONE}": [[1] * 30]})
    with WorkerPool(1, Limits(columns=20)) as pool:
        ((_, answer),) = pool.read([ReadRequest(path)])
    assert isinstance(answer, Rejected)
    assert answer.code == "X_TOOBIG"
    assert PHONE not in f"{answer} {answer.sheet} {answer.message_vi}"


def test_names_of_pages_are_looked_at(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(write_bundle({}, [("1.json", b"[]"), (f"{PHONE} An.json", b"{")]))
    with pytest.raises(Rejected) as caught:
        read_bundle(path, "", Dialect("utf-8-sig", ","), DEFAULT_LIMITS)
    assert caught.value.code == "PERSONAL_DATA"
    assert caught.value.detail == "tên trang/page name #2 (điện thoại/phone)"


def test_text_boxes_are_read_and_their_places_are_not(workbook, change_part):
    path = workbook({"S": [["a", 1]]})
    bad = change_part(path, DRAWING, lambda _: BOX.format(1, "0912", "345678").encode())
    assert refusal(bad) == ("PERSONAL_DATA", f"{DRAWING} (điện thoại/phone)")
    good = change_part(path, DRAWING, lambda _: BOX.format(PHONE, "a", "b").encode())
    assert read_plain(path, DEFAULT_LIMITS) is not None
    assert read_plain(good, DEFAULT_LIMITS) is None
    assert read_workbook(good, DEFAULT_LIMITS)[0]["texts"] == ["a", "1"]
