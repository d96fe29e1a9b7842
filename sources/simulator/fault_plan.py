"""Which submissions are made faulty, how, and at which measure.

Grain: one row per submission made faulty. The kinds take turns, so that every kind
that the programme's forms allow is there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sources.programme.model import OPEN_END, Programme
from sources.simulator.faults import FAULTS, FaultKind
from sources.simulator.forms import FormFacts
from sources.template import layout

_COLUMNS = ["fault", "fault_measure", "meta"]
_MANY = 4


def choose_faults(
    programme: Programme,
    sends: pd.DataFrame,
    facts: dict[str, FormFacts],
    count: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """fault, fault_measure and meta (keys to falsify) of `count` rows of `sends`."""
    dead = _units_not_alive(programme)
    free = sends.assign(order=rng.random(len(sends))).sort_values("order")
    chosen: dict[object, tuple[str, str, dict[str, str]]] = {}
    kinds = list(FAULTS)
    turn = 0
    while kinds and len(chosen) < count:
        kind = kinds[turn % len(kinds)]
        rows = free[~free.index.isin(list(chosen)) & _allows(kind, free, facts, dead)]
        if rows.empty:
            kinds.remove(kind)
            continue
        row = rows.iloc[0]
        form = facts[row["form_code"]]
        chosen[row.name] = (
            kind.kind,
            _measure(kind, form, rng),
            _meta(kind, programme, row, dead, rng),
        )
        turn += 1
    return pd.DataFrame.from_dict(chosen, orient="index", columns=_COLUMNS)


def _allows(
    kind: FaultKind,
    rows: pd.DataFrame,
    facts: dict[str, FormFacts],
    dead: dict[str, pd.DataFrame],
) -> pd.Series:
    """Which rows a kind of fault can be planted in."""
    can = {
        "nothing": lambda f: True,
        "dead_unit": lambda f: True,
        "count": lambda f: bool(f.counts),
        "part": lambda f: bool(f.wholes),
        "many": lambda f: len(f.codes) >= _MANY,
    }[kind.needs]
    allowed = rows["form_code"].map({code: can(form) for code, form in facts.items()})
    if kind.needs == "dead_unit":
        allowed &= rows["level"].map({lvl: not d.empty for lvl, d in dead.items()})
        pairs = rows[["level", "end_date"]].drop_duplicates()
        alive_only = {
            (level, end): _dead_on(dead[level], end).empty
            for level, end in pairs.itertuples(index=False)
        }
        keys = pd.Series(
            list(zip(rows["level"], rows["end_date"], strict=True)), rows.index
        )
        allowed &= ~keys.map(alive_only)
    return allowed.astype(bool)


def _measure(kind: FaultKind, form: FormFacts, rng: np.random.Generator) -> str:
    """The measure the fault is at, or an empty string."""
    codes: tuple[str, ...] = ()
    if kind.needs == "count":
        codes = form.counts
    elif kind.needs == "part":
        codes = tuple(form.wholes)
    return codes[int(rng.integers(len(codes)))] if codes else ""


def _meta(
    kind: FaultKind,
    programme: Programme,
    row: pd.Series,
    dead: dict[str, pd.DataFrame],
    rng: np.random.Generator,
) -> dict[str, str]:
    """What the metadata sheet says instead of the truth."""
    if kind.kind == "unknown_unit":
        known = {unit.unit_code for unit in programme.units}
        return {layout.META_UNIT: _mistyped(str(row["unit_code"]), known)}
    if kind.kind == "unit_not_alive":
        candidates = _dead_on(dead[row["level"]], row["end_date"])["unit_code"]
        return {layout.META_UNIT: str(candidates.iloc[rng.integers(len(candidates))])}
    if kind.kind == "unknown_period":
        prefix = str(row["period_key"]).rpartition("-")[0]
        return {layout.META_PERIOD: f"{prefix}-Q{rng.integers(5, 10)}"}
    if kind.kind == "wrong_template_version":
        return {layout.META_TEMPLATE_VERSION: "0"}
    return {}


def _mistyped(code: str, known: set[str]) -> str:
    """The code with a letter doubled at its end, until no unit has it."""
    wrong = code + code[-1]
    while wrong in known:
        wrong += code[-1]
    return wrong


def _units_not_alive(programme: Programme) -> dict[str, pd.DataFrame]:
    """Per level: every unit code with the days its life begins and ends."""
    versions = pd.DataFrame(
        [
            (u.level, u.unit_code, u.valid_from, u.valid_to or OPEN_END)
            for u in programme.units
        ],
        columns=["level", "unit_code", "born", "ended"],
    )
    lives = versions.groupby(["level", "unit_code"], as_index=False).agg(
        born=("born", "min"), ended=("ended", "max")
    )
    return {str(level): rows for level, rows in lives.groupby("level")}


def _dead_on(lives: pd.DataFrame, period_end: object) -> pd.DataFrame:
    """Units of the level that did not live on the last day before `period_end`."""
    return lives[lives["born"].ge(period_end) | lives["ended"].lt(period_end)]
