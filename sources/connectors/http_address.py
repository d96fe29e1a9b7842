"""Address: where a source asks, split into what goes out and what may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from sources.connectors.errors import SourceError
from sources.connectors.secrets import HIDDEN
from sources.connectors.variables import fill
from sources.programme.model import Source

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Parameter:
    """One parameter; the value of a secret one is sent and never shown."""

    name: str
    value: str
    is_secret: bool = False

    @property
    def shown(self) -> str:
        """The value that people may see."""
        return HIDDEN if self.is_secret else self.value


@dataclass(frozen=True)
class Address:
    """One place to ask: URL without query or user, and the parameters in order."""

    url: str
    parameters: tuple[Parameter, ...] = ()

    def ask(self, pairs: Iterable[tuple[str, str]], path: str = "") -> Address:
        """The address with plain parameters after its own, and a longer path."""
        plain = tuple(Parameter(name, value) for name, value in pairs)
        url = self.url.rstrip("/") + path if path else self.url
        return replace(self, url=url, parameters=self.parameters + plain)

    def at(self, url: str) -> Address:
        """Another page of the same question, at an address that a page gave whole.

        Parameters that came from variables go with it where it lacks them.
        """
        base, _, query = url.partition("#")[0].partition("?")
        given = parse_qsl(query, keep_blank_values=True)
        secret = {one.value for one in self.parameters if one.is_secret}
        names = {name for name, _ in given}
        kept = [
            Parameter(name, value, is_secret=value in secret) for name, value in given
        ]
        kept += [
            one for one in self.parameters if one.is_secret and one.name not in names
        ]
        return Address(base, tuple(kept))

    @property
    def sent(self) -> str:
        """The whole address as it goes out."""
        pairs = [(one.name, one.value) for one in self.parameters]
        return self.url + (f"?{urlencode(pairs, quote_via=quote)}" if pairs else "")

    @property
    def shown(self) -> str:
        """The whole address without secrets, for people, origins and bundles."""
        pairs = [(one.name, one.shown) for one in self.parameters]
        query = urlencode(pairs, safe="*:", quote_via=quote)
        return self.url + (f"?{query}" if pairs else "")


def address_of(
    source: Source,
    environment: Mapping[str, str],
    parameters: Mapping[str, str] | None = None,
) -> Address:
    """The source's own address; values from variables are sent and never shown.

    Raises:
        SourceError: a variable is not set, the address is none of http or https, or it
            holds a user or password.
    """
    base, _, query = source.url.partition("?")
    filled, _, more = fill(source.code, base, environment).partition("?")
    parts = urlsplit(filled)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise SourceError(
            f"source {source.code}: url is no address of http:// or https://. Write it"
            " whole in sources.yaml."
        )
    if "@" in parts.netloc:
        raise SourceError(
            f"source {source.code}: url holds a user or password. Write them as"
            " variables under `auth` in sources.yaml, kind basic."
        )
    written = [*parse_qsl(query, keep_blank_values=True), *(parameters or {}).items()]
    found = [
        Parameter(name, value, is_secret=True)
        for name, value in parse_qsl(more, keep_blank_values=True)
    ]
    for name, text in written:
        value = fill(source.code, text, environment, is_secret=True)
        found.append(Parameter(name, value, is_secret="${" in text))
    return Address(urlunsplit((*parts[:3], "", "")), tuple(found))


def follow(current: str, target: str) -> str | None:
    """The address that `target` means on the page `current`; None where it may not go.

    Only the same host, by the same or a safer scheme: so an answer can neither lead to
    an inner address nor take what we log in with elsewhere.
    """
    try:
        resolved = urljoin(current, target)
        here, there = urlsplit(current), urlsplit(resolved)
        ports = [part.port or _DEFAULT_PORTS.get(part.scheme) for part in (here, there)]
    except ValueError:
        return None
    is_same = here.scheme == there.scheme and ports[0] == ports[1]
    is_safer = (here.scheme, there.scheme) == ("http", "https")
    if here.hostname != there.hostname or "@" in there.netloc:
        return None
    return resolved if is_same or is_safer else None
