"""A small programme, and batches of submissions that are right until told otherwise."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from expectations.gate1 import Judgement, judge
from expectations.rulebook import RuleBook, rule_book
from sources.programme.findings import as_findings
from sources.programme.model import Programme
from sources.programme.reference import due_units, expand_measures, reference_frames

DAY = dt.date(2021, 1, 1)
CONTEXT_SUITES = ("plausibility", "report_history", "measure_history")
GOOD = {
    "off": 10,
    "off.theft": 6,
    "off.other": 4,
    "cleared": 8,
    "sure": 3,
    "station": 1,
    "rate": Decimal("5.5"),
    "balance": -2,
}


def _measure(code: str, **more: Any) -> dict[str, Any]:
    base = {"code": code, "name_vi": f"Chỉ tiêu {code}", "name_en": f"Measure {code}"}
    return {**base, "kind": "flow", "unit_of_measure": "vụ", **more}


def _unit(code: str, level: str, parent: str | None, **more: Any) -> dict[str, Any]:
    return {
        "unit_code": code,
        "name_vi": f"Đơn vị {code}",
        "name_en": f"Unit {code}",
        "unit_type": "police",
        "level": level,
        "parent_unit_code": parent,
        "valid_from": DAY,
        **more,
    }


def _form(code: str, measures: list[str], **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name_vi": f"Biểu {code}",
        "name_en": f"Form {code}",
        "template_version": "2",
        "calendar": "civil",
        "frequency": "month",
        "measures": measures,
        "due_from": [{"levels": ["commune"]}],
        "deadline_days": {"commune": 3, "province": 5},
        "valid_from": DAY,
        **more,
    }


@pytest.fixture(scope="session")
def programme() -> Programme:
    return Programme.model_validate(
        {
            "folder": Path(),
            "code": "test",
            "name_vi": "Thử",
            "name_en": "Test",
            "root_unit": "P",
            "term": {"calendar": "civil", "first_year": 2021, "last_year": 2025},
            "reporting_from_year": 2021,
            "levels": [
                {"code": "province", "name_vi": "Tỉnh", "name_en": "Province"},
                {"code": "commune", "name_vi": "Xã", "name_en": "Commune"},
            ],
            "documents": [{"code": "D", "title_vi": "Nghị quyết"}],
            "calendars": [
                {
                    "code": "civil",
                    "name_vi": "Dương lịch",
                    "name_en": "Civil",
                    "start_month": 1,
                    "start_day": 1,
                }
            ],
            "units": [
                _unit("P", "province", None),
                _unit("C1", "commune", "P"),
                _unit("C2", "commune", "P"),
                _unit("C3", "commune", "P", valid_to=dt.date(2022, 3, 1)),
            ],
            "successions": [
                {
                    "from_unit_code": "C3",
                    "to_unit_code": "C2",
                    "effective_date": dt.date(2022, 3, 1),
                    "relation": "merge",
                }
            ],
            "code_lists": [
                {
                    "code": "kind",
                    "is_exhaustive": True,
                    "members": [
                        {"code": "theft", "name_vi": "Trộm", "name_en": "Theft"},
                        {"code": "other", "name_vi": "Khác", "name_en": "Other"},
                    ],
                }
            ],
            "measures": [
                _measure("off", breakdown="kind"),
                _measure("cleared", part_of="off", part_of_severity="WARNING"),
                _measure("sure", part_of="cleared"),
                _measure("station", kind="stock", value_type="yes_no"),
                _measure("rate", value_type="decimal", is_required=False),
                _measure("balance", may_be_negative=True, is_required=False),
                _measure("staff", kind="stock"),
                _measure("staff_old", kind="stock"),
            ],
            "forms": [
                _form("M", list(dict.fromkeys(c.split(".")[0] for c in GOOD))),
                _form("Q", ["staff"], frequency="quarter", control_levels=["province"]),
                _form("OLD", ["staff_old"], valid_to=dt.date(2022, 1, 1)),
            ],
            "sources": [],
        }
    )


@dataclass
class Batch:
    """What arrived, and how to judge it; each submission is of a month of its own."""

    programme: Programme
    submissions: list[dict[str, Any]] = field(default_factory=list)
    observations: list[dict[str, Any]] = field(default_factory=list)
    read_findings: list[dict[str, Any]] = field(default_factory=list)
    current: list[dict[str, Any]] = field(default_factory=list)

    def submit(self, values: dict[str, Any] | None = None, **more: Any) -> str:
        number = len(self.submissions)
        submission = {
            "submission_id": f"s{number}",
            "programme_code": "test",
            "delivery_sha256": f"d{number}",
            "file_name": f"f{number}.xlsx",
            "sheet": "Số liệu",
            "form_code": "M",
            "unit_code": "C1",
            "period_key": f"civil-{2021 + number // 12}-M{number % 12 + 1:02d}",
            "template_version": "2",
            "number_style": "vi",
            "declared_version": None,
            "is_nil_report": False,
            "is_simulated": True,
            "is_control_total": False,
            "reader": "template",
            "received_at": pd.Timestamp("2023-02-01", tz="UTC")
            + pd.Timedelta(days=number),
            **more,
        }
        self.submissions.append(submission)
        for code, value in (GOOD if values is None else values).items():
            self.observe(submission["submission_id"], code, value)
        return str(submission["submission_id"])

    def observe(
        self, submission_id: str, code: str | None, value: Any, **more: Any
    ) -> int:
        number = len(self.observations)
        self.observations.append(
            {
                "row_id": number,
                "submission_id": submission_id,
                "measure_code": code,
                "value": None if value is None else Decimal(str(value)),
                "observation_status": "missing" if value is None else "reported",
                "raw_text": "" if value is None else str(value),
                "sheet": "Số liệu",
                "cell": f"C{number + 5}",
                "fault": None,
                "qualifier": None,
                **more,
            }
        )
        return number

    def fault(self, submission_id: str, code: str, fault: str, raw: str) -> int:
        return self.observe(submission_id, code, None, fault=fault, raw_text=raw)

    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        columns = list(Batch(self.programme)._sample().keys())
        observations = pd.DataFrame(self.observations, columns=columns)
        for name in ("value", "fault", "measure_code", "qualifier"):
            observations[name] = pd.Series(
                [row[name] for row in self.observations], dtype="object"
            )
        return pd.DataFrame(self.submissions), observations

    def _sample(self) -> dict[str, Any]:
        self.observe("", None, None)
        return self.observations.pop()

    def judge(self, **more: Any) -> Judgement:
        submissions, observations = self.frames()
        return judge(
            **{
                "programme": self.programme,
                "submissions": submissions,
                "observations": observations,
                "read_findings": as_findings(self.read_findings),
                "expected": self.expected(),
                "measures": expand_measures(self.programme, None),
                "current_counts": pd.DataFrame(
                    self.current,
                    columns=[
                        "form_code",
                        "unit_code",
                        "period_key",
                        "received_at",
                        "observation_count",
                    ],
                ),
                **more,
            }
        )

    def judge_alone(self, **more: Any) -> Judgement:
        """Without the rules that look at other reports of the unit."""
        book = rule_book(self.programme)
        rules = [
            rule.model_copy(update={"is_enabled": False})
            if rule.suite in CONTEXT_SUITES
            else rule
            for rule in book.rules
        ]
        return self.judge(**{"book": RuleBook(tuple(rules)), **more})

    def expected(self, has_due_dates: bool = False) -> pd.DataFrame:
        """Who owes what; without due dates nothing is late."""
        periods = reference_frames(self.programme, None, 2024)["ref_period"]
        due = pd.concat(
            [due_units(self.programme, form, periods) for form in self.programme.forms],
            ignore_index=True,
        )
        return due if has_due_dates else due.drop(columns="due_date")


@pytest.fixture
def batch(programme: Programme) -> Batch:
    return Batch(programme)


def rules_by_submission(judgement: Judgement) -> dict[str, list[str]]:
    findings = judgement.findings.sort_values("rule_code")
    return findings.groupby("submission_id")["rule_code"].agg(list).to_dict()
