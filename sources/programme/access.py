"""Who may read the publication on a server: logins, the units of each, small counts.

Shape: one `Access` per programme, from the optional file access.yaml. No password
stands in it: a reader names the environment variable that holds one.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from sources.programme.basics import Code, Strict

LOGIN_PATTERN = r"^[a-z][a-z0-9_]{0,62}$"
VARIABLE_PATTERN = r"^[A-Z][A-Z0-9_]*$"
Login = Annotated[str, StringConstraints(pattern=LOGIN_PATTERN)]
"""A name that Postgres takes without quotes and does not cut."""
Variable = Annotated[str, StringConstraints(pattern=VARIABLE_PATTERN)]
"""The name of an environment variable."""


class Reader(Strict):
    """A login on the server: either `sees` all, or the branches of `units`.

    A branch is the unit, what is or was below it, and the units that went into it
    whole. `totals` are units of which only summed figures are seen, such as the
    province. `suppress_small_counts` leaves small counts out of all that it reads.
    """

    login: Login
    sees: Literal["all"] | None = None
    units: tuple[Code, ...] = ()
    totals: tuple[Code, ...] = ()
    suppress_small_counts: bool = False
    password: Variable | None = None


class Access(Strict):
    """The readers of a programme; counts from 1 to `small_count` - 1 are small."""

    small_count: int = Field(default=5, ge=2)
    readers: tuple[Reader, ...] = ()
