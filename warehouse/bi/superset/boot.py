"""Prepares Superset in one process: tables, roles, the administrator, the dashboards.

Run by `serve.py` in Superset's own environment; safe to repeat. What is in `bundle/`
replaces what was imported before, so a change made in the browser is exported first
(`--export`).
"""

# mypy: disable-error-code="import-not-found,import-untyped"
# what this imports is installed in Superset's environment only
from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
BUNDLE = HERE / "bundle"
DATABASE_FILE = "databases/nhiemky.yaml"
NO_PASSWORD = re.compile(r"(://[^:/@\s]+):[^@/\s]+@")


def contents(url: str) -> dict[str, str]:
    """The bundle by file name, its database pointing to `url`."""
    found = {
        path.relative_to(BUNDLE).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(BUNDLE.rglob("*.yaml"))
    }
    database = yaml.safe_load(found[DATABASE_FILE])
    database["sqlalchemy_uri"] = url
    if not url.startswith("duckdb:"):
        database["extra"] = {}
    found[DATABASE_FILE] = yaml.safe_dump(database, allow_unicode=True)
    about = yaml.safe_load(found["metadata.yaml"])
    # as assets everything is replaced; as dashboards only what is new would come in
    found["metadata.yaml"] = yaml.safe_dump({**about, "type": "assets"})
    return found


def add_words(folder: Path) -> None:
    """Compiles `vi.json` for the words that the server says itself: the menu."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    packed = json.loads((HERE / "vi.json").read_text(encoding="utf-8"))
    words = packed["locale_data"]["superset"]
    words.pop("")
    catalogue = Catalog(locale="vi")
    for english, (ours,) in words.items():
        catalogue.add(english, ours)
    place = folder / "translations" / "vi" / "LC_MESSAGES"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)


def prepare(app: Any, password: str, url: str) -> None:
    """Migrates, makes roles and the administrator, imports the bundle.

    Raises:
        SystemExit: the bundle cannot be imported; what Superset says goes with it, the
            connection's password does not.
    """
    import superset
    from flask import g
    from flask_migrate import upgrade
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
    security = app.appbuilder.sm
    security.sync_role_definitions()
    app.appbuilder.add_permissions(update_perms=True)
    admin = security.find_user("admin")
    if admin is None:
        role = security.find_role("Admin")
        names = ("admin", "Nhiệm Kỳ", "Admin", "admin@localhost")
        admin = security.add_user(*names, role, password)
    else:
        security.reset_password(admin.id, password)
    g.user = admin
    try:
        ImportAssetsCommand(contents(url)).run()
    except Exception as error:
        told = getattr(error, "normalized_messages", None)
        said = told() if told else error
        raise SystemExit(
            NO_PASSWORD.sub(r"\1:***@", f"Không nạp được · cannot import: {said}")
        ) from None


def main() -> None:
    """Prepares Superset, or with --export writes its dashboards back."""
    # who imports is no reader: the connection of the bundle is used
    os.environ.pop("NHIEMKY_BI_LOGINS", None)
    from superset.app import create_app

    add_words(Path(os.environ["NHIEMKY_BI_HOME"]))
    app = create_app()
    with app.app_context(), app.test_request_context():
        if "--export" in sys.argv[1:]:
            from exported import export

            export(app, BUNDLE)
        else:
            prepare(
                app, os.environ["NHIEMKY_BI_PASSWORD"], os.environ["NHIEMKY_BI_URL"]
            )


if __name__ == "__main__":
    main()
