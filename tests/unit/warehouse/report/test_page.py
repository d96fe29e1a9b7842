"""The page: all said in words, hostile names harmless, links that lead somewhere."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.scorecard_rows import HOSTILE, PROGRAMME
from warehouse.home import Home
from warehouse.report import (
    ScorecardData,
    finding_places,
    render_findings,
    render_scorecard,
    scorecard_workbook,
)
from warehouse.report.anchors import findings_anchor
from warehouse.report.charts import bar, limits_of, path_chart, spread_chart
from warehouse.report.words import VERDICTS

FINDING = {
    "finding_id": "f1",
    "severity": "ERROR",
    "status": "open",
    "life": "new",
    "rule_code": "R",
    "unit_code": "A",
    "message_vi": "",
    "message_en": "",
    "is_simulated": False,
    **dict.fromkeys(
        ("unit_code_found", "form_code", "form_code_found", "period_key"), None
    ),
    **dict.fromkeys(
        ("period_key_found", "source_file", "source_sheet", "source_cell"), None
    ),
    **dict.fromkeys(("waived_by", "waived_reason", "waived_until"), None),
}


class Page(HTMLParser):
    """Tags that opened, ids and links, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append(tag)
        if named.get("id"):
            self.ids.append(str(named["id"]))
        if tag == "a":
            self.links.append(str(named["href"]))


@pytest.fixture(scope="module")
def html(data: ScorecardData) -> str:
    return render_scorecard(data)


def test_every_part_of_the_answer_is_on_the_page(html: str) -> None:
    text = html.replace("\u202f", " ")
    for expected in (
        "Bảng điểm nhiệm kỳ",
        "SIMULATED DATA",
        "Chưa đủ căn cứ kết luận",  # T8
        "Mức: Đạt mức thấp hơn: kiềm chế",  # T4
        "mẫu số thay đổi",
        "có phần ước tính",
        "khác bản đã chốt",
        "✓ Đạt → ✕ <strong>Không đạt</strong>",
        "1 bản đính chính",
        "2/3 đơn vị đạt",
        "Minh chứng:</strong> Báo cáo số 5",
        "“nguyên văn T1”",
        "Nghị quyết Đại hội",
        "năm 2023 (đang mở)".capitalize(),
        "nhiemky trace rpt_term_scorecard programme_code=demo target_code=T1 "
        "unit_code=P",
    ):
        assert expected in text, expected


def test_units_may_be_called_what_they_like(html: str) -> None:
    assert HOSTILE not in html
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;=1+1" in html
    assert Page(html).tags.count("script") == 1


def test_anchors_are_unique_and_inner_links_lead_to_them(html: str) -> None:
    page = Page(html)
    assert len(page.ids) == len(set(page.ids))
    inner = {link[1:] for link in page.links if link.startswith("#")}
    assert inner <= set(page.ids)
    assert {"t-T5.1", "t-T8", "doc-1"} <= inner


def test_findings_links_lead_to_the_rows_they_mean(html: str, marts: Home) -> None:
    places = finding_places(marts, PROGRAMME)
    page = Page(
        render_findings(
            "Tên",
            "Name",
            pd.DataFrame([FINDING]),
            {"publication_id": "p", "published_at": None, "as_of_date": None},
            places=places,
        )
    )
    # the finding is on a measure of T1 in A: behind A's figure and the province's
    there = {findings_anchor("i.T1", "A"), findings_anchor("i.T1", "P")}
    assert there <= set(page.ids)
    asked = {link.partition("#")[2] for link in Page(html).links if "findings" in link}
    assert there <= asked
    assert findings_anchor("i.T1", "B") not in page.ids


def test_editions_reach_the_findings_two_folders_up(frozen: ScorecardData) -> None:
    html = render_scorecard(frozen)
    assert 'href="../../findings.html#f-i.T1-P"' in html
    assert "Bản chốt y2022.2f" in html
    assert "Hết hạn báo cáo" in html
    assert "Tên khi chốt T2" in html


