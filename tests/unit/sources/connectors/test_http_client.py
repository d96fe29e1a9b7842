"""The client against a real server on loopback that fails in every way it can."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import ipaddress
import json
import logging
import re
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from sources.connectors.errors import SourceError
from sources.connectors.http_address import Address, address_of, follow
from sources.connectors.http_answer import Answer, Setup
from sources.connectors.http_client import HttpClient
from sources.programme.model import Source
from tests.helpers.http_server import FakeTime, Reply, Server, http_date, serving

FINE = Reply(b'{"rows": []}')
PASSWORD = "mật+khẩu/0123"
NOON = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


def source(url: str, **more: Any) -> Source:
    pace = {"timeout_seconds": 5, "tries": 3, "requests_per_second": 1000}
    return Source(
        code="mot_nguon",
        name_vi="s",
        name_en="s",
        connector="http",
        url=url,
        pace={**pace, **more.pop("pace", {})},
        reader="mapped",
        number_style="plain",  # type: ignore[arg-type]
        **more,
    )


def get(
    asked: Source,
    setup: Setup,
    environment: dict[str, str] | None = None,
    also: tuple[int, ...] = (),
) -> Answer:
    given = environment or {}
    with HttpClient(asked, given, setup) as client:
        return client.get(
            address_of(asked, given), accept="application/json", also=also
        )


def refused(asked: Source, setup: Setup, **more: Any) -> str:
    with pytest.raises(SourceError) as caught:
        get(asked, setup, **more)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def test_an_answer_comes_byte_for_byte_and_tells_its_times(
    server: Server, time: FakeTime
) -> None:
    when = {"Date": http_date(NOON), "Last-Modified": http_date(NOON.replace(hour=3))}
    server.script(Reply(b"\xef\xbb\xbfa,b\r\n", headers=when, kind="Text/CSV; a=b"))
    answer = get(source(server.url), time.setup())
    assert (answer.content, answer.content_type) == (b"\xef\xbb\xbfa,b\r\n", "text/csv")
    assert (answer.server_time, answer.last_modified) == (NOON, NOON.replace(hour=3))


def test_gzip_is_inflated(server: Server, time: FakeTime) -> None:
    server.script(Reply(b"1234567890" * 1000, zipped=True))
    assert get(source(server.url), time.setup()).content == b"1234567890" * 1000
    assert server.asked[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again_waiting_longer(
    server: Server, time: FakeTime, status: int
) -> None:
    server.script(Reply(status=status), Reply(status=status), FINE)
    assert get(source(server.url), time.setup()).content == FINE.body
    first, second = time.slept
    assert 1 <= first <= 2 <= second <= 3


def test_after_the_last_try_it_is_said_with_place_reason_and_remedy(
    server: Server, time: FakeTime
) -> None:
    server.script(Reply(status=503))
    message = refused(source(server.url + "/api?year=2024"), time.setup())
    assert len(server.asked) == 3
    assert message.startswith(f"source mot_nguon: {server.url}/api?year=2024: status")
    assert "503 Service Unavailable; given up after 3 tries. The next pull" in message


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 501])
def test_a_refusal_is_not_asked_again(
    server: Server, time: FakeTime, status: int
) -> None:
    server.script(Reply(b'{"message": "no such\\n data set"}', status=status))
    message = refused(source(server.url), time.setup())
    assert f"status {status}" in message
    assert "no such" in message
    assert len(server.asked) == 1


def test_a_refusal_that_is_expected_is_an_answer(
    server: Server, time: FakeTime
) -> None:
    server.script(Reply(status=404))
    assert get(source(server.url), time.setup(), also=(404,)).status == 404


@pytest.mark.parametrize(
    "asked", ["7", http_date(NOON + dt.timedelta(seconds=7))], ids=["seconds", "date"]
)
def test_the_server_is_left_alone_as_long_as_it_asks(
    server: Server, time: FakeTime, asked: str
) -> None:
    headers = {"Retry-After": asked, "Date": http_date(NOON)}
    server.script(Reply(status=429, headers=headers), FINE)
    get(source(server.url), time.setup())
    assert time.slept == [7]


def test_a_server_that_asks_for_hours_is_left_alone_until_the_next_pull(
    server: Server, time: FakeTime
) -> None:
    server.script(Reply(status=503, headers={"Retry-After": "7200"}), FINE)
    assert "left alone for 7200 seconds" in refused(source(server.url), time.setup())
    assert (len(server.asked), time.slept) == (1, [])


def test_no_answer_in_time_is_asked_again(server: Server, time: FakeTime) -> None:
    server.script(Reply(stalls=True), FINE)
    patient = source(server.url, pace={"timeout_seconds": 0.2})
    assert get(patient, time.setup()).content == FINE.body


def test_silence_has_an_end(server: Server, time: FakeTime) -> None:
    server.script(Reply(stalls=True))
    pace = {"timeout_seconds": 0.1, "tries": 2}
    message = refused(source(server.url, pace=pace), time.setup())
    assert "ReadTimeout after 0.1 seconds; given up after 2 tries" in message


def test_nobody_there(time: FakeTime) -> None:
    with serving() as gone:
        url = gone.url
    assert "ConnectError" in refused(source(url), time.setup())
    assert len(time.slept) == 2


@pytest.mark.parametrize(
    "half",
    [
        Reply(b"0123456789", cut=5),
        Reply(b"0123456789" * 99, zipped=True, cut=20),
        Reply(
            gzip.compress(b"0123456789" * 99)[:-9],
            headers={"Content-Encoding": "gzip"},
        ),
        Reply(b"no gzip at all", headers={"Content-Encoding": "gzip"}),
    ],
    ids=["short of its length", "cut gzip", "gzip that fits its length", "not gzip"],
)
def test_half_an_answer_is_no_answer(
    server: Server, time: FakeTime, half: Reply
) -> None:
    server.script(half, FINE)
    assert get(source(server.url), time.setup()).content == FINE.body
    assert len(server.asked) == 2


def test_an_answer_without_an_end_of_its_own_says_so(
    server: Server, time: FakeTime
) -> None:
    server.script(Reply(b"1,2", has_length=False), FINE)
    assert not get(source(server.url), time.setup()).is_whole
    assert get(source(server.url), time.setup()).is_whole


def test_an_endless_answer_is_ended_by_time(server: Server) -> None:
    hurried = FakeTime(step=1.0)
    server.script(Reply(is_endless=True))
    pace = {"timeout_seconds": 5, "tries": 2}
    message = refused(source(server.url, pace=pace), hurried.setup(timeouts=1))
    assert "no end of the answer within 5 seconds; given up after 2" in message


def test_an_endless_answer_is_ended_by_size(server: Server, time: FakeTime) -> None:
    server.script(Reply(is_endless=True))
    message = refused(source(server.url), time.setup(page_bytes=1000))
    assert "more than 1000 bytes" in message
    assert len(server.asked) == 1


def test_a_bomb_is_not_inflated(server: Server, time: FakeTime) -> None:
    server.script(Reply(bytes(5_000_000), zipped=True))
    assert "more than 1000" in refused(source(server.url), time.setup(page_bytes=1000))


def test_a_pull_has_a_size_too(server: Server, time: FakeTime) -> None:
    server.script(Reply(bytes(600)))
    asked = source(server.url)
    with HttpClient(asked, {}, time.setup(pull_bytes=1000)) as client:
        client.get(Address(server.url), accept="*/*")
        with pytest.raises(SourceError, match="more than 400 bytes in one answer or"):
            client.get(Address(server.url), accept="*/*")


def test_an_encoding_nobody_asked_for(server: Server, time: FakeTime) -> None:
    server.script(Reply(b"x", headers={"Content-Encoding": "br"}))
    assert "Content-Encoding 'br'" in refused(source(server.url), time.setup())


def test_no_more_requests_a_second_than_allowed(server: Server, time: FakeTime) -> None:
    server.script(FINE)
    slow = source(server.url, pace={"requests_per_second": 2})
    with HttpClient(slow, {}, time.setup()) as client:
        for _ in range(3):
            client.get(Address(server.url), accept="*/*")
        time.now += 60
        client.get(Address(server.url), accept="*/*")
    assert time.slept == [0.5, 0.5]


@pytest.mark.parametrize(
    ("here", "target", "there"),
    [
        ("https://a.vn/x/y?q=1", "/z", "https://a.vn/z"),
        ("https://a.vn/x/y", "z?p=2", "https://a.vn/x/z?p=2"),
        ("http://a.vn/", "https://a.vn/x", "https://a.vn/x"),
        ("https://a.vn/", "https://A.vn:443/x", "https://A.vn:443/x"),
        ("https://a.vn/", "http://a.vn/x", None),
        ("https://a.vn/", "https://b.vn/x", None),
        ("https://a.vn/", "//b.vn/x", None),
        ("https://a.vn/", "http://127.0.0.1/x", None),
        ("https://a.vn/", "http://169.254.169.254/latest", None),
        ("https://a.vn/", "https://[::1]/x", None),
        ("https://a.vn/", "https://a.vn:8443/x", None),
        ("https://a.vn/", "https://a.vn:x/", None),
        ("https://a.vn/", "https://u:p@a.vn/x", None),
        ("https://a.vn/", "file:///etc/passwd", None),
    ],
)
def test_where_an_answer_may_lead(here: str, target: str, there: str | None) -> None:
    assert follow(here, target) == there


def test_a_redirect_on_the_same_host_is_followed_with_the_login(
    server: Server, time: FakeTime
) -> None:
    server.script(Reply(status=302, headers={"Location": "/there?x=1"}), FINE)
    auth = {"kind": "bearer", "token": "${T}"}
    get(source(server.url, auth=auth), time.setup(), {"T": "abcdefgh"})
    assert server.asked[1].path == "/there"
    assert server.asked[1].headers["Authorization"] == "Bearer abcdefgh"


def test_a_redirect_elsewhere_is_not_followed(server: Server, time: FakeTime) -> None:
    with serving() as inner:
        server.script(Reply(status=307, headers={"Location": inner.url}))
        message = refused(source(server.url), time.setup())
        assert inner.asked == []
    assert "another host" in message
    assert inner.url not in message


def test_redirects_in_circles_end(server: Server, time: FakeTime) -> None:
    server.script(Reply(status=302, headers={"Location": "/again"}))
    assert "302" in refused(source(server.url), time.setup())
    assert len(server.asked) == 6


def certificate(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    host = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1))
        .not_valid_after(dt.datetime(2020, 2, 1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_certificate_is_always_checked(
    tmp_path: Path, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(certificate(tmp_path)) as tls:
        tls.script(FINE)
        message = refused(source(tls.url), time.setup())
        assert tls.asked == []
    assert "certificate is not to be trusted" in message
    assert time.slept == []


def test_basic_login(server: Server, time: FakeTime) -> None:
    server.script(FINE)
    auth = {"kind": "basic", "user": "an", "password": "${P}"}
    get(source(server.url, auth=auth), time.setup(), {"P": PASSWORD})
    sent = server.asked[0].headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == f"an:{PASSWORD}"


def test_bearer_login_by_its_scheme(server: Server, time: FakeTime) -> None:
    server.script(FINE)
    auth = {"kind": "bearer", "token": "${T}", "scheme": "ApiToken"}
    get(source(server.url, auth=auth), time.setup(), {"T": "d2pat_1"})
    assert server.asked[0].headers["Authorization"] == "ApiToken d2pat_1"


def token_auth(server: Server, **more: str) -> dict[str, str]:
    login = {"user": "an", "password": "${P}", "token_url": f"{server.url}/token"}
    return {"kind": "token_url", **login, **more}


def expiring(server: Server, lasts: int) -> None:
    """Tokens that are good for `lasts` requests each."""
    given: list[str] = []
    used: dict[str, int] = {}

    def answer(asked: Any) -> Reply:
        if asked.path == "/token":
            given.append(f"token-number-{len(given) + 1}")
            return Reply(json.dumps({"access_token": given[-1]}).encode())
        token = asked.headers["Authorization"].removeprefix("Bearer ")
        used[token] = used.get(token, 0) + 1
        is_good = token == given[-1] and used[token] <= lasts
        return FINE if is_good else Reply(b"expired", status=401)

    server.answer = answer


def test_a_token_is_fetched_once_and_again_when_it_expires(
    server: Server, time: FakeTime
) -> None:
    expiring(server, lasts=2)
    asked = source(server.url, auth=token_auth(server))
    with HttpClient(asked, {"P": PASSWORD}, time.setup()) as client:
        for _ in range(3):
            client.get(Address(f"{server.url}/data"), accept="*/*")
    paths = [one.path for one in server.asked]
    assert paths == ["/token", "/data", "/data", "/data", "/token", "/data"]
    assert server.asked[0].method == "POST"
    assert server.asked[0].body == b"grant_type=client_credentials"
    login = base64.b64decode(server.asked[0].headers["Authorization"][6:]).decode()
    assert login == "an:m%E1%BA%ADt%2Bkh%E1%BA%A9u%2F0123"


def test_a_token_by_password(server: Server, time: FakeTime) -> None:
    expiring(server, lasts=1)
    asked = source(server.url, auth=token_auth(server, grant="password"))
    get(asked, time.setup(), {"P": "a b&c"})
    assert server.asked[0].body == b"grant_type=password&username=an&password=a+b%26c"
    assert server.asked[0].headers["Authorization"] is None


def test_a_login_that_is_refused_for_good(server: Server, time: FakeTime) -> None:
    expiring(server, lasts=0)
    asked = source(server.url, auth=token_auth(server))
    message = refused(asked, time.setup(), environment={"P": PASSWORD})
    assert "status 401" in message
    assert "renew the variables" in message
    assert [one.path for one in server.asked] == ["/token", "/", "/token", "/"]


@pytest.mark.parametrize("body", [b"<html>", b"{}", b"[]", b'{"access_token": 5}'])
def test_a_token_place_that_gives_none(
    server: Server, time: FakeTime, body: bytes
) -> None:
    server.script(Reply(body))
    asked = source(server.url, auth=token_auth(server))
    message = refused(asked, time.setup(), environment={"P": PASSWORD})
    assert "holds no text access_token" in message


SECRETS = {"KEY": "khoá bí mật 99", "P": PASSWORD, "T": "token-of-mine-1"}


@pytest.mark.parametrize(
    "auth",
    [
        {"kind": "basic", "user": "an", "password": "${P}"},
        {"kind": "bearer", "token": "${T}"},
    ],
)
@pytest.mark.parametrize("status", [400, 401, 503, 302])
def test_secrets_are_in_no_message_and_no_log(
    server: Server,
    time: FakeTime,
    auth: dict[str, str],
    status: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def echo(asked: Any) -> Reply:
        told = f"{asked.headers['Authorization']} {asked.one('api_key')} {asked.query}"
        headers = {"Location": f"http://elsewhere/?k={quote(asked.one('api_key'))}"}
        return Reply(told.encode(), status=status, headers=headers)

    server.answer = echo
    asked = source(server.url + "/x?api_key=${KEY}&year=2024", auth=auth)
    with caplog.at_level(logging.INFO):
        message = refused(asked, time.setup(), environment=SECRETS)
    assert server.asked[0].one("api_key") == SECRETS["KEY"]
    encoded = base64.b64encode(f"an:{PASSWORD}".encode()).decode()
    for secret in (*SECRETS.values(), encoded):
        for written in (secret, quote(secret, safe=""), quote_plus(secret)):
            assert written not in message
            assert written not in caplog.text
    assert "api_key=***&year=2024" in message


def test_an_answer_that_repeats_a_secret_is_not_kept(
    server: Server, time: FakeTime
) -> None:
    server.answer = lambda asked: Reply(
        json.dumps({"next": f"/x?api_key={asked.one('api_key')}"}).encode()
    )
    asked = source(server.url + "/x?api_key=${KEY}")
    message = refused(asked, time.setup(), environment=SECRETS)
    assert "repeats what came from a variable" in message


def test_a_header_that_cannot_be_sent_is_not_quoted(
    server: Server, time: FakeTime
) -> None:
    asked = source(server.url, auth={"kind": "bearer", "token": "${T}"})
    for token in ("two\nlines-of-it", "khoá-không-ascii"):
        message = refused(asked, time.setup(), environment={"T": token})
        assert "cannot be made" in message
        assert not re.search("lines|ascii", message)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("ftp://a.vn/x", "no address of http"),
        ("a.vn/x", "no address of http"),
        ("https://an:matkhau99@a.vn/x", "user or password"),
        ("https://${WHO}@a.vn/x", "user or password"),
        ("${NONE}", "NONE, which is not set"),
    ],
)
def test_an_address_that_cannot_be_asked(url: str, fault: str) -> None:
    with pytest.raises(SourceError, match=fault) as caught:
        address_of(source(url), {"WHO": "an:matkhau99"})
    assert "matkhau99" not in str(caught.value)


def test_what_comes_from_a_variable_is_sent_and_not_shown() -> None:
    environment = {"BASE": "https://a.vn/x?k=hidden-1&l=2", "A": "hidden 2"}
    address = address_of(source("${BASE}"), environment, {"c": "3", "d": "${A}"})
    assert address.sent == "https://a.vn/x?k=hidden-1&l=2&c=3&d=hidden%202"
    assert address.shown == "https://a.vn/x?k=***&l=***&c=3&d=***"
    address = address_of(source("https://a.vn/x?a=${A}&b=1"), environment)
    assert address.sent == "https://a.vn/x?a=hidden%202&b=1"
    assert address.shown == "https://a.vn/x?a=***&b=1"
