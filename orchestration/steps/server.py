"""Server: the publication on disk goes to the Postgres server that BI tools ask too.

The server follows the files and never leads: what is wrong with it leaves them
published, and is owed (`owed.Duty.SERVER`) until the server has that publication.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration.alerts.failure import SERVER_BEHIND
from orchestration.dbt import star_keys
from orchestration.progress import step
from orchestration.settings import PUBLISH_URL, SettingsError, publish_url
from orchestration.steps.context import RunContext
from orchestration.steps.notes import Note
from sources.connectors.patience import patient
from warehouse.errors import WarehouseError
from warehouse.ledger.outbox import Outbox
from warehouse.read import publication

if TYPE_CHECKING:
    from warehouse.postgres.publication import ServerReport

SERVED = Note("server_state")
"""The server and the publication that it was given last."""
TRIES = 3
ASKED_SECONDS = 3
"""How long a person who asks how things stand waits for a server that is down."""


@dataclass(frozen=True)
class Standing:
    """The publication in place on the server (None for none), and whether it is the one
    on disk; or the error, where the server could not be asked."""

    server: str
    publication_id: str | None = None
    is_current: bool = False
    error: str | None = None


def required_url(given: str | None = None) -> str:
    """The server's URL: `given`, else the environment's.

    Raises:
        SettingsError: neither is there, or it is no address of a Postgres database.
    """
    if url := publish_url(given):
        return url
    raise SettingsError(
        f"Chưa có địa chỉ máy chủ · no server is set: đặt · set {PUBLISH_URL}="
        "postgresql://publisher@server:5432/bi, or give --to."
    )


def serve(run: RunContext, given: str | None = None) -> ServerReport:
    """Publishes on the server what is published on disk; nothing where it is there.

    A short outage is waited out. Several may do this at once: the server takes one
    after the other.

    Raises:
        SettingsError: no server is set.
        ReadError: nothing is published on disk.
        PostgresError: the server is down or refused; what it served stays.
    """
    from warehouse.postgres.publication import publish_to_postgres

    url = required_url(given)
    publication(run.home)  # that nothing is published is no fault of the server
    with step("Máy chủ BI · server") as progress:
        report = patient(TRIES, _may_pass)(
            publish_to_postgres, run.home, url, star_keys()
        )
        progress.summary = (
            f"{sum(report.tables.values()):,} dòng · rows".replace(",", ".")
            if report.is_new
            else "đã có · there already"
        )
        if report.left:
            progress.summary += f"; {kept(report)}"
    if url == publish_url():
        SERVED.write(run, _served(url, report.publication_id))
        Outbox(run.ledger).resolve(run.programme.code, [SERVER_BEHIND])
    return report


def kept(report: ServerReport) -> str:
    """Which former publications take up room there still, and what keeps them."""
    by = ", ".join(report.kept_by) or "còn người đang đọc · somebody is reading"
    return (
        f"bản cũ chưa xoá được · former publications left: "
        f"{', '.join(report.left)} ({by}); lần công bố sau thử lại · "
        "the next publication tries again"
    )


def is_server_owed(run: RunContext) -> bool:
    """True when a server is set and was not given the publication on disk.

    The server is not asked: one that was emptied behind our back shows in `standing`.
    """
    url = publish_url()
    if url is None or not run.home.published_db.exists():
        return False
    on_disk = publication(run.home)["publication_id"]
    return bool(SERVED.read(run) != _served(url, on_disk))


def standing(run: RunContext) -> Standing | None:
    """How the server stands beside the publication on disk; None where none is set.

    Asks the server, for a few seconds at most.
    """
    if (url := publish_url()) is None:
        return None
    from warehouse.postgres.publication import published_on, shown

    try:
        there = published_on(bounded(url, ASKED_SECONDS))
    except WarehouseError as error:
        return Standing(shown(url), error=str(error))
    is_on_disk = run.home.published_db.exists()
    here = publication(run.home)["publication_id"] if is_on_disk else None
    return Standing(shown(url), there, is_current=here is not None and there == here)


def examined(given: str | None = None) -> str:
    """The server's version, address and what the login may do there, in words.

    Raises:
        SettingsError: no server is set.
        PostgresError: it cannot be reached or published to.
    """
    from warehouse.postgres.examine import examine
    from warehouse.postgres.publication import shown

    url = required_url(given)
    facts = examine(bounded(url, ASKED_SECONDS))
    words = f"PostgreSQL {facts.version}, {shown(url)}"
    if facts.may_make_roles:
        return words
    return f"{words}; không tạo được vai trò · may make no roles (nhiemky access apply)"


def bounded(url: str, seconds: int) -> str:
    """The URL with a limit on how long connecting may take, whatever it says itself."""
    return f"{url}{'&' if '?' in url else '?'}connect_timeout={seconds}"


def _served(url: str, publication_id: str) -> dict[str, str]:
    from warehouse.postgres.publication import shown

    return {"server": shown(url), "publication_id": publication_id}


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, WarehouseError)
