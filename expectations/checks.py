"""Checks: the suites that run as plain descriptions, for whoever shows them.

One `Suite` per entry (name, gate, grain, description in both languages), in the order
in which they run. Nothing heavy is imported: a scheduler may read this while it loads.
"""

from __future__ import annotations

from expectations.rules import Suite, catalogue

GATE_1_SUITES: tuple[Suite, ...] = tuple(s for s in catalogue()[0] if s.gate == 1)
STANDING_SUITES: tuple[Suite, ...] = tuple(
    s for s in catalogue()[0] if s.gate == "standing"
)
GATE_2_SUITES: tuple[Suite, ...] = tuple(s for s in catalogue()[0] if s.gate == 2)

RESULT_COLUMNS = (
    "suite",
    "rule_code",
    "severity",
    "checked",
    "failed",
    "status",
    "reason",
)
"""One row per rule and run: rows the rule applied to, rows that failed it, and `status`
pass, fail or skipped; `reason` says why a suite was skipped. A check that could not be
evaluated is no row: it raises `CheckCrashed`."""
