"""Error codes: the names of error cells in the binary formats of Excel."""

from __future__ import annotations

from collections.abc import Mapping

ERROR_NAMES: Mapping[int, str] = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
