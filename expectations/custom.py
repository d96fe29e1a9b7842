"""Expectation classes that Great Expectations lacks, for pandas frames only.

Importing this module imports great_expectations and registers the classes under the
names that `the catalogue` uses.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import (
    ColumnMapExpectation,
    ColumnPairMapExpectation,
    MulticolumnMapExpectation,
)
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    ColumnPairMapMetricProvider,
    MulticolumnMapMetricProvider,
    column_condition_partial,
    column_pair_condition_partial,
    multicolumn_condition_partial,
)


class ColumnValuesWhole(ColumnMapMetricProvider):
    """Per row: the number has no fraction. Exact on decimals; nulls are skipped."""

    condition_metric_name = "column_values.whole"

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, **_: Any) -> pd.Series:
        return (column % 1).eq(0)


class ExpectColumnValuesToBeWhole(ColumnMapExpectation):
    """Expect every number of a column to be whole."""

    map_metric: ClassVar[str] = "column_values.whole"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly",)


class ColumnPairKeepsShare(ColumnPairMapMetricProvider):
    """Per row: A is at least `share` of B. Rows with a null in either are skipped."""

    condition_metric_name = "column_pair_values.keep_share"
    condition_domain_keys = (
        "batch_id",
        "table",
        "column_A",
        "column_B",
        "row_condition",
        "condition_parser",
        "ignore_row_if",
    )
    condition_value_keys = ("share",)

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(
        cls, column_A: pd.Series, column_B: pd.Series, share: float, **_: Any
    ) -> pd.Series:
        return column_A >= column_B * share


class ExpectColumnPairValuesToKeepAShare(ColumnPairMapExpectation):
    """Expect A to be at least `share` of B in every row where both are known."""

    share: float
    ignore_row_if: str = "either_value_is_missing"

    map_metric: ClassVar[str] = "column_pair_values.keep_share"
    success_keys: ClassVar[tuple[str, ...]] = (
        "column_A",
        "column_B",
        "share",
        "ignore_row_if",
        "mostly",
    )
    args_keys: ClassVar[tuple[str, ...]] = ("column_A", "column_B", "share")


class MulticolumnNotNull(MulticolumnMapMetricProvider):
    """Per row: none of the columns is null."""

    condition_metric_name = "multicolumn_values.not_null"
    condition_domain_keys = (
        "batch_id",
        "table",
        "column_list",
        "row_condition",
        "condition_parser",
        "ignore_row_if",
    )
    condition_value_keys = ()

    @multicolumn_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_list: pd.DataFrame, **_: Any) -> pd.Series:
        return column_list.notna().all(axis=1)


class ExpectMulticolumnValuesToNotBeNull(MulticolumnMapExpectation):
    """Expect every column of a list to be filled in every row."""

    ignore_row_if: str = "never"

    map_metric: ClassVar[str] = "multicolumn_values.not_null"
    success_keys: ClassVar[tuple[str, ...]] = (
        "column_list",
        "ignore_row_if",
        "mostly",
    )
    args_keys: ClassVar[tuple[str, ...]] = ("column_list",)
