"""The `nhiemky` program: one module per group of commands.

Belongs here: arguments, exit codes, what is printed. Does not belong here: what a
command does (`orchestration.steps`, the packages). Heavy imports happen inside
commands, so that `nhiemky --help` answers at once.
"""

from __future__ import annotations

import os
import sys

TELEMETRY_OFF = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
}


def main() -> None:
    """Console entry: runs the command, turns known errors into words and exit codes."""
    os.environ.update(TELEMETRY_OFF)
    from orchestration.cli.app import app
    from orchestration.cli.errors import explain

    try:
        app(prog_name="nhiemky")
    except Exception as error:  # the last stop before the person
        sys.exit(explain(error))
