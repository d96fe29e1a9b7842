"""Shared by all tests: no outside influence, the shared data, a private Postgres."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

TESTS = Path(__file__).resolve().parent
SILENT = {
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
}
POSTGRES_WAIT_SECONDS = "60"


def pytest_configure() -> None:
    """Nothing that a developer exported may change what a test sees."""
    for name in [name for name in os.environ if name.startswith("NHIEMKY_")]:
        del os.environ[name]
    os.environ.update(SILENT)
    # a busy machine is not a fault of the code under test
    hypothesis.settings.register_profile("unhurried", deadline=None)
    hypothesis.settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The material beside the checkout; tests that need it skip without it."""
    folder = TESTS.parents[1] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the shared data is not beside the checkout ({folder})")
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a private Postgres server on loopback, without a database name."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not folders:
        pytest.skip("no Postgres server is installed in /usr/lib/postgresql")
    is_root = os.geteuid() == 0
    if is_root and not (shutil.which("runuser") and _user_exists("postgres")):
        pytest.skip("Postgres refuses to run as root and there is no user postgres")
    prefix = ["runuser", "-u", "postgres", "--"] if is_root else []
    home = Path(tempfile.mkdtemp(prefix="nhiemky-postgres-"))
    if is_root:
        shutil.chown(home, "postgres", "postgres")
    password = secrets.token_hex(16)
    password_file = home / "password"
    password_file.write_text(password)
    password_file.chmod(0o644)  # the folder itself is 0700
    port = _free_port()

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [*prefix, str(folders[-1] / program), *arguments],
            check=True,
            capture_output=True,
            text=True,
            cwd=home,
            timeout=120,
        )

    data = str(home / "data")
    settings = (
        f"-c listen_addresses=127.0.0.1 -c port={port} "
        "-c unix_socket_directories= -c fsync=off"
    )
    try:
        run(
            "initdb",
            *("-D", data, "-U", "tester", "--encoding", "UTF8", "--no-sync"),
            *("--auth", "scram-sha-256", "--pwfile", str(password_file)),
        )
        run(
            "pg_ctl",
            *("start", "-w", "-t", POSTGRES_WAIT_SECONDS, "-D", data),
            *("-l", str(home / "log"), "-o", settings),
        )
        try:
            yield f"postgresql://tester:{password}@127.0.0.1:{port}"
        finally:
            run("pg_ctl", "stop", "-w", "-D", data, "-m", "immediate")
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty database of its own."""
    import psycopg
    from psycopg import sql

    name = f"test_{secrets.token_hex(8)}"
    with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield f"{postgres_server}/{name}"
        connection.execute(
            sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
        )


def _user_exists(name: str) -> bool:
    import pwd

    return name in {entry.pw_name for entry in pwd.getpwall()}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
