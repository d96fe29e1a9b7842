"""Gate 1 on a national month against the same checks as one pandas pass over it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.benchmarks.conftest import Tell
from tests.benchmarks.gate1_pass import judge_in_one_pass
from tests.benchmarks.measure import assert_sane, best, cost, ratio_line
from tests.benchmarks.national_month import national_month

REPEATS = 3
MOST = 3
"""What the rules, their findings and Great Expectations may cost together."""
MOST_MB = 1500


def test_gate_1(tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    month = national_month()
    whole, verdict = cost(month.judged)
    # rules that look at earlier reports have a bench of their own
    monkeypatch.setattr("expectations.context.judge_context", lambda *_: None)
    gate, verdict = best(REPEATS, month.judged)
    few, _ = best(REPEATS, lambda: month.judged(1))
    bound, done = best(
        REPEATS,
        lambda: judge_in_one_pass(
            month.programme,
            month.submissions,
            month.observations,
            month.expected,
            month.measures,
            month.current,
        ),
    )
    failed = verdict.results.set_index("rule_code").failed
    found = {rule: len(rows) for rule, rows in done.failing.items()}
    assert dict(failed[list(found)]) == found
    assert len(verdict.findings) == len(done.lines) > 500
    count = f"{len(month.observations)} observations"
    tell(ratio_line(f"gate 1, {count}, {len(found)} rules / one pass", gate, bound))
    tell(f"  of that for one submission without figures, GX and lookups: {few}")
    tell(f"  first time, with GX imported and rules that look back: {whole}")
    assert_sane(gate, bound, most=MOST)


def test_gate_1_memory(tell: Tell) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.national_month"],
        check=True,
        capture_output=True,
        text=True,
    )
    held = int(done.stdout)
    tell(f"gate 1, national month, most memory held{'':<17} {held} MB of {MOST_MB}")
    assert held < MOST_MB
