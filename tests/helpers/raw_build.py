"""Schema raw written row by row, for facts whose answers are worked out by hand.

One programme `demo`: a root R with four communes A, B, C, D; a quarterly form F with
count `m` (less is better) and the two sides of the ratio `rate`. Rows are added before
`write`, which makes the build file.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

import duckdb
import pandas as pd

from warehouse.home import Home
from warehouse.raw_schema import TABLES, create_statement

FOREVER = dt.date(9999, 12, 31)
EARLY = dt.date(2000, 1, 1)
START = dt.datetime(2024, 1, 5)
OPEN = {"valid_from": EARLY, "valid_to": FOREVER}
CHILDREN = ("A", "B", "C", "D")


@dataclass
class RawBuild:
    """Rows of schema raw by table."""

    rows: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def add(self, table: str, **values: object) -> None:
        """One row; columns not named are null."""
        row = {"programme_code": "demo", **values}
        self.rows.setdefault(table, []).append(row)

    def unit(self, code: str, parent: str | None = "R", **more: object) -> None:
        """A unit version and its links upwards, one level deep."""
        dates = {k: more.pop(k, v) for k, v in OPEN.items()}
        level = more.pop("level", "commune" if parent else "top")
        key = f"k{code}"
        self.add(
            "ref_unit",
            unit_key=key,
            unit_code=code,
            name_vi=f"Đơn vị {code}",
            name_en=f"Unit {code}",
            level=level,
            parent_unit_code=parent,
            **dates,
        )
        for above, depth in ((code, 0), (parent, 1)):
            if above:
                self.add(
                    "ref_unit_ancestor",
                    unit_key=key,
                    ancestor_unit_key=f"k{above}",
                    unit_code=code,
                    ancestor_unit_code=above,
                    depth=depth,
                    **dates,
                )

    def measure(self, code: str, **more: object) -> None:
        """A measure of form F."""
        values = {
            "name_vi": f"Chỉ tiêu {code}",
            "name_en": f"Measure {code}",
            "value_type": "count",
            "direction": "neutral",
            "unit_aggregation": "sum",
            "is_required": True,
            **more,
        }
        self.add("ref_measure", indicator_code=code, form_code="F", **values)

    def target(self, code: str, comparator: str, low: object, **more: object) -> None:
        """A target on the ratio, judged over the communes."""
        values = {"scope_type": "level", "scope_code": "commune", **OPEN, **more}
        self.add(
            "ref_target",
            target_key=f"t{code}",
            target_code=code,
            indicator_code="rate",
            quantity="value",
            comparator=comparator,
            low=low,
            **values,
        )

    def submit(
        self, unit: str, period: str, values: dict[str, object], **more: object
    ) -> str:
        """An accepted submission and its figures; gives its id."""
        number = len(self.rows.get("submission", []))
        identifier = str(more.pop("submission_id", f"s{number}"))
        since = START + dt.timedelta(hours=number)
        self.add(
            "submission",
            **{
                "submission_id": identifier,
                "delivery_sha256": f"d{number}",
                "file_name": f"{identifier}.xlsx",
                "sheet": "Biểu",
                "form_code": "F",
                "unit_code": unit,
                "period_key": period,
                "version": 1,
                "status": "accepted",
                "accepted_from": since,
                "is_control_total": False,
                **more,
            },
        )
        for row, (code, value) in enumerate(values.items()):
            self.add(
                "observation",
                submission_id=identifier,
                measure_code=code,
                value=None if value == "n/a" else Decimal(str(value)),
                observation_status="not_applicable" if value == "n/a" else "reported",
                sheet="Biểu",
                cell=f"C{row + 5}",
            )
        return identifier

    def correct(
        self,
        unit: str,
        period: str,
        before: dict[str, object],
        after: dict[str, object],
    ) -> str:
        """A submission that was replaced by another; gives the id of the second."""
        number = len(self.rows.get("submission", []))
        replaced = START + dt.timedelta(hours=number + 1)
        self.submit(
            unit, period, before, status="superseded", accepted_to=replaced, version=1
        )
        return self.submit(unit, period, after, version=2)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Rows by table, only the columns that schema raw has."""
        return {
            table: pd.DataFrame(
                [{k: v for k, v in r.items() if k in TABLES[table]} for r in rows],
                dtype=object,
            )
            for table, rows in self.rows.items()
        }

    def write(self, home: Home) -> None:
        """Makes the build file anew with schema raw."""
        home.create()
        home.build_db.unlink(missing_ok=True)
        with duckdb.connect(str(home.build_db)) as connection:
            connection.execute("create schema raw")
            for table in TABLES:
                connection.execute(create_statement(table))
            for table, rows in self.rows.items():
                known = [
                    {k: v for k, v in r.items() if k in TABLES[table]} for r in rows
                ]
                for row in known:
                    names = ", ".join(row)
                    marks = ", ".join("?" for _ in row)
                    connection.execute(
                        f"insert into raw.{table} ({names}) values ({marks})",
                        list(row.values()),
                    )


def quarters(build: RawBuild, years: tuple[int, ...] = (2023, 2024)) -> list[str]:
    """Civil quarters of these years; gives their keys."""
    keys = []
    for year in years:
        for number in range(1, 5):
            key = f"civil-{year}-Q{number}"
            end = dt.date(year + number // 4, number * 3 % 12 + 1, 1)
            build.add(
                "ref_period",
                period_key=key,
                calendar_code="civil",
                period_type="quarter",
                label_vi=f"Quý {number}/{year}",
                label_en=f"Quarter {number}/{year}",
                start_date=dt.date(year, number * 3 - 2, 1),
                end_date=end,
                year=year,
            )
            keys.append(key)
    return keys


def small_build() -> RawBuild:
    """The programme described at the top, without figures."""
    build = RawBuild()
    quarters(build)
    for code, rank in (("top", 0), ("commune", 1)):
        build.add(
            "ref_level",
            level_code=code,
            level_rank=rank,
            name_vi=f"Cấp {code}",
            name_en=f"Level {code}",
        )
    build.unit("R", None)
    for code in CHILDREN:
        build.unit(code)
    build.measure("m", direction="lower")
    build.measure("once", unit_aggregation="none")
    build.measure("cleared", direction="higher", is_required=False)
    build.measure("cases", is_required=False)
    build.add("ref_indicator", indicator_code="m", kind="flow")
    build.add(
        "ref_indicator",
        indicator_code="rate",
        name_vi="Tỷ lệ",
        name_en="Rate",
        kind="ratio",
        scale=Decimal(100),
    )
    for measure, role in (("cleared", "numerator"), ("cases", "denominator")):
        build.add(
            "ref_indicator_part",
            indicator_code="rate",
            measure_code=measure,
            role=role,
        )
    build.add("ref_form", form_code="F", frequency="quarter", first_year=2023, **OPEN)
    build.add(
        "ref_form_due", form_code="F", level="commune", since=EARLY, until=FOREVER
    )
    build.add("ref_form_control", form_code="F", level="top")
    return build
