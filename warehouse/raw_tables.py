"""Writing schema raw inside one transaction: only what differs is written."""
# ruff: noqa: S608  - names of tables come from raw_schema, values are parameters

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from warehouse.arrow import to_arrow
from warehouse.errors import LoadError
from warehouse.raw_schema import SHARED, TABLES, UNIQUE_CODES, create_statement

_SHARED_KEYS = {
    "ref_period": ["period_key"],
    "ref_period_part": ["period_key", "part_period_key"],
}


@dataclass
class RawTables:
    """One programme's part of schema raw; `changes` is (inserted, deleted) by table."""

    connection: duckdb.DuckDBPyConnection
    programme_code: str
    changes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def create(self) -> None:
        """Makes absent tables; refuses a file whose tables are of another version."""
        self.connection.execute("create schema if not exists raw")
        for table in TABLES:
            self.connection.execute(create_statement(table))
        found = self.connection.execute(
            "select table_name, list(column_name || ' ' || data_type "
            "order by ordinal_position) from information_schema.columns "
            "where table_schema = 'raw' group by table_name"
        ).fetchall()
        actual = dict(found)
        for table, columns in TABLES.items():
            if actual[table] != [f"{name} {kind}" for name, kind in columns.items()]:
                raise LoadError(
                    f"raw.{table} in the build file was made by another version of "
                    "this program: its columns differ. Nothing was loaded. Run "
                    "`nhiemky rebuild`: it makes the file anew from landing and ledger."
                )

    def replace(self, table: str, frame: pd.DataFrame) -> bool:
        """Puts `frame` in place of the programme's rows; True when they differed."""
        arrow = to_arrow(frame, table)
        if not (frame.programme_code == self.programme_code).all():
            raise LoadError(
                f"raw.{table}: the frame holds rows of another programme than "
                f"{self.programme_code}. Nothing was loaded."
            )
        self.connection.register("incoming", arrow)
        mine = f"select * from raw.{table} where programme_code = $programme"
        programme = {"programme": self.programme_code}
        difference = self._number(
            f"select count(*) from ((({mine}) except all (from incoming)) "
            f"union all ((from incoming) except all ({mine})))",
            programme,
        )
        if difference:
            deleted = self._number(
                f"delete from raw.{table} where programme_code = $programme", programme
            )
            inserted = self._number(f"insert into raw.{table} from incoming")
            self.changes[table] = (inserted, deleted)
        self.connection.unregister("incoming")
        return bool(difference)

    def insert(self, table: str, frame: pd.DataFrame) -> int:
        """Adds the rows of `frame`; gives their number."""
        self.connection.register("incoming", to_arrow(frame, table))
        inserted = self._number(f"insert into raw.{table} from incoming")
        self.connection.unregister("incoming")
        return inserted

    def insert_by_name(self, table: str, arrow: pa.Table) -> int:
        """Adds rows by column name; absent columns are null, unknown ones dropped."""
        known = ", ".join(f'"{n}"' for n in TABLES[table] if n in arrow.column_names)
        self.connection.register("incoming", arrow)
        inserted = self._number(
            f"insert into raw.{table} by name select {known} from incoming"
        )
        self.connection.unregister("incoming")
        return inserted

    def delete_submissions(self, table: str, submission_ids: pd.Series) -> int:
        """Deletes the rows of these submissions; gives their number."""
        self.connection.register("gone", submission_ids.to_frame("submission_id"))
        deleted = self._number(
            f"delete from raw.{table} where submission_id in "
            "(select submission_id from gone)"
        )
        self.connection.unregister("gone")
        return deleted

    def delete_editions(self, codes: list[str]) -> int:
        """Deletes the frozen rows of the programme's editions; gives their number."""
        values = {"programme": self.programme_code, "codes": codes}
        return self._number(
            "delete from raw.edition_row where programme_code = $programme "
            "and edition_code in (select unnest($codes::varchar[]))",
            values,
        )

    def unite(self, table: str, owned: str) -> None:
        """Makes a shared table the union of what the programmes brought.

        Where one programme's horizon ends, another's key of the period before is kept.
        """
        keys = _SHARED_KEYS[table]
        if table == "ref_period":
            self._refuse_other_dates(owned)
        columns = ", ".join(
            name if name in keys else f"max({name}) as {name}" for name in SHARED[table]
        )
        deleted = self._number(f"delete from raw.{table}")
        inserted = self._number(
            f"insert into raw.{table} select {columns} from raw.{owned} "
            f"group by {', '.join(keys)}"
        )
        self.changes[table] = (inserted, deleted)

    def refuse_clashes(self) -> None:
        """Refuses a code that two programmes use.

        Raises:
            LoadError: names the codes and the programmes.
        """
        for table, code in UNIQUE_CODES.items():
            clashes = self.connection.execute(
                f"select {code}, string_agg(distinct programme_code, ', ' "
                f"order by programme_code) from raw.{table} group by {code} "
                f"having count(distinct programme_code) > 1 order by {code} limit 10"
            ).fetchall()
            if clashes:
                listed = "; ".join(f"{value} ({owners})" for value, owners in clashes)
                raise LoadError(
                    f"The same {code} is used by more than one programme in this "
                    f"warehouse: {listed}. Nothing was loaded, because BI joins on "
                    f"these codes. Rename the code in {self.programme_code}, for "
                    "example with a prefix, or use another home (--home)."
                )

    def _refuse_other_dates(self, owned: str) -> None:
        clashes = self.connection.execute(
            f"select period_key, string_agg(programme_code || ' ' || start_date || "
            f"' to ' || end_date, '; ' order by programme_code) from raw.{owned} "
            "group by period_key having count(distinct "
            "(calendar_code, period_type, start_date, end_date)) > 1 "
            "order by period_key limit 3"
        ).fetchall()
        if clashes:
            raise LoadError(
                f"The same period has other dates in two programmes: {clashes}. "
                "Nothing was loaded. Calendars with one code must be cut alike: give "
                f"the calendar of {self.programme_code} a code of its own."
            )

    def _number(self, statement: str, values: dict[str, Any] | None = None) -> int:
        row = self.connection.execute(statement, values or {}).fetchone()
        return int(row[0]) if row else 0
