"""Checks of what only some kinds of target have: parts, grades, bands, assigned values.

Shape: each function adds to the list of problems it is given.
"""

from __future__ import annotations

from sources.programme.model import Measure, Programme, Target
from sources.programme.problems import ProblemList

Where = tuple[str | int, ...]


def check_target_kinds(programme: Programme, found: ProblemList) -> None:
    """A composite has parts that are judged; grades and bands fit their comparator."""
    by_code = {target.code: target for target in programme.targets}
    measures = {measure.code: measure for measure in programme.measures}
    directions = {measure.code: measure.direction for measure in programme.measures}
    directions |= {i.code: i.direction for i in programme.indicators}
    for index, target in enumerate(programme.targets):
        where: Where = ("targets", index)
        owner = f"target {target.code}"
        _check_parts(where, target, by_code, found)
        if target.is_beyond_met and target.comparator != "between":
            remedy = "remove is_beyond_met, or use comparator between"
            at: Where = (*where, "is_beyond_met")
            found.add(at, f"{owner}: only a band has something beyond it", remedy)
        elif (
            target.is_beyond_met
            and target.quantity == "value"
            and directions.get(target.indicator or "") == "neutral"
        ):
            message = (
                f"{owner}: which side of the band is better? {target.indicator} has "
                "no direction"
            )
            remedy = f"set direction of {target.indicator} to higher or lower"
            found.add((*where, "is_beyond_met"), message, remedy)
        if target.quantity == "reduction_pct":
            _check_change(where, target, measures.get(target.indicator or ""), found)
        if target.threshold == "assigned" and target.comparator in ("between", "none"):
            message = f"{owner}: an assigned value needs a comparator with one bound"
            found.add((*where, "comparator"), message, 'usually ">="')
        if target.lesser is not None and target.comparator in ("=", "none"):
            message = f"{owner}: a target that is not a matter of degree has one grade"
            found.add((*where, "lesser"), message, "remove lesser")


def _check_change(
    where: Where, target: Target, measure: Measure | None, found: ProblemList
) -> None:
    owner = f"target {target.code}"
    if target.rhythm not in ("every_year", "against_base_year"):
        message = f"{owner}: a change is judged by the year, not {target.rhythm}"
        remedy = "set rhythm to every_year or against_base_year"
        found.add((*where, "rhythm"), message, remedy)
    if measure is not None and measure.may_be_negative:
        message = (
            f"{owner}: {measure.code} may be negative, so its change has no per cent"
        )
        remedy = "judge its value, or remove may_be_negative"
        found.add((*where, "indicator"), message, remedy)


def check_assigned(programme: Programme, found: ProblemList) -> None:
    """Assigned values belong to targets that ask for them, and to known units, once."""
    asking = [t.code for t in programme.targets if t.threshold == "assigned"]
    units = list(dict.fromkeys(unit.unit_code for unit in programme.units))
    documents = [document.code for document in programme.documents]
    seen: set[tuple[str, str, int]] = set()
    for index, value in enumerate(programme.assigned):
        where: Where = ("assigned", index)
        if value.target_code not in asking:
            label = "assigned value, target (threshold: assigned)"
            found.add_unknown(where, label, value.target_code, asking)
        if value.unit_code not in units:
            found.add_unknown(where, "assigned value, unit", value.unit_code, units)
        if value.document is not None and value.document not in documents:
            label = "assigned value, document"
            found.add_unknown(where, label, value.document, documents)
        key = (value.target_code, value.unit_code, value.year)
        if key in seen:
            message = (
                f"{value.target_code} is assigned to {value.unit_code} twice for "
                f"{value.year}"
            )
            found.add(where, message, "keep the value that holds")
        seen.add(key)


def _check_parts(
    where: Where, target: Target, by_code: dict[str, Target], found: ProblemList
) -> None:
    owner = f"target {target.code}"
    if target.quantity != "composite":
        if target.parts:
            message = f"{owner} has parts but is not composite"
            found.add((*where, "parts"), message, "set quantity to composite")
        return
    if len(set(target.parts)) < 2 or len(set(target.parts)) < len(target.parts):
        message = f"{owner}: a composite is made of two or more targets, each once"
        found.add((*where, "parts"), message, "list the codes of its parts")
    if target.indicator is not None or target.comparator != "none":
        message = f"{owner}: its parts are judged, it has no figure of its own"
        found.add(where, message, "remove indicator, comparator and low")
    for part in target.parts:
        at: Where = (*where, "parts")
        if part not in by_code:
            found.add_unknown(at, f"{owner}, parts", part, list(by_code))
        elif by_code[part].quantity in ("composite", "none"):
            message = f"{owner}: its part {part} is not judged by a figure"
            found.add(at, message, "name targets that have a figure")
        elif by_code[part].scope != target.scope:
            message = f"{owner}: its part {part} is about another scope"
            found.add(at, message, "give both the same scope")
        elif by_code[part].rhythm != target.rhythm:
            message = f"{owner}: its part {part} has another rhythm"
            found.add(at, message, f"set rhythm to {by_code[part].rhythm}")
