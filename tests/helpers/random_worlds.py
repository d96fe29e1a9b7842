"""Small made-up programmes whose reports come, fail to come or come in part at random.

World `i` is a programme of its own, codes prefixed, so that one run of the models asks
many worlds at once: a province, two districts, three communes of which one is split in
the middle of 2024; one quarterly form; every kind of figure and target that has bounds.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

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
from sources.programme.reference import due_units, reference_frames
from tests.helpers.reports import accepted_reports

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
KEYS = ["programme_code", "form_code", "unit_code", "period_key"]
CELL = [*KEYS, "measure_code"]


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


@dataclass(frozen=True, repr=False)
class Worlds:
    """The reference tables of all worlds, and every cell that they owe."""

    reference: dict[str, pd.DataFrame]
    cells: pd.DataFrame

    def raw(self, given: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Schema raw over `given`: cells with a value, `state` as in `reports`."""
        sent = given[given["state"].ne("unsent")]
        kept_out = sent["state"].eq("kept_out")
        told = sent.assign(
            value=sent["value"].where(sent["state"].eq("reported"), None),
            observation_status=sent["state"],
        )
        tables = accepted_reports(told)
        observations = tables["observation"]
        is_there = ~observations["observation_status"].isin(["kept_out", "absent"])
        quarantined = observations[kept_out.to_numpy()]
        return {
            **self.reference,
            **tables,
            "observation": observations[is_there],
            "quarantined_value": quarantined[
                ["submission_id", "programme_code", "measure_code"]
            ],
        }

    def reports(
        self, rng: np.random.Generator, day: dt.date, unsent: float, odd: float
    ) -> pd.DataFrame:
        """Cells with a value and a state, at random; none of a period still open.

        Args:
            unsent: Share of reports that never came.
            odd: Share of cells that are kept out, empty or not applicable.
        """
        cells = self.cells
        size = len(cells)
        values = pd.Series(rng.integers(0, rng.choice([1, 5, 40], size) + 1))
        values = values.where(cells["word"].ne("done"), values.clip(upper=1))
        states = rng.choice(["kept_out", "missing", "not_applicable"], size)
        state = pd.Series("reported", index=cells.index)
        state = state.mask(rng.random(size) < odd, states)
        # nobody writes a row for a member of which there was none
        is_member = cells["word"].str.contains(".", regex=False)
        state = state.mask(is_member & (rng.random(size) < 0.3), "absent")
        report, order = pd.factorize(cells[KEYS].astype(str).agg("/".join, axis=1))
        is_unsent = (rng.random(len(order)) < unsent)[report]
        state = state.mask(is_unsent | (cells["end_date"] > day), "unsent")
        came = within_wholes(cells.assign(value=values, state=state))
        # of a whole that did not come in, no part is beyond what every record allows
        return came.assign(
            value=came["value"].mask(_lacks_whole(came), came["value"].clip(upper=3))
        )


def make_worlds(count: int) -> Worlds:
    """Worlds 0 to `count`; the cells in the order of their codes."""
    frames = [reference_frames(world(number), None, 2024) for number in range(count)]
    shared = ("ref_period", "ref_period_part")
    reference = {
        table: frame
        if table in shared
        else pd.concat([other[table] for other in frames], ignore_index=True)
        for table, frame in frames[0].items()
    }
    periods = reference["ref_period"]
    cells = pd.concat(
        due_units(programme, form, periods).assign(programme_code=programme.code)
        for programme in map(world, range(count))
        for form in programme.forms
    )
    measures = reference["ref_measure"][["form_code", "indicator_code"]]
    cells = cells.merge(measures.rename(columns={"indicator_code": "measure_code"}))
    ends = periods.set_index("period_key")["end_date"]
    cells = cells[CELL].sort_values(CELL, ignore_index=True)
    cells["end_date"] = cells["period_key"].map(ends)
    word = cells["measure_code"].str.partition("_")[2]
    return Worlds(reference, cells.assign(word=word))


def _lacks_whole(cells: pd.DataFrame) -> np.ndarray:
    """Which parts stand in a report that does not tell their whole."""
    told = cells.loc[cells["state"].eq("reported"), [*KEYS, "word"]]
    whole = cells[KEYS].assign(word=cells["word"].map(PARTS))
    is_told = whole.merge(told, how="left", indicator=True)["_merge"].eq("both")
    return (cells["word"].isin(PARTS) & ~is_told).to_numpy()


def within_wholes(cells: pd.DataFrame) -> pd.DataFrame:
    """The same cells, no part greater than its whole where that is given."""
    whole = cells.loc[cells["state"].eq("reported"), [*KEYS, "word", "value"]]
    whole = whole.rename(columns={"word": "whole", "value": "most"})
    above = cells.assign(whole=cells["word"].map(PARTS)).merge(
        whole, on=[*KEYS, "whole"], how="left"
    )
    most = above["most"].fillna(above["value"]).to_numpy()
    return cells.assign(value=np.minimum(cells["value"].to_numpy(), most))


def filled_in(
    cells: pd.DataFrame, missing: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """The same cells with every missing one given, within its limits.

    Args:
        missing: The cells (CELL) that are due and not received, and their upper end
            `high`; where that is null there is no limit.
    """
    both = cells.merge(missing, on=CELL, how="left", indicator=True)
    is_filled = both["_merge"].eq("both").to_numpy()
    high = both["high"].astype(float).fillna(200).to_numpy()
    part = rng.choice([0.0, 0.3, 1.0], len(cells))
    given = np.floor(high * part)
    # a whole that came later is no smaller than its parts that came before
    parts = cells[cells["state"].eq("reported") & cells["word"].isin(PARTS)]
    least = parts.assign(word=parts["word"].map(PARTS)).groupby([*KEYS, "word"])[
        "value"
    ]
    floor = both[[*KEYS, "word"]].merge(
        least.max().rename("least").reset_index(), on=[*KEYS, "word"], how="left"
    )
    lowest = floor["least"].fillna(0).to_numpy(dtype=float)
    given = np.maximum(given, lowest)
    is_told = (lowest > 0) | (rng.random(len(cells)) < 0.9)
    # nobody tells a part of what does not apply
    refused = both.loc[is_filled & ~is_told, [*KEYS, "word"]]
    whole = both[KEYS].assign(word=both["word"].map(PARTS))
    is_told &= whole.merge(refused, how="left", indicator=True)["_merge"].ne("both")
    state = np.where(is_told, "reported", "not_applicable")
    later = cells.assign(
        value=np.where(is_filled, given, cells["value"]),
        state=np.where(is_filled, state, cells["state"]),
    )
    capped = within_wholes(later)
    return later.assign(value=np.where(is_filled, capped["value"], later["value"]))
