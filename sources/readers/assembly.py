"""Assembly: what every reader hands on, in the frames that later steps agree on."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pandas as pd

from sources.programme.batch import (
    OBSERVATION_COLUMNS,
    SUBMISSION_COLUMNS,
    SUBMISSION_FLAGS,
)
from sources.programme.findings import Severity, make_finding
from sources.programme.model import Programme
from sources.readers.assigned import Assigned
from sources.readers.numbers import Marks, parse_numbers
from sources.readers.rejections import Rejected, printable

META_COLUMNS = (
    "meta_sheet",
    "programme_cell",
    "form_cell",
    "unit_cell",
    "period_cell",
    "template_cell",
    "head_texts",
)
"""Where a file says what it is about, and what it says above its table; empty where no
one cell does."""
READ_COLUMNS = (*SUBMISSION_COLUMNS, *META_COLUMNS)
ZERO = Decimal(0)


@dataclass(frozen=True)
class ReadJob:
    """One delivery to read: its bytes' place, its name, where it came from, and what a
    person said it is."""

    path: Path
    delivery_sha256: str
    file_name: str
    source_code: str
    received_at: dt.datetime
    assigned: Assigned | None = None

    @property
    def read_as(self) -> str:
        """The source whose reader and maps take it."""
        chosen = None if self.assigned is None else self.assigned.source_code
        return chosen or self.source_code


@dataclass
class Parts:
    """Pieces of a reading: frames in the agreed columns, findings as rows.

    `unknown_units`: names of units that nobody decided on (`mapped_units`).
    """

    submissions: list[pd.DataFrame] = field(default_factory=list)
    observations: list[pd.DataFrame] = field(default_factory=list)
    members: list[pd.DataFrame] = field(default_factory=list)
    findings: list[dict[str, object]] = field(default_factory=list)
    unknown_units: list[pd.DataFrame] = field(default_factory=list)

    def add(self, other: Parts) -> None:
        """Takes in another reading's pieces, after its own."""
        self.submissions += other.submissions
        self.observations += other.observations
        self.members += other.members
        self.findings += other.findings
        self.unknown_units += other.unknown_units


def rejection_finding(
    programme: Programme,
    job: ReadJob,
    reason: Rejected,
    submission: pd.Series | None = None,
) -> dict[str, object]:
    """One BLOCKER row: about the submission if it is known, else about the delivery."""
    names = ("submission_id", "form_code", "unit_code", "period_key")
    about = (
        dict.fromkeys(names) if submission is None else submission[[*names]].to_dict()
    )
    name = printable(job.file_name)
    return make_finding(
        programme_code=programme.code,
        rule_code=reason.code,
        severity=Severity.BLOCKER,
        scope="delivery" if submission is None else "submission",
        message_vi=f"{name}: {reason.message_vi}",
        message_en=f"{name}: {reason.message_en}",
        delivery_sha256=job.delivery_sha256,
        sheet=reason.sheet or None,
        cell=reason.cell or None,
        observed=reason.detail_vi or None,
        **about,  # type: ignore[arg-type]
    )


def submission_ids(submissions: pd.DataFrame) -> pd.Series:
    """One id per row: 32 hex of SHA-256 over what makes a submission, unknown as ''."""
    names = ("programme_code", "form_code", "unit_code", "period_key")
    texts = [
        submissions[name].astype("object").where(submissions[name].notna(), "")
        for name in (*names, "delivery_sha256", "sheet")
    ]
    joined = texts[0].str.cat(pd.concat(texts[1:], axis=1), sep="|")
    return joined.map(lambda text: hashlib.sha256(text.encode()).hexdigest()[:32])


