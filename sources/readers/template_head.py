"""The head of a form, above its table: where the template names the unit."""

from __future__ import annotations

import pandas as pd

from sources.readers.text_columns import fold_column
from sources.template import layout


def head_texts(cells: pd.DataFrame, header: pd.DataFrame) -> pd.Series:
    """Per file the texts of the first column above the table, one a line.

    Takes the cells of the form's sheet and the header row of each file.
    """
    first = cells[cells.column.eq(layout.COLUMN_NUMBER)].merge(header, on="file")
    above = first[first.row.lt(first.header_row)].sort_values(["file", "row"])
    texts = fold_column(above.text)
    return texts.groupby(above.file).agg("\n".join)
