"""Shares of successions: stated, else by population, else by area, else equal parts.

Shape: the same links, in order. This is the one place where a share that nobody has
written gets its value and its basis; everything after (raw.ref_unit_succession,
raw.ref_unit_restatement, the simulator) reads `share` and `share_basis`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sources.programme.basics import ShareBasis
    from sources.programme.units import Succession

SHARE_STEP = Decimal("0.00000001")
"""The last decimal that a share has."""


def with_shares(links: Sequence[Succession]) -> tuple[Succession, ...]:
    """The same links in order, shares worked out where no part of a unit states one.

    The parts of one unit on one day are weighed by `population` if all of them give it,
    else by `area_km2`, else equally (basis `estimated`); a basis that is written is the
    only one tried. A unit that goes to one other goes over whole. Parts of which some
    state a share and some do not, or that cannot be weighed as written, are left as
    they are for the checks to name: `is_written` stays False for them.
    """
    parts: dict[object, list[int]] = defaultdict(list)
    for index, link in enumerate(links):
        parts[link.from_unit_code, link.effective_date].append(index)
    resolved = list(links)
    for indices in parts.values():
        own = [links[index] for index in indices]
        if any(is_written(link) for link in own):
            continue
        found = _shares_of(own)
        if found is None:
            continue
        shares, basis = found
        for index, share in zip(indices, shares, strict=True):
            update = {"share": share, "share_basis": basis}
            resolved[index] = links[index].model_copy(update=update)
    return tuple(resolved)


def is_written(link: Succession) -> bool:
    """True when the link has a share of its own, written or worked out."""
    return "share" in link.model_fields_set


def parts_of_one(weights: Sequence[Decimal]) -> list[Decimal]:
    """Weights as shares of eight decimals that add to 1; the largest takes the rest."""
    total = sum(weights, Decimal(0))
    shares = [
        (weight / total).quantize(SHARE_STEP, rounding=ROUND_HALF_EVEN)
        for weight in weights
    ]
    largest = shares.index(max(shares))
    shares[largest] += 1 - sum(shares, Decimal(0))
    return shares


def weights_by(
    figures: Iterable[Sequence[Decimal | int | None]],
) -> tuple[int, list[Decimal]] | None:
    """The first row of figures that can weigh: none missing and not all zero."""
    for place, row in enumerate(figures):
        known = [Decimal(figure) for figure in row if figure is not None]
        if len(known) == len(row) and sum(known) > 0:
            return place, known
    return None


def _shares_of(own: Sequence[Succession]) -> tuple[list[Decimal], ShareBasis] | None:
    """Shares of the parts of one unit and what they rest on; None if nothing weighs.

    One basis written for all parts is taken; several written ones are a contradiction.
    """
    written = {
        link.share_basis for link in own if "share_basis" in link.model_fields_set
    }
    if len(own) == 1:
        return [Decimal(1)], own[0].share_basis
    figures: dict[ShareBasis, Sequence[Decimal | int | None]] = {
        "population": [link.population for link in own],
        "area": [link.area_km2 for link in own],
        "estimated": [1] * len(own),
    }
    tried = [basis for basis in figures if basis in (written or figures)]
    found = weights_by(figures[basis] for basis in tried) if len(written) < 2 else None
    if found is None:
        return None
    place, weights = found
    return parts_of_one(weights), tried[place]
