"""A published home of the sample programme, its marts written by hand.

Judged on 10/01/2027, when the police year 2026 (to 14/12/2026) is over. Communes A1,
A2, B1 and B2 owe form ANTT-T each month, three days after its end: that of December
on 17/12/2026. The publication judges two targets on the year 2026 and one on 2027.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.settings import Settings
from orchestration.steps.context import RunContext, open_run
from orchestration.steps.load import fingerprint, remember_published
from sources.programme.scaffold import init_programme
from warehouse.home import Home
from warehouse.publish import publish

DAY = dt.date(2027, 1, 10)
YEAR, OPEN_YEAR = "police-2026-Y", "police-2027-Y"
PUBLISHED_AT = dt.datetime(2027, 1, 10, 1, tzinfo=dt.UTC)

_MARTS = """
create schema marts;
create table marts.fct_target_progress (target_key varchar, unit_key varchar,
    period_key varchar, programme_code varchar, verdict varchar,
    verdict_label_vi varchar, verdict_label_en varchar, actual decimal(30, 8));
insert into marts.fct_target_progress values
    ('t2', 'k', 'police-2026-Y', $code, 'met', 'Đạt', 'Met', 96.5),
    ('t1', 'k', 'police-2026-Y', $code, 'met', 'Đạt', 'Met', 5),
    ('t1', 'k2', 'police-2026-Y', $code, 'not_met', 'Không đạt', 'Not met', 4.99999999),
    ('t1', 'k', 'police-2027-Y', $code, 'not_due', 'Chưa đến hạn', 'Not due', null),
    ('t1', 'k', 'police-2026-Y', 'another', 'met', 'Đạt', 'Met', 1);
create table marts.dim_target as select 't1' as target_key, 'Tên' as name_vi,
    'Name' as name_en, '≥ 5 %' as requirement_vi, '≥ 5 %' as requirement_en;
create table marts.dim_unit as select 'k' as unit_key, 'Tỉnh' as name_vi,
    'Province' as name_en;
create table marts.dim_period as select * from (values
    ('police-2026-Y', 'Năm 2026', 'Year 2026', date '2026-12-15'),
    ('police-2027-Y', 'Năm 2027', 'Year 2027', date '2027-12-15'))
    t(period_key, label_vi, label_en, end_date);
"""


def settings(folder: Path, day: dt.date = DAY) -> Settings:
    """Settings of the programme and home in `folder`."""
    return Settings(folder / "programme", Home(folder / "home"), 1, day)


@contextmanager
def opened(folder: Path, is_published: bool = True) -> Iterator[RunContext]:
    """A run over the home, published unless told otherwise."""
    if not (folder / "programme").exists():
        init_programme(folder / "programme")
    with open_run(settings(folder)) as run:
        if is_published and not run.home.published_db.exists():
            with duckdb.connect(str(run.home.build_db)) as connection:
                for statement in _MARTS.split(";\n"):
                    values = {"code": run.programme.code} if "$" in statement else None
                    connection.execute(statement, values)
            publish(run.home, "first", PUBLISHED_AT, DAY)
            remember_published(run, fingerprint(run))
        yield run
