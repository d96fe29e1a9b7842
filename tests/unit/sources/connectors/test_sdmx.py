"""SDMX: what changed is found out, and its periods are delivered whole."""

from __future__ import annotations

import ast
import dataclasses
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from sources.connectors import sdmx, sizes
from sources.connectors.errors import SourceError
from sources.connectors.fetched import Fetched
from sources.connectors.http_cursor import without_our_clock
from sources.connectors.sizes import size_of
from sources.programme.model import Source
from sources.readers.limits import DEFAULT_LIMITS
from tests.helpers.http_server import Reply, Server
from tests.helpers.pulled import NOW, Pulls, killed_and_repeated, opened, records
from tests.helpers.sdmx_server import Sdmx

NOON = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
VERSIONS = ("2.1", "3.0")


@pytest.fixture
def service(server: Server) -> Sdmx:
    """Two units, three years, an hour old."""
    made = Sdmx(NOON)
    for unit in ("HN", "HCM"):
        for year in ("2021", "2022", "2023"):
            made.put(unit, year, f"{year[-1]}.5")
    made.clock += HOUR
    server.answer = made
    return made


def pulls_of(server: Server, version: str = "2.1", **query: Any) -> Pulls:
    source = Source(
        code="tk",
        name_vi="s",
        name_en="s",
        connector="sdmx",
        url=server.url,
        pace={"timeout_seconds": 5, "requests_per_second": 1000, "tries": 2},
        sdmx={"version": version, "agency": "VN", "dataflow": "CRIME", **query},
        reader="mapped",
        number_style="plain",  # type: ignore[arg-type]
    )
    return Pulls(sdmx.fetch, source)


def figures(delivery: Fetched) -> dict[tuple[str, str], str]:
    return {
        (row["GEO"], row["TIME_PERIOD"]): row["OBS_VALUE"] for row in records(delivery)
    }


@pytest.mark.parametrize(
    ("version", "query", "path", "parameters"),
    [
        ("2.1", {}, "/data/VN,CRIME,latest", []),
        (
            "2.1",
            {"key": "A.HN+HCM", "start_period": "2022", "end_period": "2023"},
            "/data/VN,CRIME,latest/A.HN+HCM",
            [("startPeriod", "2022"), ("endPeriod", "2023")],
        ),
        ("3.0", {}, "/data/dataflow/VN/CRIME/~", []),
        (
            "3.0",
            {"key": "A.*", "start_period": "2022", "end_period": "2023"},
            "/data/dataflow/VN/CRIME/~/A.*",
            [("c[TIME_PERIOD]", "ge:2022+le:2023")],
        ),
        (
            "3.0",
            {"end_period": "2022"},
            "/data/dataflow/VN/CRIME/~",
            [("c[TIME_PERIOD]", "le:2022")],
        ),
    ],
)
def test_what_is_asked(
    server: Server,
    service: Sdmx,
    version: str,
    query: dict[str, str],
    path: str,
    parameters: list[tuple[str, str]],
) -> None:
    pulls_of(server, version, **query).pull()
    (asked,) = server.asked
    assert (asked.path, asked.query) == (path, parameters)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_first_pull_takes_everything(
    server: Server, service: Sdmx, version: str
) -> None:
    (one,) = pulls_of(server, version).pull()
    assert len(figures(one)) == 6
    assert figures(one)["HCM", "2023"] == "3.5"
    assert (one.name, one.modified_at) == ("tk-CRIME.zip", NOW)
    request, pages = opened(one)
    assert request["cursor"] is None
    assert pages == {"00001.csv": service(server.asked[0]).body}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("is_empty_404", [True, False])
def test_no_news_nothing_kept(
    server: Server, service: Sdmx, version: str, is_empty_404: bool
) -> None:
    service.is_empty_404 = is_empty_404
    pulls = pulls_of(server, version)
    pulls.pull()
    service.clock += HOUR
    assert pulls.pull() == []
    service.clock += HOUR
    assert pulls.pull() == []
    since = [asked.one("updatedAfter") for asked in server.asked]
    later = "2024-05-01T13:45:00+00:00"
    first = "2024-05-01T12:45:00+00:00"
    assert since == ["", first, first if is_empty_404 else later]


