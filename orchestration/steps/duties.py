"""Duties: what follows a publication, each noted for the state it was done for.

The assets do them in a run that builds; `do_owed` does what an earlier run left, also
where nothing is built any more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from orchestration.alerts.failure import Failure
from orchestration.alerts.sending import SendSummary
from orchestration.steps.alert import AlertSummary, raise_alerts, send_due
from orchestration.steps.context import RunContext
from orchestration.steps.edition import complete_reports
from orchestration.steps.load import fingerprint, is_published
from orchestration.steps.owed import TURNS, Duty, owed_turns
from orchestration.steps.reply import ReplySummary, write_replies
from orchestration.steps.server import serve
from orchestration.steps.show import write_reports


def make_pages(run: RunContext) -> dict[str, Path]:
    """Writes the pages of the publication, and of editions published since."""
    state = fingerprint(run)
    pages = {**write_reports(run), **complete_reports(run)}
    Duty.PAGES.done(run, state)
    return pages


def answer_senders(run: RunContext) -> ReplySummary:
    """Writes the replies that are due."""
    state = fingerprint(run)
    summary = write_replies(run)
    Duty.REPLIES.done(run, state)
    return summary


def tell_maintainers(run: RunContext) -> tuple[AlertSummary, SendSummary]:
    """Raises what maintainers should hear, and sends what may go."""
    state = fingerprint(run)
    told = raise_alerts(run, owed_turns(run))
    TURNS.drop(run)
    sent = send_due(run)
    Duty.ALERTS.done(run, state)
    return told, sent


_DO: dict[Duty, Callable[[RunContext], object]] = {
    Duty.PAGES: make_pages,
    Duty.REPLIES: answer_senders,
    Duty.SERVER: serve,
    Duty.ALERTS: tell_maintainers,
}


def do_owed(run: RunContext) -> list[Failure]:
    """Does what is still owed of the publication in place; gives what failed again.

    Nothing where the publication does not show the state of now: its run does it.
    """
    failures: list[Failure] = []
    state = fingerprint(run)
    if not is_published(run, state):
        return []
    owed = [duty for duty in Duty if duty.is_owed(run, state)]
    for duty in Duty:  # alerts come last: they settle what was said of a failed run
        is_settling = duty is Duty.ALERTS and owed and not failures
        if duty not in owed and not is_settling:
            continue
        try:
            _DO[duty](run)
        except Exception as error:  # one that fails never keeps the others waiting
            logging.getLogger(__name__).debug("owed", exc_info=error)
            step = duty.name.lower()
            failures.append(
                Failure(step, type(error).__name__, str(error), is_published=True)
            )
    return failures
