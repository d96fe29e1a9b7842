"""Every mart has a rule and every column a role; what has none shows nothing."""

from __future__ import annotations

import pytest

from tests.helpers.star_in_postgres import star_columns
from warehouse.errors import PostgresError
from warehouse.postgres.connection import server, shown
from warehouse.postgres.policies import RULES, Rule, rule_of
from warehouse.postgres.suppression import (
    WITH_COUNTS,
    WITHOUT_COUNTS,
    Part,
    is_classified,
    part_of,
)

REPORTS = {
    "fct_submission",
    "fct_observation",
    "fct_observation_history",
    "fct_finding",
}


def test_every_mart_is_classified_and_only_reports_by_their_columns():
    rules = {
        table: rule_of(table, columns) for table, columns in star_columns().items()
    }
    closed = sorted(table for table, rule in rules.items() if rule is Rule.CLOSED)
    assert not closed, (
        "say in RULES (warehouse/postgres/policies.py) who may read these"
    )
    assert {table for table in rules if table not in RULES} == REPORTS
    assert {rules[table] for table in REPORTS} == {Rule.BRANCH}
    assert set(RULES) - {"unit_access"} <= set(rules)


@pytest.mark.parametrize(
    "columns",
    [
        ["year", "value"],
        ["unit_code", "value"],
        ["unit_key", "peer_unit_key", "value"],
        ["unit_key", "parent_unit_code"],
    ],
)
def test_a_mart_that_nobody_classified_is_closed(columns):
    assert rule_of("rpt_new", columns) is Rule.CLOSED


def test_every_mart_and_column_has_its_role_for_small_counts():
    star = star_columns()
    assert set(star) == WITH_COUNTS | WITHOUT_COUNTS
    unclear = [
        f"{table}.{column}"
        for table, columns in star.items()
        for column, kind in columns.items()
        if not is_classified(table, column, kind)
    ]
    assert not unclear, "say in warehouse/postgres/suppression.py what these hold"
    for table in WITH_COUNTS:
        assert {"programme_code", "indicator_code"} <= set(star[table])


def test_numbers_that_follow_from_counts_are_left_out_and_new_columns_are_empty():
    exact = "numeric(30,8)"
    for column in ("actual", "gap", "value", "numerator", "projected_end"):
        assert part_of("fct_target_progress", column, exact) is Part.FIGURE
    assert part_of("rpt_term_scorecard", "yearly_values", "text") is Part.ELSEWHERE
    assert part_of("rpt_term_scorecard", "new_figure", exact) is Part.NEVER
    assert part_of("rpt_term_scorecard", "new_text", "text") is Part.NEVER


def test_no_message_carries_the_password():
    assert shown("postgresql://ann:s3cret@db:5432/nk?sslmode=x&password=s3cret") == (
        "postgresql://ann@db:5432/nk"
    )
    for url in (
        "postgresql://ann:s3cret@127.0.0.1:1/nk",
        "postgresql+psycopg://ann:s3cret@127.0.0.1:1/nk",
        "postgresql://ann:s3cret@[::1/nk",
        "postgresql://ann:s3cret@127.0.0.1:port/nk",
        "postgresql://ann:a/s3cret@127.0.0.1:1/nk",
        "postgresql://ann:1/s3cret@127.0.0.1:1/nk",
        "postgresql://ann:a@s3cret@127.0.0.1:1/nk",
        "postgresql://ann:a?s3cret@127.0.0.1:1/nk",
        "mysql://ann:s3cret@127.0.0.1/nk",
    ):
        with pytest.raises(PostgresError) as error, server(url):
            pass
        assert "s3cret" not in str(error.value) + shown(url)
        assert error.value.__cause__ is None
