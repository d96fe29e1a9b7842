"""What a number format makes of a positive number, as Excel shows it."""

from __future__ import annotations

import pytest

from sources.readers.number_formats import shows_percent


@pytest.mark.parametrize(
    "code",
    [
        "0%",
        "0.0%",
        "0.0%_)",
        "_(* #,##0.0%_);_(* (#,##0.0%)",
        "[Red]0%",
        '"a\\"0%"b"',
        "0%;-0",
        "[<=1]0%;0",
        "[>1]0;0%",
    ],
)
def test_percentages(code):
    assert shows_percent(code)


@pytest.mark.parametrize(
    "code",
    [
        "0",
        '0.0 "%"',
        "0.0\\%",
        "0.0_%",
        "#,##0.0_%_);(#,##0.0)_%",
        "0*%",
        "0.0[$%]",
        "0.0[$ %-42A]",
        "0;-0;0%",
        "0;-0%",
    ],
)
def test_no_percentages(code):
    assert not shows_percent(code)
