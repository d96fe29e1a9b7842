"""Reading: deliveries to submissions, observations and findings; the run always ends.

A delivery that cannot be read costs one finding and nothing else, also where the fault
is ours: the log then says what went wrong. Rows come in the
order of the jobs, whatever order the workers finish in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sources.programme.batch import MEMBER_COLUMNS, OBSERVATION_COLUMNS
from sources.programme.findings import as_findings
from sources.programme.model import Programme, Source
from sources.readers.assembly import (
    READ_COLUMNS,
    Parts,
    ReadJob,
    concat,
    rejection_finding,
)
from sources.readers.cells import Answer, ReadRequest, WorkerPool
from sources.readers.csv_long import read_csv_long
from sources.readers.left_out import macros_left_out
from sources.readers.limits import DEFAULT_LIMITS, Limits
from sources.readers.mapped import pick_map, read_mapped
from sources.readers.mapped_units import UNKNOWN_COLUMNS
from sources.readers.numbers import Marks
from sources.readers.rejections import Rejected
from sources.readers.template import read_templates
from sources.readers.template_doubts import TemplateFile

__all__ = ["ReadJob", "ReadResult", "read_deliveries"]

_LOG = logging.getLogger(__name__)
_SLAB = 500
"""Deliveries assembled at once: enough for whole columns, little enough for memory."""


@dataclass(frozen=True)
class ReadResult:
    """What a reading found: one frame each, RangeIndex, columns as agreed."""

    submissions: pd.DataFrame
    observations: pd.DataFrame
    findings: pd.DataFrame
    members: pd.DataFrame
    unknown_units: pd.DataFrame = field(
        default_factory=lambda: concat([], UNKNOWN_COLUMNS)
    )
    """Names of units that nobody decided on, whole; no part of what is handed over."""


def read_deliveries(
    programme: Programme,
    jobs: Sequence[ReadJob],
    members: pd.DataFrame | None = None,
    workers: int = 2,
    progress: Callable[[int], None] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> ReadResult:
    """Reads every job; `progress` gets the number of deliveries since its last call.

    `members` are the known members of open code lists; new ones come back in the result
    beside them, newest names last.
    """
    sources = {source.code: source for source in programme.sources}
    answers: list[Answer | None] = [None] * len(jobs)
    open_slabs = [min(_SLAB, len(jobs) - at) for at in range(0, len(jobs), _SLAB)]
    slabs = [Parts() for _ in open_slabs]
    with WorkerPool(workers, limits) as pool:
        for position, answer in pool.read([_request(job, sources) for job in jobs]):
            answers[position] = answer
            slab = position // _SLAB
            open_slabs[slab] -= 1
            if not open_slabs[slab]:
                places = slice(slab * _SLAB, (slab + 1) * _SLAB)
                found = _assemble(programme, sources, jobs[places], answers[places])
                slabs[slab] = found
                answers[places] = [None] * len(answers[places])
            if progress is not None:
                progress(1)
    parts = Parts()
    for slab_parts in slabs:
        parts.add(slab_parts)
    return _result(parts, members)


def read_cells(programme: Programme, job: ReadJob, limits: Limits) -> Answer:
    """The raw cells of one delivery, or why it cannot be read."""
    sources = {source.code: source for source in programme.sources}
    with WorkerPool(1, limits) as pool:
        ((_, answer),) = pool.read([_request(job, sources)])
    return answer


def _request(job: ReadJob, sources: dict[str, Source]) -> ReadRequest:
    source = sources.get(job.read_as)
    if source is None:
        return ReadRequest(job.path)
    may_be_text = source.reader != "template"
    records = _records_path(source, job)
    return ReadRequest(
        job.path, may_be_text, source.encoding, source.delimiter, records
    )


def _records_path(source: Source, job: ReadJob) -> str:
    """Where the file's map finds records in a document; a file may fit no map."""
    try:
        return pick_map(source, job.file_name, job.assigned)[0].records
    except Rejected:
        return ""


def _assemble(
    programme: Programme,
    sources: dict[str, Source],
    jobs: Sequence[ReadJob],
    answers: Sequence[Answer | None],
) -> Parts:
    """The pieces of one slab: templates of a source together, others one by one."""
    parts = Parts()
    templates: dict[str, list[TemplateFile]] = {}
    for job, answer in zip(jobs, answers, strict=True):
        source = sources.get(job.read_as)
        if source is None:
            answer = Rejected("X_SOURCE", job.read_as)
        if isinstance(answer, Rejected):
            parts.findings.append(rejection_finding(programme, job, answer))
            continue
        assert source is not None and answer is not None
        if source.reader == "template":
            file = TemplateFile(job, answer, source.number_style)
            templates.setdefault(source.code, []).append(file)
            continue
        reader = read_mapped if source.reader == "mapped" else read_csv_long
        try:
            parts.add(reader(programme, source, job, answer))
        except Exception as error:  # one file must not keep the others out
            parts.findings.append(_broken(programme, job, error))
    for code, files in templates.items():
        parts.add(_templates(programme, files, sources[code].marks))
    with_macros = {
        job.delivery_sha256
        for job, answer in zip(jobs, answers, strict=True)
        if isinstance(answer, list) and answer and answer[0].get("has_macros")
    }
    parts.findings += macros_left_out(programme, parts, with_macros)
    return parts


def _templates(
    programme: Programme, files: Sequence[TemplateFile], marks: Marks
) -> Parts:
    """All templates of one source at once; one by one where that does not work."""
    try:
        return read_templates(programme, files, marks)
    except Exception as error:  # one file must not keep the others out
        if len(files) == 1:
            return Parts(findings=[_broken(programme, files[0].job, error)])
    parts = Parts()
    for file in files:
        parts.add(_templates(programme, [file], marks))
    return parts


def _broken(programme: Programme, job: ReadJob, error: Exception) -> dict[str, object]:
    """The finding about a delivery that our own reading broke on."""
    sha256 = job.delivery_sha256
    _LOG.error("Reading of delivery %s broke off.", sha256, exc_info=error)
    reason = Rejected("X_UNREADABLE", type(error).__name__)
    return rejection_finding(programme, job, reason)


def _result(parts: Parts, known_members: pd.DataFrame | None) -> ReadResult:
    observations = concat(parts.observations, OBSERVATION_COLUMNS)
    observations["row_id"] = np.arange(len(observations), dtype="int64")
    known = [] if known_members is None else [known_members[list(MEMBER_COLUMNS)]]
    members = concat([*known, *parts.members], MEMBER_COLUMNS)
    identity = ["programme_code", "code_list", "member_code", "period_key"]
    members = members.drop_duplicates(identity, keep="last").reset_index(drop=True)
    return ReadResult(
        concat(parts.submissions, READ_COLUMNS),
        observations,
        as_findings(parts.findings),
        members,
        concat(parts.unknown_units, UNKNOWN_COLUMNS),
    )
