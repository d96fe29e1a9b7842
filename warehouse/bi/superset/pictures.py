"""Every dashboard in headless Chromium: a picture, its text, and what is wrong with it.

A fault is a chart that says it failed or never shows, an error of the page, an answer
of the server that says it failed, or a request that would have left this machine.
"""

# mypy: disable-error-code="import-not-found,import-untyped"
# what this imports is installed in Superset's environment only
from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import yaml

BUNDLE = Path(__file__).resolve().parent / "bundle"
WIDTH = 1400
PATIENCE = 180_000
READY = """count => {
  const charts = document.querySelectorAll(
    '[data-test="chart-container"], [data-test="chart-grid-component"] [role="alert"]');
  const busy = '.loading, [data-test="loading-indicator"], .ant-spin-spinning';
  return charts.length >= count && !document.querySelector(busy);
}"""
FAILED = """() => [...document.querySelectorAll(
  '[data-test="chart-container"] [role="alert"], .ant-alert-error, .chart-error'
)].map(found => found.innerText.trim().slice(0, 200))"""


@dataclass
class Seen:
    """What the browser saw: text of each dashboard by slug, faults in words."""

    texts: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def dashboards() -> list[dict[str, Any]]:
    """The dashboards of the bundle, in the order of their files."""
    return [
        yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((BUNDLE / "dashboards").glob("*.yaml"))
    ]


def look_at(browser: str, base: str, password: str, folder: Path) -> Seen:
    """Opens every dashboard, leaves `<slug>.png` in `folder`, and says what it saw."""
    from playwright.sync_api import sync_playwright

    seen = Seen()
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=browser,
            args=[
                # whatever a page asks of another host fails at once and is a fault
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                *(["--no-sandbox"] if os.geteuid() == 0 else []),
            ],
        )
        try:
            context = chromium.new_context(
                viewport={"width": WIDTH, "height": 1000},
                locale="vi-VN",
                timezone_id="Asia/Ho_Chi_Minh",
            )
            page = context.new_page()
            _watch(page, base, seen)
            page.goto(base + "/login/")
            page.fill('input[name="username"], #username', "admin")
            page.fill('input[name="password"], #password', password)
            page.click('[data-test="login-button"], button[type="submit"]')
            page.wait_for_url(lambda url: "/login" not in url, timeout=PATIENCE)
            for dashboard in dashboards():
                _picture(page, base, dashboard, folder, seen)
        finally:
            chromium.close()
    return seen


def _watch(page: Any, base: str, seen: Seen) -> None:
    own = urlparse(base).netloc

    def failed(request: Any) -> None:
        # "csp": the policy of the server stopped it inside the browser
        if request.failure != "csp" and not _is_own(request.url, own):
            seen.faults.append(f"Gọi ra ngoài · asks another host: {request.url}")

    def answered(response: Any) -> None:
        if not _is_own(response.url, own):
            seen.faults.append(f"Gọi ra ngoài · asks another host: {response.url}")
        elif response.status >= 500:
            seen.faults.append(f"HTTP {response.status}: {response.url[:120]}")

    page.on("requestfailed", failed)
    page.on("response", answered)
    page.on("pageerror", lambda error: seen.faults.append(f"Lỗi trang · page: {error}"))


def _is_own(url: str, own: str) -> bool:
    parts = urlparse(url)
    return parts.scheme in ("data", "blob", "about") or parts.netloc == own


def _picture(
    page: Any, base: str, dashboard: dict[str, Any], folder: Path, seen: Seen
) -> None:
    slug, title = dashboard["slug"], dashboard["dashboard_title"]
    charts = [p for p in dashboard["position"].values() if _is_chart(p)]
    page.set_viewport_size({"width": WIDTH, "height": 1000})
    page.goto(f"{base}/superset/dashboard/{slug}/")
    try:
        page.wait_for_function(READY, arg=len(charts), timeout=PATIENCE)
    except Exception:
        seen.faults.append(f"{title}: chưa hiện đủ biểu đồ · charts still missing")
    # the whole page in one picture: as high as its content, then drawn again
    height = page.evaluate(
        "() => Math.max(...[...document.querySelectorAll("
        "'.grid-container, .dashboard')].map(part => part.scrollHeight)) + 140"
    )
    page.set_viewport_size({"width": WIDTH, "height": min(int(height), 8000)})
    page.wait_for_timeout(1500)
    page.screenshot(path=str(folder / f"{slug}.png"))
    seen.texts[slug] = page.inner_text("body")
    seen.faults += [f"{title}: {text}" for text in page.evaluate(FAILED)]


def _is_chart(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "CHART"
