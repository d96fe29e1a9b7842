"""What a simulation says about itself: counts, and every fault that it planted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """One workbook made wrong on purpose, and what a reader should make of it.

    `effect` is what ought to happen: rejected, quarantined (one value), refused
    (personal data), held, doubted (let in with a question), or accepted. `file` is
    relative to the inbox.
    """

    file: str
    kind: str
    rule_hint: str
    effect: str
    form_code: str
    unit_code: str
    period_key: str
    measure_code: str = ""
    repaired_by: str = ""


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """Counts per kind of submission, and the planted faults in order of file name."""

    programme_code: str
    seed: int
    files: int
    counts: Mapping[str, int]
    faults: tuple[PlantedFault, ...]

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        return asdict(self) | {"counts": dict(self.counts)}
