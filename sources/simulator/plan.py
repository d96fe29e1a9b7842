"""Who sends what when, with which habits and faults.

Grain: one row per file to be written. A report that is never sent has no row; a
correction, a repair after a fault and a second copy of the same bytes are rows of
their own, tied to the report by `cell`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sources.programme.model import Programme
from sources.simulator.doubts import DOUBTS, choose_doubts
from sources.simulator.fault_plan import choose_faults
from sources.simulator.faults import FAULTS
from sources.simulator.forms import FormFacts
from sources.simulator.sending import days_of, later_days, moments, on_time_days
from sources.simulator.streams import stream
from sources.simulator.tuning import Tuning
from sources.template.layout import NIL_MARK, SIMULATED_FILE_MARK

_NIL_SHARE = 0.75
_LOWER_CASE_NIL = "không phát sinh"
_LOWER_CASE_SHARE = 0.25
_TEXT_NUMBERS = 0.06
_BLANK_ROWS = 0.04
_NOTES = 0.08
_NFD_OF_NOTES = 0.5
_ON_CORRECTION = "values_dropped"

BY_KIND = {fault.kind: fault for fault in (*FAULTS, *DOUBTS)}


def plan_sends(
    programme: Programme,
    tuning: Tuning,
    cells: pd.DataFrame,
    is_nil: pd.Series,
    facts: dict[str, FormFacts],
    figures: dict[str, pd.DataFrame],
    seed: int,
) -> pd.DataFrame:
    """One row per file: `cells` columns, plus

    cell, role (first, correction, repair, copy), send_number, fault, fault_measure,
    row_sent, meta, sent_at (UTC), has_slip, has_text_numbers, has_blank_rows,
    note_style, nil_mark, rng_seed, file.

    `is_nil` says which cells have no event at all.
    """
    rng = stream(seed, "plan")
    first = _first_sends(programme, tuning, cells, facts, figures, rng)
    second, third = _second_sends(programme, tuning, first, rng)
    sends = pd.concat([first, second, third], ignore_index=True)
    sends = _with_habits(sends, is_nil, rng)
    sends = pd.concat(
        [sends, _copies(programme, tuning, sends, rng)], ignore_index=True
    )
    return sends.assign(file=_file_names(sends))


def _first_sends(
    programme: Programme,
    tuning: Tuning,
    cells: pd.DataFrame,
    facts: dict[str, FormFacts],
    figures: dict[str, pd.DataFrame],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The first file of every report that is sent at all."""
    missing = {code: form.missing for code, form in tuning.forms.items()}
    kept = []
    for form_code, rows in cells[~cells["is_control_total"]].groupby("form_code"):
        share = missing.get(str(form_code))
        quota = tuning.habits.missing if share is None else share
        kept.append(rows.index.drop(_pick(rows.index, quota, rng)))
    kept.append(cells.index[cells["is_control_total"]])
    first = cells.loc[np.sort(np.concatenate(kept))]
    first = first.assign(cell=first.index, role="first", send_number=1)
    first = first.reset_index(drop=True)
    due, begins = days_of(first["due_date"]), days_of(first["end_date"])
    day = on_time_days(begins, due, rng)
    late = first.index.isin(_pick(first.index, tuning.habits.late, rng))
    day = np.where(late, later_days(due, rng), day)
    first["day"] = day
    first["sent_at"] = moments(day, programme.timezone, rng)
    own = first.index[~first["is_control_total"]]
    count = round(tuning.habits.faulty * len(own))
    first = first.join(choose_faults(programme, first.loc[own], facts, count, rng))
    first["row_sent"] = first["row"]
    count = round(tuning.habits.doubtful * len(own))
    sound = own[first.loc[own, "fault"].isna()]
    if count:
        doubts = choose_doubts(programme, first.loc[sound], facts, figures, count, rng)
        first.loc[doubts.index, doubts.columns] = doubts
    for column in ("fault", "fault_measure"):
        first[column] = first[column].astype("object").fillna("")
    first["meta"] = first["meta"].map(lambda m: m if isinstance(m, dict) else {})
    sound = own[first.loc[own, "fault"].eq("")]
    corrected = _pick(sound, tuning.habits.corrected, rng)
    first["has_slip"] = first.index.isin(corrected)
    return first


