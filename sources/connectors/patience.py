"""Patience: how often, and how long after each try, any place is asked again."""

from __future__ import annotations

import time
from collections.abc import Callable

import tenacity

_FIRST_WAIT, _LONGEST_WAIT, _JITTER = 1.0, 60.0, 1.0


def patient(
    tries: int,
    may_pass: Callable[[BaseException], bool],
    sleep: Callable[[float], None] = time.sleep,
) -> tenacity.Retrying:
    """Calls what it is given until it answers; its last exception after all `tries`, or
    the first that another try would meet too."""
    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(tries),
        wait=_seconds,
        retry=tenacity.retry_if_exception(may_pass),
        sleep=sleep,
        reraise=True,
    )


def _seconds(state: tenacity.RetryCallState) -> float:
    """More each time and never quite the same; at least what the place asked for."""
    assert state.outcome is not None
    asked = getattr(state.outcome.exception(), "wait_seconds", 0.0)
    grown = tenacity.wait_exponential_jitter(_FIRST_WAIT, _LONGEST_WAIT, jitter=_JITTER)
    return max(asked, grown(state))
