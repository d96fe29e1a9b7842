"""The term scorecard as one page: every target with its answer and its evidence."""

from __future__ import annotations

from typing import Any

from warehouse.report import charts, evidence
from warehouse.report.anchors import findings_anchor
from warehouse.report.cards import (
    Card,
    Row,
    cards,
    is_whole,
    marks_of,
    number,
    verdict_counts,
)
from warehouse.report.data import ScorecardData
from warehouse.report.page import environment, script
from warehouse.report.words import (
    COMMITMENT,
    EDITION_KINDS,
    GONE,
    KINDS,
    VERDICTS,
    lookup,
    verdict_of,
)

_REVISIONS_SHOWN = 8
_MONTH_CHART = (560, 96)


def render_scorecard(data: ScorecardData) -> str:
    """A self-contained HTML page: one row per target, its evidence one click below it.

    Readable without script; needs no network. Units are the worst few of each target,
    the rest is in the workbook.
    """
    made = cards(data)
    code, permission = script("scorecard.js.j2")
    return (
        environment()
        .get_template("scorecard.html.j2")
        .render(
            name_vi=data.name_vi,
            name_en=data.name_en,
            publication=data.publication,
            edition=data.edition,
            edition_kind=lookup(
                EDITION_KINDS, data.edition and data.edition["edition_kind"]
            ),
            is_simulated=data.is_simulated,
            cards=[_shown(card, data) for card in made],
            summary=_summary(made, data),
            documents=_documents(made),
            verdicts=VERDICTS,
            commitment=COMMITMENT,
            script=code,
            permission=permission,
            up="../../" if data.edition else "",
        )
    )


def _shown(card: Card, data: ScorecardData) -> dict[str, Any]:
    """A card with its drawings and words, ready for the template."""
    low, high = charts.bar_range(card.spread, charts.limits_of(card.row))
    ticks = [str(year) for year in data.years]
    years = [{**row, "tick": str(row["year"])} for row in card.years]
    months = [{**row, "tick": f"{row['last_date']:%m}"} for row in card.months]
    return {
        "card": card,
        "t": card.target,
        "row": card.row,
        "verdict": verdict_of(card.row),
        "code": "commitment" if card.is_commitment else card.row["verdict"],
        "kind": lookup(KINDS, card.target["target_kind"]),
        "spark": charts.path_chart(years, ticks, card.outlook),
        "month_chart": charts.path_chart(
            months, [row["tick"] for row in months], None, *_MONTH_CHART
        ),
        "spread": charts.spread_chart(card.spread, charts.limits_of(card.row))
        if card.more_units and card.spread
        else "",
        "outlook": evidence.outlook(card),
        "inputs": evidence.inputs(card, data.periods),
        "trace": evidence.trace_command(card, data.programme_code, data.edition),
        "running": card.running and {**card.running, "shown": verdict_of(card.running)},
        "years": [_step(row) for row in card.years],
        "months": [_step(row) for row in card.months],
        "has_base": any(
            number(r["change_from_base_pct"]) is not None for r in card.years
        ),
        "units": [_unit(card, row, low, high) for row in card.units],
        "findings": None if card.is_commitment else _anchor(card, card.row),
        "revisions": [_revision(row) for row in card.revisions],
    }


def _step(row: Row) -> Row:
    base = VERDICTS.get(row["verdict_from_base"] or "")
    return {**row, "shown": verdict_of(row), "marks": marks_of(row), "base": base}


def _unit(card: Card, row: Row, low: float, high: float) -> Row:
    return {
        **row,
        "shown": verdict_of(row),
        "marks": marks_of(row),
        "bar": charts.bar(
            number(row["actual"]), charts.limits_of(row), low, high, row["verdict"]
        ),
        "findings": _anchor(card, row),
    }


def _anchor(card: Card, row: Row) -> str | None:
    code = card.target["indicator_code"]
    return findings_anchor(code, row["unit_code"]) if code else None


def _revision(row: Row) -> Row:
    """An edition's result beside today's, which may be there no longer."""
    then, now = (
        VERDICTS.get(row[name] or "", GONE) for name in ("verdict_then", "verdict_now")
    )
    return {**row, "then": then, "now": now}


def _summary(made: list[Card], data: ScorecardData) -> dict[str, Any]:
    """The band on top: verdicts, coverage, what changed, what cannot be judged."""
    whole = [card for card in made if is_whole(card)]
    covered = [card for card in whole if number(card.row["coverage"]) is not None]
    full = [card for card in covered if card.row["coverage"] >= 1]
    revised = [_revision(row) for card in made for row in card.revisions]
    turned = [r for r in revised if r["verdict_then"] != r["verdict_now"]]
    revised = turned + [r for r in revised if r not in turned]
    return {
        "total": len(whole),
        "parts": sum(card.part_of is not None for card in made),
        "commitments": sum(card.is_commitment for card in made),
        "counts": [(c, VERDICTS[c], n) for c, n in verdict_counts(made)],
        "covered": len(covered),
        "full": len(full),
        "least": min(covered, key=lambda card: card.row["coverage"], default=None),
        "compared_with": data.compared_with,
        "turned": len(turned),
        "revised": revised[:_REVISIONS_SHOWN],
        "revised_more": max(0, len(revised) - _REVISIONS_SHOWN),
        "revised_units": len(data.revisions) - len(revised),
        "unsure": [
            (card, row)
            for card in made
            for row in (card.row, card.running)
            if row is not None and row.get("verdict") == "cannot_judge"
        ],
        "estimated": sum(bool(card.row.get("is_estimated")) for card in whole),
    }


def _documents(made: list[Card]) -> dict[str, tuple[int, str]]:
    """Number and title by document code, in order of first mention."""
    found: dict[str, tuple[int, str]] = {}
    for card in made:
        code = card.target["document"]
        title = card.target["document_title_vi"] or code
        found.setdefault(code, (len(found) + 1, title))
    return found
