"""What only SFTP can do to us: host keys, lost connections, files that grow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from sources.connectors.drop_folder import open_folder, open_replies
from sources.connectors.errors import SourceError, UnreadableFile
from sources.programme.model import Source
from sources.programme.tables import Pace
from tests.helpers.file_servers import OLD, PASSWORD, SftpServer, Shop, sftp_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with sftp_server(tmp_path_factory.mktemp("sftp")) as running:
        yield running


@pytest.fixture
def shop(server: SftpServer, tmp_path: Path) -> Shop:
    return server.shop(tmp_path.name, tmp_path / "x")


def given(shop: Shop, **options: str) -> Source:
    return Source(
        code="huyen",
        name_vi="h",
        name_en="h",
        path=shop.address,
        options=shop.options | options,
        pace=Pace(timeout_seconds=5, tries=3),
        reader="template",
        number_style="vi",  # type: ignore[arg-type]
    )


def opened(shop: Shop, slept: list[float] | None = None, **options: str) -> Any:
    waits = [] if slept is None else slept
    where = Path(shop.options["known_hosts"]).parent
    source = given(shop, **options)
    return open_folder(source, where, shop.environment, sleep=waits.append)


def refusal(shop: Shop, **options: str) -> str:
    slept: list[float] = []
    with opened(shop, slept, **options) as folder, pytest.raises(SourceError) as caught:
        folder.list_files()
    assert slept == []
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


def test_only_a_known_host_key_is_accepted(server: SftpServer, shop: Shop) -> None:
    known_hosts = Path(shop.options["known_hosts"])
    before = server.logins
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    known_hosts.write_text(f"[127.0.0.1]:{server.port} {other}")
    assert "THE HOST KEY HAS CHANGED" in refusal(shop)
    known_hosts.write_text(f"[127.0.0.1]:{server.port + 1} {other}")
    assert f"port {server.port}, is not in {known_hosts}" in refusal(shop)
    assert known_hosts.read_text().count("ssh-ed25519") == 1
    known_hosts.write_text("127.0.0.1 nonsense")
    assert "source huyen: cannot enter" in refusal(shop)
    known_hosts.unlink()
    assert "nobody knows the server's key" in refusal(shop)
    # no word switches the check off
    for word in ("", "false", "None"):
        assert "nobody knows the server's key" in refusal(shop, known_hosts=word)
    assert server.logins == before  # the password was shown to nobody


def test_files_named_in_options_lie_beside_the_programme(
    server: SftpServer, shop: Shop
) -> None:
    shop.put("a.xlsx", b"1", OLD)
    with opened(shop, known_hosts=Path(shop.options["known_hosts"]).name) as folder:
        assert [file.name for file in folder.list_files()] == ["a.xlsx"]


def test_options_that_are_wrong_are_said(shop: Shop) -> None:
    said = refusal(shop, pasword="x")
    assert "no option 'pasword'" in said and "did you mean 'password'" in said
    assert "username, password, client_keys" in said and "__init__" not in said
    assert "let us in" in refusal(shop, client_keys="no-such-key")


def test_one_connection_serves_a_whole_run(server: SftpServer, shop: Shop) -> None:
    for at in range(20):
        shop.put(f"{at:02}.xlsx", b"x" * at, OLD)
    before = server.logins
    with opened(shop) as folder:
        read = [folder.read_bytes(file) for file in folder.list_files()]
    assert read == [b"x" * at for at in range(20)]
    assert server.logins == before + 1


def test_a_lost_connection_is_made_anew(server: SftpServer, shop: Shop) -> None:
    for name in ("a", "b"):
        shop.put(f"{name}.xlsx", name.encode(), OLD)
    slept: list[float] = []
    before = server.logins
    with opened(shop, slept) as folder:
        first, second = folder.list_files()
        server.disconnect()
        assert folder.read_bytes(first) == b"a"
        assert folder.read_bytes(second) == b"b"
    assert len(slept) == 1
    assert server.logins == before + 2


def test_a_file_that_grows_while_it_is_read_is_left(
    server: SftpServer, shop: Shop
) -> None:
    shop.put("a.xlsx", b"half", OLD)

    def grow() -> None:
        shop.put("a.xlsx", b"half and the rest", OLD)

    with opened(shop) as folder:
        (file,) = folder.list_files()
        server.during_read = grow
        try:
            assert folder.read_bytes(file) is None
        finally:
            server.during_read = lambda: None
        assert folder.left == ["a.xlsx"]
        assert folder.read_bytes(folder.list_files()[0]) == b"half and the rest"


def test_a_large_file_comes_whole(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from sources.connectors import remote_sftp

    monkeypatch.setattr(remote_sftp, "READ_BLOCK", 70_000)
    data = os.urandom(300_001)
    shop.put("a.xlsx", data, OLD)
    with opened(shop) as folder:
        assert folder.read_bytes(folder.list_files()[0]) == data


def test_links_and_pipes_are_not_listed(server: SftpServer, shop: Shop) -> None:
    shop.put("in/a.xlsx", b"1", OLD)
    folder = server.root / shop.address.rpartition("/")[2]
    (folder / "link.xlsx").symlink_to("in/a.xlsx")
    (folder / "linked").symlink_to("in")
    os.mkfifo(folder / "pipe.xlsx")
    with opened(shop) as opened_folder:
        assert [file.name for file in opened_folder.list_files()] == ["a.xlsx"]


def test_a_name_that_is_no_utf8_is_read_like_any_other(
    server: SftpServer, shop: Shop
) -> None:
    shop.put(os.fsdecode(b"b\xff\xfe.xlsx"), b"bytes", OLD)
    with opened(shop) as folder:
        (file,) = folder.list_files()
        assert file.uri.encode()
        assert file.name == "b\ufffd\ufffd.xlsx"
        assert folder.read_bytes(file) == b"bytes"


def test_a_subfolder_closed_to_us_is_told_and_passed_over(
    server: SftpServer, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.xlsx", "mật/b.xlsx", "x/c.xlsx"):
        shop.put(name, b"1", OLD)
    monkeypatch.setattr(server, "closed", "mật")
    with opened(shop) as folder:
        assert [file.name for file in folder.list_files()] == ["a.xlsx", "c.xlsx"]
        assert folder.left == ["mật/"]
    monkeypatch.setattr(server, "closed", shop.address.rpartition("/")[2])
    assert "cannot list" in refusal(shop)


def test_a_reply_replaces_another_even_where_nothing_can_be_renamed(
    server: SftpServer, shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(server, "renames", False)
    source = given(shop).model_copy(update={"replies": f"{shop.address}/ra"})
    for data in (b"first", b"second"):
        with open_replies(source, tmp_path, shop.environment) as replies:
            assert replies is not None
            replies.write("x/a.xlsx", data)
        assert shop.files() == {"ra/x/a.xlsx": data}


def test_one_file_that_the_server_denies_is_named(
    server: SftpServer, shop: Shop
) -> None:
    def deny() -> None:
        raise PermissionError(13, "denied")

    shop.put("a.xlsx", b"1", OLD)
    shop.put("b.xlsx", b"2", OLD)
    slept: list[float] = []
    with opened(shop, slept) as folder:
        first, second = folder.list_files()
        server.during_read = deny
        try:
            with pytest.raises(UnreadableFile, match=r"huyen: cannot read .*a\.xlsx"):
                folder.read_bytes(first)
        finally:
            server.during_read = lambda: None
        assert folder.read_bytes(second) == b"2"
    assert slept == []
