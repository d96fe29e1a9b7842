"""The life of deliveries that nobody could place: inbox, decision, accepted report."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from orchestration.alerts.notices import finding_notices
from orchestration.cli.deliveries import app
from orchestration.settings import Settings
from orchestration.steps import handover
from orchestration.steps.assign import (
    NotAssignable,
    assign,
    dismiss,
    inbox,
    pass_on,
    retry,
    unmatched_count,
)
from orchestration.steps.context import RunContext, open_run
from orchestration.steps.inspect_delivery import dossier
from orchestration.steps.judge import delivery_statuses
from orchestration.steps.load import load_raw
from orchestration.steps.match_units import decide, unknown_names
from orchestration.steps.pull import pull
from orchestration.steps.read import assignments_of, read_again, read_pending
from orchestration.steps.trace import with_origins
from sources.template import layout
from sources.template.writer import write_template
from tests.helpers.foreign_sources import (
    FIGURES,
    FORM,
    HEAD,
    JANUARY,
    make_programme,
    opened,
    receive,
    send,
    send_long,
    sha_of,
)
from warehouse.home import Home
from warehouse.ledger.assignments import Assignments

WHOLE = {"form_code": FORM, "unit_code": "MAU.A1", "period_key": JANUARY}
PLACE = ["submission_id", "measure_code", "value", "observation_status", "raw_text"]


def figures(observations: pd.DataFrame) -> list[tuple[object, ...]]:
    rows = observations[PLACE].sort_values(PLACE[:2]).to_numpy()
    return [tuple(row) for row in rows]


def test_unmatched_deliveries_are_placed_by_people_and_read_so_ever_after(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as run:
        send_long(run, "thang1.csv", "MAU.Z9")
        send(run, "tables/bang.csv", HEAD, f"MAU.B1,2025-01,{FIGURES}")
        send(run, "tables/crimes.csv", HEAD, f"Xã Bình Sơn,2025-01,{FIGURES}")
        book_path = run.home.path / "inbox" / "m.xlsx"
        values = dict(
            zip(HEAD.split(",")[2:], map(int, FIGURES.split(",")), strict=True)
        )
        write_template(book_path, run.programme, FORM, "MAU.A2", JANUARY, values=values)  # type: ignore[arg-type]
        book = openpyxl.load_workbook(book_path)
        del book[layout.SHEET_META]
        book.save(book_path)
        receive(run)
        found = inbox(run).set_index("file_name")
        assert found.is_unmatched.all()
        assert found.rules.to_dict() == {
            "thang1.csv": ["UNIT_UNKNOWN"],
            "bang.csv": ["X_NOMAP"],
            "crimes.csv": ["R_UNKNOWN_UNIT_NAME"],
            "m.xlsx": ["X_TEMPLATE"],
        }
        told = finding_notices(
            run.ledger.findings(run.programme.code),
            run.ledger.deliveries(run.programme.code),
        )
        assert {n.rule_code for n in told} >= {"UNIT_UNKNOWN", "X_NOMAP", "X_TEMPLATE"}

        unit = {"unit_code": "MAU.A1"}
        assign(run, sha_of(run, "thang1.csv")[:8], unit, "Lan", "gọi hỏi xã")
        assign(run, sha_of(run, "bang.csv"), {"form_code": FORM}, "Lan", "tên tệp sai")
        whole = {"form_code": FORM, "unit_code": "MAU.A2", "period_key": JANUARY}
        assign(run, sha_of(run, "m.xlsx"), whole, "Lan", "mất trang thông tin")
        (name,) = unknown_names(run, "tables")
        assert (name.name, name.row_count, name.periods) == (
            "Xã Bình Sơn",
            1,
            (JANUARY,),
        )
        assert name.proposals[0].unit_code == "MAU.B2"
        decided = decide(run, "tables", {"Xã Bình Sơn": "MAU.B2"}, "Lan")
        assert decided.requeued == 1
        assert unmatched_count(run) == 0

    with opened(tmp_path) as run:  # the next run reads the programme anew
        receive(run)
        submissions = run.ledger.submissions(run.programme.code)
        assert sorted(zip(submissions.unit_code, submissions.status, strict=True)) == [
            (f"MAU.{unit}", "accepted") for unit in ("A1", "A2", "B1", "B2")
        ]
        assert submissions.period_key.eq(JANUARY).all()
        cells = [
            {
                "programme_code": row.programme_code,
                "delivery_sha256": row.delivery_sha256,
            }
            for row in submissions.sort_values("unit_code").itertuples()
        ]
        with_origins(run, cells)
        assert {cell["source_code"] for cell in cells} == {"inbox", "long", "tables"}
        said = [[d["reason"] for d in cell["decided"]] for cell in cells]
        assert said == [["gọi hỏi xã"], ["mất trang thông tin"], ["tên tệp sai"], []]
        assert unmatched_count(run) == 0
        found = run.ledger.findings(run.programme.code)
        assert not found.is_blocking.any()
        batch = handover.read(run.home.work)
        read = read_again(run, submissions)
        assert len(read) == 16
        assert figures(read) == figures(batch.observations)
        assert load_raw(run).inserted == 16


def take(run: RunContext) -> None:
    """Pull and read; what could be read is accepted without gate 1."""
    pull(run)
    read_pending(run)
    batch = handover.read(run.home.work)
    run.ledger.record_judgement(
        run.programme.code,
        batch.submissions.assign(status="accepted"),
        batch.findings,
        batch.observations,
        batch.observations.row_id[:0],
        delivery_statuses(run, batch),
    )


def test_what_is_dismissed_leaves_the_inbox_until_it_is_assigned(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as run:
        send(run, "tables/bang.csv", HEAD, f"MAU.B1,2025-01,{FIGURES}")
        take(run)
        sha256 = sha_of(run, "bang.csv")
        assert unmatched_count(run) == 1
        dismiss(run, sha256, "Lan", "gửi nhầm chỗ")
        found = run.ledger.findings(run.programme.code)
        assert found.status.tolist() == ["resolved"]
        (row,) = inbox(run).to_dict("records")
        assert (row["is_unmatched"], row["decision"]) == (False, "dismiss")
        retry(run, [sha256])
        take(run)
        assert unmatched_count(run) == 0, "the decision holds until there is another"
        assign(run, sha256, {"form_code": FORM}, "Lan", "vẫn cần")
        take(run)
        submissions = run.ledger.submissions(run.programme.code)
        assert submissions.status.tolist() == ["accepted"]


def test_the_terminal_shows_the_time_of_the_programme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with opened(tmp_path) as run:
        path = send_long(run, "x.csv", "MAU.Z9")
        moment = dt.datetime(2025, 2, 28, 20, 30, tzinfo=dt.UTC).timestamp()
        os.utime(path, (moment, moment))
        pull(run)
        sha256 = sha_of(run, "x.csv")
    where = [
        "--programme",
        str(tmp_path / "programme"),
        "--home",
        str(tmp_path / "home"),
    ]
    for words in (["list", "--all"], ["show", sha256]):
        said = CliRunner().invoke(app, [*words, *where]).output
        assert "01/03/2025 03:30" in said
        assert "2025-02-28" not in said


def test_what_was_assigned_and_is_rejected_all_the_same_stays_in_the_inbox(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as run:
        (run.home.path / "inbox" / "m.xlsx").write_bytes(b"%PDF-1.4")
        take(run)
        assert unmatched_count(run) == 0, "the sender must mend it, nobody can place it"
        code, sha256 = run.programme.code, sha_of(run, "m.xlsx")
        Assignments(run.ledger).assign(code, sha256, "Lan", "trước đây", **WHOLE)
        take(run)
        (row,) = inbox(run).to_dict("records")
        assert (row["is_unmatched"], row["rules"]) == (True, ["X_NOTXLSX"])
        (found,) = run.ledger.findings(code).to_dict("records")
        assert found["observed"].startswith("đây là tệp PDF")


def test_a_delivery_of_another_programme_goes_there_with_its_own_times(
    tmp_path: Path,
) -> None:
    other = tmp_path / "other"
    make_programme(other)
    head = other / "programme.yaml"
    text = head.read_text(encoding="utf-8")
    head.write_text(text.replace("code: mau_2026_2030", "code: khac"), encoding="utf-8")
    with opened(tmp_path) as run:
        send(run, "tables/bang.csv", HEAD, f"MAU.B1,2025-01,{FIGURES}")
        take(run)
        sha256 = sha_of(run, "bang.csv")
        with pytest.raises(NotAssignable, match=r"MAU\.B1"):
            pass_on(run, sha256, str(other), {"unit_code": "MAU.B9"}, "Lan", "sai")
        with pytest.raises(NotAssignable, match="là chương trình này"):
            pass_on(run, sha256, str(run.programme.folder), {}, "Lan", "sai")
        said = {"form_code": FORM}
        there = pass_on(run, sha256, str(other), said, "Lan", "của nơi khác")
        assert there["programme_folder"] == str(other.resolve())
        (row,) = inbox(run).to_dict("records")
        assert (row["is_unmatched"], row["decision"]) == (False, "khac")
        assert run.ledger.findings(run.programme.code).status.tolist() == ["resolved"]
        (mine,) = run.ledger.deliveries(run.programme.code).to_dict("records")
        (theirs,) = run.ledger.deliveries("khac").to_dict("records")
        kept = ("delivery_sha256", "origin", "file_name", "received_at", "size_bytes")
        assert [mine[name] for name in kept] == [theirs[name] for name in kept]
        assert theirs["status"] == "received"
    settings = Settings(other, Home(tmp_path / "home"), 1, dt.date(2025, 3, 10))
    with open_run(settings) as run:
        take(run)
        (row,) = run.ledger.submissions("khac").to_dict("records")
        assert (row["unit_code"], row["status"]) == ("MAU.B1", "accepted")


def test_two_people_who_say_different_parts_at_once_are_both_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_lock = Home.run_lock
    with opened(tmp_path) as run:
        send_long(run, "x.csv", "MAU.Z9", "thang 1")
        take(run)
        sha256 = sha_of(run, "x.csv")

        @contextmanager
        def taken_by_another_before(home: Home) -> Iterator[None]:
            monkeypatch.setattr(Home, "run_lock", take_lock)
            assign(run, sha256, {"period_key": JANUARY}, "Minh", "gọi hỏi xã")
            with home.run_lock():
                yield

        monkeypatch.setattr(Home, "run_lock", taken_by_another_before)
        assign(run, sha256, {"unit_code": "MAU.A1"}, "Lan", "gọi hỏi xã")
        held = assignments_of(run)[sha256]
        assert (held.unit_code, held.period_key) == ("MAU.A1", JANUARY)


def test_inbox_and_names_are_read_within_the_limits_of_the_run(tmp_path: Path) -> None:
    with opened(tmp_path) as run:
        send(run, "tables/crimes.csv", HEAD, f"Xã Bình Sơn,2025-01,{FIGURES}")
        take(run)
        sha256 = sha_of(run, "crimes.csv")
        assert dossier(run, sha256)["sheets"]
        assert unknown_names(run, "tables")
        limits = dataclasses.replace(run.settings.limits, cells=5)
        settings = dataclasses.replace(run.settings, limits=limits)
        narrow = dataclasses.replace(run, settings=settings)
        assert dossier(narrow, sha256)["sheets"] == []
        assert unknown_names(narrow, "tables") == []


def test_what_was_taken_in_while_it_was_passed_on_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    make_programme(other)
    head = other / "programme.yaml"
    text = head.read_text(encoding="utf-8")
    head.write_text(text.replace("code: mau_2026_2030", "code: khac"), encoding="utf-8")
    take_lock = Home.run_lock
    with opened(tmp_path) as run:
        send_long(run, "x.csv", "MAU.A1")
        pull(run)
        sha256 = sha_of(run, "x.csv")

        @contextmanager
        def taken_by_a_run_before(home: Home) -> Iterator[None]:
            monkeypatch.setattr(Home, "run_lock", take_lock)
            take(run)
            with home.run_lock():
                yield

        monkeypatch.setattr(Home, "run_lock", taken_by_a_run_before)
        with pytest.raises(NotAssignable, match="taken in here"):
            pass_on(run, sha256, str(other), {}, "Lan", "của nơi khác")
        assert "khac" not in run.ledger.programme_codes()


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("two.csv", {"unit_code": "MAU.A1"}, "2 different unknown"),
        ("one.csv", {"unit_code": "MAU.A7"}, r"did you mean .*'MAU\.A1'"),
        ("one.csv", {"form_code": FORM}, "the file says so itself"),
        ("one.csv", {}, "at least one"),
        ("one.csv", {"source_code": "tabels"}, "did you mean 'tables'"),
        ("bang.csv", {"unit_code": "MAU.A1"}, "nhiemky units match tables"),
        ("m.xlsx", {"unit_code": "MAU.A1"}, "--form, --period"),
        ("m.xlsx", WHOLE, "Không có trang tính phải đọc"),
        ("m.pdf.xlsx", WHOLE, "không phải sổ Excel"),
        ("bang.csv", {"source_code": "inbox"}, "không phải sổ Excel"),
        ("one.csv", {"source_code": "tables"}, "Không có bảng ánh xạ"),
        ("none.csv", {"unit_code": "MAU.A1"}, "deliveries list --all"),
    ],
)
def test_what_an_assignment_cannot_say_is_refused(
    unplaced: RunContext, name: str, given: dict[str, str], told: str
) -> None:
    known = unplaced.ledger.deliveries(unplaced.programme.code)
    sha256 = "f" * 64 if name == "none.csv" else sha_of(unplaced, name)
    with pytest.raises(NotAssignable, match=told):
        assign(unplaced, sha256, given, "Lan", "thử")
    after = unplaced.ledger.deliveries(unplaced.programme.code)
    assert after.equals(known)


@pytest.fixture(scope="module")
def unplaced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunContext]:
    """Five deliveries that nobody could place; assignments that are refused only."""
    with opened(tmp_path_factory.mktemp("unplaced")) as run:
        send_long(run, "one.csv", "MAU.Z9")
        lines = send_long(run, "two.csv", "MAU.Z9").read_text(encoding="utf-8")
        more = lines.replace("MAU.Z9", "MAU.Y9").splitlines()[1:]
        send(run, "long/two.csv", lines.rstrip(), *more)
        send(run, "tables/bang.csv", HEAD, f"MAU.B1,2025-01,{FIGURES}")
        openpyxl.Workbook().save(run.home.path / "inbox" / "m.xlsx")
        (run.home.path / "inbox" / "m.pdf.xlsx").write_bytes(b"%PDF-1.4 x")
        take(run)
        yield run
