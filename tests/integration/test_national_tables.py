"""Wide tables of figures by province, as the General Statistics Office published them.

Known answers: `data/real/vn_gso/README.md`, counted there in the files themselves. The
printed total of the country is compared with the sum of the provinces; where the two
differ, the sum is published and the printed total stands in a finding.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.support import ROOT, nhiemky, query

pytestmark = pytest.mark.slow

PROGRAMME = ROOT / "tests" / "programmes" / "vn_gso"
FIGURE = (
    "select value from marts.fct_indicator_value where unit_code = ?"
    " and indicator_code = ? and period_key = ? and boundary = ?"
    " and cumulation = 'period'"
)
DISAGREEING = (
    "select f.indicator_code, f.period_key, f.observed, f.expected"
    " from marts.fct_finding f"
    " join marts.dim_unit u using (unit_key)"
    " where f.rule_code = 'CONTROL_TOTAL_DIFFERS' and u.unit_code = 'VN'"
    " and f.indicator_code in (select unnest(?)) order by 1, 2"
)
COMPARED = (
    "select sum(s.observation_count) from marts.fct_submission s"
    " join marts.dim_unit u using (unit_key)"
    " where u.unit_code = 'VN' and s.form_code = ? and s.status = 'accepted'"
)
NOT_PROVINCES = {
    "WHOLE COUNTRY",
    "Red River Delta",
    "Northern midlands and mountain areas",
    "Northern Central area and Central coastal area",
    "North Central area and Central coastal area",
    "Central Highlands",
    "South East",
    "Mekong River Delta",
}
ADMINISTRATIVE = [
    "cities",
    "urban_districts",
    "towns",
    "rural_districts",
    "wards",
    "townships",
    "communes",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    folder = shared_data / "real" / "vn_gso"
    if not folder.is_dir():
        pytest.skip(f"the published tables are not there ({folder})")
    home = tmp_path_factory.mktemp("gso") / "home"
    done = nhiemky(
        *("run", "--programme", PROGRAMME, "--home", home),
        environment={"NHIEMKY_GSO_DIR": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    return home


def figure(
    home: Path, unit: str, measure: str, year: int, boundary: str = "as_reported"
) -> Decimal | None:
    """One published figure of a year; None where there is no row for it."""
    rows = query(home, FIGURE, unit, measure, f"civil-{year}-Y", boundary)
    return rows[0][0] if rows else None


def disagreeing(home: Path, *measures: str) -> list[tuple[str, str, str, str]]:
    """Measure, period, printed total and sum where the country's two differ."""
    return query(home, DISAGREEING, list(measures))


def printed(folder: Path) -> dict[str, tuple[int, Decimal]]:
    """By file: how many figures it holds of provinces (or the country), and their sum.

    Read without any of the program: rows of regions and of the country above provinces
    are left out, as is what holds no number.
    """
    found = {}
    for path in sorted(folder.glob("*.csv")):
        lines = path.read_text("cp1252").splitlines()[3:]
        rows = [line.split(";") for line in lines if line]
        figures = [
            Decimal(text)
            for name, *texts in rows
            if " ".join(name.strip('"').split()) not in NOT_PROVINCES
            for text in texts
            if text != ".."
        ]
        found[path.name] = (len(figures), sum(figures, Decimal(0)))
    return found


def test_every_figure_of_every_table_is_there(home: Path, shared_data: Path) -> None:
    rows = query(
        home,
        "select source_file, count(*), sum(value) from marts.fct_observation"
        " join marts.dim_unit using (unit_key)"
        " where value is not null and (level in ('province', 'remainder')"
        " or form_code in ('ORDER', 'SOCIAL')) group by 1",
    )
    found = {name: (count, total) for name, count, total in rows}
    assert len(found) == 15
    assert found == printed(shared_data / "real" / "vn_gso")
    assert query(
        home,
        "select count(*) from marts.fct_finding"
        " where starts_with(rule_code, 'R_') or starts_with(rule_code, 'X_')",
    ) == [(0,)]


def test_traffic_accidents_of_the_country(home: Path) -> None:
    years = range(2012, 2017)
    deaths = [figure(home, "VN", "traffic_deaths", year) for year in years]
    assert deaths == [9838, 9851, 9101, 8728, 8685]
    parts = {
        year: [
            figure(home, "VN", f"accidents{part}", year)
            for part in ("_minor", "_serious", "")
        ]
        for year in years
    }
    assert all(minor + rest == every for minor, rest, every in parts.values())
    assert parts[2012] == [25_713, 10_663, 36_376]
    assert parts[2016] == [11_456, 10_133, 21_589]
    assert query(
        home,
        "select count(*) from marts.fct_finding where rule_code = 'ACCIDENTS_ADD_UP'",
    ) == [(0,)]


def test_administrative_units_add_up_in_all_56_columns(home: Path) -> None:
    assert query(home, COMPARED, "ADMIN") == [(56,)]
    assert disagreeing(home, *ADMINISTRATIVE) == []
    found = [figure(home, "VN.30", name, 2016) for name in ADMINISTRATIVE[-3:]]
    assert found == [25, 13, 227]


