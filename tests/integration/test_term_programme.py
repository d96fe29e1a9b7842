"""The main job on the shipped programme, as `make demo` runs it."""

from __future__ import annotations

import shlex
from datetime import date
from pathlib import Path

import pytest

from orchestration.settings import Settings
from orchestration.steps.context import open_run
from orchestration.steps.trace import traced_rows
from tests.helpers.bi_clients import as_login, jdbc, odbc
from tests.integration.support import answer, marts, nhiemky, query
from warehouse.home import Home
from warehouse.published import open_published
from warehouse.trace.rows import table_columns

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


def test_every_mart_leads_to_cells_lines_or_a_reason(demo: tuple[Path, str]) -> None:
    home, _ = demo
    with open_published(Home(home)) as connection:
        samples = {
            table: connection.execute(f"from marts.{table} limit 1").to_arrow_table()
            for table in table_columns(connection)
        }
    assert samples.keys() >= CONTRACT
    with open_run(Settings.resolve(None, home)) as run:
        for table, sample in samples.items():
            for row in sample.to_pylist():
                told = {n: str(v) for n, v in row.items() if isinstance(v, str | date)}
                (found,) = traced_rows(run, table, told)
                assert found["cells"] or found["programme"] or found["reasons"], table
                assert all(place["line"] for place in found["programme"]), table
                for cell in found["cells"]:
                    assert cell["source_code"] == "inbox"
                    assert len(cell["delivery_sha256"]) == 64
                    assert cell["file"]
                    assert cell["received_at"]


def test_the_scorecards_command_leads_to_its_cells(demo: tuple[Path, str]) -> None:
    home, _ = demo
    ((command, numerator),) = query(
        home,
        "select trace_command, numerator from marts.rpt_term_scorecard"
        " where target_code = 'HD20-04' and unit_code = 'HD'",
    )
    program, *words = shlex.split(command)
    assert program == "nhiemky"
    (row,) = answer(*words, "--home", home)["rows"]
    judged = [c for c in row["cells"] if c["for"] == "the period assessed"]
    assert sum(c["value"] * c["share"] for c in judged) == pytest.approx(
        float(numerator)
    )
    assert row["programme"][0]["file"] == "targets.yaml"
    shown = nhiemky(*words, "--home", home)
    assert shown.returncode == 0, shown.stderr
    assert "targets.yaml:" in shown.stdout
    assert judged[0]["delivery_sha256"][:12] in shown.stdout
    missing = nhiemky("trace", "fct_submission", "status=missing",
                      f"unit_code={_missing(home)}", "--home", home)  # fmt: skip
    assert missing.returncode == 1
    assert "No report came: due" in missing.stdout
    assert nhiemky("trace", "HD", "offences", "--home", home).returncode == 2
    copy = home / "scorecard.csv"
    assert nhiemky("export", "--to", copy, "--home", home).returncode == 0
    assert copy.read_bytes() == (home / "reports/rpt_term_scorecard.csv").read_bytes()


def _missing(home: Path) -> str:
    """A unit that has one missing report."""
    ((code,),) = query(
        home,
        "select unit_code from marts.fct_submission where status = 'missing'"
        " group by unit_code order by count(*), unit_code limit 1",
    )
    return str(code)


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


def test_bi_tools_read_the_term_over_odbc_and_jdbc(
    demo: tuple[Path, str], postgres_url: str
) -> None:
    home, _ = demo
    server = {
        "NHIEMKY_PUBLISH_URL": postgres_url,
        "BI_HAI_DUONG_PASSWORD": "tất cả;{}",
        "BI_CAM_GIANG_PASSWORD": "một xã",
    }
    for command in ("publish", "access"):
        words = [command, "apply"] if command == "access" else [command]
        done = nhiemky(*words, "--home", home, environment=server)
        assert done.returncode == 0, done.stderr
    lines = (
        "select s.target_code, s.actual, t.valid_from, s.is_simulated, s.name_vi"
        " from marts.rpt_term_scorecard s join marts.dim_target t using (target_key)"
        " where s.is_scope_unit order by 1"
    )
    wanted = query(home, lines)
    everything = as_login(postgres_url, "bi_hai_duong", "tất cả;{}")
    with odbc(everything) as connection:
        cursor = connection.cursor()
        rows = cursor.execute(lines).fetchall()
        assert [(*row[:3], row[3] == "1", row[4]) for row in rows] == wanted
        tables = {row.table_name for row in cursor.tables(schema="marts")}
        assert tables >= CONTRACT
        with pytest.raises(Exception, match=r"(?i)read-?only|permission denied"):
            cursor.execute("delete from marts.fct_observation")
    one_commune = as_login(postgres_url, "bi_cam_giang", "một xã")
    with odbc(one_commune) as connection:
        cursor = connection.cursor()
        cursor.execute("select distinct unit_code from marts.fct_observation")
        seen = {code for (code,) in cursor.fetchall()}
    assert "HD.M10888" in seen
    assert len(seen) < 10
    answer_ = jdbc(
        one_commune,
        "select unit_code, sum(value) from marts.fct_observation"
        " where indicator_code = 'offences' group by unit_code order by unit_code",
    )
    assert answer_["rows"] == [
        [unit, str(total)]
        for unit, total in query(
            home,
            "select unit_code, sum(value) from marts.fct_observation"
            " where indicator_code = 'offences' and list_contains(?, unit_code)"
            " group by unit_code order by unit_code",
            sorted(seen),
        )
    ]
    assert set(answer_["tables"]) >= CONTRACT


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
