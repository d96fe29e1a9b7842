"""Generic interfaces: every way of paging, to its end and no further."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from sources.connectors import http_pages, sizes
from sources.connectors.errors import SourceError
from sources.connectors.fetched import Fetched
from sources.programme.model import Source
from sources.readers.limits import Limits
from tests.helpers.http_server import (
    Asked,
    FakeTime,
    Reply,
    Server,
    http_date,
)
from tests.helpers.pulled import NOW, Pulls, killed_and_repeated, opened, records

NOON = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
Row = dict[str, Any]


class Place:
    """Rows behind an interface with every kind of paging; `since` filters by change."""

    def __init__(self, server: Server, count: int) -> None:
        self.url, self.clock = server.url, NOON
        self.rows: list[Row] = [self.row(number) for number in range(count)]
        self.cap = 1_000
        self.before: Callable[[Asked], None] = lambda asked: None

    def row(self, number: int, value: str = "0") -> Row:
        return {"unit": f"u{number}", "value": value, "at": self.clock.timestamp()}

    def __call__(self, asked: Asked) -> Reply:
        self.before(asked)
        since = asked.one("since")
        found = [
            {"unit": row["unit"], "value": row["value"]}
            for row in self.rows
            if not since or row["at"] >= dt.datetime.fromisoformat(since).timestamp()
        ]
        size = min(int(asked.one("size", "1000")), self.cap)
        start = int(asked.one("skip", "0"))
        if asked.one("page"):
            start = (int(asked.one("page")) - 1) * size
        page, rest = found[start : start + size], found[start + size :]
        headers = {"Date": http_date(self.clock)}
        following = f"?{asked.path[1:]}=1&size={size}&skip={start + size}"
        document: Row = {"data": {"rows": page}, "total": len(found)}
        if rest and asked.path == "/next":
            document["links"] = {"next": following}
        if rest and asked.path == "/link":
            headers["Link"] = f'<{self.url}/link{following}>; rel="next", </>; rel="up"'
        if asked.path == "/csv":
            text = io.StringIO()
            writer = csv.DictWriter(text, ["unit", "value"], delimiter=";")
            writer.writeheader()
            writer.writerows(page)
            return Reply(text.getvalue().encode(), headers=headers, kind="text/csv")
        return Reply(json.dumps(document).encode(), headers=headers)


@pytest.fixture
def place(server: Server) -> Place:
    made = Place(server, 7)
    server.answer = made
    return made


PAGING: dict[str, dict[str, Any]] = {
    "page": {"paging": "page", "page_size": 3, "size_parameter": "size"},
    "offset": {
        "paging": "offset",
        "page_parameter": "skip",
        "page_size": 3,
        "size_parameter": "size",
    },
    "next": {
        "paging": "next",
        "next_path": "links.next",
        "page_size": 3,
        "size_parameter": "size",
    },
    "link": {"paging": "link", "page_size": 3, "size_parameter": "size"},
    "none": {},
}


def pulls_of(server: Server, path: str = "/x", **query: Any) -> Pulls:
    source = Source(
        code="cong",
        name_vi="s",
        name_en="s",
        connector="http",
        url=server.url + path,
        pace={"timeout_seconds": 5, "requests_per_second": 1000, "tries": 2},
        http={"records": "data.rows", **query},
        reader="mapped",
        number_style="plain",  # type: ignore[arg-type]
        delimiter=";",
    )
    return Pulls(http_pages.fetch, source, {"KEY": "key-of-mine-1"})


def units(delivery: Fetched) -> list[str]:
    found: list[str] = []
    for content in opened(delivery)[1].values():
        found += [row["unit"] for row in json.loads(content)["data"]["rows"]]
    return found


ALL = [f"u{number}" for number in range(7)]


@pytest.mark.parametrize("paging", PAGING)
@pytest.mark.parametrize("count", [0, 1, 3, 6, 7])
def test_every_record_once_by_each_way_of_paging(
    server: Server, place: Place, paging: str, count: int
) -> None:
    del place.rows[count:]
    pulls = pulls_of(server, f"/{paging}", **PAGING[paging])
    found = [unit for one in pulls.pull() for unit in units(one)]
    assert found == ALL[:count]


@pytest.mark.parametrize(
    ("paging", "parameter", "asked"),
    [
        ("page", "page", ["1", "2", "3"] * 2),
        ("offset", "skip", ["0", "3", "6"] * 2),
        ("next", "skip", ["", "3", "6"]),
        ("link", "skip", ["", "3", "6"]),
        ("none", "year", ["2024"]),
    ],
)
def test_what_is_asked(
    server: Server, place: Place, paging: str, parameter: str, asked: list[str]
) -> None:
    pulls_of(server, f"/{paging}?year=2024", **PAGING[paging]).pull()
    assert [one.one(parameter) for one in server.asked] == asked
    assert server.asked[0].one("year") == "2024"


def test_the_delivery_says_what_was_asked_and_no_secret(
    server: Server, place: Place
) -> None:
    parameters = {"year": "2024", "api_key": "${KEY}"}
    pulls = pulls_of(server, "/next", parameters=parameters, **PAGING["next"])
    (one,) = pulls.pull()
    assert [asked.one("api_key") for asked in server.asked] == ["key-of-mine-1"] * 3
    assert one.name == "cong-pages.zip"
    assert one.origin == f"{server.url}/next?year=2024&api_key=***"
    request, pages = opened(one)
    assert request == {
        "address": f"{server.url}/next",
        "connector": "http",
        "cursor": None,
        "parameters": [["year", "2024"], ["api_key", "***"]],
    }
    assert pages["00001.json"] == place(server.asked[0]).body
    assert one.modified_at == NOW
    assert "key-of-mine-1" not in f"{one.origin}{request}{pages}{pulls.cursor}"


def test_last_modified_is_told(server: Server) -> None:
    headers = {"Last-Modified": http_date(NOON)}
    server.script(Reply(b'[{"a": 1}]', headers=headers))
    (one,) = pulls_of(server, records="").pull()
    assert one.modified_at == NOON


@pytest.mark.parametrize("paging", ["page", "csv"])
def test_more_than_a_reader_takes_is_refused_before_all_is_read(
    server: Server, place: Place, monkeypatch: pytest.MonkeyPatch, paging: str
) -> None:
    # two fields in each of seven records, and the names or the envelopes
    monkeypatch.setattr(sizes, "DEFAULT_LIMITS", Limits(cells=13))
    query = PAGING.get(paging, {"format": "csv"})
    pulls = pulls_of(server, f"/{paging}", **query)
    with pytest.raises(SourceError, match=r"cells for one delivery.*takes 13\..*fewer"):
        pulls.pull()
    assert pulls.cursor is None
    assert len(server.asked) < 3
    monkeypatch.setattr(sizes, "DEFAULT_LIMITS", Limits(cells=30))
    assert len(pulls.pull()) == 1


def test_equal_content_is_no_news(server: Server, place: Place) -> None:
    pulls = pulls_of(server, **PAGING["page"])
    pulls.pull()
    cursor = pulls.cursor
    place.clock += HOUR
    assert (pulls.pull(), pulls.cursor) == ([], cursor)
    place.rows[4]["value"] = "9"
    (one,) = pulls.pull()
    assert units(one) == ALL
    assert pulls.cursor != cursor


def test_what_goes_and_comes_back_is_a_new_delivery(
    server: Server, place: Place
) -> None:
    pulls, contents = pulls_of(server), []
    for value in ("A", "B", "A", "B", "A"):
        place.rows[0]["value"] = value
        (one,) = killed_and_repeated(server, pulls)
        contents.append(one.content)
    assert len({hashlib.sha256(content).hexdigest() for content in contents}) == 5
    assert (
        opened(Fetched("", "", contents[0], NOW))[1]
        == (opened(Fetched("", "", contents[2], NOW))[1])
    )


def test_bytes_do_not_depend_on_our_clock(server: Server, place: Place) -> None:
    contents = []
    for days in (0, 3):
        place.rows[0]["value"] = "0"
        pulls = pulls_of(server)
        pulls.now = NOW + dt.timedelta(days=days)
        pulls.pull()
        place.rows[0]["value"] = "9"
        (one,) = pulls.pull()
        contents.append(one.content)
    assert contents[0] == contents[1]


def test_a_later_pull_is_told_later_also_where_our_clock_goes_back(
    server: Server, place: Place
) -> None:
    pulls, told = pulls_of(server), []
    for number, hours in enumerate((0, 5, 1, 1, 9)):
        pulls.now = NOW + hours * HOUR
        place.rows[0]["value"] = str(number)
        if number == 3:  # also when something else is asked
            pulls.source = pulls_of(server, parameters={"year": "2024"}).source
        (one,) = pulls.pull()
        told.append(one.modified_at)
    tick = dt.timedelta(microseconds=1)
    ahead = NOW + 5 * HOUR
    assert told == [NOW, ahead, ahead + tick, ahead + 2 * tick, NOW + 9 * HOUR]


def test_since_asks_by_the_servers_clock(server: Server, place: Place) -> None:
    pulls = pulls_of(server, since_parameter="since")
    pulls.pull()
    place.clock += HOUR
    assert pulls.pull() == []
    place.clock += HOUR
    place.rows[2] = place.row(2, "9")
    place.clock += HOUR
    (one,) = pulls.pull()
    assert units(one) == ["u2"]
    asked = [one.one("since") for one in server.asked]
    assert asked == ["", "2024-05-01T11:55:00Z", "2024-05-01T12:55:00Z"]


def test_a_row_committed_late_is_not_missed(server: Server, place: Place) -> None:
    pulls = pulls_of(server, since_parameter="since")
    place.rows[2] = place.row(2, "9")
    late = place.rows.pop(2)
    place.clock += dt.timedelta(minutes=4)
    pulls.pull()
    place.clock += HOUR
    place.rows.append(late)
    (one,) = pulls.pull()
    assert "u2" in units(one)


def test_without_a_clock_nothing_is_forgotten(server: Server) -> None:
    pulls = pulls_of(server, records="", since_parameter="since")
    for number in (1, 1, 2):
        server.script(Reply(b'[{"a": %d}]' % number, headers={"Date": "no date"}))
        pulls.pull()
    assert [asked.one("since") for asked in server.asked] == ["", "", ""]


@pytest.mark.parametrize("paging", ["page", "next", "none"])
def test_killed_at_any_point_and_run_again(
    server: Server, place: Place, paging: str
) -> None:
    pulls = pulls_of(
        server, f"/{paging}", **{**PAGING[paging], "since_parameter": "since"}
    )
    assert len(killed_and_repeated(server, pulls)) == 1
    place.clock += HOUR
    place.rows[2] = place.row(2, "9")
    assert len(killed_and_repeated(server, pulls)) == 1
    place.clock += HOUR
    place.rows[3] = place.row(3, "9")
    place.clock += HOUR
    assert len(killed_and_repeated(server, pulls)) == 1
    assert killed_and_repeated(server, pulls) == []


@pytest.mark.parametrize("paging", ["offset", "link"])
def test_a_line_that_fails_at_each_request_costs_nothing(
    server: Server, place: Place, paging: str
) -> None:
    pulls = pulls_of(server, f"/{paging}", **PAGING[paging])
    undisturbed, end = pulls.pull(), pulls.cursor
    faults = itertools.cycle(
        [
            Reply(status=500),
            Reply(b'{"data": {"rows": []}}', cut=9),
            Reply(status=429, headers={"Retry-After": "3"}),
            Reply(b'{"data": {"rows": []}}', zipped=True, cut=15),
        ]
    )
    server.asked.clear()
    server.answer = lambda asked: (
        next(faults) if len(server.asked) % 2 else place(asked)
    )
    pulls.cursor = None
    assert (pulls.pull(), pulls.cursor) == (undisturbed, end)


def test_csv_in_pages(server: Server, place: Place) -> None:
    paging = {**PAGING["page"], "format": "csv"}
    (one,) = pulls_of(server, "/csv", **paging).pull()
    pages = opened(one)[1]
    assert list(pages) == ["00001.csv", "00002.csv", "00003.csv"]
    assert pages["00003.csv"] == b"unit;value\r\nu6;0\r\n"
    assert records(one)[0] == {"unit;value": "u0;0"}


def test_smaller_pages_than_said_are_found_out(server: Server, place: Place) -> None:
    place.cap = 2
    with pytest.raises(SourceError, match=r"hold 2 records, not 3.*page_size to 2"):
        pulls_of(server, **PAGING["page"]).pull()


@pytest.mark.parametrize(
    "end",
    [
        Reply(status=404),
        Reply(b'{"data": {"rows": []}}'),
        Reply(b'{"data": {"rows": [{}]}}'),
    ],
    ids=["404", "none", "the same again"],
)
def test_a_first_short_page_is_the_only_one(server: Server, end: Reply) -> None:
    server.script(Reply(b'{"data": {"rows": [{}]}}'), end)
    assert len(pulls_of(server, **PAGING["page"]).pull()) == 1


def test_a_server_that_does_not_know_the_parameter(server: Server) -> None:
    server.script(Reply(b'{"data": {"rows": [{}, {}, {}]}}'))
    with pytest.raises(SourceError, match="the same page came twice"):
        pulls_of(server, **PAGING["page"]).pull()


def test_rows_that_move_while_read_are_read_anew(server: Server, place: Place) -> None:
    def insert_at_the_top(asked: Asked) -> None:
        if asked.one("page") == "2" and len(place.rows) == 7:
            place.rows.insert(0, place.row(99))

    place.before = insert_at_the_top
    (one,) = pulls_of(server, **PAGING["page"]).pull()
    assert units(one) == ["u99", *ALL]


@pytest.mark.parametrize("paging", ["page", "offset"])
def test_a_row_that_goes_while_read_takes_no_other_with_it(
    server: Server, place: Place, paging: str
) -> None:
    def remove(asked: Asked) -> None:
        third = {"page": ("page", "3"), "offset": ("skip", "6")}[paging]
        if asked.one(third[0]) == third[1] and len(place.rows) == 7:
            del place.rows[4]

    place.before = remove
    (one,) = pulls_of(server, **PAGING[paging]).pull()
    assert units(one) == ["u0", "u1", "u2", "u3", "u5", "u6"]


def test_a_row_that_goes_after_a_full_first_page_is_no_end(
    server: Server, place: Place
) -> None:
    del place.rows[4:]

    def remove(asked: Asked) -> None:
        if asked.one("page") == "2" and len(place.rows) == 4:
            del place.rows[1]

    place.before = remove
    (one,) = pulls_of(server, **PAGING["page"]).pull()
    assert units(one) == ["u0", "u2", "u3"]


def test_rows_that_never_stand_still_are_not_kept(server: Server, place: Place) -> None:
    def insert_at_the_top(asked: Asked) -> None:
        place.rows.insert(0, place.row(len(server.asked)))

    place.before = insert_at_the_top
    with pytest.raises(SourceError, match="no two of 3 passes"):
        pulls_of(server, **PAGING["page"]).pull()


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        ("http://127.0.0.2/x", "on another host"),
        ("http://elsewhere.example/x", "on another host"),
        ("file:///etc/passwd", "on another host"),
        ("/x", "one we had"),
        ("?", "one we had"),
    ],
)
def test_where_the_next_page_may_not_be(
    server: Server, target: str, fault: str
) -> None:
    page = {"data": {"rows": [{"a": 1}]}, "links": {"next": target}}
    server.script(Reply(json.dumps(page).encode()))
    pulls = pulls_of(server, paging="next", next_path="links.next")
    with pytest.raises(SourceError, match=fault):
        pulls.pull()
    assert len(server.asked) == 1


def test_there_is_an_end_of_pages(server: Server) -> None:
    server.answer = lambda asked: Reply(
        json.dumps({"data": {"rows": [{}]}, "next": f"?n={len(server.asked)}"}).encode()
    )
    pulls = pulls_of(server, paging="next")
    pulls.setup = FakeTime().setup(pages=4)
    with pytest.raises(SourceError, match="too many pages"):
        pulls.pull()
    assert len(server.asked) == 5


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply(b"<html>Error</html>", kind="text/html"), "text/html came"),
        (Reply(b"<html>Error</html>"), "its JSON cannot be read"),
        (Reply(b"{}", kind=""), "no content type came"),
        (Reply(b'{"error": "busy"}'), "no list of records at 'data.rows'"),
        (Reply(b'{"data": {"rows": [1]}}'), "no list of records"),
    ],
)
def test_an_error_page_is_not_kept(server: Server, reply: Reply, fault: str) -> None:
    server.script(reply)
    pulls = pulls_of(server)
    with pytest.raises(SourceError, match=fault):
        pulls.pull()
    assert pulls.cursor is None


@pytest.mark.parametrize(
    ("body", "count"),
    [(b'[{"a": 1}, {"a": 2}]', 2), (b'{"n": 2, "rows": [{"a": 1}]}', 1)],
)
def test_records_without_a_path(server: Server, body: bytes, count: int) -> None:
    server.script(Reply(body))
    (one,) = pulls_of(server, records="").pull()
    assert list(opened(one)[1].values()) == [body]
    server.script(Reply(b'{"a": [], "b": []}'))
    with pytest.raises(SourceError, match="in the document"):
        pulls_of(server, records="").pull()


def test_pages_of_other_columns_are_refused(server: Server) -> None:
    server.script(
        Reply(b"a;b\n1;2\n", kind="text/csv"), Reply(b"a;c\n1;2\n", kind="text/csv")
    )
    with pytest.raises(SourceError, match="columns of this page"):
        pulls_of(server, format="csv", paging="page", page_size=1).pull()


ROWS = {"items": [{"a": 1}]}


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"next": "/v?page=2"}, "next"),
        ({"links": {"next": "https://may/v?page=2"}}, r"links\.next"),
        ({"_links": {"next": {"href": "?page=2"}}}, r"_links\.next\.href"),
        ({"next": 2}, "next"),
        ({"nextPage": 2}, "nextPage"),
        ({"@odata.nextLink": "v?skip=2"}, r"@odata\.nextLink"),
        ({"hasMore": True}, "hasMore"),
        ({"pager": {"page": 1, "pageCount": 2}}, r"pager\.pageCount"),
    ],
)
def test_more_than_one_page_without_paging_is_found_out(
    server: Server, more: Row, name: str
) -> None:
    server.script(Reply(json.dumps({**ROWS, **more}).encode()))
    pulls = pulls_of(server, records="items")
    with pytest.raises(SourceError, match=rf"by {name} that .*Set `paging`"):
        pulls.pull()
    assert pulls.cursor is None


def test_a_header_that_leads_on_without_paging_is_found_out(server: Server) -> None:
    headers = {"Link": '<https://may/v?page=2>; rel="next"'}
    server.script(Reply(b"a;b\n1;2\n", headers=headers, kind="text/csv"))
    with pytest.raises(SourceError, match="by its header Link that"):
        pulls_of(server, format="csv").pull()


@pytest.mark.parametrize(
    "end",
    [
        {"next": None, "nextPage": None, "hasMore": False},
        {"next": "", "pager": {"page": 1, "pageCount": 1}},
        {"next": "2025-07", "links": [], "pager": "x", "totalPages": True},
    ],
)
def test_an_answer_that_says_it_is_all_is_kept(server: Server, end: Row) -> None:
    server.script(Reply(json.dumps({**ROWS, **end}).encode()))
    assert len(pulls_of(server, records="items").pull()) == 1
