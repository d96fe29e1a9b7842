"""The main job on the shipped programme, as `make demo` runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.support import answer, marts, nhiemky, query

pytestmark = pytest.mark.slow

CONTRACT = {
    "dim_unit", "bridge_unit_ancestor", "bridge_unit_succession", "bridge_unit_group",
    "dim_period", "dim_indicator", "dim_target", "dim_form", "fct_submission",
    "fct_observation", "fct_observation_history", "fct_indicator_value",
    "fct_target_progress", "fct_finding", "rpt_term_scorecard",
}  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    home = tmp_path_factory.mktemp("demo") / "home"
    done = nhiemky("demo", "--home", home, is_cold=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return home, done.stdout


def test_demo_ends_in_the_scorecard_and_says_simulated(demo: tuple[Path, str]) -> None:
    home, printed = demo
    assert "SIMULATED" in printed
    for target in ("HD20-04", "HD20-09", "HD20-12"):
        assert target in printed
    page = (home / "reports" / "scorecard.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert all("SIMULATED" in path.name for path in (home / "inbox").rglob("*.xlsx"))


def test_all_marts_of_the_contract_hold_rows(demo: tuple[Path, str]) -> None:
    home, _ = demo
    counts = {
        name: query(home, f"select count(*) from marts.{name}")[0][0]
        for name in CONTRACT
    }
    assert {name for name, rows in counts.items() if rows == 0} <= {"bridge_unit_group"}


def test_workbooks_are_as_many_as_promised(demo: tuple[Path, str]) -> None:
    home, _ = demo
    assert 1_000 <= len(list((home / "inbox").rglob("*.xlsx"))) <= 2_000


def test_status_names_the_missing(demo: tuple[Path, str]) -> None:
    home, _ = demo
    facts = answer("status", "--home", home)
    assert facts["published_at"]
    assert facts["submissions"]["accepted"] > 1_000
    assert facts["findings"]["BLOCKER"] > 0
    assert facts["missing"]
    assert set(facts["missing"][0]) == {"unit_code", "form_code", "period_key"}


def test_trace_adds_up_to_the_published_figure(demo: tuple[Path, str]) -> None:
    home, _ = demo
    cells = answer("trace", "HD", "offences", "police-2023-Y", "--home", home)
    ((published,),) = query(
        home,
        "select value from marts.fct_indicator_value v"
        " join marts.dim_unit u using (unit_key)"
        " where u.unit_code = 'HD' and indicator_code = 'offences'"
        " and period_key = 'police-2023-Y' and boundary = 'as_reported'"
        " and cumulation = 'period'",
    )
    assert cells
    assert sum(float(cell["value"]) for cell in cells) == float(published)
    assert {"submission", "file", "sheet", "cell", "raw_text", "value"} <= set(cells[0])


def test_coverage_is_never_above_one(demo: tuple[Path, str]) -> None:
    home, _ = demo
    assert query(
        home,
        "select count(*) from marts.fct_indicator_value"
        " where coverage > 1 or coverage < 0",
    ) == [(0,)]


def test_totals_survive_the_reform(demo: tuple[Path, str]) -> None:
    home, _ = demo
    rows = query(
        home,
        "select period_key, indicator_code, count(distinct value) from"
        " marts.fct_indicator_value v join marts.dim_unit u using (unit_key)"
        " join marts.dim_indicator i using (indicator_code)"
        " where u.unit_code = 'HD' and i.kind = 'flow' and cumulation = 'period'"
        " group by all having count(distinct value) > 1",
    )
    assert rows == []


def test_second_run_changes_nothing_and_rebuild_gives_the_same(
    demo: tuple[Path, str],
) -> None:
    home, _ = demo
    before, published = marts(home), query(home, "from marts.publication")
    again = nhiemky("run", "--home", home)
    assert again.returncode == 0, again.stderr
    assert query(home, "from marts.publication") == published
    rebuilt = nhiemky("rebuild", "--home", home)
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert query(home, "from marts.publication") != published
    after = marts(home)
    assert {n: len(r) for n, r in after.items()} == {
        n: len(r) for n, r in before.items()
    }
    for name, rows in before.items():
        assert after[name] == rows, name
