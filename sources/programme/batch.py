"""Batch: columns of the frames that go from readers through the gates to the ledger.

Findings have a home of their own (`findings`). Values are exact decimals, instants UTC.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

SUBMISSION_COLUMNS = (
    "submission_id",
    "programme_code",
    "delivery_sha256",
    "file_name",
    "sheet",
    "form_code",
    "unit_code",
    "period_key",
    "template_version",
    "number_style",
    "declared_version",
    "is_nil_report",
    "is_simulated",
    "is_control_total",
    "reader",
    "received_at",
)
"""One row per submission; form, unit and period exactly as found."""

SUBMISSION_FLAGS = ("is_nil_report", "is_simulated", "is_control_total")

OBSERVATION_COLUMNS = (
    "row_id",
    "submission_id",
    "measure_code",
    "value",
    "observation_status",
    "raw_text",
    "sheet",
    "cell",
    "fault",
    "qualifier",
)
"""One row per submission and measure found; `row_id` is unique in a batch."""

Qualifier = Literal[
    "more_than", "less_than", "nearly", "about", "estimated", "provisional", "break"
]
"""What a source may say about a figure beside its value; null where it says nothing."""

QUALIFIERS: Final[tuple[Qualifier, ...]] = get_args(Qualifier)

ROUNDED: Final[tuple[Qualifier, ...]] = ("more_than", "less_than", "nearly", "about")
"""Words at the figure itself: the exact one is another. Gate 1 warns of them."""

INEXACT: Final[tuple[Qualifier, ...]] = (*ROUNDED, "estimated")
"""Figures that are published as estimated: an office's own estimate is no warning."""

MEMBER_COLUMNS = ("programme_code", "code_list", "member_code", "name", "period_key")
"""One row per member of an open code list and period that showed it."""

VERSION_COLUMNS = ("form_code", "unit_code", "period_key", "figures", "is_current")
"""One row per version accepted before a batch; `figures` as `figure_digests` has them.
"""

EARLIER_COLUMNS = (
    "form_code",
    "unit_code",
    "period_key",
    "measure_code",
    "value",
    "submission_id",
)
"""One row per figure accepted before a batch; `value` is a float, counts are small."""
