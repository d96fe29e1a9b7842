"""Superset's own settings: loopback only, nothing from outside, Vietnamese.

Read by Superset (SUPERSET_CONFIG_PATH), in its own environment. What differs from one
installation to the next comes from the folder NHIEMKY_BI_HOME and from NHIEMKY_BI_*.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

HERE = Path(__file__).resolve().parent
FOLDER = Path(os.environ["NHIEMKY_BI_HOME"])
SCHEMA = os.environ.get("NHIEMKY_BI_SCHEMA") or "marts"
"""Schema of the DuckDB file; on a server the connection's search_path says it."""
if not re.fullmatch(r"[a-z_][a-z0-9_]*", SCHEMA):
    raise ValueError("NHIEMKY_BI_SCHEMA: not the name of a schema")

SECRET_KEY = os.environ.get("NHIEMKY_BI_SECRET_KEY") or (
    (FOLDER / "secret_key").read_text(encoding="utf-8").strip()
)
SQLALCHEMY_DATABASE_URI = f"sqlite:///{FOLDER / 'superset.db'}?check_same_thread=false"
DATA_DIR = str(FOLDER)

WTF_CSRF_ENABLED = True
# the pages of Superset call telemetry and map hosts; the browser asks this server only
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
FEATURE_FLAGS = {
    "DASHBOARD_RBAC": True,
    # a printed or pictured dashboard shows all its charts
    "DASHBOARD_VIRTUALIZATION": False,
}
# figures come from the publication in place, never from a cache of the one before, and
# a reader's rows never from another's
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
FILTER_STATE_CACHE_CONFIG = {"CACHE_TYPE": "SimpleCache"}
EXPLORE_FORM_DATA_CACHE_CONFIG = {"CACHE_TYPE": "SimpleCache"}
RATELIMIT_STORAGE_URI = "memory://"
LOG_LEVEL = "WARNING"

APP_NAME = "Nhiệm Kỳ"
BABEL_DEFAULT_LOCALE = "vi"
BABEL_TRANSLATION_DIRECTORIES = f"translations;{FOLDER / 'translations'}"
LANGUAGES = {
    "vi": {"flag": "vn", "name": "Tiếng Việt"},
    "en": {"flag": "us", "name": "English"},
}
D3_FORMAT = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "nhiemky",
        "description": "Nhiệm Kỳ",
        "label": "Nhiệm Kỳ",
        "isDefault": True,
        "colors": [
            "#17497a",
            "#b35c00",
            "#2c8c99",
            "#6a65b5",
            "#2e7d4f",
            "#8796a8",
            "#c9a400",
            "#b3261e",
        ],
    }
]
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "nhiemky_punctual",
        "description": "Chậm đến đúng hạn · late to on time",
        "label": "Nhiệm Kỳ: chậm đến đúng hạn",
        "isDiverging": True,
        "colors": ["#b3261e", "#f0b48a", "#faf1cd", "#dff1e4"],
    }
]


@event.listens_for(Engine, "connect")
def _choose_schema(connection: Any, _record: Any) -> None:
    """Datasets name no schema; on a DuckDB file this is the only place for it."""
    if type(connection).__module__.startswith("duckdb_engine"):
        connection.execute(f"set schema = '{SCHEMA}'")


def _login_url(url: Any, params: Any, username: str | None, *_: Any) -> tuple[Any, Any]:
    """The connection of the person who asks: NHIEMKY_BI_LOGINS names their own login.

    Raises:
        PermissionError: the file is set and does not name this person.
    """
    logins = os.environ.get("NHIEMKY_BI_LOGINS")
    if not logins or url.get_backend_name() != "postgresql":
        return url, params
    from sqlalchemy.engine import make_url

    known = json.loads(Path(logins).read_text(encoding="utf-8"))
    if not username or username not in known:
        raise PermissionError(
            "Tài khoản chưa có quyền đọc kho · this account has no login of the "
            "warehouse: ask who keeps NHIEMKY_BI_LOGINS"
        )
    return make_url(known[username]), params


DB_CONNECTION_MUTATOR = _login_url


def _add_vietnamese(app: Any) -> None:
    """Serves our words for Superset's own buttons: the package brings none.

    Before any other handler and without a session: the page of the login asks for them
    too, and a late answer that sets a cookie would end the session just begun.
    """
    from flask import Response, request, send_file

    def language_pack() -> Response | None:
        if request.path == "/superset/language_pack/vi/":
            return send_file(HERE / "vi.json", mimetype="application/json")
        return None

    app.before_request_funcs.setdefault(None, []).insert(0, language_pack)


FLASK_APP_MUTATOR = _add_vietnamese