def test_one_column_of_60_of_the_medical_staff_disagrees(home: Path) -> None:
    assert query(home, COMPARED, "STAFF") == [(60,)]
    assert disagreeing(home, "doctors", "physicians", "nurses", "midwives") == [
        ("nurses", "civil-2009-Y", "60447", "60449")
    ]
    assert figure(home, "VN", "nurses", 2009) == 60_449


def test_health_establishments_disagree_in_2016_alone(home: Path) -> None:
    assert disagreeing(home, "health_establishments", "hospitals", "polyclinics") == [
        ("health_establishments", "civil-2016-Y", "12779", "12773")
    ]
    assert figure(home, "VN", "health_establishments", 2016) == 12_773


def test_hiv_of_2012_disagrees_in_all_five_columns(home: Path) -> None:
    """With what is put down to no province, which the years after add up with."""
    names = ("hiv_new", "aids_new", "hiv_alive", "aids_alive", "aids_deaths")
    assert disagreeing(home, *names) == [
        ("aids_alive", "civil-2012-Y", "61669", "62061"),
        ("aids_deaths", "civil-2012-Y", "2149", "2273"),
        ("aids_new", "civil-2012-Y", "6734", "6754"),
        ("hiv_alive", "civil-2012-Y", "210703", "210187"),
        ("hiv_new", "civil-2012-Y", "14127", "14107"),
    ]
    assert figure(home, "VN", "hiv_new", 2012) == 14_107


def test_fired_forest_of_2004_differs_from_country_and_regions(home: Path) -> None:
    """A region's printed total is in a finding where it is not its provinces' sum."""
    (total,) = disagreeing(home, "fired_forest")[1:]
    assert total[1:3] == ("civil-2004-Y", "4787")
    assert total[3].startswith("4943.4..")  # some provinces told nothing
    assert figure(home, "VN", "fired_forest", 2004) == Decimal("4943.4")
    (printed,) = query(
        home,
        "select sum(coalesce(cast(f.observed as decimal(24, 4)), v.value))"
        " from marts.fct_indicator_value v join marts.dim_unit u using (unit_key)"
        " left join marts.fct_finding f on f.unit_key = v.unit_key"
        " and f.period_key = v.period_key and f.indicator_code = v.indicator_code"
        " and f.rule_code = 'CONTROL_TOTAL_DIFFERS'"
        " where u.level = 'region' and v.indicator_code = 'fired_forest'"
        " and v.period_key = 'civil-2004-Y' and v.boundary = 'as_reported'"
        " and v.cumulation = 'period'",
    )
    assert printed == (Decimal("4630.6"),)


def test_ha_tay_ends_and_goes_on_in_ha_noi(home: Path) -> None:
    assert query(
        home,
        "select max(p.year), max(o.value) from marts.fct_observation o"
        " join marts.dim_period p using (period_key)"
        " where o.unit_code = 'VN.28' and o.indicator_code = 'population'",
    ) == [(2007, Decimal("2773.7"))]
    assert query(
        home,
        "select count(*) from marts.fct_submission s"
        " join marts.dim_unit u using (unit_key)"
        " join marts.dim_period p using (period_key)"
        " where u.unit_code = 'VN.28' and p.year >= 2008",
    ) == [(0,)]
    jump = [figure(home, "VN.01", "population", year) for year in (2007, 2008)]
    assert jump == [Decimal("3228.5"), Decimal("6381.8")]
    joined = Decimal("3228.5") + Decimal("2773.7")
    assert figure(home, "VN.01", "population", 2007, "current") == joined
    assert figure(home, "VN.28", "population", 2007, "current") is None


def test_printed_as_preliminary_is_provisional(home: Path) -> None:
    """Closed and complete, and provisional for its column's header alone."""
    assert query(
        home,
        "select period_key, is_provisional from marts.fct_indicator_value"
        " where unit_code = 'VN.30' and indicator_code = 'population'"
        " and boundary = 'as_reported' and cumulation = 'period'"
        " and period_key in ('civil-2015-Y', 'civil-2016-Y') order by 1",
    ) == [("civil-2015-Y", False), ("civil-2016-Y", True)]
    assert query(
        home,
        "select distinct source_file, qualifier from marts.fct_observation"
        " where period_key = 'civil-2016-Y' and value is not null"
        " and indicator_code in ('poverty', 'immunised', 'doctors', 'divorces')"
        " order by 1",
    ) == [
        (
            "Number of divorce cases cleared up by province and by level.csv",
            "provisional",
        ),
        (
            "Number of medical staff under provincial departments of health by"
            " province.csv",
            None,
        ),
        (
            "Percentage of children under 1 year old immunized fully caccinations by"
            " province.csv",
            "provisional",
        ),
        ("Poverty rate by province.csv", "provisional"),
    ]


def test_percentages_are_the_printed_ones_and_never_added(home: Path) -> None:
    found = [figure(home, unit, "poverty", 2010) for unit in ("VN", "VN.RRD", "VN.30")]
    assert found[:2] == [Decimal("14.2"), Decimal("8.3")]
    assert disagreeing(home, "poverty", "literacy", "immunised", "density") == []
