"""Small made-up programmes, to ask of at random.

World `i` is a programme of its own, codes prefixed, so that one run of the models asks
many worlds at once: a province, two districts, three communes of which one is split in
the middle of 2024; one quarterly form; every kind of figure and target that has bounds.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

from sources.programme.model import (
    Calendar,
    CodeList,
    CodeMember,
    Document,
    Form,
    Indicator,
    Level,
    Measure,
    Obligation,
    PeriodType,
    Programme,
    Scope,
    Succession,
    Target,
    Term,
    UnitVersion,
)

START, SPLIT = dt.date(2023, 1, 1), dt.date(2024, 7, 1)
UNITS = {"P": None, "D1": "P", "D2": "P", "C1": "D1", "C2": "D1", "C3": "D2"}
MEASURES: dict[str, dict[str, object]] = {
    "cases": {"breakdown": "kind"},
    "solved": {"part_of": "cases", "part_of_severity": "WARNING"},
    "female": {"part_of": "cases"},
    "staff": {"kind": "stock"},
    "trained": {"kind": "stock", "part_of": "staff"},
    "loot": {"value_type": "money", "is_required": False},
    "done": {"kind": "stock", "value_type": "yes_no"},
}
RATIOS = {
    "clear_up": ("solved", "cases"),
    "female_share": ("female", "cases"),
    "trained_share": ("trained", "staff"),
    "loot_per_case": ("loot", "cases"),
}
TARGETS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("CLEAR", "clear_up", {"comparator": ">", "low": 75}),
    ("WOMEN", "female_share", {"comparator": "between", "low": 30, "high": 70}),
    ("TRAINED", "trained_share", {"comparator": ">=", "low": 50}),
    ("LOOT", "loot_per_case", {"comparator": "<", "low": 100}),
    ("LIMIT", "cases", {"comparator": "<=", "low": 60}),
    ("CUT", "cases", {"quantity": "reduction_pct", "low": 5}),
    ("NONE", "cases.b", {"comparator": "=", "low": 0, "rhythm": "never"}),
    ("HQ", "done_share", {"low": 70, "rhythm": "by_end_of_term"}),
)
PARTS = {"female": "cases", "trained": "staff", "cases.a": "cases", "cases.b": "cases"}


def world(number: int) -> Programme:
    """Programme `w<number>`; every code in it begins with that."""
    own = f"w{number}_"
    codes = tuple(own + code for code in MEASURES)
    return Programme(
        folder=Path(),
        code=f"w{number}",
        name_vi="Nhỏ",
        name_en="Small",
        root_unit=f"{own}P",
        term=Term(calendar="civil", first_year=2023, last_year=2024),
        reporting_from_year=2023,
        levels=tuple(
            Level(code=c, name_vi=c, name_en=c)
            for c in ("province", "district", "commune")
        ),
        documents=(Document(code="NQ", title_vi="Nghị quyết"),),
        calendars=(
            Calendar(
                code="civil", name_vi="Lịch", name_en="Year", start_month=1, start_day=1
            ),
        ),
        code_lists=(
            CodeList(
                code="kind",
                members=tuple(
                    CodeMember(code=c, name_vi=c, name_en=c) for c in ("a", "b")
                ),
            ),
        ),
        units=tuple(
            _unit(own, code, above, SPLIT if code == "C2" else None)
            for code, above in UNITS.items()
        ),
        successions=tuple(
            Succession(
                from_unit_code=f"{own}C2",
                to_unit_code=own + to,
                effective_date=SPLIT,
                relation="split",
                share=Decimal(share),
                share_basis="population",
            )
            for to, share in (("C1", "0.6"), ("C3", "0.4"))
        ),
        measures=tuple(_measure(own, code, more) for code, more in MEASURES.items()),
        indicators=tuple(_indicators(own)),
        forms=(
            Form(
                code=f"{own}F",
                name_vi="Quý",
                name_en="Quarterly",
                calendar="civil",
                frequency=PeriodType.QUARTER,
                measures=codes,
                due_from=(Obligation(levels=("commune",)),),
                deadline_days={"commune": 3},
                valid_from=START,
            ),
        ),
        targets=tuple(_target(own, *words) for words in TARGETS),
        sources=(),
    )


def _unit(own: str, code: str, above: str | None, until: dt.date | None) -> UnitVersion:
    level = {"P": "province", "D": "district", "C": "commune"}[code[0]]
    return UnitVersion(
        unit_code=own + code,
        name_vi=code,
        name_en=code,
        unit_type=level,
        level=level,
        parent_unit_code=None if above is None else own + above,
        valid_from=START,
        valid_to=until,
    )


def _measure(own: str, code: str, more: dict[str, object]) -> Measure:
    words = {"kind": "flow", "unit_of_measure": "vụ", "direction": "lower", **more}
    if "part_of" in words:
        words["part_of"] = f"{own}{words['part_of']}"
    return Measure.model_validate(
        {"code": own + code, "name_vi": code, "name_en": code, **words}
    )


def _indicators(own: str) -> list[Indicator]:
    ratios = [
        Indicator(
            code=own + code,
            name_vi=code,
            name_en=code,
            kind="ratio",
            numerator=(own + above,),
            denominator=(own + below,),
        )
        for code, (above, below) in RATIOS.items()
    ]
    share = Indicator(
        code=f"{own}done_share",
        name_vi="Tỷ lệ",
        name_en="Share",
        kind="unit_share",
        numerator=(f"{own}done",),
        levels=("commune",),
    )
    return [*ratios, share]


def _target(own: str, code: str, indicator: str, words: dict[str, object]) -> Target:
    return Target.model_validate(
        {
            "code": own + code,
            "name_vi": code,
            "name_en": code,
            "indicator": own + indicator,
            "scope": Scope(type="unit", code=f"{own}P"),
            "comparator": ">=",
            "rhythm": "every_year",
            "baseline": "previous_year" if "quantity" in words else "",
            "drill_levels": ("district", "commune"),
            "verbatim_vi": code,
            "document": "NQ",
            "valid_from": START,
            **words,
        }
    )
