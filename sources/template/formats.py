"""Cell formats of the template, one XlsxWriter format per name.

The look: a black-on-white Vietnamese office form, dark blue header, pale yellow boxes
where an officer types, everything else locked; English and codes small and grey.
"""

from __future__ import annotations

from typing import Any, Final

_FONT: Final = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter"}
_BORDER: Final = {"border": 1, "border_color": "#BFBFBF"}
_INPUT: Final = {**_BORDER, "bg_color": "#FFF9DB", "locked": False}
_GREY: Final = "#7F7F7F"
_BLUE: Final = "#1F3864"
_RED: Final = "#C00000"
_PREVIOUS: Final = {
    **_BORDER,
    "align": "right",
    "indent": 1,
    "italic": True,
    "font_color": _GREY,
}

_SPECS: Final[dict[str, dict[str, object]]] = {
    "unit": {"bold": True, "font_color": _BLUE},
    "form_code": {"align": "right", "font_size": 10, "font_color": _GREY},
    "title": {
        "bold": True,
        "font_size": 16,
        "align": "center",
        "text_wrap": True,
        "font_color": _BLUE,
    },
    "title_en": {
        "italic": True,
        "font_size": 10,
        "align": "center",
        "font_color": _GREY,
    },
    "period": {"bold": True, "align": "center"},
    "deadline": {"italic": True, "align": "center"},
    "banner": {
        "bold": True,
        "font_size": 13,
        "align": "center",
        "font_color": "#FFFFFF",
        "bg_color": _RED,
    },
    "instructions": {
        "font_size": 10,
        "text_wrap": True,
        "valign": "top",
        "font_color": "#404040",
    },
    "nil_label": {"align": "right", "indent": 1},
    "nil_box": {**_INPUT, "bold": True, "align": "center"},
    "header": {
        **_BORDER,
        "bold": True,
        "align": "center",
        "text_wrap": True,
        "font_color": "#FFFFFF",
        "bg_color": _BLUE,
    },
    "header_en": {
        **_BORDER,
        "italic": True,
        "font_size": 9,
        "align": "center",
        "font_color": _GREY,
        "bg_color": "#E9EDF4",
    },
    "number": {**_BORDER, "align": "center"},
    "measure": {**_BORDER, "text_wrap": True, "indent": 1},
    "measure_1": {**_BORDER, "text_wrap": True, "indent": 3},
    "measure_2": {**_BORDER, "text_wrap": True, "indent": 5},
    "uom": {**_BORDER, "align": "center", "text_wrap": True},
    "count": {**_INPUT, "align": "right", "indent": 1, "num_format": "#,##0"},
    "decimal": {**_INPUT, "align": "right", "indent": 1, "num_format": "#,##0.00"},
    "yes_no": {**_INPUT, "align": "center"},
    "check": {**_BORDER, "indent": 1, "font_size": 10, "text_wrap": True},
    "summary": {**_BORDER, "bold": True, "font_size": 11, "align": "center"},
    "previous_count": {**_PREVIOUS, "num_format": "#,##0"},
    "previous_decimal": {**_PREVIOUS, "num_format": "#,##0.00"},
    "figure": {"font_color": _GREY},
    "note": {
        **_INPUT,
        "indent": 1,
        "text_wrap": True,
        "num_format": "@",
        "font_size": 11,
    },
    "code": {**_BORDER, "indent": 1, "font_size": 9, "font_color": _GREY},
    "code_plain": {"indent": 1, "font_size": 9, "font_color": _GREY},
    "meta_key": {**_BORDER, "indent": 1, "font_size": 10, "font_color": _GREY},
    "meta_value": {**_BORDER, "indent": 1, "num_format": "@"},
    "meta_input": {**_INPUT, "indent": 1, "num_format": "@"},
    "meta_help": {"indent": 1, "font_size": 10, "font_color": _GREY, "text_wrap": True},
    "run_vi": {},
    "run_bold": {"bold": True},
    "run_small": {"font_size": 10, "font_color": "#404040"},
    "run_en": {"italic": True, "font_size": 9, "font_color": _GREY},
}

_MARKS: Final[dict[str, dict[str, object]]] = {
    "mark_error": {"bold": True, "font_color": "#9C0006", "bg_color": "#FFC7CE"},
    "mark_doubt": {"font_color": "#7F4F00", "bg_color": "#FFE2A8"},
    "mark_ok": {"font_color": "#2E7D32"},
    "mark_empty": {"font_color": _GREY},
}
"""Laid over a cell's own format by its check; they hold what they change only."""

MAX_DEPTH: Final = 2
"""Deepest indent of a breakdown member that has a format."""


class Formats:
    """The named formats of one workbook; each is made when first asked for."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._workbook.add_format({**_FONT, **_SPECS[name]})
        return self._made[name]

    def mark(self, name: str) -> Any:
        """A conditional format."""
        if name not in self._made:
            self._made[name] = self._workbook.add_format(_MARKS[name])
        return self._made[name]
