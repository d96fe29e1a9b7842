"""From a row of a published mart down to the cells it rests on.

Belongs here: which rows are asked for (`rows`), what a row rests on by the columns its
table has (`rests_on`), the cells and missing reports behind figures (`figures`).
Does not belong here: where a programme states a thing (`sources.programme.places`), who
decided what (`warehouse.ledger`), how a trace is shown (`orchestration`).
"""

from warehouse.trace.figures import Figure, cells_of, missing_of
from warehouse.trace.read import trace, trace_absence, trace_rows
from warehouse.trace.rows import MOST_ROWS

__all__ = [
    "MOST_ROWS",
    "Figure",
    "cells_of",
    "missing_of",
    "trace",
    "trace_absence",
    "trace_rows",
]
