"""A foreign programme: published German police figures from the publisher's workbooks.

Known answers: `data/real/de_bka_pks/README.md`, checked there against the printed
national rows.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.support import ROOT, nhiemky, query

pytestmark = pytest.mark.slow

PROGRAMME = ROOT / "tests" / "programmes" / "de_pks"
KNOWN = {
    2013: (5_961_662, 3_249_396, "54.505"),
    2016: (6_372_526, 3_584_167, "56.244"),
    2019: (5_436_401, 3_124_161, "57.467"),
}
PRINTED_SUSPECTS = {2013: 2_094_160, 2016: 2_360_806, 2019: 2_019_211}
NATIONAL = (
    "select v.value, v.numerator, v.denominator, v.coverage"
    " from marts.fct_indicator_value v join marts.dim_unit u using (unit_key)"
    " where u.unit_code = 'DE' and v.indicator_code = ? and v.period_key = ?"
    " and v.boundary = ? and v.cumulation = 'period'"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    folder = shared_data / "real" / "de_bka_pks"
    home = tmp_path_factory.mktemp("pks") / "home"
    # as of the year after the last one at hand: later years are due and hold nothing
    done = nhiemky(
        *("run", "--programme", PROGRAMME, "--home", home, "--as-of", "2020-06-30"),
        environment={"NHIEMKY_PKS_DIR": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    return home


@pytest.mark.parametrize("year", KNOWN)
@pytest.mark.parametrize("boundary", ["as_reported", "current"])
def test_national_figures_to_the_printed_digit(
    home: Path, year: int, boundary: str
) -> None:
    recorded, cleared, rate = KNOWN[year]
    period = f"civil-{year}-Y"
    (row,) = query(home, NATIONAL, "recorded", period, boundary)
    assert row[0] == recorded
    (row,) = query(home, NATIONAL, "cleared", period, boundary)
    assert row[0] == cleared
    (row,) = query(home, NATIONAL, "clear_up_rate", period, boundary)
    assert row[0].quantize(Decimal("0.001")) == Decimal(rate)
    assert (row[1], row[2]) == (cleared, recorded)


@pytest.mark.parametrize("year", KNOWN)
def test_suspects_are_the_printed_count_and_not_a_sum(home: Path, year: int) -> None:
    (row,) = query(home, NATIONAL, "suspects", f"civil-{year}-Y", "as_reported")
    assert row[0] == PRINTED_SUSPECTS[year]


def test_every_key_sums_to_the_printed_national_row(home: Path) -> None:
    assert query(
        home,
        "select count(*) from marts.fct_finding where rule_code ilike '%CONTROL%'",
    ) == [(0,)]


def test_cleared_above_recorded_is_a_warning_and_stays_in(home: Path) -> None:
    rows = query(
        home,
        "select severity, count(*), count(distinct period_key) from marts.fct_finding"
        " where rule_code = 'PART_OVER_WHOLE_DOUBT' group by all",
    )
    assert [(severity, years) for severity, _, years in rows] == [("WARNING", 3)]
