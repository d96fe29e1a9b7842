"""SDMX-CSV: what its header says beyond any other table.

Version 1.0 begins with DATAFLOW, 2.0 with STRUCTURE, STRUCTURE_ID, ACTION; all else is
read by an ordinary long map. A message that deletes is no report: which figures it
takes back depends on what the receiver has, so it is refused instead of half applied.
"""

from __future__ import annotations

import re

from sources.readers.grid import SheetCells
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import address

_HEAD = (r"STRUCTURE(\[.\])?", "STRUCTURE_ID", "ACTION")
_ACTION = len(_HEAD) - 1
_DELETES = "D"


def check_actions(sheet: SheetCells) -> None:
    """Refuses SDMX-CSV 2.0 that deletes; other sheets pass.

    Raises:
        Rejected: at the first row whose action is to delete.
    """
    head = sheet["texts"][: len(_HEAD)]
    if sheet["columns"][: len(_HEAD)] != [*range(len(_HEAD))]:
        return
    if not all(map(re.fullmatch, _HEAD, head)):
        return
    cells = zip(sheet["rows"], sheet["columns"], sheet["texts"], strict=True)
    deletes = [r for r, column, text in cells if column == _ACTION and text == _DELETES]
    if deletes:
        place = address(deletes[0], _ACTION)
        raise Rejected(
            "X_SDMX_DELETE",
            f"{len(deletes)} rows, the first at {place}",
            cell=place,
            detail_vi=f"{len(deletes)} dòng, dòng đầu ở ô {place}",
        )
