"""`simulate`: from a programme and a seed to a drop folder full of workbooks."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from sources.programme.model import Programme
from sources.simulator.due import all_cells
from sources.simulator.figures import Setting
from sources.simulator.files import FileJob, write_file
from sources.simulator.forms import FormFacts, form_facts
from sources.simulator.plan import BY_KIND, plan_sends
from sources.simulator.report import PlantedFault, SimulationReport
from sources.simulator.sending import end_of
from sources.simulator.sizes import unit_sizes
from sources.simulator.tuning import load_tuning
from sources.template.content import CellValue
from sources.template.layout import SIMULATED_FILE_MARK
from sources.template.writer import short_label

Progress = Callable[[int, int], None]
"""Called with files written so far and files in all."""

_JOB_COLUMNS = (
    "form_code",
    "unit_code",
    "period_key",
    "due_date",
    "meta",
    "send_number",
    "nil_mark",
    "has_slip",
    "has_text_numbers",
    "has_blank_rows",
    "note_style",
    "fault",
    "fault_measure",
    "rng_seed",
)
"""Columns of the plan that a job takes as they are."""

_PROGRESS_STEP = 20
_SUBMISSION_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".csv")


class SimulationError(RuntimeError):
    """The simulation cannot be written there; the message says what to do."""


def simulate(
    programme: Programme,
    inbox: Path,
    seed: int,
    until: dt.date | None = None,
    progress: Progress | None = None,
) -> SimulationReport:
    """Write the workbooks that the programme's units would send into `inbox`.

    Equal programme, tuning, seed and `until` give equal bytes, names and times.
    Simulated files of an earlier run that are not part of this one are removed.

    Args:
        programme: The programme; its folder may hold `simulation.yaml`.
        inbox: The drop folder, made if need be.
        seed: Not negative.
        until: Leave out what is sent after this day.
        progress: Told how many files are written.

    Raises:
        SimulationError: The folder holds workbooks that are not simulated.
        TuningError: `simulation.yaml` is wrong.
    """
    _refuse_real_files(inbox)
    tuning = load_tuning(programme.folder)
    sizes = unit_sizes(programme, tuning.unit_sizes, seed)
    setting = Setting(programme, tuning, sizes, seed)
    cells, figures = all_cells(setting)
    facts = {form.code: form_facts(programme, form) for form in programme.forms}
    if cells.empty:
        return SimulationReport(programme.code, seed, 0, {"due": 0}, ())
    is_nil = _is_nil(cells, figures, facts)
    sends = plan_sends(programme, tuning, cells, is_nil, facts, figures, seed)
    if until is not None:
        sends = sends[sends["sent_at"] < end_of(until, programme.timezone)]
    sends = sends.sort_values(["sent_at", "file"]).reset_index(drop=True)
    _make_room(inbox, sends)
    jobs = list(_jobs(programme, inbox, sends, figures, facts))
    _write(jobs, facts, progress)
    due = cells[~cells["is_control_total"]]
    if until is not None:
        due = due[due["due_date"].le(until)]
    return _report(programme, seed, due, sends)


def _refuse_real_files(inbox: Path) -> None:
    for path in sorted(inbox.rglob("*")):
        is_submission = path.suffix.lower() in _SUBMISSION_SUFFIXES
        if is_submission and SIMULATED_FILE_MARK not in path.name:
            raise SimulationError(
                f"{inbox} holds {path.relative_to(inbox)}, which is not simulated; "
                "made-up figures must not mix with real ones. "
                "Give an empty folder (--inbox, or NHIEMKY_INBOX)."
            )


def _make_room(inbox: Path, sends: pd.DataFrame) -> None:
    """Make the folders; remove simulated files that are not in this run."""
    inbox.mkdir(parents=True, exist_ok=True)
    wanted = set(sends["file"])
    for path in sorted(inbox.rglob(f"*_{SIMULATED_FILE_MARK}.xlsx")):
        if path.is_file() and path.relative_to(inbox).as_posix() not in wanted:
            path.unlink()
    for folder in sorted({name.rpartition("/")[0] for name in wanted}):
        (inbox / folder).mkdir(parents=True, exist_ok=True)


def _is_nil(
    cells: pd.DataFrame, figures: dict[str, pd.DataFrame], facts: dict[str, FormFacts]
) -> pd.Series:
    """Which cells have flows, and all of them zero."""
    nil = pd.Series(False, index=cells.index)
    for form_code, rows in cells.groupby("form_code"):
        table, form = figures[str(form_code)], facts[str(form_code)]
        flows = [code for code in table.columns if code in form.flows]
        if flows:
            nil.loc[rows.index] = (
                table[flows].iloc[rows["row"]].eq(0).all(axis=1).to_numpy()
            )
    return nil


def _jobs(
    programme: Programme,
    inbox: Path,
    sends: pd.DataFrame,
    figures: dict[str, pd.DataFrame],
    facts: dict[str, FormFacts],
) -> Iterator[FileJob]:
    """One job per row of `sends`."""
    values = {
        code: _values_by_row(table, facts[code]) for code, table in figures.items()
    }
    names = _unit_names(programme)
    for send in sends.to_dict("records"):
        last_day = send["end_date"] - dt.timedelta(days=1)
        yield FileJob(
            path=os.fspath(inbox / send["file"]),
            sent_at_ns=send["sent_at"].value,
            unit_name=names(send["unit_code"], last_day),
            period_label=short_label(send["label_vi"]),
            first_day=send["start_date"],
            last_day=last_day,
            values=values[send["form_code"]][send["row_sent"]],
            **{name: send[name] for name in _JOB_COLUMNS},
        )


def _values_by_row(table: pd.DataFrame, form: FormFacts) -> list[dict[str, CellValue]]:
    """The figures of each row as plain values: int for counts and yes/no, Decimal."""
    columns: list[list[CellValue]] = []
    for code in table.columns:
        column = table[code]
        if form.value_types[code] in ("count", "yes_no"):
            whole = column.astype("float64").round().astype("Int64").astype("object")
            columns.append([None if v is pd.NA else int(v) for v in whole])
        else:
            digits = f".{form.decimals[code]}f"
            columns.append(
                [None if np.isnan(v) else Decimal(format(v, digits)) for v in column]
            )
    return [
        dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)
    ]


def _unit_names(programme: Programme) -> Callable[[str, dt.date], str]:
    """Looks up the name of a unit on a day."""
    versions: dict[str, list[tuple[dt.date, str]]] = {}
    for unit in sorted(programme.units, key=lambda u: u.valid_from):
        versions.setdefault(unit.unit_code, []).append((unit.valid_from, unit.name_vi))

    def name(unit_code: str, day: dt.date) -> str:
        begun = [text for since, text in versions[unit_code] if since <= day]
        return begun[-1] if begun else versions[unit_code][0][1]

    return name


def _write(
    jobs: list[FileJob], facts: dict[str, FormFacts], progress: Progress | None
) -> None:
    for done, job in enumerate(jobs, start=1):
        write_file(job, facts[job.form_code])
        if progress is not None and (done % _PROGRESS_STEP == 0 or done == len(jobs)):
            progress(done, len(jobs))


def _report(
    programme: Programme, seed: int, due: pd.DataFrame, sends: pd.DataFrame
) -> SimulationReport:
    first = sends[sends["role"].eq("first") & ~sends["is_control_total"]]
    local = sends["sent_at"].dt.tz_convert(programme.timezone).dt.date
    faulty = sends[sends["fault"].ne("")]
    repairs = sends[sends["role"].eq("repair")].set_index("cell")["file"]
    counts = {
        "due": len(due),
        "first_sends": len(first),
        "never_sent": int((~due.index.isin(first["cell"])).sum()),
        "late": int((local > sends["due_date"]).loc[first.index].sum()),
        "corrections": int(sends["role"].eq("correction").sum()),
        "repairs": len(repairs),
        "copies": int(sends["role"].eq("copy").sum()),
        "control_totals": int(sends["is_control_total"].sum()),
        "nil_reports": int(sends["nil_mark"].ne("").sum()),
        "text_numbers": int(sends["has_text_numbers"].sum()),
        "blank_rows": int(sends["has_blank_rows"].sum()),
        "faulty": len(faulty),
    }
    faults = [
        PlantedFault(
            file=row["file"],
            kind=row["fault"],
            rule_hint=BY_KIND[row["fault"]].rule_hint,
            effect=BY_KIND[row["fault"]].effect,
            form_code=row["form_code"],
            unit_code=row["unit_code"],
            period_key=row["period_key"],
            measure_code=row["fault_measure"],
            repaired_by=str(repairs.get(row["cell"], "")),
        )
        for row in faulty.sort_values("file").to_dict("records")
    ]
    return SimulationReport(programme.code, seed, len(sends), counts, tuple(faults))
