"""How a measure falls into the members of its breakdown."""

from __future__ import annotations

from dataclasses import dataclass

from sources.programme.model import CodeMember, Measure, Programme
from sources.simulator.streams import stream
from sources.simulator.tuning import Tuning

REST = ""
"""Leaf that no member names: all of it without a breakdown, else what is left over."""

_REST_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Weight of each leaf (members that split no further, and the rest), and for every
    member the leaves that add up to it."""

    leaf_weights: dict[str, float]
    leaves_below: dict[str, list[str]]


def breakdown_of(
    programme: Programme, tuning: Tuning, measure: Measure, seed: int
) -> Breakdown:
    """The breakdown of a measure; one nameless leaf when it has none."""
    if measure.breakdown is None:
        return Breakdown({REST: 1.0}, {})
    code_list = next(c for c in programme.code_lists if c.code == measure.breakdown)
    if not code_list.members:
        return Breakdown({REST: 1.0}, {})
    parents = {m.parent_code for m in code_list.members}
    leaves = [m.code for m in code_list.members if m.code not in parents]
    drawn = stream(seed, "members", code_list.code).gamma(1.5, 1.0, len(leaves))
    given = tuning.measure(measure.code).members
    weights = {
        code: given.get(code, float(weight))
        for code, weight in zip(leaves, drawn, strict=True)
    }
    if not code_list.is_exhaustive:
        weights[REST] = sum(weights.values()) * _REST_SHARE
    below: dict[str, list[str]] = {m.code: [] for m in code_list.members}
    by_code = {m.code: m for m in code_list.members}
    for leaf in leaves:
        for code in _upwards(leaf, by_code):
            below[code].append(leaf)
    return Breakdown(weights, below)


def _upwards(code: str, by_code: dict[str, CodeMember]) -> list[str]:
    """A member and the members above it."""
    chain: list[str] = []
    current: str | None = code
    while current is not None and current in by_code and current not in chain:
        chain.append(current)
        current = by_code[current].parent_code
    return chain
