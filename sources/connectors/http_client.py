"""Requests over HTTP: patient, bounded, and silent about what must stay secret.

Shape: one `HttpClient` per pull; `get` gives a whole answer or raises SourceError.

Tried again, waiting longer each time: no connection, no answer in time, 408, 429 (as
long as the server asks, within bounds), 500, 502, 503, 504, and answers cut short.
Anything else that a server refuses is said at once.
"""

from __future__ import annotations

import functools
import logging
import ssl
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import Self

import httpx

from sources.connectors.errors import SourceError
from sources.connectors.http_address import Address, follow
from sources.connectors.http_answer import DEFAULT_SETUP, Answer, Setup
from sources.connectors.http_auth import Entrance
from sources.connectors.http_body import CutShort, TooLarge, read_body
from sources.connectors.http_patience import (
    PASSING_STATUSES,
    PassingFault,
    retry_after,
)
from sources.connectors.patience import patient
from sources.connectors.secrets import Secrets
from sources.programme.model import Source

_EXCERPT = 200

# at INFO it would log whole addresses, keys in their parameters included
logging.getLogger("httpx").setLevel(logging.WARNING)


class HttpClient:
    """One pull's conversation with the server of one source.

    Raises:
        SourceError: a variable of the login is not set.
    """

    def __init__(
        self,
        source: Source,
        environment: Mapping[str, str],
        setup: Setup = DEFAULT_SETUP,
    ) -> None:
        self._code, self._pace = source.code, source.pace
        self._limits, self._timing = setup.limits, setup.timing
        self._secrets = Secrets()
        self._entrance = Entrance(source, environment, self._secrets)
        self._received = 0
        self._next_start = float("-inf")
        self._http = httpx.Client(
            verify=_trust(),
            timeout=httpx.Timeout(source.pace.timeout_seconds),
            follow_redirects=False,
            headers={"Accept-Encoding": "gzip", "User-Agent": "nhiemky"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(
        self, address: Address, *, accept: str, also: Collection[int] = ()
    ) -> Answer:
        """The whole answer with a status of 2xx, or one of `also`.

        Raises:
            SourceError: no such answer after all tries, or one that repeats a secret.
        """
        self._secrets.add(*(one.value for one in address.parameters if one.is_secret))
        tries = patient(self._pace.tries, self._is_worth_waiting, self._timing.sleep)
        try:
            answer = tries(self._follow, address, accept, frozenset(also))
        except PassingFault as fault:
            raise self._given_up(address.shown, fault) from None
        if self._secrets.are_in(answer.content):
            raise self.error(
                address.shown,
                "the answer repeats what came from a variable of the environment, and"
                " answers are kept for ever",
                "Log in by `auth`, not by a parameter; write plainly in sources.yaml"
                " what is no secret.",
            )
        return answer

    def error(self, shown: str, reason: str, remedy: str) -> SourceError:
        """What is wrong with an answer, in the words of every fault of this source."""
        said = self._secrets.scrub(f"{shown}: {reason}")
        return SourceError(f"source {self._code}: {said}. {remedy}")

    def _is_worth_waiting(self, error: BaseException) -> bool:
        longest = self._limits.retry_after_seconds
        return isinstance(error, PassingFault) and error.wait_seconds <= longest

    def _given_up(self, shown: str, fault: PassingFault) -> SourceError:
        if self._is_worth_waiting(fault):
            end = f"given up after {self._pace.tries} tries"
        else:
            end = f"it asks to be left alone for {fault.wait_seconds:.0f} seconds"
        return self.error(
            shown,
            f"{fault}; {end}",
            "The next pull asks again from the same place on; if this lasts, ask the"
            " server's operator, or correct `url` and `pace` in sources.yaml.",
        )

    def _follow(self, address: Address, accept: str, also: frozenset[int]) -> Answer:
        """One try: redirects followed, a token that expired fetched again once."""
        url, redirects = address.sent, 0
        may_renew = self._entrance.can_renew
        while True:
            login = self._entrance.headers(self._ask_token)
            answer = self._send(
                "GET", url, address.shown, headers={"Accept": accept, **login}
            )
            if answer.status == 401 and may_renew:
                self._entrance.renew(self._ask_token)
                may_renew = False
            elif 300 <= answer.status < 400 and "Location" in answer.headers:
                redirects += 1
                url = self._redirected(url, answer, redirects)
            elif 200 <= answer.status < 300 or answer.status in also:
                return answer
            else:
                raise self._refusal(answer)

    def _redirected(self, url: str, answer: Answer, redirects: int) -> str:
        target = follow(url, answer.headers["Location"])
        if target is not None and redirects <= self._limits.redirects:
            return target
        reason = "to another host or a less safe address" if target is None else "on"
        raise self.error(
            answer.shown,
            f"status {answer.status} sends us {reason}, where we do not follow",
            "Write the right address in `url` of sources.yaml.",
        )

    def _ask_token(
        self, url: str, fields: dict[str, str], headers: dict[str, str]
    ) -> bytes:
        answer = self._send("POST", url, "token_url", headers=headers, data=fields)
        if answer.status != 200:
            raise self._refusal(answer)
        return answer.content

    def _send(
        self,
        method: str,
        url: str,
        shown: str,
        *,
        headers: dict[str, str],
        data: dict[str, str] | None = None,
    ) -> Answer:
        """One request, at the source's pace.

        Raises:
            PassingFault: another try may go better.
            SourceError: none will.
        """
        began = self._wait_for_turn()
        longest = self._pace.timeout_seconds * self._limits.timeouts

        def check_time() -> None:
            if self._timing.clock() - began > longest:
                raise PassingFault(f"no end of the answer within {longest:g} seconds")

        # causes are dropped below: their texts may quote addresses and headers
        try:
            with self._http.stream(method, url, headers=headers, data=data) as response:
                return self._read(response, shown, check_time)
        except httpx.TimeoutException as error:
            seconds = f"{self._pace.timeout_seconds:g} seconds"
            raise PassingFault(f"{type(error).__name__} after {seconds}") from None
        except (httpx.NetworkError, httpx.RemoteProtocolError, httpx.ProxyError) as e:
            if _is_certificate_fault(e):
                raise self.error(
                    shown,
                    f"its certificate is not to be trusted: {e}",
                    "This is never passed over: have the certificate renewed, or name"
                    " the file of its authority in SSL_CERT_FILE.",
                ) from None
            raise PassingFault(f"{type(e).__name__}: {e}") from None
        except CutShort as error:
            raise PassingFault(f"half an answer ({error})") from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise self.error(
                shown,
                f"the request cannot be made ({type(error).__name__})",
                "Check `url` and the variables under `auth` in sources.yaml.",
            ) from None

    def _wait_for_turn(self) -> float:
        """The time at which the next request may start, once it has come."""
        now = self._timing.clock()
        if now < self._next_start:
            self._timing.sleep(self._next_start - now)
            now = max(self._timing.clock(), self._next_start)
        self._next_start = now + 1 / self._pace.requests_per_second
        return now

    def _read(
        self, response: httpx.Response, shown: str, check_time: Callable[[], None]
    ) -> Answer:
        status, headers = response.status_code, response.headers
        if status in PASSING_STATUSES:
            reason = f"status {status} {response.reason_phrase}"
            raise PassingFault(reason, retry_after(headers))
        left = self._limits.pull_bytes - self._received
        at_most = min(self._limits.page_bytes, left)
        encoding = headers.get("Content-Encoding", "")
        try:
            content, is_whole = read_body(
                response.iter_raw(), encoding, at_most, check_time
            )
        except TooLarge:
            raise self.error(
                shown,
                f"more than {at_most} bytes in one answer or pull",
                "Ask for less at once: a smaller page_size, fewer units, less time.",
            ) from None
        except ValueError:
            raise self.error(
                shown,
                f"Content-Encoding {encoding!r}, which we did not ask for",
                "The server must answer plainly or in gzip.",
            ) from None
        self._received += len(content)
        says_length = not {"Content-Length", "Transfer-Encoding"}.isdisjoint(
            name.title() for name in headers
        )
        address = str(response.url)
        return Answer(address, shown, status, headers, content, is_whole or says_length)

    def _refusal(self, answer: Answer) -> SourceError:
        text = answer.content[: 20 * _EXCERPT].decode("utf-8", "replace")
        said = " ".join(self._secrets.scrub(text).split())[:_EXCERPT]
        remedy = "Check the query in sources.yaml and what the server says."
        if answer.status in (401, 403):
            remedy = (
                "The login has expired or lacks the right: renew the variables named"
                " under `auth` in sources.yaml."
            )
        elif answer.status == 404:
            remedy = "Correct `url` or the names in the query in sources.yaml."
        return self.error(answer.shown, f"status {answer.status}, {said!r}", remedy)


@functools.cache
def _trust() -> ssl.SSLContext:
    """Certificates are always checked; made once, since that takes its time."""
    return httpx.create_ssl_context()


def _is_certificate_fault(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
