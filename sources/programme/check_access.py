"""Checks of access.yaml: every login once, free to use, and of units that exist.

Shape: adds to the list of problems it is given. Whether a login of that name on the
server may be used is checked there, when access is applied.
"""

from __future__ import annotations

from sources.programme.access import Reader
from sources.programme.model import Programme
from sources.programme.problems import ProblemList

Where = tuple[str | int, ...]

_TAKEN = ("pg_", "nhiemky")
"""How names begin that belong to Postgres and to this product."""
_RESERVED = {"public", "none", "postgres", "current_user", "session_user", "user"}


def check_access(programme: Programme, found: ProblemList) -> None:
    """Each reader sees something that exists, and no two are one login."""
    if programme.access is None:
        return
    known = list(dict.fromkeys(unit.unit_code for unit in programme.units))
    seen: set[str] = set()
    for index, reader in enumerate(programme.access.readers):
        where: Where = ("access", "readers", index)
        owner = f"reader {reader.login}"
        if reader.login in seen:
            found.add(where, f"{owner} stands twice", "join what the two may see")
        seen.add(reader.login)
        if reader.login.startswith(_TAKEN) or reader.login in _RESERVED:
            found.add(
                (*where, "login"),
                f"{owner}: the server or this product uses that name itself",
                "choose another login, for example bi_" + reader.login,
            )
        _check_reach(where, owner, reader, found)
        for part in ("units", "totals"):
            codes: tuple[str, ...] = getattr(reader, part)
            for place, code in enumerate(codes):
                at: Where = (*where, part, place)
                if code not in known:
                    found.add_unknown(at, f"{owner}, {part}", code, known)
                elif code in codes[:place]:
                    message = f"{owner}: {code} stands twice in {part}"
                    found.add(at, message, "keep one of them")


def _check_reach(where: Where, owner: str, reader: Reader, found: ProblemList) -> None:
    """All, or some units: not both, not nothing, and no unit in both extents."""
    if reader.sees == "all":
        if reader.units or reader.totals:
            found.add(
                where,
                f"{owner} sees all, and units are named besides",
                "keep `sees: all`, or name units and totals alone",
            )
        return
    if not reader.units and not reader.totals:
        found.add(
            where,
            f"{owner} would see nothing",
            "write `units: [CODE]`, `totals: [CODE]`, or `sees: all`",
        )
    for code in reader.units:
        if code in reader.totals:
            found.add(
                where,
                f"{owner}: {code} stands in units and in totals",
                "take it out of totals: who sees the branch sees its sums",
            )
