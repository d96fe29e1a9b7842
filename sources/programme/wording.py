"""Validation errors of the model in the words of somebody who edits the folder.

Shape: one message and one remedy per error.
"""

from __future__ import annotations

import re
from typing import Any, get_args

from pydantic import BaseModel

from sources.programme.model import Programme
from sources.programme.problems import nearest

_REMEDIES = {
    "date": "write a day as 2025-07-01 (year-month-day)",
    "decimal": "write a number with a point and no grouping, for example 1656.5",
    "int": "write a whole number without grouping, for example 1656",
    "bool": "write true or false",
    "string_type": "write a single text here",
    "string_pattern": "use letters a-z, digits, '.', '_' and '-', and begin with a "
    "letter or digit; names with accents go into name_vi",
    "too_short": "give at least one",
    "tuple_type": "write a list: one `- ` item a line, or [a, b]",
    "dict_type": "write keys and values, for example {commune: 3}",
    "model_type": "write keys and values, one `key: value` a line",
    "greater_than": "change the number",
    "less_than": "change the number",
}


def describe(fault: Any, content: dict[str, Any]) -> tuple[str, str]:
    """Message and remedy for one pydantic error on the folder's content."""
    where = tuple(fault["loc"])
    field = next((str(p) for p in reversed(where) if isinstance(p, str)), "")
    owner = _owner(where, content)
    kind = fault["type"]
    if kind == "missing":
        return f"{owner}`{field}` is missing", f"add `{field}`"
    if kind == "extra_forbidden":
        known = _fields_around(where)
        return f"{owner}unknown key `{field}`", nearest(field, known)
    value = fault.get("input")
    shown = f"'{value}'" if isinstance(value, str) else _shape(value)
    if kind in ("literal_error", "enum"):
        known = re.findall(r"'([^']*)'", str(fault["ctx"]["expected"]))
        return f"{owner}`{field}` cannot be {shown}", nearest(str(value), known)
    if value is None:
        return f"{owner}`{field}` is empty", f"give `{field}` a value or remove the key"
    reason = fault["msg"][:1].lower() + fault["msg"][1:]
    remedy = next((r for k, r in _REMEDIES.items() if kind.startswith(k)), "")
    message = f"{owner}`{field}` cannot be {shown}: {reason}"
    return message, remedy or "correct the value"


def _shape(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, list):
        return "a list"
    return "keys and values" if isinstance(value, dict) else str(value)


def _owner(where: tuple[str | int, ...], content: Any) -> str:
    """The code of the innermost thing that has one: 'measures PPHS: '."""
    named = ""
    kind = ""
    for step in where:
        if isinstance(step, str) and not named:
            kind = step
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(content, dict):
            code = content.get("code") or content.get("unit_code")
            if isinstance(code, str):
                named = f"{kind} {code}: "
    return named


def _fields_around(where: tuple[str | int, ...]) -> list[str]:
    """The keys allowed where the unknown one stands."""
    model: type[BaseModel] = Programme
    for step in where[:-1]:
        if isinstance(step, str) and step in model.model_fields:
            model = _model_in(model.model_fields[step].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(part) for part in get_args(annotation))
    return next((model for model in found if model is not None), None)
