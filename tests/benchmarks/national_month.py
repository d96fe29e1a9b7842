"""A national month: 3,321 communes, one form of 60 measures, about 200,000 figures.

One figure in 500 is a slip and one in 2,000 negative. As a program it judges the month
once and prints the most memory it held, in MB.
"""

from __future__ import annotations

import datetime as dt
import resource
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from expectations.gate1 import Judgement, judge
from sources.programme.findings import empty_findings
from sources.programme.model import Programme
from sources.programme.reference import due_units, expand_measures, reference_frames

COMMUNES = 3_321
GROUPS = 10
"""Of six measures each: a total, its four members, and a part of the total."""

DAY = dt.date(2021, 1, 1)
KINDS = "abcd"
COUNTS = ["form_code", "unit_code", "period_key", "received_at", "observation_count"]


@dataclass(frozen=True)
class Month:
    """The frames that gate 1 takes."""

    programme: Programme
    submissions: pd.DataFrame
    observations: pd.DataFrame
    expected: pd.DataFrame
    measures: pd.DataFrame
    current: pd.DataFrame

    def judged(self, count: int | None = None) -> Judgement:
        """Gate 1's word on the month, or on its first so many submissions alone."""
        figures = self.observations if count is None else self.observations.head(0)
        return judge(
            self.programme,
            self.submissions.head(COMMUNES if count is None else count),
            figures,
            empty_findings(),
            expected=self.expected,
            measures=self.measures,
            current_counts=self.current,
        )


def national_month(seed: int = 1) -> Month:
    """The same month for the same seed."""
    programme = _programme()
    periods = reference_frames(programme, None, 2024)["ref_period"]
    submissions = _submissions(programme)
    return Month(
        programme,
        submissions,
        _observations(programme, submissions, np.random.default_rng(seed)),
        due_units(programme, programme.forms[0], periods),
        expand_measures(programme, None),
        pd.DataFrame(columns=COUNTS),
    )


def _named(code: str, **more: object) -> dict[str, object]:
    return {"code": code, "name_vi": f"Tên {code}", "name_en": f"Name {code}", **more}


def _unit(code: str, level: str, parent: str | None) -> dict[str, object]:
    words = {"name_vi": f"Đơn vị {code}", "name_en": f"Unit {code}", "unit_type": "x"}
    place = {"unit_code": code, "level": level, "parent_unit_code": parent}
    return {**words, **place, "valid_from": DAY}


def _programme() -> Programme:
    flow = {"kind": "flow", "unit_of_measure": "vụ"}
    measures = []
    for group in range(GROUPS):
        severity = "WARNING" if group % 2 else "ERROR"
        part = {"part_of": f"all{group}", "part_of_severity": severity}
        measures.append(_named(f"all{group}", breakdown="kind", **flow))
        measures.append(_named(f"part{group}", **part, **flow))
    form = _named(
        "M",
        calendar="civil",
        frequency="month",
        measures=[measure["code"] for measure in measures],
        due_from=[{"levels": ["commune"]}],
        deadline_days={"commune": 3},
        valid_from=DAY,
    )
    communes = [_unit(f"U{n:04d}", "commune", "TW") for n in range(COMMUNES)]
    return Programme.model_validate(
        {
            "folder": Path(),
            **_named("nat"),
            "root_unit": "TW",
            "term": {"calendar": "civil", "first_year": 2021, "last_year": 2025},
            "reporting_from_year": 2021,
            "levels": [_named("centre"), _named("commune")],
            "documents": [{"code": "D", "title_vi": "Nghị quyết"}],
            "calendars": [_named("civil", start_month=1, start_day=1)],
            "units": [_unit("TW", "centre", None), *communes],
            "code_lists": [
                {
                    "code": "kind",
                    "is_exhaustive": True,
                    "members": [_named(kind) for kind in KINDS],
                }
            ],
            "measures": measures,
            "forms": [form],
            "sources": [],
        }
    )


def _submissions(programme: Programme) -> pd.DataFrame:
    units = [unit.unit_code for unit in programme.units if unit.level == "commune"]
    return pd.DataFrame(
        {
            "submission_id": [f"{number:032x}" for number in range(len(units))],
            "programme_code": programme.code,
            "delivery_sha256": [f"{number:064x}" for number in range(len(units))],
            "file_name": [f"{unit}_M_2023-05.xlsx" for unit in units],
            "sheet": "Biểu",
            "form_code": "M",
            "unit_code": units,
            "period_key": "civil-2023-M05",
            "template_version": "1",
            "number_style": "vi",
            "declared_version": pd.array([1] * len(units), dtype="Int64"),
            "is_nil_report": False,
            "is_simulated": True,
            "is_control_total": False,
            "reader": "template",
            "received_at": pd.Timestamp("2023-06-02", tz="UTC"),
        }
    )


def _observations(
    programme: Programme, submissions: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    count = len(submissions)
    codes: list[str] = []
    columns: list[np.ndarray] = []
    for group in range(GROUPS):
        members = rng.poisson(30, size=(count, len(KINDS)))
        total = members.sum(axis=1)
        codes += [f"all{group}", *(f"all{group}.{kind}" for kind in KINDS)]
        codes.append(f"part{group}")
        columns += [total, *members.T, rng.binomial(total, 0.7)]
    values = np.stack(columns, axis=1).ravel()
    values = np.where(rng.random(values.size) < 1 / 500, values * 10 + 7, values)
    values = np.where(rng.random(values.size) < 1 / 2000, -values, values)
    exact = {int(n): Decimal(int(n)).quantize(Decimal("0.0001")) for n in set(values)}
    cells = [f"D{row}" for row in range(11, 11 + len(codes))]
    return pd.DataFrame(
        {
            "row_id": np.arange(values.size),
            "submission_id": np.repeat(
                submissions["submission_id"].to_numpy(), len(codes)
            ),
            "measure_code": codes * count,
            "value": pd.Series([exact[int(n)] for n in values], dtype="object"),
            "observation_status": np.where(values == 0, "nil", "reported"),
            "raw_text": values.astype(str),
            "sheet": "Biểu",
            "cell": cells * count,
            "fault": pd.Series([None] * values.size, dtype="object"),
            "qualifier": pd.Series([None] * values.size, dtype="object"),
        }
    )


if __name__ == "__main__":
    national_month().judged()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
