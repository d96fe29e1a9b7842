"""Figures in print, recomputed through the models from schema raw, to the digit.

The figures lie beside the checkout: its rows become reports at run time, and none of
them is kept here.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest

from sources.programme.loader import load_programme
from sources.programme.model import NumberStyle
from sources.programme.reference import reference_frames
from sources.readers.numbers import parse_number
from tests.helpers.compiled_models import CompiledModels
from tests.helpers.reports import accepted_reports

FOLDER = Path(__file__).parents[2] / "programmes" / "published_figures"
RATE = re.compile(r"(?P<part>[0-9]+)/(?P<whole>[0-9]+)=[0-9.]+;? printed (?P<rate>\S+)")
KEYS = ["unit_code", "period_key"]


def read(text: str) -> Decimal:
    """The number in a phrase as printed, by this project's own reading of numbers."""
    found = re.search(r"[0-9][0-9.,]*", text)
    assert found is not None, text
    value = parse_number("t", found.group(), NumberStyle.VI).value
    assert value is not None, text
    return -value if "giảm" in text else value


def percent(text: str) -> Decimal:
    """A percentage with as many places as were printed, whatever its sign."""
    return Decimal(text.strip(" %+-").replace(".", "").replace(",", "."))


@pytest.fixture(scope="module")
def raw() -> dict[str, pd.DataFrame]:
    """The reference tables of a programme with one unit for every article."""
    return reference_frames(load_programme(FOLDER), None, 2025)


@pytest.fixture(scope="module")
def printed(shared_data: Path, raw: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per printed figure, with the keys it has in the warehouse."""
    rows = pd.read_csv(shared_data / "published_figures.csv", dtype=str)
    measures = raw["ref_measure"].merge(raw["ref_form"], on="form_code")
    keyed = (
        rows.assign(
            start_date=pd.to_datetime(rows["period_start"]),
            end_date=pd.to_datetime(rows["period_end"]) + pd.Timedelta(days=1),
        )
        .merge(
            raw["ref_period"].assign(
                start_date=pd.to_datetime(raw["ref_period"]["start_date"]),
                end_date=pd.to_datetime(raw["ref_period"]["end_date"]),
            ),
            on=["start_date", "end_date"],
        )
        .merge(
            raw["ref_unit"][["unit_code", "name_en"]],
            left_on="source_url",
            right_on="name_en",
        )
        .merge(
            measures[["form_code", "frequency", "indicator_code", "name_en_x"]],
            left_on=["indicator", "period_type"],
            right_on=["name_en_x", "frequency"],
        )
    )
    assert len(keyed) == len(rows) > 0
    return keyed


@pytest.fixture(scope="module")
def figures(
    printed: pd.DataFrame, raw: dict[str, pd.DataFrame], compiled: CompiledModels
) -> pd.DataFrame:
    """fct_indicator_value over reports made of the printed figures.

    The figure of the year before is what the printed change says it was.
    """
    now = printed.assign(value=printed["raw_vi"].map(read))
    changed = printed[printed["change_raw_vi"].notna()]
    before = changed.assign(
        value=changed["raw_vi"].map(read) - changed["change_raw_vi"].map(read),
        period_key=changed["same_period_last_year_key"],
    )
    values = pd.concat([now, before]).assign(
        programme_code="published_figures",
        measure_code=lambda rows: rows["indicator_code"],
        observation_status="reported",
    )
    tables = {**raw, **accepted_reports(values)}
    models = ["fct_indicator_value"]
    with compiled.run(tables, models, dt.date(2025, 12, 20)) as marts:
        found = marts.execute(
            "select * from marts.fct_indicator_value where value is not null "
            "and boundary = 'as_reported' and cumulation = 'period'"
        )
        names = [column[0] for column in found.description or ()]
        return pd.DataFrame(found.fetchall(), columns=names, dtype=object)


def test_every_printed_change_is_recomputed(
    printed: pd.DataFrame, figures: pd.DataFrame
) -> None:
    changed = printed[printed["change_raw_vi"].notna()]
    rows = changed.merge(figures, on=[*KEYS, "indicator_code"], suffixes=("_csv", ""))
    assert len(rows) == len(changed) > 10
    assert set(rows["coverage"]) == {Decimal(1)}
    change = rows["change_raw_vi"].map(read)
    assert list(rows["value"]) == list(rows["value_csv"].map(Decimal))
    assert list(rows["value"] - rows["previous_value"]) == list(change)
    assert list(rows["previous_value"]) == list(rows["previous_implied"].map(Decimal))
    # some were printed without their sign or without the percent sign
    wanted = rows["change_pct_printed"].map(percent) * change.map(Decimal(1).copy_sign)
    places = zip(rows["change_pct"], wanted, strict=True)
    assert [value.quantize(like, ROUND_HALF_UP) for value, like in places] == list(
        wanted
    )


def test_every_printed_rate_is_recomputed_and_one_was_cut_off(
    printed: pd.DataFrame, figures: pd.DataFrame
) -> None:
    found = printed["check"].str.extract(RATE)
    told = printed.join(found)[found["rate"].notna()]
    rates = figures[figures["indicator_code"].str.contains("_rate")]
    rows = told.merge(rates, on=KEYS, suffixes=("_csv", ""))
    assert len(rows) == len(told) > 5
    assert set(rows["coverage"]) == {Decimal(1)}
    assert list(rows["numerator"]) == list(rows["part"].map(Decimal))
    assert list(rows["denominator"]) == list(rows["whole"].map(Decimal))
    # most are noted in plain style, one as it stood in print
    wanted = rows["rate"].str.rstrip("%").str.replace(",", ".").map(Decimal)
    places = list(zip(rows["value"], wanted, strict=True))
    is_rounded = [value.quantize(like, ROUND_HALF_UP) == like for value, like in places]
    # the article on quarter 1 of 2021 says 88,2 % of what is 88,29 %: a digit was cut
    # off; rounded as all the others are, it would say 88,3
    cut_off = rows.loc[[not right for right in is_rounded]]
    assert list(cut_off["source_url"]) == ["baobariavungtau.com.vn 922943"]
    value = cut_off["value"].iloc[0]
    assert value.quantize(Decimal("0.1"), ROUND_DOWN) == Decimal("88.2")
    assert value.quantize(Decimal("0.1"), ROUND_HALF_UP) == Decimal("88.3")
