"""Which rows of which mart a reader may see: one condition per table.

Shape: `rule_of(table, columns)` names the rule, `condition(rule, marts)` is its SQL. A
table that RULES names has that rule. Any other table is a report of one unit where its
column `unit_key` is the only one that names a unit: the branch rule. What is left is
CLOSED, so that a mart which nobody classified shows nothing to a restricted reader.

Rows about no unit (a null `unit_key`, such as a delivery that nobody could read) are
seen by those who see all, and by nobody else. Definitions (periods, indicators, forms,
targets) are open. Sums of a unit are figures, not reports: where a login is allowed the
totals of a province, it can take its own branch away from them; whoever writes
access.yaml decides that. Who tries hard also learns how many rows a unit has (row
estimates of EXPLAIN), never what stands in them. Who sees all is KNOWN here by at least
one unit: roles belong to the whole server, and in another database of it such a login
sees nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import sql

UNIT_ACCESS = "unit_access"

# arrays of uncorrelated queries: worked out once per statement, and an index serves
_ANY = """any (array(
    select a.unit_key from {marts}.unit_access as a
    where a.login = current_user::text
))"""
_BRANCH = """any (array(
    select a.unit_key from {marts}.unit_access as a
    where a.login = current_user::text and a.extent = 'branch'
))"""
_CODES = """(
    select u.programme_code, u.unit_code from {marts}.dim_unit as u
    where u.unit_key = any (array(
        select a.unit_key from {marts}.unit_access as a
        where a.login = current_user::text
    ))
)"""


class Rule(Enum):
    """A condition on the columns of a table; its value is the SQL."""

    OPEN = "true"
    KNOWN = """(select exists (
    select from {marts}.unit_access as a where a.login = current_user::text
))"""
    CLOSED = "false"
    BRANCH = f"unit_key = {_BRANCH}"
    FIGURES = f"unit_key = {_ANY}"
    BOTH_VERSIONS = f"unit_key = {_ANY} and ancestor_unit_key = {_ANY}"
    BOTH_UNITS = (
        f"(programme_code, from_unit_code) in {_CODES} and (to_unit_code is null "
        f"or (programme_code, to_unit_code) in {_CODES})"
    )
    UNIT_CODE = f"(programme_code, unit_code) in {_CODES}"
    OWN_LOGIN = "login = current_user::text"

    @property
    def filters_by_unit_key(self) -> bool:
        """True where an index on `unit_key` serves the condition."""
        return self.value.startswith("unit_key = ")


RULES: dict[str, Rule] = {
    UNIT_ACCESS: Rule.OWN_LOGIN,
    "publication": Rule.OPEN,
    "dim_form": Rule.OPEN,
    "dim_indicator": Rule.OPEN,
    "dim_period": Rule.OPEN,
    "dim_target": Rule.OPEN,
    "dim_unit": Rule.FIGURES,
    "bridge_unit_ancestor": Rule.BOTH_VERSIONS,
    "bridge_unit_succession": Rule.BOTH_UNITS,
    "bridge_unit_group": Rule.UNIT_CODE,
    "fct_edition": Rule.FIGURES,
    "fct_indicator_value": Rule.FIGURES,
    "fct_target_progress": Rule.FIGURES,
    "rpt_edition_revision": Rule.FIGURES,
    "rpt_term_scorecard": Rule.FIGURES,
}
"""Tables that are no reports of one unit; the texts of FIGURES tables name no unit but
the row's own."""

_NAMES_A_UNIT = re.compile(r"unit_(key|code)$")


def rule_of(table: str, columns: Iterable[str]) -> Rule:
    """The rule of a table: as declared, by its columns, or CLOSED."""
    if table in RULES:
        return RULES[table]
    naming = {column for column in columns if _NAMES_A_UNIT.search(column)}
    if "unit_key" in naming and naming <= {"unit_key", "unit_code"}:
        return Rule.BRANCH
    return Rule.CLOSED


def condition(rule: Rule, marts: str) -> sql.Composed:
    """The condition, bound to the tables of schema `marts`."""
    from psycopg import sql

    return sql.SQL(rule.value).format(marts=sql.Identifier(marts))
