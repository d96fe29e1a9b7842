"""Unplaced: rules that say nobody could tell whose a delivery, or a part of it, is.

All of them bring a delivery into the inbox. Alerts tell of `FILES` and `ROWS` by a kind
of their own, once a delivery. `SUBMISSIONS` are BLOCKERs, alerted like all others: most
are slips that the sender mends in the marked reply, and the notice names the cell.
"""

from __future__ import annotations

from sources.readers.mapped_units import UNKNOWN_UNIT_NAME

FILES = ("X_SOURCE", "X_NOMAP", "X_PROGRAMME", "X_TEMPLATE")
"""A whole file that no reader or map takes."""
SUBMISSIONS = ("PROGRAMME_MISMATCH", "FORM_UNKNOWN", "UNIT_UNKNOWN", "PERIOD_UNKNOWN")
"""A submission that says what the programme does not have."""
ROWS = (UNKNOWN_UNIT_NAME, "R_UNKNOWN_PERIOD")
"""Rows of a table; a delivery all of whose rows have them was not placed either."""
OURS = ("X_SOURCE", "X_NOMAP", "X_BUNDLE", UNKNOWN_UNIT_NAME)
"""What readers find and only the maintainer settles: no sender can mend it."""
