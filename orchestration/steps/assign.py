"""Assign: the inbox of deliveries that nobody could place, and what people say of them.

Unmatched is what names no form, unit or period of the programme, comes from no source
or fits no map, or belongs to another programme. An assignment fills in what a file does
not say; what it does say is never overridden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from orchestration.settings import SHIPPED_PROGRAMME
from orchestration.steps.assign_checks import (
    NOWHERE,
    NotAssignable,
    check_codes,
    check_fit,
    check_reading,
    submissions_of,
)
from orchestration.steps.context import RunContext, load_checked
from orchestration.steps.read import assignments_of
from orchestration.unplaced import FILES, ROWS, SUBMISSIONS
from sources.programme.model import Programme
from warehouse.ledger.assignments import GIVES, Assignments

_TAKEN = ("accepted", "superseded", "held")
INBOX_COLUMNS = (
    "delivery_sha256",
    "file_name",
    "source_code",
    "origin",
    "received_at",
    "status",
    "is_unmatched",
    "rules",
    "decision",
    "decided_by",
    "reason",
)


def inbox(run: RunContext) -> pd.DataFrame:
    """One row per delivery (`INBOX_COLUMNS`), the newest first.

    `is_unmatched`: nobody could place it, or a part of it, and it waits for a person.
    `rules`: why, in the order of the alphabet. `decision`: the newest one, if any:
    assign, dismiss, or the code of the programme that it was passed on to.
    """
    code = run.programme.code
    found = run.ledger.findings(code)
    deliveries = run.ledger.deliveries(code)
    is_rejected = found.delivery_sha256.isin(
        deliveries.delivery_sha256[deliveries.status.eq("rejected")]
    )
    is_why = found.rule_code.isin([*FILES, *SUBMISSIONS])
    is_why |= found.rule_code.isin(list(ROWS)) & is_rejected
    decided = Assignments(run.ledger).current(code).set_index("delivery_sha256")
    # what was assigned and is rejected all the same waits for another decision
    is_assigned = found.delivery_sha256.isin(decided.index)
    is_why |= found.is_blocking & is_rejected & is_assigned
    why = found[is_why & found.status.eq("open")]
    rules = why.groupby("delivery_sha256").rule_code.agg(lambda r: sorted(set(r)))
    kind = decided.to_programme_code.where(
        decided.to_programme_code.notna(), decided.kind
    )
    own = deliveries.delivery_sha256
    rows = deliveries.assign(
        # what waits to be judged again may turn out well
        is_unmatched=own.isin(rules.index) & deliveries.status.ne("received"),
        rules=own.map(lambda sha256: rules.get(sha256, [])),
        decision=own.map(kind),
        decided_by=own.map(decided.decided_by),
        reason=own.map(decided.reason),
    )
    return rows[list(INBOX_COLUMNS)].iloc[::-1].reset_index(drop=True)


def unmatched_count(run: RunContext) -> int:
    """How many deliveries wait in the inbox of what nobody could place."""
    return int(inbox(run).is_unmatched.sum())


def find_delivery(run: RunContext, text: str) -> dict[str, Any]:
    """The delivery whose SHA-256 is, or begins with, the text (columns of the ledger).

    Raises:
        NotAssignable: there is none, or several.
    """
    deliveries = run.ledger.deliveries(run.programme.code)
    wanted = text.strip().lower()
    hits = deliveries[deliveries.delivery_sha256.str.startswith(wanted or " ")]
    if len(hits) == 1:
        row = hits.astype(object).where(hits.notna(), None).iloc[0]
        return {str(name): value for name, value in row.items()}
    near = ", ".join(hits.delivery_sha256.str[:12].head(5))
    said = (
        f"có {len(hits)} tệp · {len(hits)} deliveries begin so: {near}"
        if len(hits)
        else "không có tệp nào · no delivery begins so"
    )
    raise NotAssignable(
        f"“{text}”: {said}. `nhiemky deliveries list --all` liệt kê · lists them; "
        f"{NOWHERE}."
    )


def assign(
    run: RunContext,
    delivery: str,
    given: Mapping[str, str | None],
    by: str,
    reason: str,
) -> dict[str, Any]:
    """Says what a delivery is (`GIVES`); gives it as it stands, waiting to be read.

    What an earlier assignment said and this one does not still holds.

    Raises:
        NotAssignable: the delivery or a code is unknown, or the file says so itself.
        LedgerError: nobody is named, no reason is given, or the bytes were refused.
    """
    said = {name: text for name, text in given.items() if text}
    if not said:
        raise NotAssignable(
            "Phải ghi ít nhất một điều · say at least one of --form, --unit, --period, "
            f"--source, --to-programme; {NOWHERE}."
        )
    check_codes(run, run.programme, said)
    with run.home.run_lock():  # first, or what another says meanwhile would be lost
        row = find_delivery(run, delivery)
        sha256 = row["delivery_sha256"]
        held = assignments_of(run).get(sha256)
        earlier = {name: getattr(held, name, None) for name in GIVES}
        whole = {**earlier, **said}
        # where an earlier decision spoke, the file did not: another may take its place
        asked = {name for name in said if earlier[name] is None}
        check_fit(run, row, asked, whole)
        check_reading(run, row, whole)
        Assignments(run.ledger).assign(run.programme.code, sha256, by, reason, **whole)
    return {**row, **whole, "status": "received"}


def pass_on(
    run: RunContext,
    delivery: str,
    to: str,
    given: Mapping[str, str | None],
    by: str,
    reason: str,
) -> dict[str, Any]:
    """Gives a delivery to another programme of the home; gives it as it stands there.

    Raises:
        NotAssignable: the delivery, the programme or a code is unknown, or something in
            the delivery was taken here.
        ProgrammeError: the other programme's folder is wrong.
        LedgerError: nobody is named, no reason is given, or the bytes were refused.
    """
    other = _other_programme(run, to)
    said = {name: text for name, text in given.items() if text}
    with run.home.run_lock():
        row = find_delivery(run, delivery)
        sha256 = row["delivery_sha256"]
        source = said.pop("source_code", None) or _only_source(run, other, row)
        check_codes(run, other, {**said, "source_code": source})
        if submissions_of(run, sha256).status.isin(_TAKEN).any():
            raise NotAssignable(
                f"{row['file_name']}: có báo cáo đã được nhận ở đây · submissions in "
                f"it were taken in here, so it stays with {run.programme.code}; "
                f"{NOWHERE}."
            )
        Assignments(run.ledger).pass_on(
            run.programme.code, sha256, other.code, by, reason, source, **said
        )
    there = {"programme_code": other.code, "programme_folder": str(other.folder)}
    return {**row, **said, **there, "source_code": source}


def dismiss(run: RunContext, delivery: str, by: str, reason: str) -> dict[str, Any]:
    """Says that what could not be taken of a delivery is nobody's.

    Raises:
        NotAssignable: the delivery is unknown.
        LedgerError: nobody is named, or no reason is given.
    """
    row = find_delivery(run, delivery)
    with run.home.run_lock():
        Assignments(run.ledger).dismiss(
            run.programme.code, row["delivery_sha256"], by, reason
        )
    return row


def retry(run: RunContext, deliveries: Sequence[str]) -> list[dict[str, Any]]:
    """Lets deliveries be read and judged again, all or none.

    Raises:
        NotAssignable: one of them is unknown.
        LedgerError: the bytes of one were refused.
    """
    rows = [find_delivery(run, text) for text in deliveries]
    with run.home.run_lock():
        Assignments(run.ledger).requeue(
            run.programme.code, [row["delivery_sha256"] for row in rows]
        )
    return rows


def _other_programme(run: RunContext, to: str) -> Programme:
    """The programme at a folder, or with that code beside ours or the shipped ones."""
    places = (
        Path(to).expanduser(),
        run.programme.folder.parent / to,
        SHIPPED_PROGRAMME.parent / to,
    )
    folder = next((p for p in places if (p / "programme.yaml").is_file()), None)
    if folder is None:
        raise NotAssignable(
            f"--to-programme: không thấy chương trình “{to}” · no programme folder or "
            f"code '{to}'. Đã nhận báo cáo của · the home holds reports of: "
            f"{', '.join(run.ledger.programme_codes())}. Give its folder ({NOWHERE})"
        )
    other = load_checked(folder.resolve())
    if other.code == run.programme.code:
        raise NotAssignable(
            f"--to-programme: {to} là chương trình này · is this programme; leave the "
            f"option out ({NOWHERE})"
        )
    return other


def _only_source(run: RunContext, other: Programme, row: Mapping[str, Any]) -> str:
    """The other programme's source that takes it: of the same code, or its only one of
    the same reader."""
    own = {source.code: source.reader for source in run.programme.sources}
    codes = [source.code for source in other.sources]
    if row["source_code"] in codes:
        return str(row["source_code"])
    alike = [s.code for s in other.sources if s.reader == own.get(row["source_code"])]
    if len(alike) == 1:
        return alike[0]
    raise NotAssignable(
        f"--source: {other.code} có các nguồn · has the sources {', '.join(codes)}; "
        f"say which takes the delivery ({NOWHERE})"
    )
