"""The outbox: told once, told again when it grows worse, lost never."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from tests.helpers.warehouse_frames import moment
from warehouse.ledger import Ledger
from warehouse.ledger.notice import Notice, Raised, Waiting, waiting_time
from warehouse.ledger.outbox import Outbox

LEASE = dt.timedelta(minutes=5)
NOTICE = Notice(
    key="overdue|A|F|2024",
    kind="overdue",
    severity="WARNING",
    message_vi="Quá hạn",
    message_en="Overdue",
    remedy_vi="Nhắc",
    remedy_en="Remind",
    command="nhiemky status",
    unit_code="A",
    form_code="F",
    period_key="civil-2024-Y",
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def outbox(ledger: Ledger) -> Outbox:
    return Outbox(ledger)


def keys(waiting: list[Waiting]) -> list[str]:
    return [one.notice.key for one in waiting]


def send_all(outbox: Outbox, hours: int) -> list[str]:
    due = outbox.due("demo", moment(hours))
    taken = outbox.take([one.alert_id for one in due], moment(hours), LEASE)
    outbox.mark_sent(taken, moment(hours))
    return keys(taken)


def test_what_was_told_is_not_told_again(outbox: Outbox) -> None:
    assert outbox.raise_alerts("demo", [NOTICE], moment(0)) == Raised(new=1)
    assert send_all(outbox, 0) == [NOTICE.key]
    assert outbox.raise_alerts("demo", [NOTICE], moment(100)) == Raised(seen_again=1)
    assert send_all(outbox, 100) == []
    row = outbox.alerts("demo").iloc[0]
    assert (row["times"], row["state"], row["sent_level"]) == (2, "sent", 0)
    assert (row["first_seen_at"], row["last_seen_at"]) == (moment(0), moment(100))


@pytest.mark.parametrize(
    ("change", "is_told"),
    [
        ({"severity": "ERROR"}, True),
        ({"severity": "INFO"}, False),
        ({"level": 1}, True),
        ({"message_vi": "Khác"}, False),
    ],
)
def test_worse_is_news_and_better_is_not(
    outbox: Outbox, change: dict[str, str], is_told: bool
) -> None:
    outbox.raise_alerts("demo", [NOTICE], moment(0))
    send_all(outbox, 0)
    outbox.raise_alerts("demo", [replace(NOTICE, **change)], moment(1))
    assert bool(send_all(outbox, 1)) is is_told
    outbox.raise_alerts("demo", [replace(NOTICE, **change)], moment(2))
    assert send_all(outbox, 2) == []


def test_a_kind_that_repeats_is_told_again_after_its_quiet_time(outbox: Outbox) -> None:
    down = replace(NOTICE, repeats=True)
    outbox.raise_alerts("demo", [down], moment(0))
    send_all(outbox, 0)
    outbox.raise_alerts("demo", [down], moment(23))
    assert send_all(outbox, 23) == []
    outbox.raise_alerts("demo", [down], moment(24))
    assert send_all(outbox, 24) == [NOTICE.key]


def test_what_is_not_seen_again_is_resolved_and_news_when_it_comes_back(
    outbox: Outbox,
) -> None:
    other = replace(NOTICE, key="held|x", kind="held")
    outbox.raise_alerts("demo", [NOTICE, other], moment(0))
    send_all(outbox, 0)
    assert outbox.raise_alerts("demo", [], moment(1), ["overdue"]) == Raised(resolved=1)
    assert list(outbox.alerts("demo").alert_key) == ["held|x"]
    outbox.raise_alerts("demo", [NOTICE], moment(2), ["overdue"])
    assert send_all(outbox, 2) == [NOTICE.key]
    row = outbox.alerts("demo", ["sent"]).set_index("alert_key").loc[NOTICE.key]
    assert (row["times"], row["first_seen_at"]) == (1, moment(2))


def test_resolved_before_it_was_sent_is_not_sent(outbox: Outbox) -> None:
    outbox.raise_alerts("demo", [NOTICE], moment(0))
    assert outbox.resolve("demo", [NOTICE.key, "never raised"]) == 1
    assert outbox.resolve("demo", [NOTICE.key]) == 0
    assert send_all(outbox, 1) == []


def test_what_is_no_news_keeps_an_alert_alive_and_opens_none(outbox: Outbox) -> None:
    seen_before = replace(NOTICE, is_news=False)
    outbox.raise_alerts("demo", [seen_before], moment(0), ["overdue"])
    assert outbox.alerts("demo").empty
    outbox.raise_alerts("demo", [NOTICE], moment(1))
    send_all(outbox, 1)
    outbox.raise_alerts("demo", [seen_before], moment(2), ["overdue"])
    assert list(outbox.alerts("demo").state) == ["sent"]
    outbox.raise_alerts("demo", [], moment(3), ["overdue"])
    outbox.raise_alerts("demo", [seen_before], moment(4), ["overdue"])
    assert outbox.alerts("demo").empty


def test_programmes_do_not_see_each_other(outbox: Outbox) -> None:
    outbox.raise_alerts("demo", [NOTICE], moment(0))
    outbox.raise_alerts("other", [NOTICE], moment(0), ["overdue"])
    assert (
        len(outbox.due("demo", moment(0))) == len(outbox.due("other", moment(0))) == 1
    )


def test_failures_back_off_from_30_seconds_to_an_hour() -> None:
    waits = [int(waiting_time(tries).total_seconds()) for tries in range(1, 10)]
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_what_could_not_be_sent_waits_and_is_sent_later(outbox: Outbox) -> None:
    outbox.raise_alerts("demo", [NOTICE], moment(0))
    taken = outbox.take(
        [one.alert_id for one in outbox.due("demo", moment(0))], moment(0), LEASE
    )
    outbox.mark_failed([taken[0].alert_id], "mail is down", moment(0), ["0a1b2c3d"])
    soon = dt.timedelta(seconds=29)
    assert outbox.due("demo", moment(0) + soon) == []
    later = outbox.due("demo", moment(0) + dt.timedelta(seconds=30))
    assert (later[0].tries, later[0].missed) == (1, {"0a1b2c3d"})
    assert outbox.alerts("demo").last_error[0] == "[0a1b2c3d] mail is down"
    assert send_all(outbox, 1) == [NOTICE.key]
    assert outbox.alerts("demo").last_error[0] is None


def test_a_sender_that_dies_loses_nothing(outbox: Outbox) -> None:
    outbox.raise_alerts("demo", [NOTICE], moment(0))
    outbox.take(
        [one.alert_id for one in outbox.due("demo", moment(0))], moment(0), LEASE
    )
    assert outbox.due("demo", moment(0)) == []
    assert keys(outbox.due("demo", moment(0) + LEASE)) == [NOTICE.key]


def test_what_grew_worse_while_it_was_sent_is_told_as_well(outbox: Outbox) -> None:
    outbox.raise_alerts("demo", [NOTICE], moment(0))
    ids = [one.alert_id for one in outbox.due("demo", moment(0))]
    taken = outbox.take(ids, moment(0), LEASE)
    outbox.raise_alerts("demo", [replace(NOTICE, level=2)], moment(0))
    outbox.mark_sent(taken, moment(0))
    assert [one.notice.level for one in outbox.due("demo", moment(1))] == [2]


def test_heaviest_first(outbox: Outbox) -> None:
    rows = [("a", "INFO"), ("b", "BLOCKER"), ("c", "WARNING"), ("d", "ERROR")]
    outbox.raise_alerts(
        "demo", [replace(NOTICE, key=k, severity=s) for k, s in rows], moment(0)
    )
    assert keys(outbox.due("demo", moment(0))) == ["b", "d", "c", "a"]


def test_alerts_leave_the_state_of_the_warehouse_alone(
    ledger: Ledger, outbox: Outbox
) -> None:
    before = ledger.state_token()
    outbox.raise_alerts("demo", [NOTICE], moment(0))
    send_all(outbox, 0)
    assert ledger.state_token() == before


def test_the_refusal_that_stands_is_the_newest_word(
    ledger: Ledger, outbox: Outbox
) -> None:
    assert outbox.standing_refusal("demo") is None
    ledger.record_refusal("demo", "tổng lệch", moment(1))
    assert outbox.standing_refusal("demo") == "tổng lệch"
    ledger.record_publication("p", "demo", moment(2), dt.date(2024, 1, 5))
    assert outbox.standing_refusal("demo") is None


def two_senders_take(url: str) -> list[str]:
    """The keys that two senders took at the same time from 50 alerts."""
    senders = 2
    ledgers = [Ledger.open(url) for _ in range(senders)]
    outboxes = [Outbox(ledger) for ledger in ledgers]
    rows = [replace(NOTICE, key=f"k{n}") for n in range(50)]
    outboxes[0].raise_alerts("demo", rows, moment(0))
    ids = [one.alert_id for one in outboxes[0].due("demo", moment(0))]
    together = Barrier(senders)

    def take(outbox: Outbox) -> list[str]:
        together.wait()
        return keys(outbox.take(ids, moment(0), LEASE))

    with ThreadPoolExecutor(senders) as pool:
        taken = [key for part in pool.map(take, outboxes) for key in part]
    for ledger in ledgers:
        ledger.close()
    return taken


def test_two_senders_at_once_do_not_send_twice_on_sqlite(tmp_path: Path) -> None:
    taken = two_senders_take(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    assert sorted(taken) == sorted(f"k{n}" for n in range(50))


def test_two_senders_at_once_do_not_send_twice_on_postgres(postgres_url: str) -> None:
    taken = two_senders_take(postgres_url)
    assert sorted(taken) == sorted(f"k{n}" for n in range(50))
