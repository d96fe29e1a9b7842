"""The program's commands from a process that has imported everything already.

Importing Dagster, Great Expectations and pandas is most of what a small command costs,
and the end-to-end tests give many. A server imports them once and forks itself for each
command: its own environment, its own files for output, its own end, as if started anew.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
_READY = "ready"
_WIDTH = "200"


def run_warm(
    arguments: Sequence[str], environment: Mapping[str, str], timeout_s: float
) -> subprocess.CompletedProcess[str]:
    """Runs one command in a fork of the server; bounded in time.

    Raises:
        TimeoutExpired: the command took too long and was ended.
    """
    server = _server()
    with tempfile.TemporaryDirectory(prefix="nhiemky-command-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        asked = {
            "arguments": list(arguments),
            "environment": {**environment, "COLUMNS": _WIDTH},
            "out": str(out),
            "err": str(err),
            "seconds": timeout_s,
        }
        code = _ask(server, asked)
        if code == -signal.SIGALRM:
            raise subprocess.TimeoutExpired(["nhiemky", *arguments], timeout_s)
        return subprocess.CompletedProcess(
            ["nhiemky", *arguments], code, out.read_text(), err.read_text()
        )


@cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.helpers.warm_program"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": _WIDTH},
    )
    assert server.stdout is not None and server.stdin is not None
    assert server.stdout.readline().strip() == _READY
    atexit.register(_end, server)
    return server


def _ask(server: subprocess.Popen[str], asked: Mapping[str, Any]) -> int:
    assert server.stdout is not None and server.stdin is not None
    server.stdin.write(json.dumps(asked) + "\n")
    server.stdin.flush()
    return int(server.stdout.readline())


def _end(server: subprocess.Popen[str]) -> None:
    assert server.stdout is not None and server.stdin is not None
    server.stdin.close()
    server.wait()
    server.stdout.close()


def _serve() -> None:
    """Imports what commands import, then forks for every line until none comes."""
    import great_expectations  # noqa: F401
    import openpyxl  # noqa: F401
    import scipy.stats  # noqa: F401

    import expectations.gate1
    import expectations.gate2
    import expectations.standing  # noqa: F401
    import orchestration.cli
    import orchestration.refresh  # noqa: F401

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(_READY, file=answers, flush=True)
    while line := sys.stdin.readline():
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            answers.close()
            _become(asked)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers)
        answers.flush()


def _become(asked: Mapping[str, Any]) -> NoReturn:
    """This process as the command: its words, environment and output, to its end."""
    import orchestration.cli

    signal.alarm(int(asked["seconds"]))
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "out"), (2, "err")):
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(asked[name], flags, 0o600), number)
    sys.argv = ["nhiemky", *asked["arguments"]]
    code: object = 0
    try:
        orchestration.cli.main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    # not sys.exit: libraries end threads there that a fork does not have
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    _serve()
