"""Makes one simulated file: figures, habits and fault in, bytes on disk out.

Shape: one `FileJob` per file.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

import numpy as np

from sources.simulator.doubts import doubtful_nil_mark, doubtful_values
from sources.simulator.faults import (
    DRAWN,
    damaged,
    decorate,
    faulty_note,
    faulty_values,
)
from sources.simulator.forms import FormFacts
from sources.template import layout
from sources.template.content import CellValue, WorkbookContent
from sources.template.stamp import render

_NOTES = (
    "Đã đối chiếu với sổ theo dõi",
    "Số liệu tính đến hết kỳ",
    "Tăng do tiếp nhận thêm địa bàn",
    "Đã thống nhất với đơn vị phối hợp",
)
_TRAILING = ("", "", " ", "  ", "\u00a0")


@dataclass(frozen=True, slots=True)
class FileJob:
    """One file to write; `rng_seed` decides everything that is not said here."""

    path: str
    sent_at_ns: int
    form_code: str
    unit_code: str
    unit_name: str
    period_key: str
    period_label: str
    first_day: dt.date
    last_day: dt.date
    due_date: dt.date
    values: Mapping[str, CellValue]
    meta: Mapping[str, str]
    send_number: int
    nil_mark: str
    has_slip: bool
    has_text_numbers: bool
    has_blank_rows: bool
    note_style: str
    fault: str
    fault_measure: str
    rng_seed: int


def write_file(job: FileJob, facts: FormFacts) -> None:
    """Write one file, with the time it was sent as its time of change."""
    path = Path(job.path)
    path.write_bytes(file_bytes(job, facts))
    os.utime(path, ns=(job.sent_at_ns, job.sent_at_ns))


def file_bytes(job: FileJob, facts: FormFacts) -> bytes:
    """The bytes of one simulated file."""
    rng = np.random.default_rng(job.rng_seed)
    values = dict(job.values)
    if job.has_slip and facts.slips:
        _slip(values, facts, rng)
    values = faulty_values(job.fault, job.fault_measure, values, facts, rng)
    values = doubtful_values(job.fault, job.fault_measure, values, facts)
    if job.nil_mark:
        values = {c: v for c, v in values.items() if c not in facts.flows}
    if job.has_text_numbers:
        values = {code: _as_typed(value, rng) for code, value in values.items()}
    sheet = facts.sheet
    if job.has_blank_rows:
        rows = list(sheet.rows)
        rows.insert(int(rng.integers(1, len(rows) + 1)), None)
        sheet = dataclasses.replace(sheet, rows=tuple(rows))
    content = WorkbookContent(
        sheet=sheet,
        unit_code=job.unit_code,
        unit_name=job.unit_name,
        period_key=job.period_key,
        period_label=job.period_label,
        first_day=job.first_day,
        last_day=job.last_day,
        due_date=job.due_date,
        values=values,
        notes=_notes(job, facts, rng),
        meta=job.meta,
        nil_mark=doubtful_nil_mark(job.fault, job.nil_mark),
        send_number=job.send_number,
        is_simulated=True,
    )
    at = [row.code if row else "" for row in sheet.rows]
    row = at.index(job.fault_measure) if job.fault_measure in at else 0
    draw = partial(decorate, job.fault, layout.ROW_FIRST_MEASURE + row)
    return damaged(
        job.fault, render(content, draw if job.fault in DRAWN else None), rng
    )


def _slip(
    values: dict[str, CellValue], facts: FormFacts, rng: np.random.Generator
) -> None:
    """Change one figure, and those that go with it, as an officer's slip would."""
    group = facts.slips[int(rng.integers(len(facts.slips)))]
    step = int(rng.integers(1, 4))
    for code in group:
        value = values.get(code)
        if isinstance(value, int):
            is_flag = facts.value_types[code] == "yes_no"
            values[code] = 1 - value if is_flag else value + step


def _as_typed(value: CellValue, rng: np.random.Generator) -> CellValue:
    """A number as an officer types it into a text cell: 1.656 or 5,5, blanks after."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    if value in (0, 1) or rng.random() < 0.4:
        return value
    text = f"{value:,}".replace(",", " ").replace(".", ",").replace(" ", ".")
    return text + _TRAILING[int(rng.integers(len(_TRAILING)))]


def _notes(job: FileJob, facts: FormFacts, rng: np.random.Generator) -> dict[str, str]:
    note = faulty_note(job.fault, rng)
    if not note and job.note_style:
        text = _NOTES[int(rng.integers(len(_NOTES)))]
        note = unicodedata.normalize("NFD" if job.note_style == "NFD" else "NFC", text)
    return {facts.codes[0]: note} if note else {}
