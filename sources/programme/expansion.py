"""Breakdowns unfolded: every member of a code list is a measure, or a ratio, by itself.

Grain: one row per indicator code (raw.ref_measure, raw.ref_indicator) or per part of an
indicator (raw.ref_indicator_part). Member codes are `<code>.<member>`; the parent is
the member's own parent in the list, or else the measure.
"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from sources.programme import batch
from sources.programme.frames import columns_of, constant, frame_of, shaped
from sources.programme.model import Programme
from sources.programme.periods import period_order

"""Members seen in files, for open code lists: one row per member and period."""

MEMBER_COLUMNS = columns_of(" ".join(batch.MEMBER_COLUMNS))
MEASURE_COLUMNS = columns_of(
    "programme_code indicator_code parent_indicator_code breakdown_code member_code "
    "name_vi name_en kind value_type unit_of_measure direction unit_aggregation "
    "decimals form_code is_required part_of_code part_of_severity "
    "may_be_negative",
    decimals="int64",
    is_required="bool",
    may_be_negative="bool",
)
INDICATOR_COLUMNS = columns_of(
    "programme_code indicator_code parent_indicator_code breakdown_code member_code "
    "name_vi name_en kind unit_of_measure direction numerator denominator scale "
    "time_aggregation unit_aggregation decimals",
    decimals="int64",
)
PART_COLUMNS = columns_of("programme_code indicator_code measure_code role")
_LIST_COLUMNS = columns_of("code_list member_code parent_code name_vi name_en")


def open_lists(programme: Programme) -> set[str]:
    """Codes of the code lists that take new members from files."""
    return {code_list.code for code_list in programme.code_lists if code_list.is_open}


def list_members(programme: Programme, members: pd.DataFrame | None) -> pd.DataFrame:
    """One row per code list and member: the declared ones, then those found in files.

    A found member counts only in an open list. Names given in the programme stand;
    of names found in files the newest period's wins, for both languages.
    """
    declared = frame_of(
        (
            {
                "code_list": code_list.code,
                "member_code": member.code,
                "parent_code": member.parent_code,
                "name_vi": member.name_vi,
                "name_en": member.name_en,
            }
            for code_list in programme.code_lists
            for member in code_list.members
        ),
        _LIST_COLUMNS,
    )
    is_open = open_lists(programme)
    if members is None or members.empty or not is_open:
        return declared
    found = members[
        members["programme_code"].eq(programme.code)
        & members["code_list"].isin(is_open)
    ]
    named = found["name"].notna() & found["name"].ne("")
    found = (
        found.assign(is_named=named, rank=period_order(found["period_key"]).fillna(0))
        .sort_values(["is_named", "rank", "name"], na_position="first")
        .drop_duplicates(["code_list", "member_code"], keep="last")
        .sort_values(["code_list", "member_code"])
    )
    name = found["name"].where(found["is_named"], found["member_code"])
    found = found.assign(parent_code=None, name_vi=name, name_en=name)
    both = pd.concat(
        [declared, found[list(_LIST_COLUMNS)].astype("object")], ignore_index=True
    )
    both = both.drop_duplicates(["code_list", "member_code"], keep="first")
    return shaped(both, _LIST_COLUMNS)


def expand_measures(programme: Programme, members: pd.DataFrame | None) -> pd.DataFrame:
    """One row per measure and per member of its breakdown, in raw.ref_measure's shape.

    A member of a part is part of the same-named member of the whole where both are
    split by the same list. Members of an open list are never required.
    """
    form_of = {code: form.code for form in programme.forms for code in form.measures}
    split = {measure.code: measure.breakdown for measure in programme.measures}
    totals = frame_of(
        (
            {
                **measure.model_dump(),
                "programme_code": programme.code,
                "indicator_code": measure.code,
                "parent_indicator_code": None,
                "breakdown_code": None,
                "member_code": None,
                "form_code": form_of.get(measure.code),
                "part_of_code": measure.part_of,
                "part_of_severity": measure.part_of_severity
                if measure.part_of
                else None,
                "split": measure.breakdown,
                "shares_split": measure.part_of is not None
                and split.get(measure.part_of) == measure.breakdown,
            }
            for measure in programme.measures
        ),
        {**MEASURE_COLUMNS, "split": "object", "shares_split": "bool"},
    )
    rows = _with_members(totals, list_members(programme, members))
    is_member = rows["member_code"].notna()
    compared = is_member & rows["shares_split"]
    rows["part_of_code"] = (
        rows["part_of_code"]
        .where(~compared, rows["part_of_code"] + "." + rows["member_code"])
        .where(~is_member | compared, None)
    )
    rows["part_of_severity"] = rows["part_of_severity"].where(
        rows["part_of_code"].notna(), None
    )
    is_open = open_lists(programme)
    rows["is_required"] &= ~rows["breakdown_code"].isin(is_open)
    return shaped(rows, MEASURE_COLUMNS)


def expand_indicators(
    programme: Programme, members: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All indicators, measures included, and the measures each is made of.

    A flow adds over time, a stock takes the last; measures add over units or not, as
    they say. A ratio, share or commitment is never aggregated (`none`): it is computed
    anew from its parts.
    """
    measures = expand_measures(programme, members)
    own = measures.assign(
        numerator=None,
        denominator=None,
        scale=constant(Decimal(1), measures),
        time_aggregation=measures["kind"].map({"flow": "sum", "stock": "last"}),
    )
    totals = frame_of(
        (
            {
                **indicator.model_dump(),
                "programme_code": programme.code,
                "indicator_code": indicator.code,
                "parent_indicator_code": None,
                "breakdown_code": None,
                "member_code": None,
                "numerator": None,
                "denominator": None,
                "time_aggregation": "none",
                "unit_aggregation": "none",
                "split": indicator.by_breakdown,
            }
            for indicator in programme.indicators
        ),
        {**INDICATOR_COLUMNS, "split": "object"},
    )
    computed = _with_members(totals, list_members(programme, members))
    parts = _parts_of(programme, computed)
    for role in ("numerator", "denominator"):
        listed = (
            parts[parts["role"].eq(role)]
            .groupby("indicator_code", sort=False)["measure_code"]
            .agg(",".join)
        )
        computed[role] = computed["indicator_code"].map(listed)
    itself = pd.DataFrame(
        {
            "programme_code": programme.code,
            "indicator_code": measures["indicator_code"],
            "measure_code": measures["indicator_code"],
            "role": "numerator",
        }
    )
    indicators = pd.concat(
        [
            shaped(own, INDICATOR_COLUMNS).astype("object"),
            shaped(computed, INDICATOR_COLUMNS).astype("object"),
        ],
        ignore_index=True,
    )
    all_parts = pd.concat([itself, parts], ignore_index=True)
    return shaped(indicators, INDICATOR_COLUMNS), shaped(all_parts, PART_COLUMNS)


