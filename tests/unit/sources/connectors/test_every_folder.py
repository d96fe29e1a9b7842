"""One suite for every place that files come from: each keeps the same promises."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from traceback import format_exception
from typing import Any

import pytest

from sources.connectors.drop_folder import open_folder, open_replies
from sources.connectors.errors import SourceError
from sources.programme.model import Source
from sources.programme.tables import Pace
from sources.replies.places import write_reply
from tests.helpers.file_servers import (
    KINDS,
    OLD,
    PASSWORD,
    REMOTE,
    FileServers,
    Shop,
    file_servers,
    free_port,
)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileServers]:
    with file_servers(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture(params=KINDS)
def shop(request: pytest.FixtureRequest, servers: FileServers, tmp_path: Path) -> Shop:
    return servers.shop(request.param, tmp_path)


@pytest.fixture(params=REMOTE)
def remote(
    request: pytest.FixtureRequest, servers: FileServers, tmp_path: Path
) -> Shop:
    return servers.shop(request.param, tmp_path)


def source(shop: Shop, **given: Any) -> Source:
    return Source(
        **{
            "code": "huyen",
            "name_vi": "h",
            "name_en": "h",
            "path": shop.address,
            "options": shop.options,
            "pace": Pace(timeout_seconds=5, tries=3),
            "reader": "template",
            "number_style": "vi",
            **given,
        }
    )


def opened(shop: Shop, slept: list[float] | None = None, **given: Any) -> Any:
    waits = [] if slept is None else slept
    where = Path(__file__).parent
    return open_folder(
        source(shop, **given), where, shop.environment, sleep=waits.append
    )


def names(shop: Shop, **given: Any) -> list[str]:
    with opened(shop, **given) as folder:
        return [file.name for file in folder.list_files()]


def test_a_listing_says_place_name_size_and_time(shop: Shop) -> None:
    shop.put("b.xlsx", b"22", OLD)
    shop.put("2025/thang 1/a.xlsx", b"333", OLD + dt.timedelta(days=1))
    with opened(shop) as folder:
        files = folder.list_files()
        assert [(f.uri, f.name, f.size, f.modified_at) for f in files] == [
            (
                f"{shop.address}/2025/thang 1/a.xlsx",
                "a.xlsx",
                3,
                OLD + dt.timedelta(days=1),
            ),
            (f"{shop.address}/b.xlsx", "b.xlsx", 2, OLD),
        ]
        assert [folder.read_bytes(file) for file in files] == [b"333", b"22"]
        assert folder.left == []
    assert names(shop, pattern="*.xlsx") == ["b.xlsx"]
    assert names(shop, pattern="2025/**/*.XLSX") == ["a.xlsx"]


def test_names_are_composed_and_the_place_still_opens(shop: Shop) -> None:
    hard = [
        unicodedata.normalize("NFD", "Báo cáo huyện Đông Hưng.xlsx"),
        "50% #1 [bản cuối]?.xlsx",
        "a+b & c;d=e %41.xlsx",
        '\' "quoted" (1).xlsx',
    ]
    for name in hard:
        shop.put(f"{name[:5]} /{name}", name.encode(), OLD)
    with opened(shop) as folder:
        files = folder.list_files()
        contents = {file.name: folder.read_bytes(file) for file in files}
    composed = {unicodedata.normalize("NFC", name): name.encode() for name in hard}
    assert contents == composed


def test_what_is_unfinished_or_hidden_is_not_listed(shop: Shop) -> None:
    unfinished = ["x.part", "y.TMP", "z.filepart", "~$a.xlsx", "q.crdownload"]
    for name in ["a.xlsx", *unfinished, ".hidden.xlsx", ".git/d.xlsx", "e/.f/g.xlsx"]:
        shop.put(name, b"1", OLD)
    assert names(shop) == ["a.xlsx"]


def test_a_file_changed_just_now_is_left_for_the_next_time(shop: Shop) -> None:
    now = dt.datetime.now(dt.UTC)
    shop.put("now.xlsx", b"1", now)
    shop.put("before.xlsx", b"1", now - dt.timedelta(minutes=5))
    # a sender's clock that is wrong must not keep a file away until then
    shop.put("years ahead.xlsx", b"1", now + dt.timedelta(days=900))
    with opened(shop, settle_seconds=60) as folder:
        listed = [file.name for file in folder.list_files()]
        assert listed == ["before.xlsx", "years ahead.xlsx"]
        assert folder.left == ["now.xlsx"]


@pytest.mark.parametrize(
    ("data", "when"),
    [(b"12345", OLD), (b"54321", OLD + dt.timedelta(seconds=3))],
    ids=["grown", "overwritten"],
)
def test_a_file_changed_since_it_was_listed_is_left(
    shop: Shop, data: bytes, when: dt.datetime
) -> None:
    shop.put("a.xlsx", b"1234" if when == OLD else b"12345", OLD)
    shop.put("b.xlsx", b"whole", OLD)
    with opened(shop) as folder:
        first, second = folder.list_files()
        shop.put("a.xlsx", data, when)
        assert folder.read_bytes(first) is None
        assert folder.read_bytes(second) == b"whole"
        assert folder.left == ["a.xlsx"]
    with opened(shop) as folder:
        assert folder.read_bytes(folder.list_files()[0]) == data


def test_a_file_that_went_away_is_left(shop: Shop) -> None:
    shop.put("a.xlsx", b"1", OLD)
    with opened(shop) as folder:
        (file,) = folder.list_files()
        gone = type(file)(
            file.uri.replace("a.xlsx", "b.xlsx"), "b.xlsx", 1, file.modified_at, "x"
        )
        assert folder.read_bytes(gone) is None
        assert folder.read_bytes(file) == b"1"


def test_a_folder_that_is_missing_is_said(shop: Shop) -> None:
    address = (
        shop.missing if "://" in shop.missing else f"{shop.address}/{shop.missing}"
    )
    with (
        opened(shop, path=address) as folder,
        pytest.raises(SourceError, match=r"source huyen: cannot list .*sources\.yaml"),
    ):
        folder.list_files()


def test_replies_go_back_and_are_never_pulled(shop: Shop, tmp_path: Path) -> None:
    shop.put("a.xlsx", b"1", OLD)
    given = source(shop, replies=f"{shop.address}/phan_hoi")
    for data in (b"first", b"second"):
        place = "2025/thang 1/Báo cáo.phan-hoi.xlsx"
        with open_replies(given, tmp_path, shop.environment) as replies:
            if replies is None:
                write_reply(Path(given.replies), place, data)
            else:
                replies.write(place, data)
        assert shop.files() == {"a.xlsx": b"1", f"phan_hoi/{place}": data}
    with open_folder(given, tmp_path, shop.environment) as folder:
        assert [file.name for file in folder.list_files()] == ["a.xlsx"]


def test_a_place_that_does_not_answer_is_tried_and_said(remote: Shop) -> None:
    slept: list[float] = []
    _, _, rest = remote.address.partition("://")
    port = free_port()
    if remote.address.startswith("s3"):
        remote.environment["F_ENDPOINT"] = f"http://127.0.0.1:{port}"
    else:
        host, _, folder = rest.partition("/")
        remote.address = remote.address.replace(host, f"127.0.0.1:{port}")
    with opened(remote, slept) as folder:
        for _ in range(2):  # asked again, it does not start all over
            with pytest.raises(
                SourceError, match=r"source huyen: cannot reach, in 3 tries"
            ) as caught:
                folder.list_files()
    assert len(slept) == 2
    assert 1 <= slept[0] < slept[1]
    assert PASSWORD not in str(caught.value)


def test_an_option_that_is_none_is_named(remote: Shop) -> None:
    options = {**remote.options, "pasword": "x"}
    with pytest.raises(SourceError, match=r"no option 'pasword'.*mean 'password'"):
        names(remote, options=options)


def test_a_wrong_password_is_said_once_and_not_shown(remote: Shop) -> None:
    slept: list[float] = []
    remote.put("a.xlsx", b"1", OLD)
    wrong = "sai-mat-khau-nay"
    remote.environment.update(F_PASSWORD=wrong)
    with ExitStack() as stack:
        if remote.address.startswith("s3"):  # moto lets everybody in
            code = f"<Code>InvalidAccessKeyId</Code><Message>{wrong}</Message>"
            endpoint = stack.enter_context(answering(403, f"<Error>{code}</Error>"))
            remote.environment["F_ENDPOINT"] = endpoint
        folder = stack.enter_context(opened(remote, slept))
        with pytest.raises(SourceError, match=r"source huyen: cannot") as caught:
            folder.list_files()
    assert slept == []
    assert wrong not in "".join(format_exception(caught.value))


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """A server that says the same to everybody."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
