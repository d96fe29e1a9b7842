"""Checks of the rules that a programme declares, and of what it sets about others.

Shape: adds to the list of problems it is given. Whether a code clashes with a rule of
every programme is checked where those rules are known, in `expectations`.
"""

from __future__ import annotations

from string import Formatter

from sources.programme.expansion import open_lists
from sources.programme.model import (
    DeclaredRule,
    Form,
    PeriodType,
    Programme,
    RuleSetting,
)
from sources.programme.problems import ProblemList, nearest

Where = tuple[str | int, ...]

MESSAGE_NAMES = (
    "where",
    "form_code",
    "unit_code",
    "unit_name",
    "period_key",
    "period_label",
    "measure_code",
    "measure_name",
    "left",
    "left_text",
    "right",
    "right_text",
)
"""What a declared message may ask for in braces."""

_NEEDED = {
    "range": ("measure",),
    "compare": ("left", "comparator", "right"),
    "year_to_date": ("measure", "of", "method"),
}
_ALLOWED = {
    "range": ("measure", "low", "high"),
    "compare": ("left", "comparator", "right", "tolerance"),
    "year_to_date": ("measure", "of", "method", "tolerance"),
}
_KEYS = ("measure", "low", "high", "left", "comparator", "right", "of", "method")
_NOT_TILED = (PeriodType.NINE_MONTHS, PeriodType.TERM)
_MONTHS = {
    PeriodType.MONTH: 1,
    PeriodType.QUARTER: 3,
    PeriodType.HALF_YEAR: 6,
    PeriodType.NINE_MONTHS: 9,
    PeriodType.YEAR: 12,
    PeriodType.TERM: 60,
}


def measures_of_form(programme: Programme, form: Form) -> list[str]:
    """Codes that stand on a form: its measures and the members of closed lists."""
    lists = {code_list.code: code_list for code_list in programme.code_lists}
    splits = {m.code: m.breakdown for m in programme.measures if m.breakdown}
    members = [
        f"{code}.{member.code}"
        for code in form.measures
        if splits.get(code) in lists
        for member in lists[splits[code]].members
    ]
    return [*form.measures, *members]


def check_rules(programme: Programme, found: ProblemList) -> None:
    """Each rule has what its kind needs, of measures of its form, and sound words."""
    forms = {form.code: form for form in programme.forms}
    for index, rule in enumerate(programme.rules):
        where: Where = ("rules", index)
        owner = f"rule {rule.code}"
        _check_keys(where, owner, rule, found)
        _check_days(where, owner, rule, found)
        _check_words(where, owner, rule, found)
        form = forms.get(rule.form)
        if form is None:
            at = (*where, "form")
            found.add_unknown(at, f"{owner}, form", rule.form, list(forms))
            continue
        _check_measures(where, owner, rule, form, programme, found)
        if rule.kind == "range":
            _check_range(where, owner, rule, found)
        elif rule.kind == "compare":
            _check_sides(where, owner, rule, found)
        elif rule.of is not None:
            _check_parts(where, owner, rule, form, programme, found)


def check_rule_settings(programme: Programme, found: ProblemList) -> None:
    """One setting a rule; a declared rule carries its own."""
    declared = {rule.code for rule in programme.rules}
    seen: set[str] = set()
    for index, setting in enumerate(programme.rule_settings):
        where: Where = ("rule_settings", index)
        owner = f"setting of {setting.rule_code}"
        if setting.rule_code in seen:
            found.add(where, f"{owner} stands twice", "join the two")
        if setting.rule_code in declared:
            message = f"{owner}: the rule is declared in this file"
            found.add(where, message, "change the rule itself and remove the setting")
        seen.add(setting.rule_code)
        _check_days(where, owner, setting, found)


def _check_keys(
    where: Where, owner: str, rule: DeclaredRule, found: ProblemList
) -> None:
    given = {key for key in _KEYS if getattr(rule, key) not in (None, ())}
    if rule.tolerance:
        given.add("tolerance")
    for key in _NEEDED[rule.kind]:
        if key not in given:
            message = f"{owner} of kind {rule.kind} has no `{key}`"
            found.add(where, message, f"add `{key}`")
    for key in sorted(given.difference(_ALLOWED[rule.kind])):
        message = f"{owner}: `{key}` says nothing in a rule of kind {rule.kind}"
        remedy = "remove it; this kind takes " + ", ".join(_ALLOWED[rule.kind])
        found.add((*where, key), message, remedy)


