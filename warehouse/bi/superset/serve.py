"""`make bi`: Superset with our dashboards, on loopback, over the publication in place.

Makes or keeps its folder `bi` in the home, boots, starts the server, waits until it
answers, takes pictures of every dashboard, says where it is and stays until Ctrl-C.
`--check` verifies what the dashboards show instead of staying, and says so by its exit
code. Runs in Superset's own environment; of the product it needs only the publication.
"""

# mypy: disable-error-code="import-not-found,import-untyped"
# what this imports is installed in Superset's environment only
from __future__ import annotations

import argparse
import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1"
PORTS_TRIED = 20
SECONDS_TO_START = 180


def kept_secret(folder: Path, name: str, variable: str) -> str:
    """The secret in `variable`, else one made once and kept readable by its owner."""
    given = os.environ.get(variable)
    if given:
        return given
    path = folder / name
    if not path.exists():
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_urlsafe(32) + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path.read_text(encoding="utf-8").strip()


def connection(home: Path) -> str:
    """What the dashboards read: NHIEMKY_BI_URL, else the published DuckDB file.

    Raises:
        SystemExit: there is no publication.
    """
    url = os.environ.get("NHIEMKY_BI_URL")
    if url and url.startswith("postgres"):
        url = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg2://", url)
        if "options=" not in url:
            schema = os.environ.get("NHIEMKY_BI_SCHEMA") or "marts"
            url += ("&" if "?" in url else "?") + f"options=-csearch_path%3D{schema}"
        return url
    if url:
        return url
    published = (home / "published" / "warehouse.duckdb").resolve()
    if not published.exists():
        raise SystemExit(
            f"Chưa có bản công bố · nothing is published in {home}: run `nhiemky demo` "
            "or `nhiemky run`, or set NHIEMKY_BI_URL"
        )
    return "duckdb:///" + quote(str(published))


def free_port(wanted: int) -> int:
    """`wanted`, or the next port that nobody listens on.

    Raises:
        SystemExit: none of the next twenty is free.
    """
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                tried.bind((HOST, port))
                return port
    raise SystemExit(f"Không còn cổng trống · no free port from {wanted} on")


def run(arguments: list[str], environment: dict[str, str], log: Path) -> None:
    """One step of the preparation; what it prints goes to `log`.

    Raises:
        SystemExit: it failed; the end of its log is shown.
    """
    with log.open("w", encoding="utf-8") as out:
        done = subprocess.run(  # noqa: S603 - our own interpreter and files
            arguments,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        print("\n".join(log.read_text(encoding="utf-8").splitlines()[-15:]))
        raise SystemExit(f"Lỗi · failed, see {log}")


def wait_for(base: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once the server answers.

    Raises:
        SystemExit: it ended, or said nothing for three minutes.
    """
    until = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < until:
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(base + "/health", timeout=5) as answer,  # noqa: S310
        ):
            if answer.status == 200:
                return
        time.sleep(0.3)
    raise SystemExit(f"Superset không khởi động · did not start, see {log}")


def started(
    port: int, environment: dict[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """The server process, in a group of its own, so that all of it can be ended."""
    with log.open("w", encoding="utf-8") as out:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and files
            [
                *(sys.executable, "-m", "gunicorn", "--workers", "1"),
                *("--threads", "8", "--timeout", "120", "--bind", f"{HOST}:{port}"),
                *("--no-control-socket", "--log-level", "warning"),
                "superset.app:create_app()",
            ],
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end(server: subprocess.Popen[bytes]) -> None:
    """Ends the server and its workers."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def main() -> int:
    """Serves until Ctrl-C; with --check, returns 1 when a dashboard shows a fault."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--home", default=os.environ.get("NHIEMKY_HOME") or ".nhiemky")
    asked.add_argument("--port", type=int, default=8088)
    asked.add_argument("--check", action="store_true")
    asked.add_argument("--export", action="store_true")
    options = asked.parse_args()

    home = Path(options.home).expanduser().absolute()
    url = connection(home)
    folder = home / "bi"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    os.umask(0o077)
    password = kept_secret(folder, "admin_password", "NHIEMKY_BI_PASSWORD")
    environment = {
        **os.environ,
        "NHIEMKY_BI_HOME": str(folder),
        "NHIEMKY_BI_SECRET_KEY": kept_secret(
            folder, "secret_key", "NHIEMKY_BI_SECRET_KEY"
        ),
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
        "PYTHONWARNINGS": "ignore",
    }
    secret = {"NHIEMKY_BI_PASSWORD": password, "NHIEMKY_BI_URL": url}
    for name in secret:
        environment.pop(name, None)

    boot = [sys.executable, str(HERE / "boot.py")]
    if options.export:
        run([*boot, "--export"], environment, folder / "boot.log")
        return 0
    print("Chuẩn bị Superset · preparing Superset ...", flush=True)
    run(boot, {**environment, **secret}, folder / "boot.log")
    base = f"http://{HOST}:{free_port(options.port)}"
    server_log = folder / "superset.log"
    server = started(int(base.rsplit(":", 1)[1]), environment, server_log)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        wait_for(base, server, server_log)
        if options.check:
            faults = look(base, password, folder, url, options.check)
            if not faults:
                print("✓ Bốn bảng hiện đúng · the dashboards show what the marts say")
            return 1 if faults else 0
        is_given = "NHIEMKY_BI_PASSWORD" in os.environ
        kept = "" if is_given else f"  ({folder}/admin_password)"
        print(f"Superset:  {base}/dashboard/list/")
        print(f"Đăng nhập · login:  admin / {password}{kept}", flush=True)
        look(base, password, folder, url, options.check)
        print("Ctrl-C để dừng · to stop", flush=True)
        server.wait()
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        end(server)


def chromium() -> str | None:
    """Chromium of this machine, if it is there."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def install_chromium(folder: Path) -> bool:
    """Tries apt, as root or with a sudo that asks nothing; says whether it worked."""
    apt = shutil.which("apt-get")
    sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if apt is None or (sudo and shutil.which("sudo") is None):
        return False
    print("Cài Chromium · installing Chromium (apt) ...", flush=True)
    wanted = ["install", "-y", "--no-install-recommends", "chromium", "fonts-noto-core"]
    with (folder / "apt.log").open("w", encoding="utf-8") as log:
        for step in (["update"], wanted):
            done = subprocess.run(  # noqa: S603 - fixed arguments
                [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", apt, *step],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
    return done.returncode == 0


def look(base: str, password: str, folder: Path, url: str, check: bool) -> list[str]:
    """Pictures of every dashboard and what is wrong with them; checks when asked to.

    Without Chromium nothing can be looked at: a fault of a check, a word otherwise.
    """
    browser = chromium() or (install_chromium(folder) and chromium())
    if not browser:
        fault = (
            "Không có Chromium nên không chụp được bảng · no Chromium, so no pictures: "
            "apt-get install chromium fonts-noto-core"
        )
        print(fault)
        return [fault]
    from pictures import look_at

    begun = time.monotonic()
    seen = look_at(browser, base, password, folder)
    print(f"Ảnh · pictures: {folder} ({time.monotonic() - begun:.0f} s)")
    faults = seen.faults
    if check:
        from check import compare

        faults = faults + compare(base, password, url, seen)
    for fault in faults:
        print("✕", fault)
    return faults


if __name__ == "__main__":
    sys.exit(main())
