"""Planted faults: what the rules made of a simulated term whose faults are known."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from expectations.gate1 import Judgement, judge
from sources.programme.due import due_units
from sources.programme.expansion import expand_measures
from sources.programme.loader import load_programme
from sources.programme.model import Programme
from sources.programme.reference import reference_frames
from sources.readers import ReadJob, ReadResult, read_deliveries
from sources.simulator import simulate
from sources.simulator.doubts import DOUBTS
from sources.simulator.faults import FAULTS
from sources.simulator.report import SimulationReport

BUSY_DISTRICT = Path(__file__).parents[1] / "programmes" / "busy_district"
SEED = 7
BY_PRODUCTS = {"values_dropped": {"MEASURE_MISSING"}}
"""Rules that a kind sets off besides its own, and rightly."""
HARD = {"rejected", "quarantined", "refused", "held"}
UNLIKELY = "VALUE_UNLIKELY"
JUMPS = ("ten_fold", "digit_dropped", "rows_swapped")


@dataclass(frozen=True)
class Planted:
    """A term of submissions, what was planted in it, and what gate 1 found."""

    report: SimulationReport
    batch: ReadResult
    judgement: Judgement

    def by_kind(self) -> pd.DataFrame:
        """One row per kind with a rule: planted, found, recall, flagged, precision.

        `flagged` are the files that its rule names, rightly or wrongly.
        """
        kinds = pd.DataFrame(
            [(k.kind, k.rule_hint, k.effect) for k in (*FAULTS, *DOUBTS)],
            columns=["kind", "rule_code", "effect"],
        )
        planted = pd.DataFrame(
            [
                (f.file.rpartition("/")[2], f.kind, f.rule_hint)
                for f in self.report.faults
            ],
            columns=["file_name", "kind", "rule_code"],
        )
        flags = self.flags().merge(
            planted.drop(columns="rule_code"), on="file_name", how="left"
        )
        own = planted.merge(flags[["file_name", "rule_code"]], how="inner")
        explained = kinds.groupby("rule_code")["kind"].agg(set).to_dict()
        for kind, rules in BY_PRODUCTS.items():
            for rule in rules:
                explained[rule] = explained[rule] | {kind}
        is_right = [
            kind in explained.get(rule, set())
            for kind, rule in zip(flags["kind"], flags["rule_code"], strict=True)
        ]
        by_rule = flags.assign(is_right=is_right).groupby("rule_code")["is_right"]
        table = kinds[kinds["rule_code"].ne("")].copy()
        table["planted"] = table["kind"].map(planted["kind"].value_counts()).fillna(0)
        table["found"] = table["kind"].map(own["kind"].value_counts()).fillna(0)
        table["recall"] = table["found"] / table["planted"]
        table["flagged"] = table["rule_code"].map(by_rule.size()).fillna(0)
        table["precision"] = table["rule_code"].map(by_rule.mean())
        return table.astype({"planted": int, "found": int, "flagged": int})

    def flags(self) -> pd.DataFrame:
        """One row per file and rule that names it."""
        by_delivery = self.batch.submissions.drop_duplicates("delivery_sha256")
        names = by_delivery.set_index("delivery_sha256")["file_name"]
        found = self.judgement.findings[["delivery_sha256", "rule_code"]]
        found = found.drop_duplicates()
        # deliveries without a submission carry their file name as their hash here
        file_name = found["delivery_sha256"].map(names)
        file_name = file_name.where(file_name.notna(), found["delivery_sha256"])
        return found.assign(file_name=file_name)[["file_name", "rule_code"]]

    def false_flags(self) -> tuple[int, float]:
        """Values called unlikely, and their share of all; of a clean term."""
        flagged = int(self.judgement.findings["rule_code"].eq(UNLIKELY).sum())
        return flagged, flagged / self.value_count

    def other_findings(self) -> dict[str, int]:
        """Findings by rule, those about unlikely values left out."""
        counts = (
            self.judgement.findings["rule_code"]
            .value_counts()
            .drop(UNLIKELY, errors="ignore")
        )
        return {str(rule): int(count) for rule, count in counts.items()}

    @property
    def value_count(self) -> int:
        """Values read."""
        return int(self.batch.observations["value"].notna().sum())


def plant(folder: Path, is_clean: bool = False) -> Planted:
    """Simulates the busy district into `folder` and judges all of it in one sitting.

    `is_clean` leaves every fault and doubt out: what is flagged then is a false flag.
    """
    own = folder / "programme"
    shutil.copytree(BUSY_DISTRICT, own)
    if is_clean:
        path = own / "simulation.yaml"
        tuning = yaml.safe_load(path.read_text(encoding="utf-8"))
        tuning["habits"] |= {"faulty": 0, "doubtful": 0}
        path.write_text(yaml.safe_dump(tuning, allow_unicode=True), encoding="utf-8")
    programme = load_programme(own)
    inbox = folder / "inbox"
    report = simulate(programme, inbox, SEED)
    batch = read_deliveries(programme, _jobs(inbox))
    return Planted(report, batch, judge_batch(programme, batch))


def _jobs(inbox: Path) -> list[ReadJob]:
    return [
        ReadJob(
            path=path,
            delivery_sha256=path.name,
            file_name=path.name,
            source_code="inbox",
            received_at=pd.Timestamp(path.stat().st_mtime_ns, tz="UTC"),
        )
        for path in sorted(inbox.rglob("*.xlsx"))
    ]


def judge_batch(programme: Programme, batch: ReadResult) -> Judgement:
    """Gate 1 over everything read, on the day after the last file came."""
    members = batch.members
    last_day = batch.submissions["received_at"].max().date() + dt.timedelta(days=1)
    periods = reference_frames(programme, members, last_day.year)["ref_period"]
    expected = pd.concat([due_units(programme, f, periods) for f in programme.forms])
    counts = pd.DataFrame(
        columns=["form_code", "unit_code", "period_key", "observation_count"]
    )
    return judge(
        programme,
        batch.submissions,
        batch.observations,
        batch.findings,
        expected=expected.reset_index(drop=True),
        measures=expand_measures(programme, members),
        current_counts=counts,
    )