def _parts_of(programme: Programme, computed: pd.DataFrame) -> pd.DataFrame:
    """One row per computed indicator (members too), measure and role, in order."""
    split = {measure.code: measure.breakdown for measure in programme.measures}
    parts = pd.DataFrame(
        [
            (indicator.code, code, role, split.get(code) or "")
            for indicator in programme.indicators
            for role in ("numerator", "denominator")
            for code in getattr(indicator, role)
        ],
        columns=["total_code", "measure_code", "role", "measure_split"],
    ).astype("object")
    rows = computed[
        ["programme_code", "indicator_code", "total_code", "member_code", "split"]
    ].merge(parts, on="total_code")
    follows = rows["member_code"].notna() & rows["measure_split"].eq(rows["split"])
    rows["measure_code"] = rows["measure_code"].where(
        ~follows, rows["measure_code"] + "." + rows["member_code"]
    )
    return shaped(rows, PART_COLUMNS)


def _with_members(totals: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """The rows given, each followed by one row per member of the list in `split`."""
    totals = totals.assign(
        total_code=totals["indicator_code"], total_order=range(len(totals))
    )
    suffixed = members.rename(
        columns={"name_vi": "member_vi", "name_en": "member_en"}
    ).assign(member_order=range(1, len(members) + 1))
    rows = totals.drop(columns="member_code").merge(
        suffixed, left_on="split", right_on="code_list"
    )
    own_code = rows["total_code"]
    rows["indicator_code"] = own_code + "." + rows["member_code"]
    rows["parent_indicator_code"] = own_code.where(
        rows["parent_code"].isna(), own_code + "." + rows["parent_code"]
    )
    rows["breakdown_code"] = rows["split"]
    rows["name_vi"] = rows["name_vi"] + " – " + rows["member_vi"]
    rows["name_en"] = rows["name_en"] + " – " + rows["member_en"]
    both = pd.concat(
        [totals.assign(member_order=0), rows[[*totals.columns, "member_order"]]],
        ignore_index=True,
    )
    return both.sort_values(["total_order", "member_order"], ignore_index=True)
