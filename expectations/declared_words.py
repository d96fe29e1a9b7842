"""Words of declared rules: the default message of each kind, in both languages.

Shape: one `RuleWords` per rule. Figures are filled in from the failing row.
"""

from __future__ import annotations

from dataclasses import dataclass

from expectations.messages import show
from sources.programme.model import DeclaredRule, Programme

_LANGUAGES = ("vi", "en")
_MUST = {
    "vi": {
        "=": "phải bằng",
        "<=": "không được lớn hơn",
        ">=": "không được nhỏ hơn",
        "<": "phải nhỏ hơn",
        ">": "phải lớn hơn",
    },
    "en": {
        "=": "must equal",
        "<=": "must not be more than",
        ">=": "must not be less than",
        "<": "must be less than",
        ">": "must be more than",
    },
}
_DO = {
    "vi": {
        "ERROR": "Giá trị này bị giữ lại; kiểm tra các số rồi gửi lại.",
        "WARNING": "Vẫn nhận; kiểm tra các số, gửi lại nếu sai.",
        "INFO": "Vẫn nhận; xem lại khi có thể.",
    },
    "en": {
        "ERROR": "The value is kept out; check the figures and send it again.",
        "WARNING": "It is let in; check the figures, send it again if wrong.",
        "INFO": "It is let in; look at it when you can.",
    },
}
_SAYS = {
    "vi": {
        "range": "{where}: {left_text} là {left}, phải {right_text}.",
        "number": "{where}: {left_text} là {left}, {must} {right}{give}.",
        "compare": "{where}: {left_text} là {left}, {must} {right_text} là {right}"
        "{give}.",
        "sum": "{where}: {left_text} là {left}, nhưng {right_text} cộng từ đầu năm đến "
        "hết {period_label} là {right}.",
        "last": "{where}: {left_text} là {left}, nhưng {right_text} của kỳ cuối cùng "
        "đến hết {period_label} là {right}.",
    },
    "en": {
        "range": "{where}: {left_text} is {left}, it must be {right_text}.",
        "number": "{where}: {left_text} is {left}, it {must} {right}{give}.",
        "compare": "{where}: {left_text} is {left}, it {must} {right_text}, which is "
        "{right}{give}.",
        "sum": "{where}: {left_text} is {left}, but {right_text} from the start of "
        "the year to the end of {period_label} adds up to {right}.",
        "last": "{where}: {left_text} is {left}, but the last {right_text} up to the "
        "end of {period_label} is {right}.",
    },
}
_RANGE = {
    "vi": ("từ {low} đến {high}", "từ {low} trở lên", "không quá {high}"),
    "en": ("between {low} and {high}", "at least {low}", "at most {high}"),
}
_GIVE = {"vi": " (sai số cho phép {})", "en": " (give or take {})"}


@dataclass(frozen=True)
class RuleWords:
    """Default messages, the expected figure, and texts that hold for the whole rule."""

    message_vi: str
    message_en: str
    expected: str
    columns: dict[str, str]


def words_of(rule: DeclaredRule, programme: Programme) -> RuleWords:
    """The words of one declared rule."""
    left = rule.left or (str(rule.measure),)
    columns: dict[str, str] = {}
    messages = []
    for language in _LANGUAGES:
        columns[f"left_text_{language}"] = _sum_text(left, programme, language)
        columns[f"right_text_{language}"] = _right_text(rule, programme, language)
        columns[f"measure_name_{language}"] = _name(left[0], programme, language)
        give = _GIVE[language].format(show(rule.tolerance, language))
        says = _SAYS[language][_case(rule)]
        says = says.replace("{give}", give if rule.tolerance else "")
        says = says.replace("{must}", _MUST[language][rule.comparator or "="])
        messages.append(f"{says} {_DO[language][rule.severity]}")
    if rule.kind == "range":
        low, high = (show(bound, "plain") for bound in (rule.low, rule.high))
        expected = f"{low}..{high}"
    else:
        expected = f"{rule.comparator or '='} {{right}}"
    message_vi, message_en = messages
    return RuleWords(message_vi, message_en, expected, columns)


def _case(rule: DeclaredRule) -> str:
    if rule.kind == "compare":
        return "compare" if isinstance(rule.right, tuple) else "number"
    return str(rule.method) if rule.kind == "year_to_date" else "range"


def _right_text(rule: DeclaredRule, programme: Programme, language: str) -> str:
    if rule.kind == "range":
        both, low, high = _RANGE[language]
        case = both if None not in (rule.low, rule.high) else low
        case = high if rule.low is None else case
        return case.format(low=show(rule.low, language), high=show(rule.high, language))
    if rule.kind == "year_to_date":
        return _sum_text((str(rule.of),), programme, language)
    if isinstance(rule.right, tuple):
        return _sum_text(rule.right, programme, language)
    return show(rule.right, language)


def _sum_text(codes: tuple[str, ...], programme: Programme, language: str) -> str:
    return " + ".join(f"{code} ({_name(code, programme, language)})" for code in codes)


def _name(code: str, programme: Programme, language: str) -> str:
    """The measure's name; a member's with its own behind it."""
    measures = {measure.code: measure for measure in programme.measures}
    name = f"name_{language}"
    if code in measures:
        return str(getattr(measures[code], name))
    base, _, member = code.rpartition(".")
    while base and base not in measures:
        base, _, more = base.rpartition(".")
        member = f"{more}.{member}"
    if base not in measures:
        return code
    lists = {code_list.code: code_list for code_list in programme.code_lists}
    split = lists.get(str(measures[base].breakdown))
    members = {} if split is None else {m.code: m for m in split.members}
    own = getattr(members[member], name) if member in members else member
    return f"{getattr(measures[base], name)} – {own}"
