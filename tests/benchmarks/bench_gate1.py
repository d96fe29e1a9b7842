"""Gate 1 against the same checks as one pandas pass over the same observations."""

from __future__ import annotations

import pandas as pd

from expectations.gate1 import judge
from orchestration.steps.context import RunContext
from orchestration.steps.judge import expected_reports
from sources.programme.findings import empty_findings
from sources.readers import ReadResult
from tests.benchmarks.conftest import Tell
from tests.benchmarks.measure import assert_sane, best, cost, ratio_line

OBSERVATIONS = 55_000
REPEATS = 3
MOST = 500
"""The pass takes hundredths of a second: Great Expectations costs its fixed second."""
KEY = ["submission_id", "measure_code"]


def test_gate_1(run: RunContext, demo_batch: ReadResult, tell: Tell) -> None:
    submissions, observations = enlarged(demo_batch)
    measures, expected = run.measures, expected_reports(run)
    counts = run.ledger.current_counts(run.programme.code).head(0)

    def ours() -> dict[str, int]:
        verdict = judge(
            run.programme,
            submissions,
            observations,
            empty_findings(),
            expected=expected,
            measures=measures,
            current_counts=counts,
        )
        alive = verdict.submissions.status.ne("rejected")
        judged.update(verdict.submissions.submission_id[alive])
        return dict(verdict.results.set_index("rule_code").failed)

    judged: set[str] = set()
    small = observations.head(0)
    first, _ = cost(
        lambda: judge(
            run.programme,
            submissions.head(1),
            small,
            empty_findings(),
            expected=expected,
            measures=measures,
            current_counts=counts,
        )
    )
    gate, failed = best(REPEATS, ours)
    kept = observations[observations.submission_id.isin(judged)].merge(
        submissions[["submission_id", "form_code"]], on="submission_id"
    )
    bound, found = best(REPEATS, lambda: pandas_pass(kept, measures))
    assert {code: failed[code] for code in found} == found
    assert found["VALUE_NEGATIVE"] and found["PART_OVER_WHOLE"]
    what = f"gate 1, {len(observations)} observations, 30 rules / pandas, 6 rules"
    tell(ratio_line(what, gate, bound))
    tell(f"  once a run before that: importing and starting GX {first}")
    assert_sane(gate, bound, most=MOST)


def enlarged(batch: ReadResult) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The batch several times over, each time as other deliveries."""
    times = round(OBSERVATIONS / len(batch.observations))
    submissions, observations = [], []
    for copy in range(times):
        mark = {"submission_id": batch.submissions.submission_id + f"-{copy}"}
        mark["delivery_sha256"] = batch.submissions.delivery_sha256 + f"-{copy}"
        submissions.append(batch.submissions.assign(**mark))
        ids = batch.observations.submission_id + f"-{copy}"
        observations.append(batch.observations.assign(submission_id=ids))
    every = pd.concat(observations, ignore_index=True)
    return (
        pd.concat(submissions, ignore_index=True),
        every.assign(row_id=range(len(every))),
    )


def pandas_pass(rows: pd.DataFrame, measures: pd.DataFrame) -> dict[str, int]:
    """Failing rows by rule: what a careful script would do, as floats, no findings."""
    facts = measures[
        [
            "form_code",
            "indicator_code",
            "value_type",
            "part_of_code",
            "part_of_severity",
        ]
    ]
    facts = facts.rename(columns={"indicator_code": "measure_code"})
    known = rows.merge(facts, on=["form_code", "measure_code"], how="left")
    is_unknown = known.value_type.isna()
    is_twice = known.duplicated(KEY, keep=False)
    value = known.value.astype("float64")
    is_negative = value < 0
    is_fraction = known.value_type.eq("count") & value.mod(1).gt(0)
    good = known.assign(value=value)[~(is_unknown | is_twice)]
    good = good[~(is_negative | is_fraction)[good.index]]
    parts = good[good.part_of_code.notna()]
    wholes = good[[*KEY, "value"]].rename(
        columns={"measure_code": "part_of_code", "value": "whole"}
    )
    pairs = parts.merge(wholes, on=["submission_id", "part_of_code"])
    over = pairs.part_of_severity[pairs["value"] > pairs.whole]
    return {
        "MEASURE_NOT_IN_FORM": int(is_unknown.sum()),
        "MEASURE_TWICE": int(is_twice.sum()),
        "VALUE_NEGATIVE": int(is_negative.sum()),
        "VALUE_NOT_WHOLE": int(is_fraction.sum()),
        "PART_OVER_WHOLE": int(over.eq("ERROR").sum()),
        "PART_OVER_WHOLE_DOUBT": int(over.ne("ERROR").sum()),
    }
