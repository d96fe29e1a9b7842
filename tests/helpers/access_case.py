"""A star made by hand, its four readers, and what each of them may see.

P ── A ── A1, A2, D1 (since 2022), M (until 2024)
  ├─ B ── B1, M (since 2024); until 2023 also X, Y
  └─ D ── D1                    until 2022, when D went into A whole
W went into X whole (2021), X into A1 whole (2023); Y half into A1, half into B1.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg

from sources.programme.access import Access, Reader
from tests.helpers.star_in_postgres import make_star, star_columns
from warehouse.postgres.access import secure_schema
from warehouse.postgres.policies import RULES
from warehouse.postgres.server import prepare_server

END = dt.date(9999, 12, 31)
SECRET = "FOREIGN-SECRET"


def day(year: int) -> dt.date:
    return dt.date(year, 1, 1)


# unit, version, parent, from, to
UNITS = (
    ("P", 1, None, 2020, None),
    ("A", 1, "P", 2020, None),
    ("B", 1, "P", 2020, None),
    ("D", 1, "P", 2020, 2022),
    ("A1", 1, "A", 2020, None),
    ("A2", 1, "A", 2020, None),
    ("B1", 1, "B", 2020, None),
    ("M", 1, "A", 2020, 2024),
    ("M", 2, "B", 2024, None),
    ("D1", 1, "D", 2020, 2022),
    ("D1", 2, "A", 2022, None),
    ("W", 1, "B", 2020, 2021),
    ("X", 1, "B", 2020, 2023),
    ("Y", 1, "B", 2020, 2023),
)
KEYS = [f"{code}@{version}" for code, version, *_ in UNITS]
LINKS = (
    ("D", "A", 2022, "merge", "1"),
    ("W", "X", 2021, "rename", "1"),
    ("X", "A1", 2023, "merge", "1"),
    ("X", "B1", 2023, "split", "0"),
    ("Y", "A1", 2023, "split", "0.5"),
    ("Y", "B1", 2023, "split", "0.5"),
)
BRANCH = {
    "acc_a": {"A@1", "A1@1", "A2@1", "M@1", "X@1", "W@1", "D@1", "D1@1", "D1@2"},
    "acc_b1": {"B1@1"},
    "acc_all": set(KEYS),
    "acc_small": {"A@1", "A1@1", "A2@1", "M@1", "X@1", "W@1", "D@1", "D1@1", "D1@2"},
}
TOTALS = {"acc_a": {"P@1"}, "acc_b1": set(), "acc_all": set(), "acc_small": {"P@1"}}
LOGINS = tuple(BRANCH)
PASSWORDS = {f"PW_{login.upper()}": secrets.token_hex(12) for login in LOGINS}
ACCESS = Access(
    small_count=5,
    readers=(
        Reader(login="acc_a", units=("A",), totals=("P",), password="PW_ACC_A"),
        Reader(login="acc_b1", units=("B1",), password="PW_ACC_B1"),
        Reader(login="acc_all", sees="all", password="PW_ACC_ALL"),
        Reader(
            login="acc_small",
            units=("A",),
            totals=("P",),
            suppress_small_counts=True,
            password="PW_ACC_SMALL",
        ),
    ),
)
BY_UNIT = tuple(
    table
    for table, columns in star_columns().items()
    if "unit_key" in columns and not table.startswith(("dim_", "bridge_"))
)
REPORTS = {table for table in BY_UNIT if table not in RULES}


def above(parent: str, since: dt.date, until: dt.date) -> Iterator[tuple]:
    for code, version, over, begin, end in UNITS:
        start, stop = day(begin), day(end) if end else END
        if code == parent and start < until and since < stop:
            yield f"{code}@{version}", code, max(since, start), min(until, stop)
            if over:
                yield from above(over, max(since, start), min(until, stop))


def value_of(key: str) -> int:
    """A number of its own per unit, so that a sum tells who is in it."""
    return 10 * 2 ** KEYS.index(key)


def star_rows() -> dict[str, list[dict[str, Any]]]:
    programme = {"programme_code": "P1"}
    units, ancestors = [], []
    for code, version, parent, begin, end in UNITS:
        key = f"{code}@{version}"
        start, stop = day(begin), day(end) if end else END
        units.append(
            {
                **programme,
                "unit_key": key,
                "unit_code": code,
                "parent_unit_code": parent,
                "valid_from": start,
                "valid_to": stop,
            }
        )
        chain = [(key, code, start, stop)]
        chain += above(parent, start, stop) if parent else ()
        ancestors += [
            {
                **programme,
                "unit_key": key,
                "unit_code": code,
                "ancestor_unit_key": up_key,
                "ancestor_unit_code": up_code,
                "valid_from": since,
                "valid_to": until,
            }
            for up_key, up_code, since, until in chain
        ]
    rows = {
        "dim_unit": units,
        "bridge_unit_ancestor": ancestors,
        "bridge_unit_succession": [
            {
                **programme,
                "from_unit_code": old,
                "to_unit_code": new,
                "effective_date": day(year),
                "relation": relation,
                "share": Decimal(share),
            }
            for old, new, year, relation, share in LINKS
        ],
        "bridge_unit_group": [
            {**programme, "group_code": "G", "unit_code": code} for code in ("A1", "B1")
        ],
        "publication": [{"publication_id": "a" * 32}],
        "dim_period": [{"period_key": "2024"}],
        "dim_form": [{**programme, "form_code": "F"}],
        "dim_target": [{**programme, "target_key": "T", "target_code": "T"}],
        "dim_indicator": [
            {
                **programme,
                "indicator_code": code,
                "kind": kind,
                "value_type": value_type,
            }
            for code, kind, value_type in (
                ("cases", "flow", "count"),
                ("rate", "ratio", None),
                ("done", "stock", "yes_no"),
                ("share", "unit_share", None),
            )
        ],
    }
    for table in BY_UNIT:
        rows[table] = [figure(table, key) for key in KEYS]
    for table in ("fct_finding", "fct_submission"):
        rows[table].append({**figure(table, KEYS[0]), "unit_key": None})
    return rows


def figure(table: str, key: str, value: Any = None, **more: Any) -> dict[str, Any]:
    """A row of a unit; every number in it is the value, every foreign text the same."""
    value = value_of(key) if value is None else value
    columns = star_columns()[table]
    row: dict[str, Any] = {
        name: value
        for name, kind in columns.items()
        if kind.startswith(("numeric(24", "numeric(3"))
    }
    row |= {name: f"{SECRET} {key}" for name, kind in columns.items() if kind == "text"}
    row |= {"unit_key": key, "programme_code": "P1", "indicator_code": "cases"}
    row |= {"denominator": None, "previous_denominator": None}
    row |= {"denominator_then": None, "denominator_now": None} | more
    return {name: cell for name, cell in row.items() if name in columns}


def publish(url: str, number: str = "0" * 12) -> None:
    """Loads the star beside, secures it and swaps it in, as a publication does."""
    marts, hidden = f"marts_next_{number}", f"marts_suppressed_next_{number}"
    with psycopg.connect(url) as connection:
        prepare_server(connection)
        make_star(connection, marts, star_rows())
        connection.execute(
            f"""
            create function {marts}.as_known_on(moment timestamptz)
            returns setof {marts}.fct_observation_history
            language sql stable begin atomic
                select * from {marts}.fct_observation_history
                where recorded_from is null or recorded_from <= moment;
            end
            """
        )
        secure_schema(connection, marts, hidden)
        if connection.execute("select to_regnamespace('marts')").fetchone() != (None,):
            for old in ("marts", "marts_suppressed"):
                connection.execute(f"alter schema {old} rename to {old}_old_{number}")
        connection.execute(f"alter schema {marts} rename to marts")
        connection.execute(f"alter schema {hidden} rename to marts_suppressed")


@contextmanager
def as_login(url: str, login: str) -> Iterator[psycopg.Connection]:
    password = PASSWORDS[f"PW_{login.upper()}"]
    with psycopg.connect(
        url, user=login, password=password, autocommit=True
    ) as connection:
        yield connection