def _second_sends(
    programme: Programme,
    tuning: Tuning,
    first: pd.DataFrame,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Corrections and repairs of first files, and repairs of faulty corrections."""
    dropped = first["fault"].eq(_ON_CORRECTION)
    to_correct = first[first["has_slip"] | dropped]
    corrections = _resent(programme, to_correct, "correction", 0.12, rng)
    corrections["fault"] = to_correct["fault"].to_numpy()
    corrections["fault_measure"] = to_correct["fault_measure"].to_numpy()
    first.loc[dropped, ["fault", "fault_measure"]] = ""
    wrong = first["fault"].map(lambda kind: kind != "" and _is_harmful(kind))
    repairs = _resent(
        programme, _repaired(tuning, first[wrong], rng), "repair", 0.3, rng
    )
    again = corrections[corrections["fault"].ne("")]
    last = _resent(programme, _repaired(tuning, again, rng), "repair", 0.3, rng)
    return pd.concat([corrections, repairs], ignore_index=True), last


def _is_harmful(kind: str) -> bool:
    return BY_KIND[kind].effect != "accepted"


def _repaired(
    tuning: Tuning, faulty: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """The faulty files that a good one follows."""
    by_form = {
        code: form.repaired
        for code, form in tuning.forms.items()
        if form.repaired is not None
    }
    shares = faulty["form_code"].map(by_form).astype("float64")
    shares = shares.fillna(tuning.habits.repaired)
    return faulty[rng.random(len(faulty)) < shares.to_numpy()]


def _resent(
    programme: Programme,
    earlier: pd.DataFrame,
    role: str,
    chance: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The next, good file of each report given, some days later."""
    day = later_days(days_of(earlier["day"]), rng, chance)
    again = earlier.assign(
        role=role,
        send_number=earlier["send_number"] + 1,
        fault="",
        fault_measure="",
        meta=earlier["meta"].map(lambda _: {}),
        row_sent=earlier["row"],
        has_slip=False,
        day=day,
    ).reset_index(drop=True)
    again["sent_at"] = moments(day, programme.timezone, rng)
    return again


def _with_habits(
    sends: pd.DataFrame, is_nil: pd.Series, rng: np.random.Generator
) -> pd.DataFrame:
    """How each file is filled in; a planted fault comes without other oddities."""
    size = len(sends)
    plain = sends["fault"].eq("").to_numpy()
    nil = sends["cell"].map(is_nil).to_numpy(dtype=bool) & plain
    nil &= ~sends["has_slip"].to_numpy(dtype=bool) & (rng.random(size) < _NIL_SHARE)
    spelling = np.where(rng.random(size) < _LOWER_CASE_SHARE, _LOWER_CASE_NIL, NIL_MARK)
    note = np.where(rng.random(size) < _NFD_OF_NOTES, "NFD", "NFC")
    return sends.assign(
        nil_mark=np.where(nil, spelling, ""),
        has_text_numbers=plain & (rng.random(size) < _TEXT_NUMBERS),
        has_blank_rows=plain & (rng.random(size) < _BLANK_ROWS),
        note_style=np.where(rng.random(size) < _NOTES, note, ""),
        rng_seed=rng.integers(0, 2**62, size),
    )


def _copies(
    programme: Programme,
    tuning: Tuning,
    sends: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The same bytes dropped once more under another name."""
    sound = sends.index[sends["fault"].eq("") & sends["role"].eq("first")]
    copies = sends.loc[_pick(sound, tuning.habits.duplicated, rng)]
    day = later_days(days_of(copies["day"]), rng)
    sent_at = moments(day, programme.timezone, rng)
    return copies.assign(role="copy", day=day, sent_at=sent_at.array)


def _file_names(sends: pd.DataFrame) -> pd.Series:
    """<year>/<form>/<unit>_<form>_<period>[_lanN][_ban_sao]_SIMULATED.xlsx"""
    folder = sends["year"].astype("str") + "/" + sends["form_code"] + "/"
    stem = sends["unit_code"] + "_" + sends["form_code"] + "_" + sends["period_key"]
    number = "_lan" + sends["send_number"].astype("str")
    number = number.where(sends["send_number"].gt(1), "")
    copy = pd.Series(np.where(sends["role"].eq("copy"), "_ban_sao", ""), sends.index)
    return folder + stem + number + copy + f"_{SIMULATED_FILE_MARK}.xlsx"


def _pick(index: pd.Index, share: float, rng: np.random.Generator) -> np.ndarray:
    """That share of the index, rounded, without order."""
    return rng.choice(index.to_numpy(), round(share * len(index)), replace=False)
