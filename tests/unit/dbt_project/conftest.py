"""A small programme written by hand, its figures, and the whole dbt build over them.

Two districts until 28/02/2025, then communes alone; on 01/07/2025 commune C2 is split
between C1 and C3. Offences come by quarter, headquarters by year. District B's fourth
quarter of 2024 never came.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from sources.programme.model import (
    Calendar,
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
from sources.programme.reference import reference_frames
from tests.helpers.compiled_models import CompiledModels
from tests.helpers.dbt_run import run_dbt
from warehouse.raw_schema import TABLES, create_statement

AS_OF = dt.date(2025, 12, 20)

START, DISTRICTS_END, SPLIT = (
    dt.date(2022, 12, 15),
    dt.date(2025, 3, 1),
    dt.date(2025, 7, 1),
)


def _unit(
    code: str,
    level: str,
    parent: str | None,
    valid_from: dt.date = START,
    valid_to: dt.date | None = None,
) -> UnitVersion:
    return UnitVersion(
        unit_code=code,
        name_vi=code,
        name_en=code,
        unit_type=level,
        level=level,
        parent_unit_code=parent,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _target(code: str, indicator: str, **words: object) -> Target:
    return Target.model_validate(
        {
            "code": code,
            "name_vi": code,
            "name_en": code,
            "indicator": indicator,
            "scope": Scope(type="unit", code="P"),
            "comparator": ">=",
            "rhythm": "every_year",
            "verbatim_vi": code,
            "document": "NQ",
            "valid_from": START,
            **words,
        }
    )


def small_programme(folder: Path) -> Programme:
    """The programme described at the top of this file."""
    return Programme(
        folder=folder,
        code="small",
        name_vi="Nhỏ",
        name_en="Small",
        root_unit="P",
        term=Term(calendar="police", first_year=2024, last_year=2025),
        reporting_from_year=2023,
        levels=tuple(
            Level(code=c, name_vi=c, name_en=c)
            for c in ("province", "district", "commune")
        ),
        documents=(Document(code="NQ", title_vi="Nghị quyết"),),
        calendars=(
            Calendar(
                code="police",
                name_vi="Công an",
                name_en="Police",
                start_month=12,
                start_day=15,
                year_offset=-1,
            ),
        ),
        units=(
            _unit("P", "province", None),
            _unit("A", "district", "P", valid_to=DISTRICTS_END),
            _unit("B", "district", "P", valid_to=DISTRICTS_END),
            _unit("C1", "commune", "A", valid_to=DISTRICTS_END),
            _unit("C1", "commune", "P", DISTRICTS_END),
            _unit("C2", "commune", "A", valid_to=DISTRICTS_END),
            _unit("C2", "commune", "P", DISTRICTS_END, SPLIT),
            _unit("C3", "commune", "B", valid_to=DISTRICTS_END),
            _unit("C3", "commune", "P", DISTRICTS_END),
        ),
        successions=(
            *(
                Succession(
                    from_unit_code="C2",
                    to_unit_code=to,
                    effective_date=SPLIT,
                    relation="split",
                    share=share,
                    share_basis="estimated",
                )
                for to, share in (("C1", Decimal("0.6")), ("C3", Decimal("0.4")))
            ),
        ),
        measures=(
            Measure(
                code="offences",
                name_vi="Vụ",
                name_en="Offences",
                kind="flow",
                unit_of_measure="vụ",
                direction="lower",
            ),
            Measure(
                code="hq_done",
                name_vi="Trụ sở",
                name_en="Headquarters",
                kind="stock",
                value_type="yes_no",
                unit_of_measure="có/không",
            ),
        ),
        indicators=(
            Indicator(
                code="hq_share",
                name_vi="Tỷ lệ trụ sở",
                name_en="Share of headquarters",
                kind="unit_share",
                direction="higher",
                numerator=("hq_done",),
                levels=("commune",),
            ),
            Indicator(
                code="promise", name_vi="Hứa", name_en="Promise", kind="commitment"
            ),
        ),
        forms=(
            Form(
                code="Q",
                name_vi="Quý",
                name_en="Quarterly",
                calendar="police",
                frequency=PeriodType.QUARTER,
                measures=("offences",),
                due_from=(
                    Obligation(levels=("district",), until=DISTRICTS_END),
                    Obligation(levels=("commune",), since=DISTRICTS_END),
                ),
                deadline_days={"district": 3, "commune": 1},
                valid_from=START,
            ),
            Form(
                code="Y",
                name_vi="Năm",
                name_en="Yearly",
                calendar="police",
                frequency=PeriodType.YEAR,
                measures=("hq_done",),
                due_from=(Obligation(levels=("commune",)),),
                deadline_days={"commune": 1},
                valid_from=START,
            ),
        ),
        targets=(
            _target(
                "CUT",
                "offences",
                quantity="reduction_pct",
                low=Decimal(5),
                baseline="previous_year",
                drill_levels=("district",),
            ),
            _target("HQ", "hq_share", rhythm="by_end_of_term", low=Decimal(70)),
            _target("NONE", "offences", comparator="=", low=Decimal(0), rhythm="never"),
            _target(
                "WORD", "promise", quantity="none", comparator="none", rhythm="none"
            ),
        ),
        sources=(),
    )


# (form, period, {unit: value}); None is a report whose cell is not applicable
REPORTS: tuple[tuple[str, str, dict[str, str | None]], ...] = (
    ("Q", "2023-Q1", {"A": "60", "B": "40"}),
    ("Q", "2023-Q2", {"A": "60", "B": "40"}),
    ("Q", "2023-Q3", {"A": "60", "B": "40"}),
    ("Q", "2023-Q4", {"A": "60", "B": "40"}),
    ("Q", "2024-Q1", {"A": "50", "B": "40"}),
    ("Q", "2024-Q2", {"A": "50", "B": "40"}),
    ("Q", "2024-Q3", {"A": "50", "B": "40"}),
    ("Q", "2024-Q4", {"A": "50"}),
    ("Q", "2025-Q1", {"C1": "10", "C2": "15", "C3": "20"}),
    ("Q", "2025-Q2", {"C1": "10", "C2": "15", "C3": "20"}),
    ("Q", "2025-Q3", {"C1": "0", "C3": "20"}),
    ("Q", "2025-Q4", {"C1": None, "C3": "20"}),
    ("Y", "2023-Y", {"C1": "0", "C2": "0", "C3": "0"}),
    ("Y", "2024-Y", {"C1": "1", "C2": "0", "C3": "0"}),
    ("Y", "2025-Y", {"C1": "1", "C3": "1"}),
)


def _rows(ends: dict[str, dt.date]) -> tuple[pd.DataFrame, pd.DataFrame]:
    submissions, observations = [], []
    for form, period, values in REPORTS:
        key = f"police-{period}"
        for unit, value in values.items():
            name = hashlib.sha256(f"{form}{period}{unit}".encode()).hexdigest()[:32]
            submissions.append((name, form, unit, key, ends[key]))
            status = {None: "not_applicable", "0": "nil"}.get(value, "reported")
            measure = "offences" if form == "Q" else "hq_done"
            observations.append((name, measure, value, status))
    return (
        pd.DataFrame(submissions, columns=["id", "form", "unit", "period", "day"]),
        pd.DataFrame(observations, columns=["id", "measure", "value", "status"]),
    )


def write_raw(path: Path, programme: Programme, until_year: int = 2025) -> None:
    """Schema raw of the programme, its reports sent on the day after each period."""
    frames = reference_frames(programme, None, until_year)
    periods = frames["ref_period"]
    ends = dict(zip(periods["period_key"], periods["end_date"], strict=True))
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema raw")
        for table in TABLES:
            connection.execute(create_statement(table))
        for table, frame in frames.items():
            connection.register("frame", frame)
            connection.execute(f"insert into raw.{table} by name from frame")
        submissions, observations = _rows(ends)
        connection.register("sent", submissions)
        connection.register("observed", observations)
        connection.execute(
            "insert into raw.submission by name select id as submission_id, "
            "'small' as programme_code, id as delivery_sha256, id || '.xlsx' as "
            "file_name, form as form_code, unit as unit_code, period as period_key, "
            "1 as version, 'accepted' as status, day::timestamp as received_at, "
            "day::timestamp as recorded_at, day::timestamp as accepted_from, "
            "1 as observation_count, 0 as finding_count, true as is_simulated, "
            "false as is_control_total from sent"
        )
        connection.execute(
            "insert into raw.observation by name select id as submission_id, "
            "'small' as programme_code, measure as measure_code, value::decimal(24,4) "
            "as value, status as observation_status, value as raw_text, 'S' as sheet, "
            "'B2' as cell from observed"
        )


@pytest.fixture(scope="session")
def dbt() -> Callable[..., list[str]]:
    return run_dbt


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> CompiledModels:
    """The models' own SQL, to run over rows in memory."""
    return CompiledModels(tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="session")
def raw_file(programme: Programme) -> Callable[[Path], None]:
    """Writes schema raw of the small programme into a new file."""
    return lambda path: write_raw(path, programme)


@pytest.fixture(scope="session")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    return small_programme(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def built(
    tmp_path_factory: pytest.TempPathFactory, programme: Programme
) -> tuple[Path, list[str]]:
    """The built file and the nodes that failed: models, data tests and unit tests."""
    path = tmp_path_factory.mktemp("dbt") / "build.duckdb"
    write_raw(path, programme)
    return path, run_dbt("build", path, AS_OF)


@pytest.fixture(scope="session")
def marts(built: tuple[Path, list[str]]) -> Iterator[duckdb.DuckDBPyConnection]:
    path, _ = built
    with duckdb.connect(str(path)) as connection:
        yield connection
