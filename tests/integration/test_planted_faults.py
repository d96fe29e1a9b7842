"""Six hundred faults in a term of made-up reports: what gate 1 makes of them."""

from __future__ import annotations

import pytest

from tests.helpers.planted import HARD, JUMPS, Planted, plant

pytestmark = pytest.mark.slow

FAULTS, VALUES, KINDS = 600, 30_000, 15
JUMPS_FOUND = 0.9
FALSE_FLAGS = 0.01


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return plant(tmp_path_factory.mktemp("planted") / "term")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return plant(tmp_path_factory.mktemp("clean") / "term", is_clean=True)


def test_the_term_is_large_enough_to_tell(planted: Planted) -> None:
    assert len(planted.report.faults) >= FAULTS
    assert planted.value_count >= VALUES
    assert len(planted.by_kind()) >= KINDS


def test_every_hard_fault_is_found_and_nothing_else_is_called_one(
    planted: Planted,
) -> None:
    table = planted.by_kind()
    hard = table[table["effect"].isin(HARD)]
    assert len(hard) >= 10
    missed = hard[hard["recall"].lt(1) | hard["precision"].lt(1)]
    assert missed.empty, missed.to_string()


def test_jumps_are_asked_about(planted: Planted) -> None:
    table = planted.by_kind().set_index("kind")
    assert (table.loc[list(JUMPS), "recall"] >= JUMPS_FOUND).all(), table.to_string()


def test_a_clean_term_is_left_in_peace(clean: Planted) -> None:
    flagged, share = clean.false_flags()
    assert share <= FALSE_FLAGS, f"{flagged} of {clean.value_count} values"
    assert clean.other_findings() == {}
    assert clean.judgement.submissions["status"].eq("accepted").all()
