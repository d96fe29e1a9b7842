"""Owed: what a publication still asks for when its run could not do it.

Pages, replies, the server and alerts come after the publication; a fault in one of them
leaves the figures published. Each notes the state (`fingerprint`) that it has done, the
server the publication that it has, so that the next run does what is missing instead of
saying that nothing is new.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import pandas as pd

from orchestration.steps.context import RunContext
from orchestration.steps.notes import Note
from orchestration.steps.server import SERVED, is_server_owed

TURNS = Note("verdicts_turned")
"""Targets that turned with a publication and were not told yet."""
_TURN = [
    "target_code",
    "unit_code",
    "period_key",
    "verdict_before",
    "verdict_now",
]


class Duty(Enum):
    """What follows a publication; its value notes the state it was done for."""

    PAGES = Note("pages_state")
    REPLIES = Note("replies_state")
    SERVER = SERVED
    ALERTS = Note("alerts_state")

    def done(self, run: RunContext, state: str) -> None:
        """Notes that the duty is done for this state."""
        self.value.write(run, state)

    def is_owed(self, run: RunContext, state: str) -> bool:
        """True when it was not done since the programme came to this state."""
        if self is Duty.SERVER:
            return is_server_owed(run)
        return bool(self.value.read(run) != state)


def is_anything_owed(run: RunContext, state: str) -> bool:
    """True when some duty was not done since the programme came to this state."""
    return any(duty.is_owed(run, state) for duty in Duty)


def owe_turns(run: RunContext, turns: pd.DataFrame) -> None:
    """Keeps verdicts that turned until they are told."""
    plain = turns[_TURN].astype(object).where(turns[_TURN].notna(), None)
    known: list[Any] = TURNS.read(run) or []
    TURNS.write(run, known + plain.to_dict("records"))


def owed_turns(run: RunContext) -> pd.DataFrame:
    """One row per verdict that turned and was not told (gate 2's columns)."""
    return pd.DataFrame(TURNS.read(run) or [], columns=_TURN, dtype=object)
