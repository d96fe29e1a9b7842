"""What a rejected submission said is over once it came again under the right names."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.helpers.finding_life import HOLD, Clock
from tests.helpers.warehouse_frames import (
    findings,
    no_findings,
    observations,
    origins,
    submission,
)
from warehouse.errors import LedgerError
from warehouse.ledger import Ledger
from warehouse.ledger.decisions import Decisions
from warehouse.ledger.replies import Replies
from warehouse.ledger.waivers import close, reopen, waive

WRONG = {**HOLD, "rule_code": "UNIT_UNKNOWN", "unit_code": "A!", "observed": "A!"}


def send(
    ledger: Ledger,
    hour: int,
    *rows: dict[str, Any],
    place: str = "A/báo cáo.xlsx",
    blame: dict[str, Any] | None = None,
) -> list[str]:
    """One delivery with these submissions; `blame` is the finding of the first one."""
    content = str(rows[0]["file_name"])[:-5]
    batch = pd.DataFrame(rows)
    arrived = origins((content, hour)).assign(
        origin=f"/in/{place}", file_name=place.rpartition("/")[2]
    )
    ledger.record_deliveries(arrived, {}, "demo")
    found = no_findings()
    if blame is not None:
        found = findings(batch.head(1)).assign(**blame)
    values = observations(batch)
    ledger.record_judgement("demo", batch, found, values, values.row_id[:0])
    return list(batch.submission_id)


def statuses(ledger: Ledger) -> list[str]:
    return list(ledger.findings("demo").status)


def wrong(ledger: Ledger, hour: int = 0, **more: Any) -> None:
    row = submission(f"wrong{hour}", "A!", status="rejected")
    send(ledger, hour, row, blame=WRONG, **more)


def answer(ledger: Ledger, content: str, path: str) -> None:
    """Notes that the delivery was answered there."""
    row = submission(content)
    noted = {
        "delivery_sha256": [row["delivery_sha256"]],
        "path": [path],
        "state_digest": ["x"],
        "finding_count": [1],
    }
    Replies(ledger).record("demo", pd.DataFrame(noted))


def test_the_same_file_put_right_resolves_it_and_all_that_failed_before(
    ledger: Ledger,
) -> None:
    wrong(ledger, 0)
    wrong(ledger, 1)
    assert statuses(ledger) == ["open", "open"]
    send(ledger, 2, submission("right", "A"))
    assert statuses(ledger) == ["resolved", "resolved"]


def test_in_whatever_order_they_were_recorded(ledger: Ledger) -> None:
    send(ledger, 2, submission("right", "A"))
    wrong(ledger, 0)
    assert statuses(ledger) == ["resolved"]


def test_a_wrong_period_is_put_right_alike(ledger: Ledger) -> None:
    row = submission("wrong", period="civil-2042-Y", status="rejected")
    period = {"period_key": "civil-2042-Y", "observed": "civil-2042-Y"}
    send(ledger, 0, row, blame={**WRONG, "unit_code": "A", **period})
    send(ledger, 1, submission("right", "A"))
    assert statuses(ledger) == ["resolved"]


@pytest.mark.parametrize(
    "later",
    [
        {"period": "civil-2023-Y"},  # another report, the wrong one is still missing
        {"form": "G"},
        {"status": "rejected"},
        {"status": "held"},
        {"sheet": "Khác"},
    ],
)
def test_another_report_from_the_same_place_resolves_nothing(
    ledger: Ledger, later: dict[str, Any]
) -> None:
    wrong(ledger, 0)
    send(ledger, 1, submission("right", "A", **later))
    assert statuses(ledger) == ["open"]


def test_an_earlier_file_and_one_of_another_place_resolve_nothing(
    ledger: Ledger,
) -> None:
    wrong(ledger, 1)
    send(ledger, 0, submission("earlier", "A"))
    send(ledger, 2, submission("other", "A"), place="B/báo cáo.xlsx")
    assert statuses(ledger) == ["open"]


def test_others_in_the_file_do_not_resolve_what_is_wrong_in_it_again(
    ledger: Ledger,
) -> None:
    wrong(ledger, 0)
    again = submission("again", "A!", status="rejected")
    send(ledger, 1, again, submission("again", "B"), blame=WRONG)
    assert statuses(ledger) == ["open", "open"]
    send(ledger, 2, submission("right", "A"), submission("right", "B"))
    assert statuses(ledger) == ["resolved", "resolved"]


def test_the_reply_dropped_beside_the_file_is_its_correction(ledger: Ledger) -> None:
    wrong(ledger, 0)
    answer(ledger, "wrong0", "/home/replies/inbox/A/báo cáo.phan-hoi.xlsx")
    right = submission("right", "A")
    send(ledger, 1, right, place="B/báo cáo.phan-hoi.xlsx")
    assert statuses(ledger) == ["open"], "the reply of a namesake in another folder"
    right = submission("put right", "A")
    send(ledger, 2, right, place="A/báo cáo.phan-hoi.xlsx")
    assert statuses(ledger) == ["resolved"]


def test_the_first_file_put_right_settles_its_reply_too(ledger: Ledger) -> None:
    path = "/home/replies/inbox/A/báo cáo.phan-hoi.xlsx"
    wrong(ledger, 0)
    answer(ledger, "wrong0", path)
    wrong(ledger, 1, place="A/báo cáo.phan-hoi.xlsx")
    answer(ledger, "wrong1", path)
    send(ledger, 2, submission("right", "A"))
    assert statuses(ledger) == ["resolved", "resolved"]


def test_a_person_closes_it_with_a_reason_and_may_open_it_again(
    ledger: Ledger, clock: Clock
) -> None:
    wrong(ledger, 0)
    wrong(ledger, 1)
    first, second = ledger.findings("demo").finding_id
    token = ledger.state_token()
    (row,) = close(ledger, first, "Lan", "gửi nhầm thư mục").to_dict("records")
    assert (row["status"], row["effect"]) == ("resolved", "closed")
    assert ledger.state_token() != token
    assert statuses(ledger) == ["resolved", "open"], "each one alone"
    with pytest.raises(LedgerError, match="resolved already"):
        close(ledger, first, "Lan", "lần nữa")
    reopen(ledger, first, "Minh", "vẫn thiếu")
    assert statuses(ledger) == ["open", "open"]
    assert list(Decisions(ledger).history("demo").kind) == ["close", "reopen"]
    close(ledger, [first, second], "Lan", "đã hủy")
    assert statuses(ledger) == ["resolved", "resolved"]


def test_what_a_waiver_is_for_is_not_closed_and_the_other_way_round(
    ledger: Ledger,
) -> None:
    held = submission("held", status="held")
    send(ledger, 0, held, blame=HOLD)
    send(ledger, 1, submission("doubt", "B"), blame={"unit_code": "B"})
    hold, doubt = ledger.findings("demo").finding_id
    for finding in (hold, doubt):
        with pytest.raises(LedgerError, match="findings waive"):
            close(ledger, finding, "Lan", "đúng")
    wrong(ledger, 2)
    blocker = ledger.findings("demo").set_index("rule_code").finding_id["UNIT_UNKNOWN"]
    with pytest.raises(LedgerError, match="findings close"):
        waive(ledger, blocker, "Lan", "đúng")
    with pytest.raises(LedgerError, match="needs a name and a reason"):
        close(ledger, blocker, "Lan", " ")
    assert Decisions(ledger).history("demo").empty
