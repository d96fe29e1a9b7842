"""Where files come from and how foreign tables in them are read, as checked types."""

from __future__ import annotations

import datetime as dt
from typing import Literal, get_args

from pydantic import Field

from sources.programme.basics import Code, NumberStyle, PeriodType, Strict

AskedConnector = Literal["dhis2", "sdmx", "http", "sql"]
"""Connectors that ask an interface or a database, each with a block of its name."""
ASKED: tuple[AskedConnector, ...] = get_args(AskedConnector)


class ColumnMap(Strict):
    """Finds one column of a foreign sheet by header text; patterns are tried in order
    against the header with spaces folded (regular expressions, whole match)."""

    header: tuple[str, ...] = Field(min_length=1)


class MeasureColumn(ColumnMap):
    """A column of values of `measure` (of its member, where there is a code column)."""

    measure: Code


class PeriodPattern(Strict):
    """One way in which a foreign table writes periods (regular expression, whole match
    on the text with spaces folded), and the form that rows of such a period belong to.

    The named group `year` gives the reporting year and `part` the number of the month,
    quarter or half-year in it. `year_shift` is added where the writer names a year by
    its start: `2017Oct`, from October 2017 on, is our 2018. `example` is such a text,
    for the senders; without `form` it is the map's.
    """

    text: str
    example: str
    form: Code | None = None
    year_shift: int = Field(default=0, ge=-1, le=1)


class Unpack(Strict):
    """A column whose texts hold several keys: `A,CRIME,NR,VN` under a header such as
    `freq,iccs,unit,geo\\TIME_PERIOD`. Its parts become columns named in the header;
    those that the map has no column for are left out."""

    column: ColumnMap
    separator: str = ","


class WideColumns(Strict):
    """Columns of values whose header says period, measure, or both.

    `header` is a regular expression (whole match on the header with spaces folded) with
    the named groups `period` and, where the header names the measure too, `measure`, or
    the latter alone; what it does not match is no column of values, unless
    `is_exhaustive`: then the file is refused. Headers over `header_rows` rows, from the
    map's `header_row` down, are joined with a blank, merged cells filled to the right.
    The texts go through `periods` and `codes` of the map like those of a long table.
    `measure` is the code of every cell, where neither header nor a column names one.
    Columns whose header `provisional` matches (whole match) hold provisional figures.

    An empty cell or a mark is a missing value. A row without any filled cell of values
    is a heading or a note and is passed over, and so is what holds nothing but marks
    about a unit that does not exist on the period's last day.
    """

    header: str
    header_rows: int = Field(default=1, ge=1, le=5)
    measure: Code | None = None
    provisional: str | None = None
    is_exhaustive: bool = True


class TableMap(Strict):
    """How to read one kind of foreign table. The first map whose `file` pattern (whole
    match on the file name) and `years` fit is used.

    A named group `year` in `file` gives the reporting year; `period_column` gives it
    per row, by `periods` where they are given. `member_total` is the code meaning "all
    members". `units` maps the unit column's text to unit codes; rows of `ignore_units`
    are passed over. A table without such a column is all of `unit`.

    Wide tables have one column per measure (`measures`). Long ones have one row per
    value: `measure_column` holds the measure's code, `key_columns` the parts of its
    member's code, put together with `joiner`, and `value_column` the value. `codes`
    maps such a text, `measure` or `measure.member`, to the code it has here.
    `status_column` holds a code of SDMX CL_OBS_STATUS per value, or nothing. Tables
    whose columns are periods have `wide`, and are read as long ones once molten.

    `unpack` splits a column that packs several keys (Eurostat). `records` is the path
    to the list of records in a JSON document, by points (`dataValues`).
    """

    file: str
    years: tuple[int, int] | None = None
    form: Code
    sheet: str | None = None
    header_row: int = Field(default=1, ge=1)
    first_row: int = Field(default=2, ge=2)
    unit_column: ColumnMap | None = None
    unit: Code | None = None
    units: dict[str, Code] = Field(default_factory=dict)
    ignore_units: tuple[str, ...] = ()
    period_column: ColumnMap | None = None
    period_type: PeriodType = PeriodType.YEAR
    periods: tuple[PeriodPattern, ...] = ()
    member_column: ColumnMap | None = None
    member_label_column: ColumnMap | None = None
    member_total: str | None = None
    code_list: Code | None = None
    absent_members_are_zero: bool = False
    measures: tuple[MeasureColumn, ...] = ()
    measure_column: ColumnMap | None = None
    key_columns: tuple[ColumnMap, ...] = ()
    joiner: Literal[".", "_", "-"] = "."
    codes: dict[str, Code] = Field(default_factory=dict)
    value_column: ColumnMap | None = None
    status_column: ColumnMap | None = None
    unpack: Unpack | None = None
    records: str = ""
    wide: WideColumns | None = None


class Auth(Strict):
    """How an interface is entered. Texts are ${VAR}s of the environment, never secrets.

    basic: user and password. bearer: `token`, sent as `scheme token`. token_url: user
    and password (client id and secret, or by `grant` a person's) fetch a token there,
    and again when it expires.
    """

    kind: Literal["basic", "bearer", "token_url"]
    user: str = ""
    password: str = ""
    token: str = ""
    scheme: str = "Bearer"
    token_url: str = ""
    grant: Literal["client_credentials", "password"] = "client_credentials"