@pytest.mark.parametrize("version", VERSIONS)
def test_changed_periods_are_delivered_whole(
    server: Server, service: Sdmx, version: str
) -> None:
    pulls = pulls_of(server, version)
    pulls.pull()
    before = pulls.cursor
    service.clock += HOUR
    service.put("HN", "2022", "99")
    service.put("HCM", "2024", "8")
    (one,) = pulls.pull()
    assert figures(one) == {
        ("HN", "2022"): "99",
        ("HCM", "2022"): "2.5",
        ("HN", "2023"): "3.5",
        ("HCM", "2023"): "3.5",
        ("HCM", "2024"): "8",
    }
    assert opened(one)[0]["cursor"] == without_our_clock(before)
    service.clock += HOUR
    assert pulls.pull() == []


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_too_much_for_one_delivery_is_asked_for_by_period(
    server: Server, service: Sdmx, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    pulls = pulls_of(server, version)
    (whole,) = pulls.pull()
    cells = size_of(*opened(whole)[1].values(), "csv", 6).cells
    few = dataclasses.replace(DEFAULT_LIMITS, cells=2 * cells * 3 // 4)
    monkeypatch.setattr(sizes, "DEFAULT_LIMITS", few)
    pulls.cursor = None
    first, second = pulls.pull()
    assert {period for _, period in figures(first)} == {"2021", "2022"}
    assert figures(first) | figures(second) == figures(whole)
    assert first.origin != second.origin
    assert pulls.pull() == []
    monkeypatch.setattr(sizes, "DEFAULT_LIMITS", dataclasses.replace(few, cells=9))
    pulls.cursor = None
    with pytest.raises(SourceError, match=r"cells for one delivery.*narrower key"):
        pulls.pull()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_deleted_observation_brings_the_rest_of_its_period(
    server: Server, service: Sdmx, version: str
) -> None:
    pulls = pulls_of(server, version)
    pulls.pull()
    service.clock += HOUR
    service.put("HN", "2022", "", deleted=True)
    (one,) = pulls.pull()
    assert figures(one) == {("HCM", "2022"): "2.5"}


def test_periods_of_several_kinds_are_asked_for_by_whole_years(
    server: Server, service: Sdmx
) -> None:
    pulls = pulls_of(server)
    pulls.pull()
    service.clock += HOUR
    service.put("HN", "2022-Q3", "1")
    service.put("HN", "2023", "2")
    pulls.pull()
    span = server.asked[-1].one("startPeriod"), server.asked[-1].one("endPeriod")
    assert span == ("2022", "2023")


def test_a_change_without_a_period_asks_for_everything(
    server: Server, service: Sdmx
) -> None:
    pulls = pulls_of(server, start_period="2022")
    pulls.pull()
    service.clock += HOUR
    service.put("HN", "", "1")
    service.put("HN", "2023", "1")
    pulls.pull()
    assert server.asked[-1].query == [("startPeriod", "2022")]


def test_a_row_committed_late_is_not_missed(server: Server, service: Sdmx) -> None:
    pulls = pulls_of(server)
    service.put("HN", "2023", "7")
    late = service.observations.pop(("HN", "2023"))
    service.clock += HOUR / 6
    pulls.pull()
    service.clock += HOUR
    service.observations["HN", "2023"] = late
    (one,) = pulls.pull()
    assert figures(one)["HN", "2023"] == "7"


def test_a_service_that_ignores_updated_after(server: Server, service: Sdmx) -> None:
    service.knows_updated_after = False
    pulls = pulls_of(server)
    pulls.pull()
    service.clock += HOUR
    assert pulls.pull() == []
    service.put("HN", "2022", "99")
    (one,) = pulls.pull()
    assert len(figures(one)) == 6


@pytest.mark.parametrize("version", VERSIONS)
def test_killed_at_any_point_and_run_again(
    server: Server, service: Sdmx, version: str
) -> None:
    pulls = pulls_of(server, version)
    assert len(killed_and_repeated(server, pulls)) == 1
    service.clock += HOUR
    service.put("HN", "2022", "99")
    assert len(killed_and_repeated(server, pulls)) == 1
    service.clock += HOUR
    assert killed_and_repeated(server, pulls) == []


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply(b"<html>", kind="text/html"), "text/html came"),
        (Reply(b"<message:Error/>", kind="application/xml"), "application/xml came"),
        (Reply(b"<html>", kind="text/csv"), "markup came"),
        (Reply(b"a,b\n1,2\n", kind="text/csv"), "no column TIME_PERIOD"),
        (Reply(b"TIME_PERIOD\n1\n", kind="text/csv"), "no column OBS_VALUE"),
        (Reply(b"No results found", status=404), "status 404"),
        (Reply(status=406), "status 406"),
    ],
)
def test_what_is_no_sdmx_csv_is_not_kept(
    server: Server, reply: Reply, fault: str
) -> None:
    server.script(reply)
    pulls = pulls_of(server)
    with pytest.raises(SourceError, match=fault):
        pulls.pull()
    assert pulls.cursor is None


def test_a_query_that_sdmx_does_not_know(server: Server) -> None:
    with pytest.raises(SourceError, match=r"is no query of SDMX 2\.1"):
        pulls_of(server, dataflow="*").pull()


def test_pysdmx_is_only_paid_for_when_asked() -> None:
    assert sdmx.__file__ is not None
    tree = ast.parse(Path(sdmx.__file__).read_text(encoding="utf-8"))
    at_the_top = [ast.unparse(line) for line in tree.body]
    assert "from sources.connectors.fetched import Fetched" in at_the_top
    assert not [line for line in at_the_top if re.match(r"(from|import) pysdmx", line)]


def test_without_a_clock_what_goes_and_comes_back_is_new(server: Server) -> None:
    pulls, contents, told = pulls_of(server), set(), []
    for hours, value in enumerate("12121"):
        page = f"TIME_PERIOD,OBS_VALUE\n2022,{value}\n".encode()
        reply = Reply(page, headers={"Date": "no date"}, kind="text/csv")
        server.answer = lambda asked, reply=reply: reply
        pulls.now = NOW - hours * HOUR
        (one,) = pulls.pull()
        contents.add(one.content)
        told.append(one.modified_at)
    assert len(contents) == 5
    assert told == sorted(set(told))