def as_submissions(programme: Programme, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per submission in the agreed columns; absent ones get their defaults."""
    frame = rows.copy()
    frame["programme_code"] = programme.code
    for name in ("template_version", "declared_version", *META_COLUMNS):
        if name not in frame:
            frame[name] = None
    for name in SUBMISSION_FLAGS:
        if name not in frame:
            frame[name] = False
    keys = pd.Series(
        list(zip(frame.form_code, frame.unit_code, strict=True)), frame.index
    )
    frame["is_control_total"] = keys.isin(_control_totals(programme))
    frame["submission_id"] = submission_ids(frame)
    frame = frame[list(READ_COLUMNS)].astype("object")
    frame = frame.where(frame.notna(), None)
    types = {"declared_version": "Int64", "received_at": "datetime64[us, UTC]"}
    types |= dict.fromkeys(SUBMISSION_FLAGS, "bool")
    return frame.astype(types).reset_index(drop=True)


def as_observations(
    programme: Programme, cells: pd.DataFrame, marks: Marks | None = None
) -> pd.DataFrame:
    """One row per cell of a measure: parsed value, status, fault and its origin.

    `cells`: submission_id, measure_code, kind, text, style, sheet, cell,
    `is_nil_report` where an empty flow means zero, `said` where another cell gives the
    status, and `qualifier` where its place says more about a figure than its text does.
    `marks` are the source's own.
    """
    facts = measure_facts(programme, cells.measure_code)
    parsed = parse_numbers(
        cells.kind,
        cells.text,
        cells["style"],
        facts.value_type,
        facts.is_percent,
        marks,
    )
    frame = cells[["submission_id", "measure_code", "sheet", "cell"]].astype("object")
    frame = pd.concat([frame, parsed], axis=1)
    frame["raw_text"] = cells.text.astype("object")
    if "is_nil_report" in cells:
        empty = frame.observation_status.eq("missing") & frame.fault.isna()
        nil = cells.is_nil_report.astype(bool) & facts.is_flow & empty
        frame["value"] = frame["value"].mask(nil, ZERO)
        frame["observation_status"] = frame.observation_status.mask(nil, "nil")
    if "said" in cells:
        is_said = cells.said.notna()
        frame["observation_status"] = cells.said.where(
            is_said, frame.observation_status
        )
        frame["fault"] = frame.fault.mask(is_said, None)
    frame["qualifier"] = _qualifiers(cells, frame)
    frame["row_id"] = 0
    return frame[list(OBSERVATION_COLUMNS)].reset_index(drop=True)


def _qualifiers(cells: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    """One text or None per cell: the figure's own word, else that of its place."""
    said = pd.Series(None, index=frame.index, dtype="object")
    for words in (cells, frame):
        if "qualifier" in words:
            own = words["qualifier"].astype("object")
            said = own.where(own.notna(), said)
    return said.where(said.notna() & frame["value"].notna(), None)


def measure_facts(programme: Programme, codes: pd.Series) -> pd.DataFrame:
    """value_type, is_percent and is_flow per code; members follow their measure.

    Codes that no measure of the programme explains read as counts; gate 1 refuses them.
    """
    known = {measure.code: measure for measure in programme.measures}

    def find(code: str) -> tuple[str, bool, bool]:
        base = code
        while base not in known and "." in base:
            base = base.rpartition(".")[0]
        measure = known.get(base)
        if measure is None:
            return "count", False, False
        return (
            measure.value_type,
            "%" in measure.unit_of_measure,
            measure.kind == "flow",
        )

    places, distinct = pd.factorize(codes.astype("object"))
    table = pd.DataFrame(
        [find(code) for code in distinct],
        columns=["value_type", "is_percent", "is_flow"],
    ).astype({"value_type": "object", "is_percent": bool, "is_flow": bool})
    return table.take(places).set_axis(codes.index)


def concat(frames: Sequence[pd.DataFrame], columns: Iterable[str]) -> pd.DataFrame:
    """All rows of the frames under one another; the columns alone if there are none."""
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame({name: pd.Series([], dtype="object") for name in columns})
    return pd.concat(filled, ignore_index=True)


def _control_totals(programme: Programme) -> set[tuple[str, str]]:
    return {
        (form.code, unit.unit_code)
        for form in programme.forms
        for unit in programme.units
        if unit.level in form.control_levels
    }
