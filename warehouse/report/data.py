"""What a scorecard shows, read in one go from the published marts.

The only place that asks which tables and columns there are: what a publication lacks
comes out empty, and page and workbook leave that part out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pandas as pd

from warehouse.errors import ReadError
from warehouse.home import Home
from warehouse.published import open_published
from warehouse.raw_schema import PROGRESS
from warehouse.report.statements import (
    EDITIONS,
    FROZEN,
    HISTORY,
    IN_PLACE,
    LATEST,
    LATEST_FROZEN,
    REVISIONS,
    REVISIONS_FROZEN,
    TARGETS,
    YEARS,
)

VERDICT_COLUMNS = (*PROGRESS, "open_finding_count")
"""Empty where the publication does not carry them."""
LATER_TARGET_COLUMNS = ("target_kind", "evidence_vi", "evidence_en")

_REVISION_COLUMNS = (
    "target_code",
    "unit_code",
    "period_key",
    "is_scope_unit",
    "edition_code",
    "published_at",
    "period_label_vi",
    "period_label_en",
    "actual_then",
    "actual_now",
    "verdict_then",
    "verdict_now",
    "why_vi",
    "why_en",
)


@dataclass(frozen=True)
class ScorecardData:
    """One programme's scorecard: of the publication in place or of one edition.

    `targets`: one row per target version. `latest`: one row per target and unit, its
    state to show. `history`: one row per target, unit that answers for it, and period.
    `revisions`: one row per target, unit and period that an edition froze otherwise.
    `parts`: part codes by the code of their composite target. `periods`: labels by
    key. `years`: those of the term.
    """

    programme_code: str
    name_vi: str
    name_en: str
    publication: dict[str, Any]
    targets: pd.DataFrame
    latest: pd.DataFrame
    history: pd.DataFrame
    revisions: pd.DataFrame
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    periods: dict[str, tuple[str, str]] = field(default_factory=dict)
    years: tuple[int, ...] = ()
    editions: tuple[dict[str, Any], ...] = ()
    edition: dict[str, Any] | None = None

    @property
    def is_simulated(self) -> bool:
        """True when made-up figures are in anything shown."""
        return any(
            bool(frame["is_simulated"].eq(True).any())
            for frame in (self.latest, self.history)
        )

    @property
    def as_of(self) -> dt.date:
        """The day judged on: of the edition where it is one."""
        about = self.edition or self.publication
        day: dt.date = about["as_of_date"]
        return day

    @property
    def compared_with(self) -> dict[str, Any] | None:
        """The edition of the same period before this one; published now: the last."""
        if self.edition is None:
            return self.editions[-1] if self.editions else None
        earlier = [
            e
            for e in self.editions
            if e["published_at"] < self.edition["published_at"]
            and e["period_key"] == self.edition["period_key"]
        ]
        return earlier[-1] if earlier else None


def scorecard_data(
    home: Home, programme_code: str, edition_code: str | None = None
) -> ScorecardData:
    """The scorecard of the publication in place, or as one edition froze it.

    Raises:
        ReadError: nothing is published, or there is no such edition; names them.
    """
    with open_published(home) as connection:
        return _Reader(connection, programme_code).read(edition_code)


class _Reader:
    """Reads the frames of one programme over one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, programme: str) -> None:
        self._connection = connection
        self._programme = programme

    def read(self, edition_code: str | None) -> ScorecardData:
        editions = self._editions()
        edition = _chosen(editions, edition_code)
        frozen_by = {
            "edition": edition and edition["edition_code"],
            "until": edition and edition["published_at"],
        }
        targets = self._frame(TARGETS)
        latest = self._frame(
            LATEST_FROZEN if edition else LATEST, edition=frozen_by["edition"]
        )
        history = self._frame(
            HISTORY.format(source=FROZEN if edition else IN_PLACE),
            until=frozen_by["until"],
            last_day=edition and edition["end_date"],
        )
        revisions = pd.DataFrame(columns=list(_REVISION_COLUMNS))
        if edition:
            revisions = self._frame(REVISIONS_FROZEN, **frozen_by)
        elif editions:
            revisions = self._frame(REVISIONS)
        name_vi, name_en = self._names()
        return ScorecardData(
            programme_code=self._programme,
            name_vi=name_vi,
            name_en=name_en,
            publication=self._publication(),
            targets=_with(targets, LATER_TARGET_COLUMNS),
            latest=_with(latest, VERDICT_COLUMNS),
            history=_with(history, VERDICT_COLUMNS),
            revisions=revisions,
            parts=self._parts(),
            periods={
                key: (vi, en)
                for key, vi, en in self._rows(
                    "select period_key, label_vi, label_en from marts.dim_period"
                )
            },
            years=tuple(int(year) for (year,) in self._rows(YEARS)),
            editions=editions,
            edition=edition,
        )

    def _rows(self, sql: str, **values: object) -> list[tuple[Any, ...]]:
        used = {k: v for k, v in values.items() if f"${k}" in sql}
        if "$programme" in sql:
            used["programme"] = self._programme
        return self._connection.execute(sql, used or None).fetchall()

    def _frame(self, sql: str, **values: object) -> pd.DataFrame:
        used = {k: v for k, v in values.items() if f"${k}" in sql}
        result = self._connection.execute(sql, {"programme": self._programme, **used})
        return result.to_arrow_table().to_pandas()

    def _columns(self, table: str) -> set[str]:
        found = self._rows(
            "select column_name from information_schema.columns "
            "where table_schema = 'marts' and table_name = $table",
            table=table,
        )
        return {name for (name,) in found}

    def _editions(self) -> tuple[dict[str, Any], ...]:
        if not self._columns("fct_edition"):
            return ()
        return tuple(records(self._frame(EDITIONS)))

    def _parts(self) -> dict[str, tuple[str, ...]]:
        if "part_target_codes" not in self._columns("rpt_term_scorecard"):
            return {}
        listed = self._rows(
            "select distinct target_code, part_target_codes "
            "from marts.rpt_term_scorecard where programme_code = $programme "
            "and part_target_codes is not null"
        )
        return {code: tuple(parts.split(";")) for code, parts in listed}

    def _names(self) -> tuple[str, str]:
        named = self._rows(
            "select programme_name_vi, programme_name_en "
            "from marts.rpt_term_scorecard where programme_code = $programme limit 1"
        )
        return named[0] if named else (self._programme, self._programme)

    def _publication(self) -> dict[str, Any]:
        ((identifier, moment, day),) = self._rows(
            "select publication_id, published_at, as_of_date from marts.publication"
        )
        return {
            "publication_id": identifier,
            "published_at": moment.replace(tzinfo=dt.UTC),
            "as_of_date": day,
        }


def _chosen(
    editions: tuple[dict[str, Any], ...], code: str | None
) -> dict[str, Any] | None:
    if code is None:
        return None
    for edition in editions:
        if edition["edition_code"] == code:
            return edition
    there = ", ".join(e["edition_code"] for e in editions) or "none was closed yet"
    raise ReadError(
        f"No edition {code!r} in the publication; editions there: {there}. Close a "
        "period with `nhiemky close` and publish it, or choose one of these."
    )


def _with(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    absent = [name for name in columns if name not in frame]
    return frame.assign(**dict.fromkeys(absent))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts, missing values as None."""
    return [
        {str(name): value for name, value in row.items()}
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]
