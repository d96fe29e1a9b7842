"""`nhiemky alerts` as a person types it: words and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli.alerts import app
from orchestration.settings import SHIPPED_PROGRAMME, Settings
from orchestration.steps.alert import tell
from orchestration.steps.context import open_run
from tests.helpers.alert_sinks import HookSink, free_port
from warehouse.home import Home
from warehouse.ledger.notice import Notice

runner = CliRunner()
NOTICE = Notice(
    key="finding|1",
    kind="finding",
    severity="BLOCKER",
    message_vi="Báo cáo [không] được nhận",
    message_en="Not accepted",
    remedy_vi="Gửi lại",
    remedy_en="Send again",
    command="nhiemky findings show 1",
    unit_code="HD.A",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with open_run(Settings(SHIPPED_PROGRAMME, Home(tmp_path))) as run:
        tell(run, [NOTICE])
    return tmp_path


def type_in(*words: str | Path) -> tuple[int, str]:
    done = runner.invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})
    return done.exit_code, done.output


def test_list_shows_what_is_open_and_its_command(home: Path) -> None:
    code, said = type_in("list", "--home", home)
    assert code == 0
    for word in ("BLOCKER", "HD.A", "[không]", "findings show 1"):
        assert word in said
    code, said = type_in("list", "--home", home, "--json")
    assert [row["message_en"] for row in json.loads(said)] == ["Not accepted"]
    assert (
        json.loads(type_in("list", "--home", home, "--state", "sent", "--json")[1])
        == []
    )


def test_list_refuses_an_unknown_state(home: Path) -> None:
    code, said = type_in("list", "--home", home, "--state", "closed")
    assert code == 2
    assert "closed" in said


def test_a_dry_run_prints_and_sends_nothing(home: Path, hook: HookSink) -> None:
    code, said = type_in("send", "--dry-run", "--home", home)
    assert code == 0
    assert "1 BLOCKER" in said
    assert "Báo cáo [không] được nhận" in said
    code, said = type_in("digest", "--dry-run", "--home", home)
    assert "Còn tồn đọng: Lỗi chặn báo cáo: 1" in said
    assert hook.posts == []


def test_send_sends_once(home: Path, hook: HookSink) -> None:
    assert type_in("send", "--home", home)[0] == 0
    assert type_in("send", "--home", home)[0] == 0
    assert len(hook.posts) == 1


def test_send_without_a_channel_is_exit_1_and_says_how_to_set_one(home: Path) -> None:
    code, said = type_in("send", "--home", home)
    assert code == 1
    assert "1 còn chờ" in said
    assert "NHIEMKY_ALERT_URLS" in said


def test_test_tells_which_channel_failed_without_its_address(
    home: Path, hook: HookSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = f"json://me:hunter2@127.0.0.1:{free_port()}/p4th-token"
    monkeypatch.setenv("NHIEMKY_ALERT_URLS", f"{hook.url}\n{down}\nnonsense://hunter2")
    code, said = type_in("test", "--home", home)
    assert code == 1
    assert "✓ #1 JSON" in said
    assert "✗ #2 JSON" in said
    assert "✗ #3" in said
    for secret in ("hunter2", "p4th-token", "s3cret-t0ken"):
        assert secret not in said
    assert "Tin thử" in hook.posts[0]["message"]


def test_test_without_a_channel_is_exit_1(home: Path) -> None:
    code, said = type_in("test", "--home", home)
    assert code == 1
    assert "NHIEMKY_ALERT_URLS" in said