def test_nothing_comes_from_elsewhere(html: str) -> None:
    assert not re.search(r"""(src|href)=["']?(https?:|//)|@import|url\(""", html)
    assert "default-src 'none'" in html


def test_a_publication_without_the_later_columns_is_shown_as_well(
    earlier_data: ScorecardData,
) -> None:
    html = render_scorecard(earlier_data)
    assert "Chưa có bản chốt nào để so" in html
    assert "None" not in html
    assert "nan" not in Page(html).ids


def test_no_missing_value_is_written_out(html: str, frozen: ScorecardData) -> None:
    for page in (html, render_scorecard(frozen)):
        assert not re.search(r">\s*(None|nan|NaT|NaN)\b", page)


def test_contrast_of_ink_on_tint() -> None:
    for verdict in VERDICTS.values():
        assert contrast(verdict.ink, verdict.tint) >= 4.5
        assert contrast(verdict.ink, "#ffffff") >= 4.5


def contrast(first: str, second: str) -> float:
    """The ratio of WCAG 2.1 between two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (
            p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(first), light(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def step(
    tick: str, actual: float | None, required: float, verdict: str = "met"
) -> dict:
    return {"tick": tick, "actual": actual, "required": required, "verdict": verdict}


def test_the_path_shows_figures_threshold_and_words() -> None:
    rows = [
        step("2021", 10, 20, "off_track"),
        step("2022", None, 40),
        step("2023", 60, 60),
    ]
    drawing = str(path_chart(rows, ["2021", "2022", "2023", "2024"]))
    assert drawing.count("class='m ") == 2
    assert "2021: 10; 2023: 60. Cần · needed: 20 → 40 → 60" in drawing
    # 10 is the lowest of all and stands at the bottom, 60 the highest at the top
    assert "points='7,43 108.3,7'" in drawing
    assert path_chart([], ["2021"]) == ""
    assert path_chart([step("2021", None, 5)], ["2021"]) == ""


def test_a_band_and_a_projection_are_drawn() -> None:
    band = {"comparator": "between", "target_low": 15, "target_high": 20}
    rows = [{**step("2021", 18, 15), **band}]
    ahead = {"projected_end": 19, "projected_low": 17, "projected_high": 21}
    drawing = str(path_chart(rows, ["2021", "2022"], ahead))
    assert "class='band'" in drawing
    assert "class='reach'" in drawing
    assert "class='ahead'" in drawing
    assert limits_of(rows[0]) == [15, 20]


def test_bars_start_at_zero_on_one_scale() -> None:
    assert "x='75' y='3' width='74'" in str(bar(10, [5], -10, 10, "met"))
    assert "x='1' y='3' width='74'" in str(bar(-10, [5], -10, 10, "not_met"))
    assert "rect" not in str(bar(None, [], 0, 1, "cannot_judge"))


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=50))
def test_a_spread_counts_every_unit_inside_its_frame(values: list[float]) -> None:
    drawing = str(spread_chart(values, [0]))
    assert f"{len(values)} đơn vị" in drawing
    places = [float(x) for x in re.findall(r"<rect x='([-\d.]+)'", drawing)]
    assert all(3.9 <= x <= 556 for x in places)


@given(st.text(min_size=1))
def test_no_name_becomes_markup_or_breaks_an_id(name: str) -> None:
    anchor = findings_anchor(name, name)
    assert re.fullmatch(r"f-[A-Za-z0-9._\-]+", anchor)


def test_a_programme_without_targets_renders(data: ScorecardData) -> None:
    frames = ("targets", "latest", "history", "revisions")
    nothing = {name: getattr(data, name).head(0) for name in frames}
    empty = replace(data, editions=(), years=(), **nothing)
    assert "Chưa có báo cáo nào đến hạn" in render_scorecard(empty)
    assert scorecard_workbook(empty)[:2] == b"PK"
