"""Mapped statuses: what the column of statuses of a long table says of its figures."""

from __future__ import annotations

import pandas as pd

from sources.readers.marks import OBS_STATUS, Meaning, meaning_of_flags
from sources.readers.text_columns import map_distinct


def with_statuses(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with `said` (a status in place of a figure, or None) and `is_strange`;
    where the map names such a column also with the `qualifier` of each figure.

    Strange is a code that is none, and one that says "missing" beside a figure. `rows`
    have `text_0`, and `status` where the map names the column.
    """
    if "status" not in rows:
        return rows.assign(said=None, is_strange=False)
    found = map_distinct(rows["status"], _meaning)
    is_known = found.notna()
    meanings = pd.DataFrame(
        found.where(is_known, Meaning()).tolist(),
        index=rows.index,
        columns=["qualifier", "said"],
        dtype="object",
    )
    meanings = meanings.where(meanings.notna(), None)
    is_figure = rows["text_0"].str.contains("[0-9]", regex=True)
    is_strange = ~is_known | (meanings.said.notna() & is_figure)
    return rows.join(meanings).assign(is_strange=is_strange)


def _meaning(text: str) -> Meaning | None:
    """Of `A`, `A: Normal value`, Eurostat's `bp` or nothing; None for other texts."""
    code = text.partition(":")[0].strip()
    return OBS_STATUS.get(code) or meaning_of_flags(code)
