"""Sizes: cells are counted as the readers of bundles count them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sources.bundle import write_bundle
from sources.connectors.errors import SourceError
from sources.connectors.sizes import Size, check_packed, size_of
from sources.readers.bundles import read_bundle
from sources.readers.delimited import Dialect
from sources.readers.limits import DEFAULT_LIMITS

RECORDS = [
    {"unit": "A", "value": 1, "seen": {"by": "x: y", "on": "8:30"}},
    {"unit": ""},
]


@pytest.mark.parametrize(
    ("kind", "page", "rows", "cells"),
    [
        ("csv", b"a,b,c\r\n1,,3\r\n,,\r\n,5,\r\n", 3, 6),
        ("csv", "đơn vị,số\nHải Dương,\n".encode(), 1, 3),
        ("json", json.dumps(RECORDS).encode(), 2, 6),
        (
            "json",
            json.dumps(RECORDS, indent=1, separators=(", ", " : ")).encode(),
            2,
            6,
        ),
    ],
)
def test_what_is_counted_is_never_less_than_what_is_read(
    tmp_path: Path, kind: str, page: bytes, rows: int, cells: int
) -> None:
    assert size_of(page, kind, rows) == Size(rows, cells, len(page))
    path = tmp_path / "bundle.zip"
    path.write_bytes(write_bundle({}, [(f"1.{kind}", page)]))
    (sheet,) = read_bundle(path, "", Dialect("utf-8", ","), DEFAULT_LIMITS)
    header = 0 if kind == "csv" else 4
    assert len(sheet["texts"]) - header <= cells


def test_a_delivery_should_hold_half_of_what_a_reader_takes() -> None:
    half = Size(cells=500_000)
    assert (half.share, (half + Size(cells=1)).share > 1) == (1.0, True)
    assert Size(content_bytes=25 << 20).share == 1.0
    (half + half).check("x", "y")
    with pytest.raises(
        SourceError, match=r"x: 1,000,001 cells .* takes 1,000,000\..*y"
    ):
        Size(cells=1_000_001).check("x", "y")
    with pytest.raises(SourceError, match="bytes"):
        Size(content_bytes=(256 << 20) + 1).check("x", "y")
    with pytest.raises(SourceError, match="packed"):
        check_packed(bytes((50 << 20) + 1), "x", "y")
