from __future__ import annotations

import time

import pytest

from sources.readers.personal import find_personal

GOOD = ["Trường TH Số 1", "1.656", "12.345.678.900", "2025-2026", "Số học sinh nữ"]
GOOD += [
    "0,25",
    "DV00123",
    "Kỳ 03/2026",
    "150.000.000",
    "0.912345678",
    "84.512.345.678",
]
GOOD += [
    "Số vụ lừa đảo qua điện thoại",
    "Địa chỉ trường công khai: xem web",
    "(Ký, ghi rõ họ tên)",
]
GOOD += [
    "Thu hồi 142.345.678 đồng",
    "150.000.000 đồng",
    "Giá trị 150.000.000-200.000.000 đồng",
    "Số vụ: 123456789 đồng",
    "1.656 - 12.345",
    "Ngày lập: 09-05-2024 08:15",
    "03.05.2024 12:30",
    "Quyết định 142/2024/QĐ-UBND ngày 15/03/2024",
    "tháng 01/2024 - tháng 06/2024",
    "3511.0.1053212",
    "000.00.12.G34",
    "sqvgFXuNWTB",
    "+1.167,39%",
]
BAD = [
    "079204001234",
    "Nguyễn Văn A - 0912345678",
    "a.b@gmail.com",
    "０７９２０４００１２３４",
]
BAD += ["079 204 001 234", "SĐT: +84912345678", "CMND 142345678", "142345678"]
BAD += [
    "CCCD: 079.204.001.234",
    "CCCD:79204001234",
    "Căn cước số 79 204 001 234",
    "079\u202f204\u202f001\u202f234",
    "079 – 204 – 001234",
    "CMND: 142.345.678",
    "Hộ chiếu B1234567",
    "SĐT 2 0912345678",
    "Nguyễn Văn A 142345678",
    "091\u200b2345678",
    "(+84) 912 345 678",
    "0912.345.678 - 0987.654.321",
]
BAD += ["0912.345.678", "Họ và tên: Nguyễn Văn A"]


def found(*rows: list[str], kinds: str | None = None, **more: bool) -> list[str]:
    """Places of suspicious cells in a little table."""
    cells = [(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row)]
    tags = kinds or "s" * len(cells)
    hits = find_personal(
        [r for r, _, _ in cells],
        [c for _, c, _ in cells],
        tags,
        [text for _, _, text in cells],
        **more,
    )
    return [f"{hit.row},{hit.column}" for hit in hits]


@pytest.mark.parametrize("text", GOOD)
def test_figures_and_labels_pass(text):
    assert found([text]) == []


@pytest.mark.parametrize("text", BAD)
def test_values_of_persons_are_found(text):
    assert found([text]) == ["0,0"]


def test_number_cells_are_figures():
    assert found(["123456789", "079204001234"], kinds="nn") == []


@pytest.mark.parametrize(
    "title", ["Họ và tên", "HỌ TÊN:", "Số CCCD", "Số CMND/CCCD", "Ngày sinh", "Email"]
)
def test_titles_count_above_filled_cells_only(title):
    assert found([title], ["gì đó"]) == ["0,0"]
    assert found([title]) == []


KEYS = "hoTen soCccd ngaySinh ho_va_ten HOTEN SoCMND nguoi.hoTen phoneNumber fullName"


@pytest.mark.parametrize("key", [*KEYS.split(), "dateOfBirth", "national_id"])
def test_keys_of_records_are_titles(key):
    assert found([key], ["gì đó"]) == ["0,0"]


NO_TITLES = ["Tên", "Đơn vị", "storedBy", "createdBy", "name", "Số người có CCCD"]
NO_TITLES += ["Số thẻ căn cước đã cấp", "Cấp căn cước", "Số điện thoại đường dây nóng"]


@pytest.mark.parametrize("title", NO_TITLES)
def test_titles_of_figures_and_units_pass(title):
    assert found([title], ["5"]) == []


def test_a_column_of_id_numbers_without_their_zero_is_found():
    persons = [["79204001234"], ["79185004321"], ["1190012345"]]
    assert found(["Mã"], *persons, kinds="snnn") == ["1,0", "2,0", "3,0"]
    assert found(["Mã"], *persons, figures_are_text=True) == ["1,0", "2,0", "3,0"]
    assert found(*persons[:2], kinds="nn") == []


def test_columns_of_money_pass():
    money = [["79204001000"], ["79185004000"], ["11900123000"]]
    assert found(*money, kinds="nnn") == []
    mixed = [["79204001234"], ["79185004321"], ["1190012345"], ["5400"]]
    assert found(*mixed, kinds="nnnn") == []


def test_digits_under_an_id_title_are_found_in_number_cells_too():
    assert found(["Số CCCD"], ["123456789"], kinds="sn") == ["0,0"]


def test_one_long_figure_as_text_among_figures_passes():
    rows = [["12"], ["340"], ["150000000"], ["7"]]
    assert found(*rows, kinds="nnsn") == []
    assert found(["142345678"], ["142345679"]) == ["0,0", "1,0"]


def test_text_formats_have_no_number_cells():
    assert found(["150000000"], figures_are_text=True) == []
    assert found(["0912345678"], figures_are_text=True) == ["0,0"]


def test_long_texts_are_searched_in_linear_time():
    started = time.process_time()
    assert found(["a" * 32_000 + "@", "1" * 32_000, "1 " * 16_000]) == []
    assert time.process_time() - started < 2


def test_birth_dates_beside_names():
    people = [["Nguyễn Văn An", "12/05/1984"], ["Trần Thị Bình", "02/03/1990"]]
    assert found(*people) == ["0,1", "1,1"]
    assert found(people[0]) == []
    wards = [["Nguyễn Trãi", "01/07/2025"], ["Trần Phú", "01/07/2025"]]
    assert found(*wards) == []
