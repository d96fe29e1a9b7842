"""Channels: the addresses that alerts go to, through apprise; no address is ever shown.

Shape: one `Channel` per URL of the environment, known by a fingerprint. apprise writes
addresses and passwords to its log, so its log is silent here, and what it says of a
failure is scrubbed of every part of the address before it is kept.
"""

from __future__ import annotations

import hashlib
import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from orchestration.alerts.message import Message
from orchestration.alerts.settings import URLS, AlertSettings
from orchestration.alerts.words import one_line

SEND_SECONDS = 30
NOT_AN_ADDRESS = "không phải địa chỉ hợp lệ · not a valid address"
_CHATTY = ("apprise", "urllib3", "requests")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://\S+")
_SHORTEST_SECRET = 3


@dataclass(frozen=True)
class Channel:
    """One address to tell, by number and kind; `service` None when it is not one."""

    number: int
    kind: str
    fingerprint: str
    service: Any
    secrets: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a person sees of it: number, kind and fingerprint."""
        return f"#{self.number} {self.kind} {self.fingerprint}"

    @property
    def longest(self) -> int:
        """How many characters a body may have."""
        return int(getattr(self.service, "body_maxlen", 0) or 30_000)

    def send(self, message: Message) -> str:
        """Sends one message; empty when it was taken, else why not, scrubbed."""
        if self.service is None:
            return f"{self.name}: {NOT_AN_ADDRESS}"
        import apprise

        levels = {"BLOCKER": "failure", "ERROR": "failure", "WARNING": "warning"}
        is_html = apprise.NotifyFormat.HTML in _formats(self.service)
        with _silent():
            sender = apprise.Apprise()
            sender.add(self.service)
            try:
                result = sender.notify(
                    title=message.subject,
                    body=message.html if is_html else message.text,
                    body_format=apprise.NotifyFormat.HTML
                    if is_html
                    else apprise.NotifyFormat.TEXT,
                    notify_type=levels.get(message.severity, "info"),
                    timeout=SEND_SECONDS,
                )
            except Exception as error:  # a plugin's error must not lose the alert
                return f"{self.name}: {type(error).__name__}"
        if result:
            return ""
        said = [entry.message for one in result.results for entry in one.logs()]
        reason = said[-1] if said else str(result.status.name)
        return f"{self.name}: {self.scrubbed(reason)}"

    def scrubbed(self, text: str) -> str:
        """The text on one line, without addresses or any secret part of this one."""
        text = _ADDRESS.sub("…", text)
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return one_line(text)


def open_channels(settings: AlertSettings) -> list[Channel]:
    """One channel per address; loading apprise takes half a second, so only then."""
    return [_open(number, url) for number, url in enumerate(settings.urls, start=1)]


def describe(settings: AlertSettings) -> tuple[bool, str]:
    """Whether alerts can leave this machine, and in words; for `nhiemky doctor`."""
    if not settings.urls:
        return False, (
            f"chưa có kênh · no channel: đặt · set {URLS}; cảnh báo được giữ lại ·"
            " alerts are kept in the outbox"
        )
    channels = open_channels(settings)
    wrong = [channel.name for channel in channels if channel.service is None]
    if wrong:
        return False, f"địa chỉ sai · not valid: {', '.join(wrong)}"
    return True, ", ".join(channel.name for channel in channels)


def _open(number: int, url: str) -> Channel:
    import apprise

    with _silent():
        asset = apprise.AppriseAsset(async_mode=False, secure_logging=True)
        try:
            service = apprise.Apprise.instantiate(
                url, asset=asset, suppress_exceptions=True
            )
        except Exception:  # whatever a plugin raises, the address is not one
            service = None
    return Channel(
        number=number,
        kind=str(getattr(service, "service_name", None) or "?"),
        fingerprint=hashlib.sha256(url.encode()).hexdigest()[:8],
        service=service,
        secrets=_secrets(url),
    )


def _secrets(url: str) -> tuple[str, ...]:
    """Every part of the address but the host, longest first."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return (url,)
    given = [parts.username, parts.password, parts.path.strip("/")]
    given += parts.path.split("/")
    given += [value for _, value in parse_qsl(parts.query)]
    both = {text for part in given if part for text in (part, unquote(part))}
    return tuple(
        sorted((t for t in both if len(t) > _SHORTEST_SECRET), key=len, reverse=True)
    )


def _formats(service: Any) -> Sequence[Any]:
    formats = service.notify_format
    return formats if isinstance(formats, tuple | list) else (formats,)


@contextmanager
def _silent() -> Iterator[None]:
    """No word of apprise and of what it calls goes to a log or a warning."""
    loggers = [logging.getLogger(name) for name in _CHATTY]
    before = [(one.level, one.propagate, one.handlers) for one in loggers]
    for one in loggers:
        # a warning is what apprise gives back as the reason; below it stand addresses
        one.setLevel(logging.WARNING)
        one.propagate, one.handlers = False, [logging.NullHandler()]
    try:
        with warnings.catch_warnings():
            # its 180 plugins import what Python or others announce the end of
            warnings.simplefilter("ignore")
            yield
    finally:
        for one, (level, propagate, handlers) in zip(loggers, before, strict=True):
            one.setLevel(level)
            one.propagate, one.handlers = propagate, handlers
