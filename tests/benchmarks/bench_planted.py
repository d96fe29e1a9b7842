"""What the rules find of faults planted in a term, kind by kind."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.conftest import Tell
from tests.helpers.planted import plant


def test_planted_faults(tmp_path: Path, tell: Tell) -> None:
    planted = plant(tmp_path / "planted")
    clean = plant(tmp_path / "clean", is_clean=True)
    tell("")
    tell(
        f"planted faults: {len(planted.report.faults)} of "
        f"{planted.report.files} files, {planted.value_count} values"
    )
    tell(f"{'kind':<24}{'rule':<22}{'planted':>8}{'recall':>8}{'precision':>11}")
    for row in planted.by_kind().itertuples():
        tell(
            f"{row.kind:<24}{row.rule_code:<22}{row.planted:>8}"
            f"{row.recall:>8.3f}{row.precision:>11.3f}"
        )
    flagged, share = clean.false_flags()
    tell(
        f"clean term: {flagged} of {clean.value_count} values called unlikely "
        f"({share:.2%}); other findings: {clean.other_findings()}"
    )
