"""The head of a form, above its table: where the template names the unit."""

from __future__ import annotations

import pandas as pd

from sources.readers.text_columns import fold_column
from sources.template import layout


def head_texts(cells: pd.DataFrame, header: pd.DataFrame) -> pd.Series:
    """Per file the texts of the first column above the table, one a line.

    Takes the cells of the form's sheet and the header row of each file.
    """
    first = cells[cells.column.eq(layout.COLUMN_NUMBER)]
    ends = header.set_index("file").header_row.reindex(first.file, fill_value=-1)
    above = first[first.row.to_numpy() < ends.to_numpy()].sort_values(["file", "row"])
    texts: dict[int, list[str]] = {}
    for no, text in zip(above.file.tolist(), fold_column(above.text), strict=True):
        texts.setdefault(no, []).append(text)
    lines = ["\n".join(found) for found in texts.values()]
    return pd.Series(lines, index=list(texts), dtype="object")
