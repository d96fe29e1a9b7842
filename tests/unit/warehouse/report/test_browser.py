"""The page in headless Chromium: no error, no request, readable, printable."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from warehouse.report import ScorecardData, render_scorecard

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.slow,
]
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--enable-logging=stderr",
)
A4_LANDSCAPE = (841.92, 594.96)
# what a person would see and reach: effective colours of every text, every control
PROBE = r"""
function parse(c){const m=c.match(/[\d.]+/g).map(Number);return m.length<4?[...m,1]:m}
function part(v){v/=255;return v<=.03928?v/12.92:((v+.055)/1.055)**2.4}
function light(c){return c.slice(0,3).map(part)
 .reduce((s,v,i)=>s+v*[.2126,.7152,.0722][i],0)}
function ground(e){for(;e;e=e.parentElement){
 const c=parse(getComputedStyle(e).backgroundColor);
 if(c[3]>0)return c}return [255,255,255,1]}
document.querySelectorAll('details').forEach(d=>d.open=true);
const low=[];
for(const e of document.querySelectorAll('body *')){
 if(e.closest('script,style,svg,.sr,.skip')||!e.checkVisibility())continue;
 if(![...e.childNodes].some(n=>n.nodeType===3&&n.textContent.trim()))continue;
 const a=light(parse(getComputedStyle(e).color)),b=light(ground(e));
 const ratio=(Math.max(a,b)+.05)/(Math.min(a,b)+.05);
 if(ratio<4.5)low.push([e.className,e.textContent.slice(0,40),ratio]);
}
const all=s=>[...document.querySelectorAll(s)];
const controls=all('a[href],button,input,summary').filter(e=>e.checkVisibility());
const unreached=controls.filter(e=>{e.focus();
 const name=e.ariaLabel||e.textContent.trim()||(e.labels&&e.labels.length);
 return document.activeElement!==e||e.tabIndex<0||!name}).map(e=>e.outerHTML);
const tables=[...document.querySelectorAll('table')];
const result={low,unreached,controls:controls.length,
 requests:performance.getEntriesByType('resource').map(r=>r.name),
 uncaptioned:tables.filter(t=>!t.caption).length,
 unscoped:[...document.querySelectorAll('th')].filter(t=>!t.scope).length,
 english:[...document.querySelectorAll('.en')].filter(e=>!e.closest('[lang=en]')&&e.textContent.trim()
  &&!e.matches('.code,#said')).map(e=>e.textContent),
 tools:!document.querySelector('.tools').hidden,
 wide:document.documentElement.scrollWidth-document.documentElement.clientWidth};
const filter=document.querySelector('button[data-v=met]');filter.click();
const shown=()=>all('tbody[data-v]').filter(b=>!b.hidden);
result.filtered=shown().map(b=>b.dataset.v);
document.querySelector('button[data-v=""]').click();
const box=document.getElementById('search');box.value='chi tieu t8';
box.dispatchEvent(new Event('input'));
result.found=shown().map(b=>b.id);
const out=document.createElement('pre');out.id='probe';
out.textContent=JSON.stringify(result);
document.body.append(out);
"""


def chromium(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    assert CHROMIUM is not None
    return subprocess.run(
        [CHROMIUM, *QUIET, f"--user-data-dir={folder / 'profile'}", *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, data: ScorecardData) -> Path:
    made = tmp_path_factory.mktemp("browser")
    html = render_scorecard(data)
    (made / "page.html").write_text(html, encoding="utf-8")
    # a copy that lets the probe run; the page itself allows its own script alone
    open_to_probe = re.sub(
        r"script-src 'sha256-[^']+'", "script-src 'unsafe-inline'", html
    )
    assert open_to_probe != html
    (made / "probe.html").write_text(
        open_to_probe.replace("</body>", f"<script>{PROBE}</script></body>"),
        encoding="utf-8",
    )
    return made


def probed(folder: Path, width: int) -> dict[str, Any]:
    page = (folder / "probe.html").as_uri()
    done = chromium(folder, f"--window-size={width},900", "--dump-dom", page)
    assert "CONSOLE" not in done.stderr
    found = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None
    return dict(json.loads(unescape(found[1])))


@pytest.fixture(scope="module")
def seen(folder: Path) -> dict[str, Any]:
    return probed(folder, 1280)


def test_every_text_has_a_contrast_of_four_and_a_half(seen: dict[str, Any]) -> None:
    assert seen["low"] == []


def test_every_control_can_be_reached_and_has_a_name(seen: dict[str, Any]) -> None:
    assert seen["controls"] > 30
    assert seen["unreached"] == []


def test_nothing_is_requested(seen: dict[str, Any]) -> None:
    assert seen["requests"] == []


def test_tables_have_captions_and_scopes_and_english_says_so(
    seen: dict[str, Any],
) -> None:
    assert (seen["uncaptioned"], seen["unscoped"]) == (0, 0)
    assert seen["english"] == []


def test_script_filters_and_finds_without_marks(seen: dict[str, Any]) -> None:
    assert seen["tools"]
    assert seen["filtered"] == ["met", "met"]  # T1 and the part T5.1
    assert seen["found"] == ["t-T8"]


def test_nothing_runs_off_a_narrow_screen(folder: Path) -> None:
    narrow = probed(folder, 500)
    assert narrow["wide"] <= 0
    assert narrow["low"] == []


def test_its_own_script_passes_its_own_policy(folder: Path) -> None:
    done = chromium(folder, "--dump-dom", (folder / "page.html").as_uri())
    assert "CONSOLE" not in done.stderr
    assert 'aria-label="Lọc · Filter" hidden' not in done.stdout


@pytest.mark.skipif(
    not (shutil.which("pdfinfo") and shutil.which("pdftotext")),
    reason="poppler (pdfinfo, pdftotext) is not installed",
)
def test_it_prints_on_landscape_a4_with_the_heading_on_every_page(folder: Path) -> None:
    pdf = folder / "page.pdf"
    chromium(folder, f"--print-to-pdf={pdf}", (folder / "page.html").as_uri())
    facts = tool("pdfinfo", str(pdf))
    size = re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", facts)
    assert size is not None
    assert (float(size[1]), float(size[2])) == pytest.approx(A4_LANDSCAPE, abs=1)
    pages = tool("pdftotext", "-layout", str(pdf), "-").split("\f")[:-1]
    assert len(pages) >= 2
    with_rows = [page for page in pages if re.search(r"Why T\d", page)]
    assert all("Thực hiện, yêu cầu" in page for page in with_rows)
    # a target's name and its reason are never on two pages
    for code in ("T1", "T2", "T3", "T4", "T5", "T7", "T8"):
        together = [
            page
            for page in pages
            if f"Chỉ tiêu {code}" in page and f"Why {code} " in page
        ]
        assert together, code


def test_answers_and_evidence_are_read_without_script(folder: Path) -> None:
    html = (folder / "page.html").read_text(encoding="utf-8")
    forbidden = re.sub(r"script-src 'sha256-[^']+'", "script-src 'none'", html)
    (folder / "still.html").write_text(forbidden, encoding="utf-8")
    done = chromium(folder, "--dump-dom", (folder / "still.html").as_uri())
    assert 'aria-label="Lọc · Filter" hidden' in done.stdout
    assert done.stdout.count("<details>") == 10
    for expected in (
        "Vì sao T8 P y2022.",
        "nhiemky trace rpt_term_scorecard programme_code=demo target_code=T1 "
        "unit_code=P",
        "Báo cáo số 5",
    ):
        assert expected in done.stdout


def tool(*command: str) -> str:
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=60
    ).stdout
