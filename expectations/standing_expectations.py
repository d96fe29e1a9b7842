"""Expectation classes of the standing checks, for pandas frames only.

Importing this module imports great_expectations and registers the classes.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    MulticolumnMapMetricProvider,
    multicolumn_condition_partial,
)


class MulticolumnAscending(MulticolumnMapMetricProvider):
    """Per row: no column is less than one before it. Exact on decimals."""

    condition_metric_name = "multicolumn_values.ascending"
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
        is_in_order = pd.Series(True, index=column_list.index)
        so_far = column_list.iloc[:, 0]
        for name in column_list.columns[1:]:
            column = column_list[name]
            is_known = so_far.notna() & column.notna()
            is_less = column[is_known] < so_far[is_known]
            is_in_order[is_less.index[is_less]] = False
            so_far = column.where(column.notna(), so_far)
        return is_in_order


class ExpectMulticolumnValuesToAscend(MulticolumnMapExpectation):
    """Expect every row to rise from column to column; a null is an open end."""

    ignore_row_if: str = "all_values_are_missing"

    map_metric: ClassVar[str] = "multicolumn_values.ascending"
    success_keys: ClassVar[tuple[str, ...]] = (
        "column_list",
        "ignore_row_if",
        "mostly",
    )
    args_keys: ClassVar[tuple[str, ...]] = ("column_list",)
