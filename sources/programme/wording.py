"""Validation errors of the model in the words of somebody who edits the folder.

Shape: one message and one remedy per error.
"""

from __future__ import annotations

import re
from typing import Any, get_args

from pydantic import BaseModel

from sources.programme.access import LOGIN_PATTERN, VARIABLE_PATTERN
from sources.programme.basics import RULE_PATTERN
from sources.programme.model import Programme
from sources.programme.problems import nearest

_WORDS = {
    "date": ("it is no day", "write a day as 2025-07-01 (year-month-day)"),
    "decimal": (
        "it is no number",
        "write a number with a point and no grouping, for example 1656.5",
    ),
    "int": (
        "it is no whole number",
        "write a whole number without grouping, for example 1656",
    ),
    "bool": ("it is neither true nor false", "write true or false"),
    "string_type": ("it is no text", "write a single text here"),
    "string_pattern": (
        "it is no code",
        "use letters a-z, digits, '.', '_' and '-', and begin with a letter or digit; "
        "names with accents go into name_vi",
    ),
    "too_short": ("it is too short", "give at least one"),
    "tuple_type": ("it is no list", "write a list: one `- ` item a line, or [a, b]"),
    "dict_type": ("it has no keys", "write keys and values, for example {commune: 3}"),
    "model_type": (
        "it has no keys",
        "write keys and values, one `key: value` a line",
    ),
}
"""Kind of error -> why the value will not do, and what to do."""

_LIMITS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
"""Kind of error -> where pydantic says the limit, and how to say it."""

_PATTERNS = {
    RULE_PATTERN: (
        "it is no code of a rule",
        "use capitals A-Z, digits and '_', and begin with a letter: CASES_RANGE",
    ),
    LOGIN_PATTERN: (
        "it is no login",
        "use letters a-z, digits and '_', 63 at most, and begin with a letter: bi_a",
    ),
    VARIABLE_PATTERN: (
        "it is no name of an environment variable",
        "write the NAME of a variable, such as BI_A_PASSWORD, and set that variable to "
        "the password; passwords never stand in this file",
    ),
}
"""Pattern that a text breaks -> why it will not do, and what to do."""
_NUMBER_OR_LIST = "write one number (a point, no grouping) or a list of codes: [a, b]"


AS_WRITTEN = {"rule_settings": "settings"}
"""Keys that stand in a file under another name than in the model."""
_NAMING = ("code", "unit_code", "login")
"""Keys by which a thing is called in a message, the first that it has."""
_NEVER_SHOWN = {"password"}
"""Keys where somebody may have written a secret instead of the name of a variable."""


def describe(fault: Any, content: dict[str, Any]) -> tuple[str, str]:
    """Message and remedy for one pydantic error on the folder's content."""
    where = _written(tuple(fault["loc"]))
    is_choice = len(where) < len(fault["loc"])
    field = next((str(p) for p in reversed(where) if isinstance(p, str)), "")
    field = AS_WRITTEN.get(field, field)
    owner = _owner(where, content)
    kind = fault["type"]
    if kind == "missing":
        return f"{owner}`{field}` is missing", f"add `{field}`"
    if kind == "extra_forbidden":
        known = _fields_around(where)
        return f"{owner}unknown key `{field}`", nearest(field, known)
    value = fault.get("input")
    shown = f"'{value}'" if isinstance(value, str) else _shape(value)
    if field in _NEVER_SHOWN:
        shown = "what stands there"
    if kind in ("literal_error", "enum"):
        known = re.findall(r"'([^']*)'", str(fault["ctx"]["expected"]))
        return f"{owner}`{field}` cannot be {shown}", nearest(str(value), known)
    if value is None:
        return f"{owner}`{field}` is empty", f"give `{field}` a value or remove the key"
    message = f"{owner}`{field}` cannot be {shown}"
    if is_choice and len(where) == len(fault["loc"]) - 1:
        return message, _NUMBER_OR_LIST
    if kind.startswith("string_pattern") and fault["ctx"]["pattern"] in _PATTERNS:
        reason, remedy = _PATTERNS[fault["ctx"]["pattern"]]
        return f"{message}: {reason}", remedy
    if kind in _LIMITS:
        key, words = _LIMITS[kind]
        return f"{message}: it must be {words} {fault['ctx'][key]}", "change the number"
    known_kinds = (words for k, words in _WORDS.items() if kind.startswith(k))
    reason, remedy = next(known_kinds, ("", "correct the value"))
    if kind == "value_error":  # raised by the model itself, in our words
        reason = str(fault["ctx"]["error"])
    return f"{message}: {reason}" if reason else message, remedy


def _written(where: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The place without the names that pydantic gives to the choices of a union."""
    return tuple(step for step in where if step != "decimal" and "[" not in str(step))


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
            code = next(filter(None, map(content.get, _NAMING)), None)
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
