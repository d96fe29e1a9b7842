"""What the dashboards show against the marts themselves, asked once more in plain SQL.

Every chart is asked through Superset's own interface, as a browser does, with the
filters that a dashboard opens with; an error or an empty answer is a fault. The counts
of the term overview and of reporting discipline must equal those of the marts.
"""

# mypy: disable-error-code="import-not-found,import-untyped"
# what this imports is installed in Superset's environment only
from __future__ import annotations

import json
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

import sqlalchemy
from pictures import Seen

COUNTED = """
select scorecard.verdict, count(*)
from rpt_term_scorecard as scorecard
where
    scorecard.is_scope_unit
    and not scorecard.is_commitment
    and scorecard.programme_code = (
        select programme_code
        from rpt_term_scorecard
        group by programme_code
        order by max(programme_name_vi)
        limit 1
    )
    and not exists (
        select 1
        from rpt_term_scorecard as wholes
        where
            wholes.programme_code = scorecard.programme_code
            and ';' || wholes.part_target_codes || ';'
            like '%;' || scorecard.target_code || ';%'
    )
group by scorecard.verdict
"""
EXPECTED = """
select count(distinct form_code || '|' || unit_code || '|' || period_key)
from fct_submission
where is_expected and status not in ('rejected', 'not_due')
"""
OPEN = (
    "select severity, count(*) from fct_finding where status = 'open' group by severity"
)


class Superset:
    """Superset's interface, signed in as the administrator."""

    def __init__(self, base: str, password: str) -> None:
        self._base = base
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar())
        )
        told = {"username": "admin", "password": password}
        signed = self._ask("/security/login", {**told, "provider": "db"}, {})
        self._headers = {"Authorization": "Bearer " + signed["access_token"]}
        self._headers["X-CSRFToken"] = self.get("/security/csrf_token/")["result"]

    def get(self, path: str) -> Any:
        """The answer to a question without a body."""
        return self._ask(path, None, self._headers)

    def post(self, path: str, body: Any) -> Any:
        """The answer to a question with a body."""
        return self._ask(path, body, self._headers)

    def _ask(self, path: str, body: Any, headers: dict[str, str]) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own server on loopback
            self._base + "/api/v1" + path,
            None if body is None else json.dumps(body).encode(),
            {**headers, "Content-Type": "application/json", "Referer": self._base},
        )
        with self._opener.open(request, timeout=120) as answer:
            return json.load(answer)


def compare(base: str, password: str, url: str, seen: Seen) -> list[str]:
    """What is wrong, in words; nothing when every figure agrees."""
    superset = Superset(base, password)
    metrics = _asked(superset)
    marts = _marts(url)
    wanted = {
        f"{verdict}_count": count
        for verdict, count in marts(COUNTED)
        if verdict != "no_case"
    }
    shown = {
        name: count
        for name, count in metrics["Kết luận theo chỉ tiêu"].items()
        if count and name not in ("no_case_count", "judged_count", "commitment_count")
    }
    faults = _differ("Tổng quan nhiệm kỳ", wanted, shown)
    faults += _differ(
        "Kỷ luật báo cáo",
        {"due_count": marts(EXPECTED)[0][0]},
        {"due_count": metrics["Báo cáo phải gửi"]["due_count"]},
    )
    found = {f"{severity.lower()}_count": count for severity, count in marts(OPEN)}
    shown = {k: v for k, v in metrics["Phát hiện"].items() if v and k in found}
    faults += _differ("Chất lượng dữ liệu", found, shown)
    # and the page itself says them: a number under each title
    lines = [line.strip() for line in seen.texts["nhiemky-overview"].splitlines()]
    for title, name in TILES.items():
        following = lines[lines.index(title) + 1 :] if title in lines else []
        number = next((line for line in following if line), None)
        if number != str(wanted.get(name, 0)):
            said = f"{title}: trang ghi · the page says {number}"
            faults.append(f"{said}, kho · marts {wanted.get(name, 0)}")
    return faults


TILES = {
    "Đạt": "met_count",
    "Đúng tiến độ": "on_track_count",
    "Chậm tiến độ": "off_track_count",
    "Không đạt": "not_met_count",
    "Chưa đủ căn cứ": "cannot_judge_count",
    "Chưa đến hạn": "not_due_count",
}
DEFAULTS = {
    "Kết luận theo chỉ tiêu": {
        "edition_vi": "Hiện hành",
        "scope_vi": "Toàn phạm vi chỉ tiêu",
    },
    "Phát hiện": {"status_vi": "đang mở"},
}
"""What a dashboard opens with, by the dataset that it filters."""


def _asked(superset: Superset) -> dict[str, dict[str, Any]]:
    """Every metric of every dataset with the filters a dashboard opens with."""
    answers: dict[str, dict[str, Any]] = {}
    listed = superset.get("/dataset/?q=(page_size:100)")["result"]
    for dataset in listed:
        told = superset.get(f"/dataset/{dataset['id']}")["result"]
        filters = [
            {"col": column, "op": "==", "val": value}
            for column, value in DEFAULTS.get(dataset["table_name"], {}).items()
        ]
        if dataset["table_name"] == "Kết luận theo chỉ tiêu":
            first = _rows(superset, dataset["id"], columns=["programme_vi"])
            name = min(row["programme_vi"] for row in first)
            filters.append({"col": "programme_vi", "op": "==", "val": name})
        names = [metric["metric_name"] for metric in told["metrics"]]
        rows = _rows(superset, dataset["id"], metrics=names, filters=filters)
        answers[dataset["table_name"]] = rows[0]
    return answers


def _rows(superset: Superset, dataset: int, **query: Any) -> list[dict[str, Any]]:
    body = {
        "datasource": {"id": dataset, "type": "table"},
        "queries": [{"row_limit": 1000, **query}],
        "result_format": "json",
        "result_type": "full",
    }
    rows: list[dict[str, Any]] = superset.post("/chart/data", body)["result"][0]["data"]
    return rows


def _marts(url: str) -> Any:
    """A function that asks the warehouse itself, past Superset."""
    arguments = {"read_only": True} if url.startswith("duckdb:") else {}
    engine = sqlalchemy.create_engine(
        url, connect_args=arguments, poolclass=sqlalchemy.pool.NullPool
    )

    def ask(sql: str) -> list[Any]:
        with engine.connect() as connection:
            if url.startswith("duckdb:"):
                connection.execute(sqlalchemy.text("set schema = 'marts'"))
            return list(connection.execute(sqlalchemy.text(sql)).fetchall())

    return ask


def _differ(where: str, wanted: dict[str, int], shown: dict[str, int]) -> list[str]:
    return [
        f"{where}, {name}: kho · marts {wanted.get(name, 0)}, "
        f"bảng · dashboard {shown.get(name, 0)}"
        for name in sorted(wanted.keys() | shown.keys())
        if wanted.get(name, 0) != shown.get(name, 0)
    ]
