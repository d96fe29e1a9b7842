"""What sources.yaml may say of a place, and the secrets that it must not hold."""

from __future__ import annotations

from typing import Any

import pytest

from sources.programme.check_connectors import check_connectors
from sources.programme.model import Programme, Source
from sources.programme.one_select import select_fault
from sources.programme.problems import ProblemList

SQL = {
    "connector": "sql",
    "url": "postgresql://me:${PW}@host/unit",
    "sql": {"select": "select unit, period, v from f", "keys": ["unit", "period"]},
}
API = {
    "connector": "http",
    "url": "https://host/api",
    "auth": {"kind": "bearer", "token": "${TOKEN}"},
    "http": {"parameters": {"year": "2025"}},
}
FOLDER = {"connector": "drop_folder", "path": "sftp://me@host/in"}


def problems(*sources: dict[str, Any]) -> list[str]:
    """What is found, as `where: message`."""
    made = [
        Source.model_validate(
            {
                "code": f"s{place}",
                "name_vi": "x",
                "name_en": "x",
                "reader": "mapped",
                "number_style": "plain",
                **source,
            }
        )
        for place, source in enumerate(sources)
    ]
    found = ProblemList()
    check_connectors(Programme.model_construct(sources=tuple(made)), found)
    assert all(problem.remedy for problem in found.problems)
    return [problem.message for problem in found.problems]


def test_what_is_complete_passes() -> None:
    whole = [
        SQL,
        API,
        FOLDER,
        {**SQL, "url": "${DATABASE}"},
        {**SQL, "url": "sqlite:////data/unit.db", "auth": None},
        {**SQL, "auth": {"kind": "basic", "user": "me", "password": "${PW}"}},
        {**API, "url": "https://me:${PW}@host/api?token=${TOKEN}"},
        {**FOLDER, "options": {"password": "${PW}", "port": "22"}},
    ]
    assert problems(*whole) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"connector": "drop_folder"}, "needs `path`"),
        ({**FOLDER, "url": "https://x"}, "drop folder has no `url`"),
        ({**FOLDER, "sql": SQL["sql"]}, "drop folder has no `sql`"),
        ({**FOLDER, "auth": API["auth"]}, "drop folder has no `auth`"),
        ({**SQL, "sql": None}, "needs the block `sql`"),
        ({**SQL, "http": {}}, "the block `http` is not the connector's"),
        ({**SQL, "path": "x"}, "has no `path`"),
        ({**SQL, "url": ""}, "`url` is missing"),
        ({**SQL, "url": "host/unit"}, "`url` is no address"),
        ({**API, "url": "ftp://host/api"}, "`url` is no address"),
        ({**API, "reader": "template"}, "needs the reader 'mapped'"),
        ({**SQL, "auth": API["auth"]}, "entered with user and password"),
        ({**API, "auth": {"kind": "basic", "user": "me"}}, "needs `password`"),
        ({**API, "auth": {"kind": "token_url"}}, "needs `token_url`"),
        ({**SQL, "sql": {**SQL["sql"], "keys": ["a", "a"]}}, "a column twice"),  # type: ignore[dict-item]
        ({**SQL, "sql": {"select": "drop table f", "keys": ["a"]}}, "neither with"),
        # secrets in the clear, and defaults of secrets, which are the same
        ({**SQL, "url": "postgresql://me:hunter2@host/unit"}, "the password in url"),
        ({**SQL, "url": "postgresql://me:${PW:-hunter2}@h/u"}, "the password in url"),
        ({**SQL, "url": "postgresql://h/u?password=x"}, "password in url"),
        ({**API, "auth": {"kind": "bearer", "token": "abc"}}, "auth.token stands"),
        ({**API, "http": {"parameters": {"api_key": "x"}}}, "api_key in http"),
        ({**FOLDER, "path": "sftp://me:hunter2@host/in"}, "the password in path"),
        ({**FOLDER, "options": {"secret": "x"}}, "secret in options"),
    ],
)
def test_each_fault_is_named(source: dict[str, Any], said: str) -> None:
    found = problems(source)
    assert any(said in message for message in found), found
    assert "hunter2" not in str(found)


def test_codes_that_differ_by_a_sign_alone_would_be_one_asset() -> None:
    found = problems({**FOLDER, "code": "a-b"}, {**FOLDER, "code": "a.b"})
    assert found == ["source a.b: differs from source a-b by a sign alone"]


@pytest.mark.parametrize(
    ("select", "fault"),
    [
        ("select 1", None),
        ("SELECT a -- ; drop\nfrom t;", None),
        ("with a as (select 1) select * from a", None),
        ("select ';)' as \"a;b\", $$ ; $$, [c;d], /* ; */ x from updates", None),
        ("select 1; select 2", "more than one statement"),
        ("update t set a = 1", "neither"),
        ("with a as (update t set x = 1 returning *) select * from a", "writes"),
        ("select * from t for update", "writes"),
        ("select 1) x; commit", "more than one"),
        ("select 1) x, (select 2", "brackets"),
        ("", "neither"),
    ],
)
def test_one_select_is_told_from_anything_else(select: str, fault: str | None) -> None:
    said = select_fault(select)
    assert said is None if fault is None else said is not None and fault in said, said
