"""DHIS2: whole reports, once, whatever happens while they are asked for."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from typing import Any

import pytest

from sources.connectors import dhis2, sizes
from sources.connectors.errors import SourceError
from sources.connectors.fetched import Fetched
from sources.connectors.http_cursor import without_our_clock
from sources.connectors.sizes import size_of
from sources.programme.model import Source
from sources.readers.limits import DEFAULT_LIMITS
from tests.helpers.dhis2_server import DATA_SET, ROOT, Dhis2, Value
from tests.helpers.http_server import Asked, FakeTime, Reply, Server
from tests.helpers.pulled import NOW, Pulls, killed_and_repeated, opened, records

OLD = dt.datetime(2024, 4, 1, 8, tzinfo=dt.UTC)
START = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
ELEMENTS, PERIODS, UNITS = ("e1", "e2", "e3"), ("202401", "202402"), ("u1", "u2", "u3")


@pytest.fixture
def place(server: Server) -> Dhis2:
    """18 values: three of each month and unit, all reported a month ago."""
    made = Dhis2(
        [
            Value(element, period, unit, f"{position}{number}", OLD)
            for position, unit in enumerate(UNITS, start=1)
            for number, period in enumerate(PERIODS)
            for element in ELEMENTS
        ],
        START,
    )
    server.answer = made
    return made


def source(server: Server, **query: Any) -> Source:
    asked: dict[str, Any] = {
        "data_sets": (DATA_SET,),
        "org_units": (ROOT,),
        "start_date": "2024-01-01",
    }
    return Source(
        code="so_lieu",
        name_vi="s",
        name_en="s",
        connector="dhis2",
        url=server.url,
        auth={"kind": "bearer", "token": "${T}", "scheme": "ApiToken"},
        pace={"timeout_seconds": 5, "requests_per_second": 1000, "tries": 2},
        dhis2={**asked, **query},
        reader="mapped",
        number_style="plain",  # type: ignore[arg-type]
    )


@pytest.fixture
def pulls(server: Server, place: Dhis2) -> Pulls:
    return pulls_of(source(server, page_size=5))


def pulls_of(asked: Source) -> Pulls:
    return Pulls(dhis2.fetch, asked, {"T": "d2pat-secret-1"})


def figures(deliveries: list[Fetched]) -> dict[tuple[str, str, str], str]:
    """Value by (period, unit, element); each at most once."""
    found = [
        ((row["period"], row["orgUnit"], row["dataElement"]), row["value"])
        for one in deliveries
        for row in records(one)
    ]
    assert len(found) == len(dict(found))
    return dict(found)


def reports(deliveries: list[Fetched]) -> set[tuple[str, str]]:
    return {key[:2] for key in figures(deliveries)}


def later(place: Dhis2, after: dt.timedelta = HOUR) -> None:
    place.clock += after


def test_the_first_pull_takes_everything_page_by_page(
    server: Server, place: Dhis2, pulls: Pulls
) -> None:
    (one,) = pulls.pull()
    assert figures([one]) == {
        (value.period, value.unit, value.element): value.value
        for value in place.values.values()
    }
    request, pages = opened(one)
    assert list(pages) == [f"0000{number}.json" for number in (1, 2, 3, 4)]
    assert one.name == "so_lieu-ROOT.zip"
    assert one.modified_at == OLD
    assert one.origin == (
        f"{server.url}/api/dataValueSets.json?dataSet={DATA_SET}&orgUnit=ROOT"
        "&children=true&startDate=2024-01-01&endDate=2999-12-31"
    )
    assert request["cursor"] is None
    assert server.asked[0].headers["Authorization"] == "ApiToken d2pat-secret-1"
    assert b"d2pat-secret-1" not in one.content


def test_pages_are_kept_byte_for_byte(server: Server, place: Dhis2) -> None:
    (one,) = pulls_of(source(server)).pull()
    (page,) = opened(one)[1].values()
    assert page == place(server.asked[0]).body


def test_each_org_unit_of_the_query_is_a_delivery(server: Server, place: Dhis2) -> None:
    asked = source(server, org_units=("u1", "u3"), include_children=False)
    found = pulls_of(asked).pull()
    assert [one.name for one in found] == ["so_lieu-u1.zip", "so_lieu-u3.zip"]
    assert {unit for _, unit in reports(found)} == {"u1", "u3"}


def test_no_news_nothing_kept(place: Dhis2, pulls: Pulls) -> None:
    pulls.pull()
    for _ in range(3):
        later(place)
        cursor = pulls.cursor
        assert pulls.pull() == []
        assert pulls.cursor == cursor


def test_one_changed_value_brings_its_whole_report(
    server: Server, place: Dhis2
) -> None:
    pulls = pulls_of(source(server))
    pulls.pull()
    later(place)
    place.put("e2", "202402", "u3", "99")
    server.asked.clear()
    (one,) = pulls.pull()
    assert figures([one]) == {
        ("202402", "u3", "e1"): "31",
        ("202402", "u3", "e2"): "99",
        ("202402", "u3", "e3"): "31",
    }
    assert one.name == "so_lieu-202402.zip"
    assert one.modified_at == NOW
    changes, behind, whole = server.asked
    assert behind.one("offset") == "18"
    assert changes.one("lastUpdated") == "2024-04-01T07:00:00.000+0000"
    assert (whole.all("period"), whole.all("orgUnit")) == (["202402"], ["u3"])
    assert not whole.all("startDate")
    later(place)
    assert pulls.pull() == []


def test_changes_of_two_periods_are_two_deliveries(place: Dhis2, pulls: Pulls) -> None:
    pulls.pull()
    later(place)
    place.put("e9", "202403", "u1", "5")
    place.put("e1", "202401", "u2", "6")
    place.put("e1", "202401", "u1", "7")
    found = pulls.pull()
    assert [one.name for one in found] == ["so_lieu-202401.zip", "so_lieu-202403.zip"]
    assert reports(found) == {("202401", "u1"), ("202401", "u2"), ("202403", "u1")}


def test_a_deleted_value_brings_the_rest_of_its_report(
    place: Dhis2, pulls: Pulls
) -> None:
    pulls.pull()
    later(place)
    place.delete("e1", "202401", "u1")
    (one,) = pulls.pull()
    assert set(figures([one])) == {("202401", "u1", "e2"), ("202401", "u1", "e3")}
    assert one.modified_at == NOW, "what is left is old, but this version is the newest"
    later(place)
    assert pulls.pull() == []


def test_a_report_that_is_gone_gives_no_empty_delivery(
    place: Dhis2, pulls: Pulls
) -> None:
    pulls.pull()
    later(place)
    for element in ELEMENTS:
        place.delete(element, "202401", "u1")
    assert pulls.pull() == []


def test_a_row_committed_late_is_not_missed(place: Dhis2, pulls: Pulls) -> None:
    pulls.pull()
    later(place)
    place.put("e1", "202401", "u1", "7")
    assert reports(pulls.pull()) == {("202401", "u1")}
    late = Value("e1", "202402", "u2", "8", place.clock - 50 * MINUTE)
    place.values[late.key] = late
    assert reports(pulls.pull()) == {("202402", "u2")}
    assert pulls.pull() == []


def test_a_delivery_says_from_which_cursor_it_was_asked(
    place: Dhis2, pulls: Pulls
) -> None:
    pulls.pull()
    before = pulls.cursor
    later(place)
    place.put("e1", "202401", "u1", "A")
    (one,) = pulls.pull()
    assert opened(one)[0]["cursor"] == without_our_clock(before)
    assert before != pulls.cursor


def test_a_later_pull_is_told_later_also_where_our_clock_goes_back(
    place: Dhis2, pulls: Pulls
) -> None:
    pulls.now = NOW + 8 * HOUR
    told, contents = [], set()
    for value in "ABAB":
        place.put("e1", "202401", "u1", value)
        kept = pulls.pull()
        told.append({one.modified_at for one in kept})
        contents |= {one.content for one in kept}
        later(place, 2 * HOUR)
        pulls.now = NOW
    assert all(max(a) < min(b) for a, b in itertools.pairwise(told))
    assert len(contents) == 4


def test_a_value_from_the_future_does_not_hide_what_comes_before(
    place: Dhis2, pulls: Pulls
) -> None:
    ahead = Value("e1", "202401", "u1", "1", START + 24 * 365 * HOUR)
    place.values[ahead.key] = ahead
    pulls.pull()
    later(place)
    place.put("e1", "202402", "u2", "2")
    assert reports(pulls.pull()) == {("202402", "u2")}


def test_times_without_an_offset_are_given_back_as_written(
    server: Server, place: Dhis2, pulls: Pulls
) -> None:
    place.written = "{:%Y-%m-%dT%H:%M:%S}.000".format
    pulls.pull()
    later(place)
    place.put("e1", "202402", "u2", "2")
    assert reports(pulls.pull()) == {("202402", "u2")}
    assert server.asked[-2].one("lastUpdated") == "2024-04-01T07:00:00.000"


def test_a_question_that_changed_is_asked_from_the_beginning(
    server: Server, place: Dhis2
) -> None:
    few = pulls_of(source(server, org_units=("u1",)))
    few.pull()
    more = pulls_of(source(server, org_units=("u1", "u2")))
    more.cursor = few.cursor
    assert {unit for _, unit in reports(more.pull())} == {"u1", "u2"}


def test_a_place_without_values_has_no_cursor_yet(place: Dhis2, pulls: Pulls) -> None:
    values, place.values = place.values, {}
    assert (pulls.pull(), pulls.cursor) == ([], None)
    place.values = values
    assert len(figures(pulls.pull())) == 18


def test_a_server_that_knows_no_offset_is_asked_at_once(
    server: Server, place: Dhis2, pulls: Pulls
) -> None:
    place.knows_offset = False
    (one,) = pulls.pull()
    assert len(figures([one])) == 18
    assert [asked.one("limit") for asked in server.asked] == ["5", "5", ""]


@pytest.mark.parametrize("knows_offset", [True, False])
def test_a_server_that_gives_fewer_than_asked_for_costs_nothing(
    place: Dhis2, pulls: Pulls, knows_offset: bool
) -> None:
    place.cap, place.knows_offset = 3, knows_offset
    assert len(figures(pulls.pull())) == 18
    later(place, 2 * HOUR)
    for unit in UNITS:
        for period in PERIODS:
            place.put("e1", period, unit, "99")
    found = figures(pulls.pull())
    assert len(found) == 18
    assert sum(value == "99" for value in found.values()) == 6


def test_a_value_deleted_while_paging_costs_no_other(
    server: Server, place: Dhis2, pulls: Pulls
) -> None:
    def delete_between_pages(asked: Asked) -> None:
        if asked.one("offset") == "5":
            place.delete("e1", "202401", "u1")

    place.before = delete_between_pages
    found = figures(pulls.pull())
    assert len(found) == 17
    assert ("202401", "u1", "e1") not in found


def test_a_value_that_comes_while_paging_is_not_taken_twice(
    place: Dhis2, pulls: Pulls
) -> None:
    def insert_before_the_rest(asked: Asked) -> None:
        if asked.one("offset") == "10":
            new = Value("e0", "202401", "u1", "1", place.clock)
            place.values = {new.key: new, **place.values}

    place.before = insert_before_the_rest
    assert len(figures(pulls.pull())) == 19


def test_many_units_are_asked_for_in_short_questions(
    server: Server, place: Dhis2, pulls: Pulls
) -> None:
    pulls.pull()
    later(place)
    for number in range(120):
        place.put("e1", "202402", f"v{number:03d}", "1")
    server.asked.clear()
    (one,) = pulls.pull()
    assert len(reports([one])) == 120
    assert max(len(asked.all("orgUnit")) for asked in server.asked) == 50


def test_what_is_too_much_for_one_delivery_is_split_into_whole_reports(
    server: Server, place: Dhis2, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dhis2, "UNITS_AT_ONCE", 1)
    pulls = pulls_of(source(server, page_size=5))
    pulls.setup = FakeTime().setup(delivery_rows=6)
    kept = pulls.pull()
    assert [(one.name[8:14], sorted(reports([one]))) for one in kept] == [
        ("202401", [("202401", "u1"), ("202401", "u2")]),
        ("202401", [("202401", "u3")]),
        ("202402", [("202402", "u1"), ("202402", "u2")]),
        ("202402", [("202402", "u3")]),
    ]
    assert len(figures(kept)) == 18
    assert pulls.pull() == []


def test_what_has_too_many_cells_is_split_into_whole_reports(
    server: Server, place: Dhis2, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulls = pulls_of(source(server, page_size=50))
    (whole,) = pulls.pull()
    ((_, page),) = opened(whole)[1].items()
    of_a_unit = size_of(page, "json", 18).cells // 6 + 1  # with its own envelope
    few = dataclasses.replace(DEFAULT_LIMITS, cells=2 * of_a_unit)
    monkeypatch.setattr(sizes, "DEFAULT_LIMITS", few)
    pulls.cursor = None
    kept = pulls.pull()
    assert figures(kept) == figures([whole])
    assert [sorted(reports([one])) for one in kept] == [
        [(period, unit)] for period in PERIODS for unit in UNITS
    ]
    monkeypatch.setattr(sizes, "DEFAULT_LIMITS", dataclasses.replace(few, cells=9))
    pulls.cursor = None
    with pytest.raises(SourceError, match=r"cells for one delivery.*fewer units"):
        pulls.pull()
    assert pulls.cursor is None


def test_killed_at_any_point_and_run_again(server: Server, place: Dhis2) -> None:
    asked = source(server, page_size=8, org_units=("u1", "u3"))
    pulls = pulls_of(asked)
    assert len(killed_and_repeated(server, pulls)) == 2
    later(place)
    place.put("e1", "202401", "u1", "7")
    place.delete("e1", "202402", "u3")
    assert len(killed_and_repeated(server, pulls)) == 2
    assert pulls.pull() == []


def test_csv_says_the_same_as_json(server: Server, place: Dhis2) -> None:
    found = []
    for kind in ("json", "csv"):
        rows = records(pulls_of(source(server, format=kind, page_size=7)).pull()[0])
        names = {"dataelement": "dataElement", "orgunit": "orgUnit"}
        found.append(
            {
                tuple(
                    {names.get(key, key): text for key, text in row.items()}[key]
                    for key in ("period", "orgUnit", "dataElement", "value")
                )
                for row in rows
            }
        )
    assert found[0] == found[1]
    assert len(found[0]) == 18


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply(b"<html>Log in</html>", kind="text/html"), "JSON was asked for, text/h"),
        (Reply(b"<html>Log in</html>"), "its JSON cannot be read"),
        (Reply(b"[" * 100_000), "its JSON cannot be read"),
        (Reply(b'{"httpStatus": "OK", "message": "x"}'), "no list of records at 'dat"),
        (Reply(b'{"dataValues": [1]}'), "no list of records"),
        (Reply(b'{"dataValues": [{"period": "1"}]}'), "the values have no dataElement"),
        (
            Reply(
                b'{"dataValues": [{"period": "1", "orgUnit": "2", "dataElement": "3",'
                b' "lastUpdated": "soon"}]}'
            ),
            "lastUpdated 'soon' is no time",
        ),
    ],
)
def test_what_is_no_data_value_set_is_not_kept(
    server: Server, reply: Reply, fault: str
) -> None:
    server.script(reply)
    pulls = pulls_of(source(server))
    with pytest.raises(SourceError, match=fault):
        pulls.pull()
    assert pulls.cursor is None


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply(b"<html>", kind="text/csv"), "markup came"),
        (Reply(b"a,b\n1,2\n", kind="text/csv"), "the values have no dataElement"),
        (Reply(b'a,"b\n1,2\n', kind="text/csv"), "its CSV cannot be read"),
        (Reply(b"a,b\n", kind="text/csv", has_length=False), "neither length nor end"),
        (Reply(b"{}"), "CSV was asked for, application/json came"),
    ],
)
def test_what_is_no_csv_of_values_is_not_kept(
    server: Server, reply: Reply, fault: str
) -> None:
    server.script(reply)
    with pytest.raises(SourceError, match=fault):
        pulls_of(source(server, format="csv")).pull()


def test_the_server_says_what_it_did_not_like(server: Server, place: Dhis2) -> None:
    with pytest.raises(SourceError, match=r"status 409.*At least one data set"):
        pulls_of(source(server, data_sets=("unknown",))).pull()
