"""The ways in that BI tools take: ODBC as Excel and Power BI, JDBC as DBeaver."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import pytest

ODBC_DRIVERS = "/usr/lib"
ODBC_DRIVER = "psqlodbcw.so"
JDBC_DRIVER = Path("/usr/share/java/postgresql.jar")
TIMEOUT_S = 120

JDBC = """
import json, sys
import jpype, jpype.dbapi2

asked = json.load(sys.stdin)
jpype.startJVM(classpath=[asked["driver"]])
with jpype.dbapi2.connect(
    asked["address"], driver_args={"user": asked["user"], "password": asked["password"]}
) as connection, connection.cursor() as cursor:
    cursor.execute(asked["sql"])
    rows = [[str(cell) for cell in row] for row in cursor.fetchall()]
    described = connection.connection.getMetaData().getTables(
        None, "marts", "%", None
    )
    tables = []
    while described.next():
        if str(described.getString("TABLE_TYPE")) == "TABLE":
            tables.append(str(described.getString("TABLE_NAME")))
print(json.dumps({"rows": rows, "tables": tables}))
"""


def as_login(url: str, login: str, password: str) -> str:
    """The same database for another login."""
    to = urlsplit(url)
    place = f"{quote(login)}:{quote(password)}@{to.hostname}:{to.port}"
    return urlunsplit(to._replace(netloc=place))


def odbc(url: str) -> Any:
    """A read-only connection through psqlODBC, set up as the pages tell people."""
    pyodbc = pytest.importorskip("pyodbc")
    found = sorted(Path(ODBC_DRIVERS).glob(f"*/odbc/{ODBC_DRIVER}"))
    if not found:
        pytest.skip(f"no Postgres ODBC driver ({ODBC_DRIVER}) is installed")
    to = urlsplit(url)
    options = {
        "DRIVER": str(found[0]),
        "SERVER": to.hostname,
        "PORT": to.port,
        "DATABASE": to.path.lstrip("/"),
        "UID": to.username,
        "PWD": "{" + unquote(to.password or "").replace("}", "}}") + "}",
        "ReadOnly": 1,
        "UseDeclareFetch": 1,
    }
    text = ";".join(f"{name}={value}" for name, value in options.items())
    return closing(pyodbc.connect(text, timeout=10))


def jdbc(url: str, sql: str) -> dict[str, Any]:
    """Rows of a query as texts, and the tables of schema marts, by the JDBC driver."""
    if not JDBC_DRIVER.exists():
        pytest.skip(f"no Postgres JDBC driver ({JDBC_DRIVER}) is installed")
    to = urlsplit(url)
    asked = {
        "driver": str(JDBC_DRIVER),
        "address": f"jdbc:postgresql://{to.hostname}:{to.port}{to.path}",
        "user": to.username,
        "password": unquote(to.password or ""),
        "sql": sql,
    }
    done = subprocess.run(
        [sys.executable, "-c", JDBC],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