def _check_days(
    where: Where, owner: str, rule: DeclaredRule | RuleSetting, found: ProblemList
) -> None:
    if rule.valid_from and rule.valid_to and rule.valid_to <= rule.valid_from:
        message = f"{owner}: valid_to is not after valid_from"
        remedy = "valid_to is the first day on which the rule no longer holds"
        found.add((*where, "valid_to"), message, remedy)


def _check_words(
    where: Where, owner: str, rule: DeclaredRule, found: ProblemList
) -> None:
    if bool(rule.message_vi) != bool(rule.message_en):
        message = f"{owner} has a message in one language only"
        found.add(where, message, "give message_vi and message_en, or neither")
    for key in ("message_vi", "message_en"):
        try:
            names = {name for _, name, _, _ in Formatter().parse(getattr(rule, key))}
        except ValueError as error:
            message = f"{owner}, {key}: {error}"
            found.add((*where, key), message, "write {{ and }} for plain braces")
            continue
        for name in sorted(names - {None, *MESSAGE_NAMES}, key=str):
            message = f"{owner}, {key}: there is no {{{name}}} to fill in"
            found.add((*where, key), message, nearest(str(name), MESSAGE_NAMES))


def _check_measures(
    where: Where,
    owner: str,
    rule: DeclaredRule,
    form: Form,
    programme: Programme,
    found: ProblemList,
) -> None:
    known = measures_of_form(programme, form)
    open_measures = _open_measures(programme, form)
    named: list[tuple[Where, str]] = []
    if rule.measure is not None:
        named.append(((*where, "measure"), rule.measure))
    for side in ("left", "right"):
        codes = getattr(rule, side)
        if isinstance(codes, tuple):
            named += [((*where, side, i), code) for i, code in enumerate(codes)]
    for at, code in named:
        if code not in known and code.rpartition(".")[0] not in open_measures:
            label = f"{owner}, measures of form {form.code}"
            found.add_unknown(at, label, code, known)


def _open_measures(programme: Programme, form: Form) -> set[str]:
    """Measures of the form whose members come from the files themselves."""
    is_open = open_lists(programme)
    split = {measure.code: measure.breakdown for measure in programme.measures}
    return {code for code in form.measures if split.get(code) in is_open}


def _check_range(
    where: Where, owner: str, rule: DeclaredRule, found: ProblemList
) -> None:
    if rule.low is None and rule.high is None:
        found.add(where, f"{owner} has no bound", "give low, high or both")
    elif rule.low is not None and rule.high is not None and rule.high < rule.low:
        message = f"{owner}: high is below low"
        found.add((*where, "high"), message, "give the bounds in order")


def _check_sides(
    where: Where, owner: str, rule: DeclaredRule, found: ProblemList
) -> None:
    right = rule.right if isinstance(rule.right, tuple) else ()
    codes = [*rule.left, *right]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        message = f"{owner} names {code} more than once"
        found.add(where, message, "name each measure on one side, once")


def _check_parts(
    where: Where,
    owner: str,
    rule: DeclaredRule,
    form: Form,
    programme: Programme,
    found: ProblemList,
) -> None:
    at = (*where, "of")
    homes = {
        code: other
        for other in programme.forms
        for code in measures_of_form(programme, other)
    }
    part = homes.get(str(rule.of))
    if part is None:
        found.add_unknown(at, f"{owner}, of", str(rule.of), list(homes))
        return
    if rule.of == rule.measure:
        message = f"{owner} compares {rule.of} with itself"
        found.add(at, message, "name the figure of the single period")
    if part.calendar != form.calendar:
        message = (
            f"{owner}: {rule.of} is reported by calendar {part.calendar}, "
            f"{rule.measure} by {form.calendar}"
        )
        found.add(at, message, "compare figures of one calendar")
    if part.frequency in _NOT_TILED or form.frequency == PeriodType.TERM:
        message = f"{owner}: periods of {part.frequency} do not fill a year"
        found.add(at, message, "use months, quarters, half-years or years")
    elif _MONTHS[form.frequency] % _MONTHS[part.frequency]:
        message = (
            f"{owner}: {rule.of} is reported by {part.frequency}, which does not fill "
            f"a {form.frequency}"
        )
        found.add(at, message, "name a measure of the same or a shorter period")
    kinds = {m.code: m.kind for m in programme.measures}
    kind = kinds.get(str(rule.of), kinds.get(str(rule.of).rpartition(".")[0]))
    if rule.method is not None and kind is not None:
        fits = {"flow": "sum", "stock": "last"}[kind]
        if rule.method != fits:
            message = f"{owner}: {rule.of} is a {kind}, but method is {rule.method}"
            found.add((*where, "method"), message, f"set method to {fits}")
