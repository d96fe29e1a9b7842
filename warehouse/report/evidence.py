"""What a verdict rests on, for a person to redo it: figures, periods, bounds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from warehouse.report.cards import Card, Row
from warehouse.report.page import NARROW, cut_text, number_beside, vietnamese_number
from warehouse.report.words import (
    BASES,
    BOUNDARIES,
    CUMULATIONS,
    VERDICTS,
    Pair,
    lookup,
)

_MARKS = {">=": "≥", "<=": "≤"}


@dataclass(frozen=True)
class Input:
    """One thing the verdict rests on: its name in both languages and what it is."""

    vi: str
    en: str
    text: str
    text_en: str = ""


def inputs(card: Card, periods: dict[str, tuple[str, str]]) -> list[Input]:
    """The inputs that are there, in the order in which one works."""
    row, target = card.row, card.target
    unit = target["unit_of_measure"]
    found = [
        _period("Kỳ kết luận", "Period judged", row.get("period_key"), periods),
        _figures(row, periods),
        _plain("Tử số", "Numerator", row.get("numerator"))
        if row.get("denominator") is not None
        else None,
        _plain("Mẫu số", "Denominator", row.get("denominator")),
        _plain("Số liệu", "Figure", row.get("value"), unit),
        _compared(row, unit, periods),
        _plain("Tử số kỳ so sánh", "Numerator then", row.get("previous_numerator"))
        if row.get("previous_denominator") is not None
        else None,
        _plain(
            "Mẫu số kỳ so sánh", "Denominator then", row.get("previous_denominator")
        ),
        _calculation(card),
        _requirement(row, target),
        _bounds(row, target["actual_unit"]),
        _reports(row),
        _words("Địa giới, đơn vị", "Boundary", BOUNDARIES, row.get("boundary")),
        _from_base(row, periods),
    ]
    return [entry for entry in found if entry is not None]


def outlook(card: Card) -> list[Input]:
    """Where it leads, and what the rest of the way must bring."""
    row, target = card.outlook, card.target
    if row is None:
        return []
    unit = target["actual_unit"]
    basis = lookup(BASES, row.get("projection_basis"))
    found = []
    if row.get("projected_end") is not None:
        text = number_beside(row["projected_end"], row.get("required"), unit)
        if (
            row.get("projected_low") is not None
            and row.get("projected_high") is not None
        ):
            low, high = (
                vietnamese_number(row[f"projected_{e}"]) for e in ("low", "high")
            )
            text += f" ({low} – {high})"
        found.append(
            Input(
                "Dự báo cuối kỳ",
                "Projected end",
                text + (f", {basis.vi}" if basis else ""),
                basis.en if basis else "",
            )
        )
    if (rest := row.get("needed_rest")) is not None and row.get("rhythm") != "never":
        found.append(_rest(row, rest, target["unit_of_measure"]))
    return found


def is_at_most(row: Row) -> bool:
    """True where less is better: what is left is a ceiling."""
    if row.get("quantity") == "reduction_pct":
        return row.get("comparator") in (">=", ">", "between")
    return row.get("comparator") in ("<", "<=")


def trace_command(card: Card, programme_code: str, edition: Row | None = None) -> str:
    """The command that leads from the row to its cells, files and programme lines."""
    row = card.row
    keys = {
        "programme_code": programme_code,
        "target_code": card.code,
        "unit_code": row["unit_code"],
    }
    table = "rpt_term_scorecard"
    if edition and not card.is_commitment:
        table = "fct_edition"
        keys["edition_code"] = edition["edition_code"]
        keys["period_key"] = row["period_key"]
    return " ".join(
        ["nhiemky trace", table, *(f"{name}={code}" for name, code in keys.items())]
    )


def _rest(row: Row, rest: Decimal, unit: str | None) -> Input:
    """What the rest of the way must bring at least, or may bring at most."""
    measured = f"{NARROW}{'điểm %' if unit == '%' else unit or ''}"
    amount = f"{vietnamese_number(abs(rest))}{measured}"
    if is_at_most(row) and rest < 0:
        return Input(
            "Phần còn lại", "The rest", f"đã vượt {amount}", "already beyond it"
        )
    if not is_at_most(row) and rest <= 0:
        return Input("Phần còn lại", "The rest", "đã đủ", "already enough")
    vi, en = ("không quá", "at most") if is_at_most(row) else ("ít nhất", "at least")
    text = f"{vi} {amount}"
    months = row.get("remaining_months")
    if months and (pace := vietnamese_number(row.get("needed_per_month"))):
        text += f"; {pace} mỗi tháng trong {months:.0f} tháng"
        en += f"; {pace} a month for {months:.0f} months"
    return Input("Phần còn lại cần", "The rest needs", text, en)


def _plain(vi: str, en: str, value: object, unit: str | None = None) -> Input | None:
    text = number_beside(value, None, unit)
    return Input(vi, en, text) if text else None


def _period(
    vi: str, en: str, key: str | None, periods: dict[str, tuple[str, str]]
) -> Input | None:
    if not key:
        return None
    label_vi, label_en = periods.get(key, (key, key))
    return Input(vi, en, label_vi, label_en)


def _words(vi: str, en: str, words: dict[str, Pair], code: object) -> Input | None:
    pair = lookup(words, code)
    return Input(vi, en, pair.vi, pair.en) if pair else None


def _figures(row: Row, periods: dict[str, tuple[str, str]]) -> Input | None:
    key = row.get("figure_period_key")
    if not key:
        return None
    label_vi, label_en = periods.get(key, (key, key))
    how = lookup(CUMULATIONS, row.get("figure_cumulation"))
    return Input(
        "Số liệu của",
        "Figures of",
        f"{label_vi}, {how.vi}" if how else label_vi,
        f"{label_en}, {how.en}" if how else label_en,
    )


def _compared(
    row: Row, unit: str | None, periods: dict[str, tuple[str, str]]
) -> Input | None:
    text = number_beside(row.get("previous_value"), None, unit)
    if not text:
        return None
    vi, en = periods.get(row.get("baseline_period_key") or "", ("", ""))
    share = row.get("previous_coverage")
    if share is not None and share < 1:
        text += f"; đủ {vietnamese_number(share * 100, 1)}{NARROW}% báo cáo"
    return Input("Kỳ so sánh", "Compared with", f"{vi}: {text}" if vi else text, en)


def _calculation(card: Card) -> Input | None:
    row, target = card.row, card.target
    actual = row.get("actual")
    if actual is None:
        return None
    result = number_beside(actual, row.get("required"), target["actual_unit"])
    value, previous = row.get("value"), row.get("previous_value")
    if row.get("quantity") == "reduction_pct":
        if value is None or previous is None:
            return None
        then, now = vietnamese_number(previous), vietnamese_number(value)
        return Input(
            "Phép tính", "Worked out", f"({then} − {now}) ÷ {then} × 100 = {result}"
        )
    if not row.get("denominator"):
        return None
    above, below = (vietnamese_number(row[n]) for n in ("numerator", "denominator"))
    scale = vietnamese_number(target["scale"])
    times = f" × {scale}" if scale not in ("", "1") else ""
    return Input("Phép tính", "Worked out", f"{above} ÷ {below}{times} = {result}")


def _requirement(row: Row, target: Row) -> Input | None:
    if row.get("comparator") in (None, "none"):
        return None
    text, text_en = target["requirement_vi"], target["requirement_en"]
    required, low = row.get("required"), row.get("target_low")
    if (
        required is not None
        and low is not None
        and required not in (low, row["target_high"])
    ):
        by_now = f"{_MARKS.get(row['comparator'], row['comparator'])} "
        by_now += number_beside(required, row.get("actual"), target["actual_unit"])
        text, text_en = f"{text}; đến kỳ này {by_now}", f"{text_en}; by now {by_now}"
    return Input("Yêu cầu", "Required", text, text_en)


def _bounds(row: Row, unit: str | None) -> Input | None:
    low, high = row.get("value_if_missing_low"), row.get("value_if_missing_high")
    if low is None and high is None:
        return None
    required = row.get("required")
    least, most = (number_beside(v, required) or "?" for v in (low, high))
    text = least if least == most else f"{least} – {most}"
    return Input(
        "Nếu báo cáo thiếu về đủ",
        "If missing reports came",
        f"{text}{NARROW}{unit or ''}",
    )


def _reports(row: Row) -> Input | None:
    due = vietnamese_number(row.get("reports_due"))
    if not due:
        return None
    received = vietnamese_number(row.get("reports_received")) or "0"
    share = row.get("coverage")
    text = f"{received}/{due}"
    if share is not None:
        text += f" ({vietnamese_number(share * 100, 1)}{NARROW}%)"
    return Input("Báo cáo đã nhận", "Reports in", text)


def _from_base(row: Row, periods: dict[str, tuple[str, str]]) -> Input | None:
    cut = row.get("change_from_base_pct")
    if cut is None:
        return None
    vi, en = periods.get(row.get("base_period_key") or "", ("năm gốc", "the base year"))
    text = cut_text(cut)
    needed = vietnamese_number(row.get("required_from_base_pct"))
    if needed:
        text += f"; cần giảm {needed}{NARROW}%"
    verdict = VERDICTS.get(row.get("verdict_from_base") or "")
    if verdict:
        text += f": {verdict.symbol} {verdict.vi}"
    return Input(f"So với {vi}", f"From {en}", text, verdict.en if verdict else "")
