"""Checks of connectors: each has what it needs and no other's; no secret stands here.

Shape: adds to the list of problems it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from sources.programme.model import Programme, Source
from sources.programme.one_select import select_fault
from sources.programme.problems import ProblemList
from sources.programme.tables import ASKED

Where = tuple[str | int, ...]
_NEEDS = {
    "basic": ("user", "password"),
    "bearer": ("token",),
    "token_url": ("token_url", "user", "password"),
}
_SECRET_NAMES = re.compile(
    r"pass(word|wd|phrase|code)?|pwd|secret|(.*_)?token|.*_(secret|password)"
    r"|(api|access|account|private)[_-]?key",
    re.IGNORECASE,
)
_FROM_OUTSIDE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_WITH_DEFAULT = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:-")
_LOGIN = re.compile(r"://[^/@\s]*?:(?P<password>(?:\$\{[^}]*\}|[^/@\s])*)@")
_FIRST_VARIABLE = re.compile(r"^\$\{")


def check_connectors(programme: Programme, found: ProblemList) -> None:
    """A connector has its address and its block; secrets come from the environment."""
    taken: dict[str, str] = {}
    for index, source in enumerate(programme.sources):
        where: Where = ("sources", index)
        owner = f"source {source.code}"
        if source.connector == "drop_folder":
            _check_folder(where, owner, source, found)
        else:
            _check_asked(where, owner, source, found)
        for at, name, text in _secrets(source):
            if _WITH_DEFAULT.search(text) or not _FROM_OUTSIDE.search(text):
                message = f"{owner}: {name} stands in the clear"
                remedy = "write ${VAR} and set VAR in the environment"
                found.add((*where, *at), message, remedy)
        alike = re.sub(r"[.-]", "_", source.code)
        other = taken.setdefault(alike, source.code)
        if other != source.code:
            message = f"{owner}: differs from source {other} by a sign alone"
            found.add((*where, "code"), message, "give it another code")


def _check_folder(where: Where, owner: str, source: Source, found: ProblemList) -> None:
    if not source.path:
        message = f"{owner}: a drop folder needs `path`"
        found.add(where, message, "give a folder, or an address as sftp://host/folder")
    for name in ("url", "auth", *ASKED):
        if getattr(source, name):
            message = f"{owner}: a drop folder has no `{name}`"
            remedy = f"remove {name}, or name the connector that asks an interface"
            found.add((*where, name), message, remedy)


def _check_asked(where: Where, owner: str, source: Source, found: ProblemList) -> None:
    name = source.connector
    if source.reader != "mapped":
        message = f"{owner}: the connector {name} needs the reader 'mapped'"
        found.add((*where, "reader"), message, "set reader: mapped and give maps")
    if getattr(source, name) is None:
        message = f"{owner}: the connector {name} needs the block `{name}`"
        found.add(where, message, f"say under {name}: what is asked")
    for other in ASKED:
        if other != name and getattr(source, other) is not None:
            message = f"{owner}: the block `{other}` is not the connector's, {name}"
            remedy = f"remove it, or set connector: {other}"
            found.add((*where, other), message, remedy)
    if source.path:
        message = f"{owner}: the connector {name} has no `path`"
        found.add((*where, "path"), message, "write the address as `url`")
    _check_address(where, owner, "url", source.url, name == "sql", found)
    if source.auth is not None:
        _check_auth(where, owner, source, found)
    if source.sql is not None:
        if fault := select_fault(source.sql.select):
            message = f"{owner}: sql.select {fault}"
            remedy = "write one SELECT that only reads"
            found.add((*where, "sql", "select"), message, remedy)
        if len(set(source.sql.keys)) != len(source.sql.keys):
            message = f"{owner}: sql.keys names a column twice"
            found.add((*where, "sql", "keys"), message, "name each once")


def _check_auth(where: Where, owner: str, source: Source, found: ProblemList) -> None:
    auth = source.auth
    assert auth is not None
    at = (*where, "auth")
    if source.connector == "sql" and auth.kind != "basic":
        message = f"{owner}: a database is entered with user and password"
        found.add((*at, "kind"), message, "set kind: basic")
    for name in _NEEDS[auth.kind]:
        if not getattr(auth, name):
            message = f"{owner}: auth of kind {auth.kind} needs `{name}`"
            found.add(at, message, f"give {name}")
    if auth.token_url:
        _check_address(at, owner, "token_url", auth.token_url, False, found)


def _check_address(
    where: Where,
    owner: str,
    name: str,
    address: str,
    is_database: bool,
    found: ProblemList,
) -> None:
    """An address as far as it can be judged before its variables are filled."""
    example = "postgresql://host/database" if is_database else "https://host/api"
    if not address:
        found.add(where, f"{owner}: `{name}` is missing", f"give it, as {example}")
        return
    if _FIRST_VARIABLE.match(address):
        return
    try:
        scheme = urlsplit(re.sub(r"\$\{[^}]*\}", "1", address)).scheme
    except ValueError:
        scheme = ""
    is_good = bool(scheme) if is_database else scheme in ("http", "https")
    if not is_good or "://" not in address:
        message = f"{owner}: `{name}` is no address of that kind"
        found.add((*where, name), message, f"write it like {example}")


def _secrets(source: Source) -> Iterator[tuple[Where, str, str]]:
    """Where a secret would stand: its place, what it is called, what is written."""
    for name in ("url", "path", "replies"):
        if login := _LOGIN.search(getattr(source, name)):
            yield (name,), f"the password in {name}", login["password"]
    given: list[tuple[Where, str, str, str]] = [
        (("url",), "url", *pair) for pair in _parameters(source.url)
    ]
    given += [
        (("options", n), "options", n, text) for n, text in source.options.items()
    ]
    if source.http is not None:
        parameters = source.http.parameters.items()
        given += [(("http",), "http.parameters", n, text) for n, text in parameters]
    for at, holder, name, text in given:
        if _SECRET_NAMES.fullmatch(name) and text:
            yield at, f"{name} in {holder}", text
    if source.auth is not None:
        for name in ("password", "token"):
            if text := getattr(source.auth, name):
                yield ("auth", name), f"auth.{name}", text


def _parameters(url: str) -> list[tuple[str, str]]:
    """The parameters written behind the ? of an address."""
    pairs = (part.partition("=") for part in url.partition("?")[2].split("&"))
    return [(name, text) for name, _, text in pairs]
