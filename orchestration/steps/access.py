"""Access: who may read the publication on the server, as the programme states it.

Shape: the programme's access.yaml on one side, the server's own list on the other, one
line per login of either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from orchestration.settings import publish_url
from orchestration.steps.refusals import AskedAmiss
from orchestration.steps.server import ASKED_SECONDS, bounded, required_url
from sources.programme.model import Programme

if TYPE_CHECKING:
    from sources.programme.access import Access, Reader
    from warehouse.postgres.access import AccessReport
    from warehouse.postgres.examine import ReaderThere


class Agreement(StrEnum):
    """Whether the server has a login as the programme states it."""

    SAME = "same"
    DIFFERENT = "different"
    ONLY_PROGRAMME = "only_programme"
    ONLY_SERVER = "only_server"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True)
class ReaderLine:
    """One login and what it sees; `small_count` None where nothing is left out.

    What the programme says; of a login that only the server has, what the server says.
    """

    login: str
    sees_all: bool
    units: tuple[str, ...]
    totals: tuple[str, ...]
    small_count: int | None
    agreement: Agreement


def stated_access(programme: Programme) -> Access:
    """What access.yaml of the programme says.

    Raises:
        AskedAmiss: there is no such file, or it says nothing.
    """
    if programme.access is None:
        path = programme.folder / "access.yaml"
        if path.exists():
            raise AskedAmiss(
                f"{path} chưa khai báo ai, mọi dòng còn dấu # · states nobody yet, all"
                " of it is commented out: take the # away where it says so."
            )
        raise AskedAmiss(
            f"Chương trình {programme.code} chưa có {path.name}; lệnh `nhiemky"
            " programme init` ở thư mục khác viết một tệp mẫu · the programme has no"
            " such file; `nhiemky programme init` in another folder writes a commented"
            f" one. Viết · write: {path}"
        )
    return programme.access


def apply(
    programme: Programme, environment: Mapping[str, str], given: str | None = None
) -> AccessReport:
    """Makes the server's logins and their rights what the programme states.

    Passwords come from the variables that access.yaml names. Doing it again changes
    nothing.

    Raises:
        AskedAmiss: the programme states no access.
        SettingsError: no server is set.
        PostgresError: the server is down, or does not let this login do it.
    """
    access = stated_access(programme)
    url = required_url(given)
    from warehouse.postgres.access import apply_access

    return apply_access(url, access, programme.code, environment)


def reader_lines(programme: Programme, given: str | None = None) -> list[ReaderLine]:
    """One line per login of the programme or, where one is set, of the server.

    Raises:
        AskedAmiss: the programme states no access.
        PostgresError: the server cannot be asked.
    """
    from warehouse.postgres.examine import readers_on

    access = stated_access(programme)
    url = publish_url(given)
    if url is None:
        return [_stated(r, access, Agreement.NOT_ASKED) for r in access.readers]
    readers = readers_on(bounded(url, ASKED_SECONDS), programme.code)
    there = {reader.login: reader for reader in readers}
    lines = [
        _stated(reader, access, _agreement(reader, access, there.get(reader.login)))
        for reader in access.readers
    ]
    stated = {reader.login for reader in access.readers}
    only_there = [_found(one) for one in readers if one.login not in stated]
    return [*lines, *only_there]


def _stated(reader: Reader, access: Access, agreement: Agreement) -> ReaderLine:
    return ReaderLine(
        login=reader.login,
        sees_all=reader.sees == "all",
        units=tuple(reader.units),
        totals=tuple(reader.totals),
        small_count=access.small_count if reader.suppress_small_counts else None,
        agreement=agreement,
    )


def _found(there: ReaderThere) -> ReaderLine:
    return ReaderLine(
        login=there.login,
        sees_all=there.sees_all,
        units=there.units,
        totals=there.totals,
        small_count=there.small_count,
        agreement=Agreement.ONLY_SERVER,
    )


def _agreement(reader: Reader, access: Access, there: ReaderThere | None) -> Agreement:
    if there is None:
        return Agreement.ONLY_PROGRAMME
    stated = _stated(reader, access, Agreement.SAME)
    is_same = (
        there.can_log_in
        and there.sees_all == stated.sees_all
        and there.small_count == stated.small_count
        and set(there.units) == set(stated.units)
        and set(there.totals) == set(stated.totals)
    )
    return Agreement.SAME if is_same else Agreement.DIFFERENT