class Pace(Strict):
    """How patiently a place is asked: seconds without an answer until a try has failed,
    tries in all (waiting longer after each), and at most so many requests a second."""

    timeout_seconds: float = Field(default=30, gt=0)
    tries: int = Field(default=5, ge=1, le=20)
    requests_per_second: float = Field(default=5, gt=0)


class Dhis2Query(Strict):
    """What is asked of a DHIS2 server's `dataValueSets`, whole reports only.

    The cursor is `lastUpdated`; what changed since is asked for again as whole (unit,
    period), so that a delivery never holds a part of a report. The first pull makes one
    delivery of each of `org_units`.
    """

    data_sets: tuple[str, ...] = Field(min_length=1)
    org_units: tuple[str, ...] = Field(min_length=1)
    include_children: bool = True
    start_date: dt.date
    end_date: dt.date | None = None
    format: Literal["json", "csv"] = "json"
    page_size: int = Field(default=10_000, ge=1)


class SdmxQuery(Strict):
    """What is asked of an SDMX REST service, as SDMX-CSV.

    The cursor is `updatedAfter`; periods in which something changed are asked for
    again whole.
    """

    version: Literal["2.1", "3.0"] = "2.1"
    agency: str
    dataflow: str
    dataflow_version: str = "latest"
    key: str = "all"
    start_period: str = ""
    end_period: str = ""


class HttpQuery(Strict):
    """What is asked of any other HTTP interface: pages of JSON or CSV.

    `parameters` go with every request. `page`: a page number in `page_parameter` from
    `first_page`, `offset`: rows already had, `next`: the address that stands in the
    page at `next_path`, `link`: the header Link; the last page is the one with fewer
    records than `page_size`, or without a next. `since_parameter` gets the cursor; the
    interface must then answer with whole reports (every value of a changed unit and
    period).
    """

    format: Literal["json", "csv"] = "json"
    parameters: dict[str, str] = Field(default_factory=dict)
    records: str = ""
    paging: Literal["none", "page", "offset", "next", "link"] = "none"
    page_parameter: str = "page"
    size_parameter: str = ""
    page_size: int = Field(default=1_000, ge=1)
    first_page: int = 1
    next_path: str = "next"
    since_parameter: str = ""


class SqlQuery(Strict):
    """What is read from a unit's database, in a read-only transaction.

    `select` is one SELECT whose columns the map names. `keys` are those that make a
    report (unit, period); `watermark` a column that grows with every change: a time, a
    day or a number. Reports in which something reached the cursor are read again whole,
    and delivered where they differ from what was delivered. `overlap_seconds` looks
    back for rows that were committed late (a number goes back that many steps, a day
    by whole days). Without a watermark everything is read and compared each time.
    """

    select: str
    keys: tuple[str, ...] = Field(min_length=1)
    watermark: str | None = None
    overlap_seconds: int = Field(default=300, ge=0)
    delivery_rows: int = Field(default=100_000, ge=1)


class Source(Strict):
    """Where files come from and how they are read. Texts may hold ${VAR} or
    ${VAR:-default}; a relative path starts at the programme folder. `replies` says in
    the same way where marked workbooks go back; empty is `replies/<code>` in the home.

    `pattern` says which files below a folder are its: `**/` spans folders, `*` and `?`
    do not, `{xlsx,ods}` is either of them, and case makes no difference.

    drop_folder: `path` is a folder, or an address of fsspec: sftp://machine:port/folder,
    s3://bucket/folder, webdav+https://machine/folder, names spelt as they are. Files
    changed in the last `settle_seconds` are left for the next time, by the clock of the
    place where it tells one. `options` are for its file system, and for that of
    `replies`: `username` and `password` everywhere; SFTP also `client_keys`,
    `passphrase` and `known_hosts` (files, relative to the programme folder; without it
    ~/.ssh/known_hosts; a key that is not in there is refused); S3 `endpoint_url`; and
    what sshfs, s3fs and webdav4 take besides. `client_kwargs.region_name` puts
    `region_name` into `client_kwargs`. What comes from a ${VAR} is a text and is never
    shown; written out, `true`, `false` and whole numbers are such, and an empty text is
    none. Of `pace` it takes time-out and tries.

    The other connectors ask `url`, each with the block of its name, and need the reader
    `mapped`. `marks` are texts that
    stand for a status in this source's files. encoding and delimiter `auto` are
    detected, and refused where that is not safe.
    """

    code: Code
    name_vi: str
    name_en: str
    connector: Literal["drop_folder", AskedConnector] = "drop_folder"
    path: str = ""
    options: dict[str, str] = Field(default_factory=dict)
    settle_seconds: int = Field(default=0, ge=0)
    url: str = ""
    auth: Auth | None = None
    pace: Pace = Pace()
    every_minutes: int = Field(default=60, ge=1)
    dhis2: Dhis2Query | None = None
    sdmx: SdmxQuery | None = None
    http: HttpQuery | None = None
    sql: SqlQuery | None = None
    replies: str = ""
    pattern: str = "**/*"
    reader: Literal["template", "mapped", "csv"]
    number_style: NumberStyle
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    marks: dict[str, Literal["nil", "not_applicable", "missing"]] = Field(
        default_factory=dict
    )
    maps: tuple[TableMap, ...] = ()


class UnitName(Strict):
    """A person's word on what a name in a source's files means: a unit's code, or no
    unit at all (a region, a heading), whose rows are passed over."""

    source_code: Code
    name: str
    unit_code: Code | None = None
    decided_by: str
    decided_on: dt.date
    note: str = ""
