"""Context rules over a national month with three years behind it: time and memory.

3,321 units x 60 measures x 36 earlier months are 7.2 million figures. The bound is what
no rule that looks back can do without: the past laid out by unit, measure and month.
"""

from __future__ import annotations

import datetime as dt
import importlib
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from expectations.context import judge_context
from expectations.register import Register, build_register
from expectations.sitting import Sitting
from sources.programme.expansion import expand_measures
from sources.programme.findings import empty_findings
from sources.programme.model import Programme
from tests.benchmarks.conftest import Tell
from tests.benchmarks.measure import Cost, assert_sane, cost, limit_line, ratio_line

UNITS, MEASURES, MONTHS = 3_321, 60, 36
SECONDS, MOST_GB = 20.0, 1.5
KEYS = [f"civil-{2021 + n // 12}-M{n % 12 + 1:02d}" for n in range(MONTHS + 1)]


def test_national_month(tell: Tell) -> None:
    """In a process of its own, so that the peak is that of this work alone."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.benchmarks.bench_context"]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    ours, bound, frames_gb, peak_gb = (float(x) for x in done.stdout.split())
    what = f"context rules, {UNITS * MEASURES} figures after {MONTHS} months"
    tell(limit_line(what, Cost(ours, ours), SECONDS))
    tell(ratio_line("  the past laid out", Cost(ours, ours), Cost(bound, bound)))
    tell(f"  peak {peak_gb:.2f} GB, of it the frames handed in {frames_gb:.2f} GB")
    assert peak_gb < MOST_GB
    assert_sane(Cost(ours, ours), Cost(bound, bound))


def main() -> None:
    """Prints processor seconds of ours and of the bound, GB before, and at the peak.

    What is imported late is imported first: bench_gate1 tells what that costs.
    """
    importlib.import_module("expectations.suites")
    importlib.import_module("scipy.stats")
    register = national_register()
    frame, cells, earlier = national_frames(register)
    frames_gb = _peak_gb()
    bound, _ = cost(lambda: laid_out(earlier))
    sitting = Sitting(register, settings={}, read_findings=empty_findings())
    ours, _ = cost(lambda: judge_context(sitting, register, frame, cells, earlier))
    results = sitting.results().set_index("rule_code")
    assert results.loc["VALUE_UNLIKELY", "checked"] == UNITS * MEASURES
    assert results.loc["VALUE_UNLIKELY", "failed"] <= UNITS * MEASURES / 100
    print(ours.cpu, bound.cpu, frames_gb, _peak_gb())


def laid_out(earlier: pd.DataFrame) -> np.ndarray:
    """The figures as a dense array, by the shortest way."""
    places = [pd.factorize(earlier[name]) for name in KEY_COLUMNS]
    values = np.full([len(texts) for _, texts in places], np.nan)
    values[tuple(codes for codes, _ in places)] = earlier["value"]
    return values


KEY_COLUMNS = ("period_key", "unit_code", "measure_code")


def national_register() -> Register:
    """A programme of that size, and what is due in its last month."""
    names = {"name_vi": "x", "name_en": "x"}
    since = dt.date(2021, 1, 1)
    unit = {**names, "unit_type": "u", "valid_from": since}
    codes = [f"U{n:04d}" for n in range(UNITS)]
    programme = Programme.model_validate(
        {
            **names,
            "folder": Path(),
            "code": "national",
            "root_unit": "R",
            "term": {"calendar": "civil", "first_year": 2021, "last_year": 2025},
            "reporting_from_year": 2021,
            "levels": [{"code": c, **names} for c in ("top", "commune")],
            "documents": [],
            "calendars": [{"code": "civil", **names, "start_month": 1, "start_day": 1}],
            "units": [
                {"unit_code": "R", "level": "top", "parent_unit_code": None, **unit},
                *(
                    {
                        "unit_code": c,
                        "level": "commune",
                        "parent_unit_code": "R",
                        **unit,
                    }
                    for c in codes
                ),
            ],
            "measures": [
                {"code": f"m{n}", **names, "kind": "flow", "unit_of_measure": "x"}
                for n in range(MEASURES)
            ],
            "forms": [
                {
                    "code": "F",
                    **names,
                    "calendar": "civil",
                    "frequency": "month",
                    "measures": [f"m{n}" for n in range(MEASURES)],
                    "due_from": [{"levels": ["commune"]}],
                    "deadline_days": {"commune": 3},
                    "valid_from": since,
                }
            ],
            "sources": [],
        }
    )
    due = pd.DataFrame({"form_code": "F", "unit_code": codes, "period_key": KEYS[-1]})
    return build_register(programme, due, expand_measures(programme, None))


def national_frames(
    register: Register,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Submissions, cells and the past, of counts about a rate of each unit's own."""
    rng = np.random.default_rng(1)
    rate = rng.lognormal(2.0, 1.2, (UNITS, MEASURES))
    size = (MONTHS + 1, UNITS, MEASURES)
    figures = rng.poisson(rate * rng.gamma(20, 0.05, size).astype("float32")).astype(
        "float32"
    )
    units = np.array([f"U{n:04d}" for n in range(UNITS)], dtype=object)
    codes = np.array([f"m{n}" for n in range(MEASURES)], dtype=object)
    ids = np.array([f"s{n}" for n in range(UNITS)], dtype=object)
    last_day = register.periods.set_index("period_key")["period_last_day"]
    labels = register.periods.set_index("period_key").loc[KEYS[-1]]
    frame = pd.DataFrame(
        {
            "submission_id": ids,
            "programme_code": "national",
            "delivery_sha256": ids,
            "file_name": "f.xlsx",
            "form_code": "F",
            "unit_code": units,
            "period_key": KEYS[-1],
            "period_label_vi": labels["period_label_vi"],
            "period_label_en": labels["period_label_en"],
            "period_last_day": last_day[KEYS[-1]],
            "sheet": "S",
            "is_control_total": False,
            "received_at": pd.Timestamp("2024-02-01", tz="UTC"),
        }
    )
    own = frame.drop(columns=["sheet", "is_control_total", "received_at"])
    cells = own.loc[np.repeat(np.arange(UNITS), MEASURES)].reset_index(drop=True)
    cells = cells.assign(
        row_id=np.arange(len(cells)),
        measure_code=np.tile(codes, UNITS),
        measure_ref=np.tile(codes, UNITS),
        measure_name_vi="x",
        measure_name_en="x",
        value=figures[-1].ravel(),
        observation_status="reported",
        fault=None,
        sheet="S",
        cell="A1",
    )
    past = figures[:-1].ravel()
    earlier = pd.DataFrame(
        {
            "form_code": as_read(np.full(len(past), "F", dtype=object)),
            "unit_code": as_read(np.tile(np.repeat(units, MEASURES), MONTHS)),
            "period_key": as_read(
                np.repeat(np.array(KEYS[:-1], object), UNITS * MEASURES)
            ),
            "measure_code": as_read(np.tile(codes, UNITS * MONTHS)),
            "value": past.astype("float64"),
            "submission_id": as_read(np.tile(np.repeat(ids, MEASURES), MONTHS)),
        }
    )
    return frame, cells, earlier


def as_read(texts: np.ndarray) -> pd.Series:
    """Text as the warehouse hands it on."""
    return pd.Series(texts, dtype="object")


def _peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
