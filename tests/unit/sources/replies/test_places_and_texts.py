from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from sources.replies.places import reply_place, write_reply
from sources.replies.texts import quotable, without_place


@pytest.mark.parametrize(
    ("subfolder", "name", "place"),
    [
        ("", "a.xlsx", "a.phan-hoi.xlsx"),
        ("2024/Xã Một", "báo cáo.v2.csv", "2024/Xã Một/báo cáo.v2.phan-hoi.xlsx"),
        ("", "a.phan-hoi.xlsx", "a.phan-hoi.xlsx"),
        ("", "a.PHAN-HOI.ods", "a.phan-hoi.xlsx"),
        ("", ".phan-hoi.xlsx", "phan-hoi.phan-hoi.xlsx"),
        ("../..", "../../etc/passwd", "_/_/passwd.phan-hoi.xlsx"),
        ("", "x\u202etad\n.xlsx", "x_tad_.phan-hoi.xlsx"),
        ("", 'a:b*"c".xlsx', "a_b__c_.phan-hoi.xlsx"),
        ("", "con.xlsx", "_con.phan-hoi.xlsx"),
        ("", ".xlsx", "xlsx.phan-hoi.xlsx"),
        ("\udcff", "b\udcff.xlsx", "_/b_.phan-hoi.xlsx"),
    ],
)
def test_a_place_mirrors_the_origin_safely(
    subfolder: str, name: str, place: str
) -> None:
    found = reply_place(PurePosixPath(subfolder), name)
    assert found.replace("\ufffd", "_").replace("??", "_").replace("?", "_") == place


def test_a_mark_and_a_long_name_still_fit_a_file_system() -> None:
    place = reply_place(PurePosixPath(), "ô" * 300 + ".xlsx", mark="0123abcd")
    assert place.endswith(".0123abcd.phan-hoi.xlsx")
    assert len(place.encode()) <= 255


def test_writing_replaces_whole_files_and_leaves_nothing_beside(tmp_path: Path) -> None:
    folder = tmp_path / "replies"
    write_reply(folder, "a/b.phan-hoi.xlsx", b"one")
    write_reply(folder, "a/b.phan-hoi.xlsx", b"two")
    assert [p.name for p in (tmp_path / "replies" / "a").iterdir()] == [
        "b.phan-hoi.xlsx"
    ]
    assert (tmp_path / "replies/a/b.phan-hoi.xlsx").read_bytes() == b"two"


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "replies").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "replies" / "sub").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="leads out"):
        write_reply(tmp_path / "replies", "sub/a.phan-hoi.xlsx", b"x")
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1.656 vụ", "1.656 vụ"),
        ("123456789", "123\u202f456\u202f789"),
        ("từ 100.000.000 đồng", "từ 100.000.000 đồng"),
        ("là 123456789 thay vì", "là 123\u202f456\u202f789 thay vì"),
        ("a.b@c.vn", "a.b @ c.vn"),
        ("Họ và tên", "“Họ và tên”"),
        ("ô chứa “hép møt tÕt”.", "ô chứa “…”."),
        ("hép møt tÕt", "(không nhắc lại ở đây · not repeated here)"),
        ("a\x00\u202eb\n", "a  b "),
    ],
)
def test_quotes_do_not_trip_our_own_guards(text: str, shown: str) -> None:
    assert quotable(text) == shown


def test_a_message_at_its_cell_does_not_repeat_the_place() -> None:
    message = "Tệp “a b.xlsx”, trang “Biểu”, ô D12: x: phải là số."
    assert without_place(message, "a b.xlsx") == "x: phải là số."
    assert without_place("a.xlsx: 3 dòng bị ẩn", "a.xlsx") == "3 dòng bị ẩn"
    assert without_place("Thiếu báo cáo: x", "a.xlsx") == "Thiếu báo cáo: x"
