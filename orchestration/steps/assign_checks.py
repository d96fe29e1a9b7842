"""Assign checks: what a decision on a delivery may say, and what it may not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from orchestration.steps.context import RunContext, today
from orchestration.steps.findings import one_line
from orchestration.steps.read import read_as
from orchestration.steps.refusals import AskedAmiss
from orchestration.unplaced import ROWS
from sources.programme.model import Programme, Source
from sources.programme.problems import nearest
from sources.readers.assigned import PARTS, known_codes, unknown_words
from sources.readers.rejections import WORDINGS

NOWHERE = "nothing was recorded"
_WHOLE = ("X_PROGRAMME", "X_TEMPLATE", "PROGRAMME_MISMATCH")
_OPTIONS = {
    "source_code": ("nguồn", "--source"),
    "form_code": ("biểu", "--form"),
    "unit_code": ("đơn vị", "--unit"),
    "period_key": ("kỳ", "--period"),
}


class NotAssignable(AskedAmiss):
    """A decision on a delivery that cannot be taken; nothing was recorded."""


def submissions_of(run: RunContext, sha256: str) -> pd.DataFrame:
    """One row per submission that the ledger has of a delivery."""
    submissions = run.ledger.submissions(run.programme.code)
    return submissions[submissions.delivery_sha256.eq(sha256)]


def check_codes(
    run: RunContext, programme: Programme, said: Mapping[str, str | None]
) -> None:
    """Refuses codes that the programme does not have, with the nearest it has.

    Raises:
        NotAssignable: one is unknown.
    """
    day = max(run.as_of, today(programme))
    for name, text in said.items():
        known = (
            {source.code for source in programme.sources}
            if name == "source_code"
            else known_codes(programme, name, day)
        )
        if text not in known:
            word, option = _OPTIONS[name]
            raise NotAssignable(
                f"{option}: không có {word} “{text}” · {programme.code} has no "
                f"'{text}'; {nearest(str(text), sorted(known))} ({NOWHERE})"
            )


def check_fit(
    run: RunContext,
    row: Mapping[str, Any],
    asked: set[str],
    whole: Mapping[str, str | None],
) -> None:
    """Refuses what would decide nothing, or speak for several units at once.

    Args:
        run: The run.
        row: The delivery.
        asked: What is decided now and was not before.
        whole: What holds of the delivery with it.

    Raises:
        NotAssignable: says what to do instead.
    """
    sources = {source.code: source for source in run.programme.sources}
    source: Source | None = sources.get(whole["source_code"] or row["source_code"])
    if "unit_code" in asked and source is not None and source.reader == "mapped":
        raise NotAssignable(
            f"--unit: bảng của nguồn {source.code} ghi đơn vị ở từng dòng · tables of "
            f"this source name a unit in each row: nhiemky units match {source.code} "
            f"({NOWHERE})"
        )
    if source is not None and source.code != row["source_code"]:
        return  # another reader: what it will find, nobody has seen yet
    own = submissions_of(run, row["delivery_sha256"])
    found = run.ledger.findings(run.programme.code)
    found = found[found.delivery_sha256.eq(row["delivery_sha256"])]
    is_foreign = found.rule_code.isin(list(_WHOLE)).any()
    if is_foreign and source is not None and source.reader == "template":
        _check_whole(whole)
        return
    day = max(run.as_of, today(run.programme))
    if found.rule_code.isin(list(ROWS)).any():
        return  # rows that were not read say what their submissions do not
    for part in PARTS:
        if part in asked and len(own):
            _check_part(part, own, known_codes(run.programme, part, day))


def check_reading(
    run: RunContext, row: Mapping[str, Any], whole: Mapping[str, str | None]
) -> None:
    """Refuses an assignment with which the delivery still gives no submission.

    Reads it so at once: a decision that the next run cannot follow would only take the
    file out of sight.

    Raises:
        NotAssignable: says why the delivery cannot be read so.
    """
    result = read_as(run, row, whole)
    found = result.findings
    bars = found[found.rule_code.isin(list(WORDINGS))]
    ids = result.submissions.submission_id
    if not ids.isin(bars.submission_id).all():
        return
    if ids.empty and bars.empty:
        if found.rule_code.isin(list(ROWS)).any():
            return  # names that people decide on apart: nhiemky units match
        bars = found
    why = "; ".join(
        f"{vi} · {en}"
        for vi, en in zip(bars.message_vi[:2], bars.message_en[:2], strict=True)
    )
    raise NotAssignable(
        "Ghi như vậy thì tệp vẫn không đọc được · read so, the delivery still gives no "
        f"report: {one_line(why or str(row['file_name']))} ({NOWHERE})"
    )


def _check_whole(whole: Mapping[str, str | None]) -> None:
    absent = [_OPTIONS[part][1] for part in PARTS if whole[part] is None]
    if absent:
        raise NotAssignable(
            "Biểu này không ghi (hoặc ghi của chương trình khác) biểu, đơn vị và kỳ · "
            "the workbook does not say what it is, or speaks of another programme: "
            f"give {', '.join(absent)} too ({NOWHERE})"
        )


def _check_part(part: str, own: pd.DataFrame, known: set[str]) -> None:
    word, option = _OPTIONS[part]
    _, words = unknown_words(own, part, known)
    if not words:
        has = ", ".join(sorted({str(text) for text in own[part]})[:5])
        raise NotAssignable(
            f"{option}: tệp tự ghi {word} {has} · the file says so itself, and a "
            "decision never overrides it. If it is wrong, have it corrected and sent "
            f"again ({NOWHERE})"
        )
    if len(words) > 1:
        shown = ", ".join(f"“{text}”" for text in sorted(words)[:5])
        raise NotAssignable(
            f"{option}: tệp có {len(words)} {word} chưa rõ · the delivery holds "
            f"{len(words)} different unknown ones ({shown}), which cannot all be the "
            f"same. Have it corrected and sent again, or split it ({NOWHERE})"
        )
