"""Files changed at random: each ends in cells or in a refusal, never in an exception.

`make fuzz` runs 20,000 of them; FUZZ_FIRST begins elsewhere. A case that fails is named
by its number, and `mutant(seeds, number)` makes it again.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from sources.readers import ReadJob, read_deliveries
from sources.readers.delimited import Dialect, read_csv
from sources.readers.inspection import inspect
from sources.readers.json_rows import read_json
from sources.readers.limits import DEFAULT_LIMITS, Limits
from sources.readers.plain_workbook import read_plain
from sources.readers.rejections import WORDINGS, Rejected
from sources.template.writer import write_template
from tests.helpers.hostile import Base
from tests.helpers.hostile.base import FIGURES
from tests.helpers.hostile.mutants import mutant, seeds

CASES = int(os.environ.get("FUZZ_CASES", "1000"))
FIRST = int(os.environ.get("FUZZ_FIRST", "0"))
ALLOWED = Limits(memory_bytes=500 << 20, cpu_seconds=5, wall_seconds=30.0)
BATCH = 1_000
TEXT = {"csv": "long", "json": "tables"}


@pytest.fixture(scope="module")
def found(programme, tmp_path_factory):
    path = tmp_path_factory.mktemp("seed") / "base.xlsx"
    write_template(path, programme, "M", "U1", "civil-2024-M01", values=FIGURES)
    return seeds(Base(path.read_bytes()))


def look(kind: str, path: Path) -> None:
    """What the worker does before the native reader, so that nothing is hidden."""
    with contextlib.suppress(Rejected):
        if kind == "json":
            read_json(path, "", DEFAULT_LIMITS)
        elif kind == "csv":
            read_csv(path, Dialect("utf-8-sig", ";"), DEFAULT_LIMITS)
        elif read_plain(path, ALLOWED) is None:
            inspect(path, ALLOWED)


@pytest.mark.parametrize("start", range(FIRST, FIRST + CASES, BATCH))
def test_every_mutant_is_read_or_refused(programme, found, job, tmp_path, start):
    jobs: list[ReadJob] = []
    for number in range(start, min(start + BATCH, FIRST + CASES)):
        kind, data = mutant(found, number)
        path = tmp_path / f"table2024-{number}.{kind}"
        path.write_bytes(data)
        try:
            look(kind, path)
        except Exception as error:
            raise AssertionError(f"mutant {number} ({kind}): {error!r}") from error
        jobs.append(job(path, TEXT.get(kind, "inbox"), "table2024.csv"))
    result = read_deliveries(programme, jobs, None, workers=2, limits=ALLOWED)
    refused = result.findings[result.findings.rule_code.isin(WORDINGS)]
    ended = {*refused.delivery_sha256, *result.submissions.delivery_sha256}
    assert {job.delivery_sha256 for job in jobs} <= ended
    assert len(refused) < len(jobs)
    limits = refused[refused.rule_code == "X_LIMIT"]
    assert limits.empty, limits.message_en.tolist()
