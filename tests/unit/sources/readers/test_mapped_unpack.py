from __future__ import annotations

import pytest

from sources.programme.model import TableMap
from sources.readers.delimited import Dialect, delimited_sheet
from sources.readers.limits import Limits
from sources.readers.mapped_unpack import unpack_columns
from sources.readers.rejections import Rejected
from tests.unit.sources.readers.conftest import TABLE_MAP

HEAD = "freq,iccs,unit,geo\\TIME_PERIOD\t2022 \t2023 "
PACKED = TableMap.model_validate(
    TABLE_MAP
    | {
        "unpack": {"column": {"header": ["freq,.*"]}},
        "unit_column": {"header": ["geo"]},
        "measure_column": {"header": ["iccs"]},
        "key_columns": [{"header": ["unit"]}],
    }
)


def sheet_of(*lines: str):
    pages = [("", "\n".join([HEAD, *lines]).encode())]
    return delimited_sheet(pages, Dialect("utf-8", "\t"), Limits())


def table_of(sheet) -> dict[tuple[int, int], str]:
    places = zip(sheet["rows"], sheet["columns"], strict=True)
    return dict(zip(places, sheet["texts"], strict=True))


def test_named_parts_become_columns_and_other_cells_keep_their_places():
    sheet = sheet_of("A,ICCS0101,NR,VN\t: \t12.3 p", "A,ICCS0101,P_HTHAB, LA\t1 \t: c")
    assert table_of(unpack_columns(sheet, PACKED)) == {
        (0, 1): "2022 ",
        (0, 2): "2023 ",
        (0, 3): "iccs",
        (0, 4): "unit",
        (0, 5): "geo",
        (1, 1): ": ",
        (1, 2): "12.3 p",
        (1, 3): "ICCS0101",
        (1, 4): "NR",
        (1, 5): "VN",
        (2, 1): "1 ",
        (2, 2): ": c",
        (2, 3): "ICCS0101",
        (2, 4): "P_HTHAB",
        (2, 5): "LA",
    }


def test_a_key_with_other_parts_than_its_header_is_refused_at_its_cell():
    with pytest.raises(Rejected) as caught:
        unpack_columns(sheet_of("A,B,NR,VN\t1\t2", "A,NR,VN\t1\t2"), PACKED)
    assert (caught.value.code, caught.value.cell) == ("X_COLUMNS", "A3")


def test_a_record_torn_inside_its_key_stays_for_the_reader_to_judge():
    unpacked = unpack_columns(sheet_of("A,B,NR,VN\t1\t2", "A,IC"), PACKED)
    last = {place: text for place, text in table_of(unpacked).items() if place[0] == 2}
    assert last == {(2, column): "A,IC" for column in (3, 4, 5)}
    assert unpacked["widths"] == [3, 3, 1]


def test_a_table_without_the_column_is_refused():
    other = TableMap.model_validate(
        TABLE_MAP | {"unpack": {"column": {"header": ["unit,geo"]}}}
    )
    with pytest.raises(Rejected, match="missing unit,geo; row 1 holds 'freq,iccs"):
        unpack_columns(sheet_of("A,B,NR,VN\t1\t2"), other)


def test_a_map_without_packed_column_leaves_the_sheet_alone():
    sheet = sheet_of("A,B,NR,VN\t1\t2")
    assert unpack_columns(sheet, TableMap.model_validate(TABLE_MAP)) is sheet
