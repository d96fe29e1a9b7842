"""Expectations over rows: cheap ones of our own, for pandas frames only.

Those of Great Expectations ask ten metrics for each column and copy the frame for most
of them: 15 ms an expectation before the first row, and more than the rules themselves
on 200,000 rows. Ours are GX expectations with one metric each: how many rows the rule
applies to, and which of them break it. Where a column is null a rule does not apply.

Importing this module imports great_expectations and registers the classes under the
names that the catalogue uses.
"""

from __future__ import annotations

import operator
from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine import ExecutionEngine, PandasExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.expectation_configuration import (
    parse_result_format,
)
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import (
    TableMetricProvider,
)
from great_expectations.expectations.registry import get_expectation_impl
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import ValidationDependencies

from expectations.comparison import keeps, number_like, spread

METRIC = "table.rows_judged"


class RowsJudged(TableMetricProvider):
    """Per rule: rows of the frame, rows it applies to, positions of those it fails."""

    metric_name = METRIC
    value_keys = ("expectation", "arguments")

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(
        cls,
        execution_engine: PandasExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> tuple[int, int, np.ndarray]:
        frame, *_keys = execution_engine.get_compute_domain(
            metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
        )
        expectation: Any = get_expectation_impl(metric_value_kwargs["expectation"])
        applies, holds = expectation.judge(frame, **metric_value_kwargs["arguments"])
        applies = np.asarray(applies, dtype=bool)
        failed = np.flatnonzero(applies & ~np.asarray(holds, dtype=bool))
        return len(frame), int(np.count_nonzero(applies)), failed


class RowExpectation(BatchExpectation):
    """Expect every row that a rule applies to to keep it; abstract."""

    arguments: ClassVar[tuple[str, ...]] = ()
    """Fields that `judge` takes beside the frame."""

    @classmethod
    @abstractmethod
    def judge(cls, frame: pd.DataFrame, **arguments: Any) -> tuple[Any, Any]:
        """Two booleans per row: whether the rule applies, whether the row keeps it."""

    def get_validation_dependencies(
        self,
        execution_engine: ExecutionEngine | None = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> ValidationDependencies:
        """The one metric; GX's own way there builds the expectation three times over.

        Called by GX.
        """
        metric = MetricConfiguration(
            metric_name=METRIC,
            metric_domain_kwargs={"batch_id": self.batch_id},
            metric_value_kwargs={
                "expectation": self.expectation_type,
                "arguments": {name: getattr(self, name) for name in self.arguments},
            },
        )
        asked = (runtime_configuration or {}).get("result_format", "BASIC")
        return ValidationDependencies(
            metric_configurations={METRIC: metric},
            result_format=parse_result_format(asked),
        )

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine | None = None,
    ) -> dict[str, Any]:
        rows, checked, failed = metrics[METRIC]
        return {
            "success": not len(failed),
            "result": {
                "element_count": rows,
                "missing_count": rows - checked,
                "unexpected_count": len(failed),
                "unexpected_index_list": failed,
            },
        }


class ExpectColumnValuesToBeFilled(RowExpectation):
    """Expect no null."""

    column: str

    arguments: ClassVar[tuple[str, ...]] = ("column",)

    @classmethod
    def judge(cls, frame: pd.DataFrame, **arguments: Any) -> tuple[Any, Any]:
        """Applies to every row."""
        is_filled = frame[arguments["column"]].notna()
        return np.ones(len(frame), dtype=bool), is_filled


class ExpectMulticolumnValuesToBeFilled(RowExpectation):
    """Expect no null in any column of a list."""

    column_list: list[str]

    arguments: ClassVar[tuple[str, ...]] = ("column_list",)

    @classmethod
    def judge(cls, frame: pd.DataFrame, **arguments: Any) -> tuple[Any, Any]:
        """Applies to every row."""
        is_filled = np.ones(len(frame), dtype=bool)
        for name in arguments["column_list"]:
            is_filled &= frame[name].notna().to_numpy()
        return np.ones(len(frame), dtype=bool), is_filled


class ExpectColumnValuesToBeAmong(RowExpectation):
    """Expect every value that is there to be one of a list."""

    column: str
    value_set: list[Any]

    arguments: ClassVar[tuple[str, ...]] = ("column", "value_set")

    @classmethod
    def judge(cls, frame: pd.DataFrame, **arguments: Any) -> tuple[Any, Any]:
        """Applies where the column is filled."""
        column = frame[arguments["column"]]
        return column.notna(), column.isin(arguments["value_set"])


class ExpectColumnValuesToBeNoneOf(ExpectColumnValuesToBeAmong):
    """Expect no value to be one of a list."""

    @classmethod
    def judge(cls, frame: pd.DataFrame, **arguments: Any) -> tuple[Any, Any]:
        """Applies where the column is filled."""
        applies, is_among = super().judge(frame, **arguments)
        return applies, ~is_among


class ExpectColumnValuesToLieBetween(RowExpectation):
    """Expect every number that is there to lie between two bounds, both in."""

    column: str
    min_value: Any = None
    max_value: Any = None

    arguments: ClassVar[tuple[str, ...]] = ("column", "min_value", "max_value")

    @classmethod
    def judge(cls, frame: pd.DataFrame, **arguments: Any) -> tuple[Any, Any]:
        """Applies where the column is filled; decimals stay exact."""
        column = frame[arguments["column"]]
        applies = column.notna().to_numpy()
        known = column[applies]
        is_within = np.ones(len(known), dtype=bool)
        for name, compares in (("min_value", operator.ge), ("max_value", operator.le)):
            if arguments[name] is not None:
                bound = number_like(known, arguments[name])
                is_within &= compares(known, bound).to_numpy(dtype=bool)
        return applies, spread(applies, is_within)


class ExpectColumnValuesToBeWhole(RowExpectation):
    """Expect every number that is there to have no fraction."""

    column: str

    arguments: ClassVar[tuple[str, ...]] = ("column",)

    @classmethod
    def judge(cls, frame: pd.DataFrame, **arguments: Any) -> tuple[Any, Any]:
        """Applies where the column is filled; decimals stay exact."""
        column = frame[arguments["column"]]
        applies = column.notna().to_numpy()
        return applies, spread(applies, (column[applies] % 1).eq(0).to_numpy())


class ExpectCompoundValuesToBeUnique(RowExpectation):
    """Expect no two rows to agree in all columns of a list."""

    column_list: list[str]

    arguments: ClassVar[tuple[str, ...]] = ("column_list",)

    @classmethod
    def judge(cls, frame: pd.DataFrame, **arguments: Any) -> tuple[Any, Any]:
        """Applies where all the columns are filled."""
        columns = frame[arguments["column_list"]]
        applies = columns.notna().to_numpy().all(axis=1)
        known = columns[applies]
        if columns.shape[1] == 1:
            keys = known.iloc[:, 0].to_numpy()
            if (keys[1:] > keys[:-1]).all():  # as good files arrive: nothing to hash
                return applies, applies
        return applies, spread(applies, ~known.duplicated(keep=False).to_numpy())


class ExpectColumnPairValuesToCompare(RowExpectation):
    """Expect A `comparator` B, give or take `tolerance`, where both are there."""

    column_A: str
    column_B: str
    comparator: str
    tolerance: Any = 0

    arguments: ClassVar[tuple[str, ...]] = (
        "column_A",
        "column_B",
        "comparator",
        "tolerance",
    )

    @classmethod
    def judge(cls, frame: pd.DataFrame, **arguments: Any) -> tuple[Any, Any]:
        """Applies where both columns are filled; decimals stay exact."""
        left, right = frame[arguments["column_A"]], frame[arguments["column_B"]]
        applies = (left.notna() & right.notna()).to_numpy()
        holds = keeps(
            left[applies],
            arguments["comparator"],
            right[applies],
            arguments["tolerance"],
        )
        return applies, spread(applies, holds)


class ExpectColumnPairValuesToKeepAShare(RowExpectation):
    """Expect A to be at least `share` of B, where both are there."""

    column_A: str
    column_B: str
    share: float

    arguments: ClassVar[tuple[str, ...]] = ("column_A", "column_B", "share")

    @classmethod
    def judge(cls, frame: pd.DataFrame, **arguments: Any) -> tuple[Any, Any]:
        """Applies where both columns are filled."""
        left, right = frame[arguments["column_A"]], frame[arguments["column_B"]]
        applies = (left.notna() & right.notna()).to_numpy()
        holds = left[applies] >= right[applies] * arguments["share"]
        return applies, spread(applies, holds.to_numpy(dtype=bool))
