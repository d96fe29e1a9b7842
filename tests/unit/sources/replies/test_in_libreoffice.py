"""What an officer sees: the marks survive LibreOffice opening and saving the reply."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from sources.readers import ReadResult
from sources.replies.marking import marked_workbook
from sources.replies.wording import COMMENT_HEAD, LOOKS, SHEET
from tests.unit.sources.replies.conftest import FACTS, remark

SOFFICE = shutil.which("soffice")
NS = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}

pytestmark = pytest.mark.skipif(
    SOFFICE is None, reason="LibreOffice (soffice) is not installed"
)


def converted(data: bytes, folder: Path, target: str) -> Path:
    source = folder / "reply.xlsx"
    source.write_bytes(data)
    profile = (folder / "profile").as_uri()
    assert SOFFICE is not None
    subprocess.run(
        [
            *(SOFFICE, f"-env:UserInstallation={profile}", "--headless"),
            *("--convert-to", target, "--outdir", str(folder / "out"), str(source)),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return folder / "out" / f"reply.{target}"


@pytest.mark.slow
def test_colour_and_comment_show_at_the_cell(
    tmp_path: Path, workbook: Callable[..., bytes]
) -> None:
    reply = marked_workbook(workbook(), FACTS, [remark("D13", "ERROR")])
    root = ET.parse(converted(reply, tmp_path, "fods")).getroot()
    commented = [
        cell
        for cell in root.iterfind(".//table:table-cell", NS)
        if cell.find("office:annotation", NS) is not None
    ]
    assert len(commented) == 1
    said = "".join(commented[0].find("office:annotation", NS).itertext())  # type: ignore[union-attr]
    assert COMMENT_HEAD in said
    assert "● LỖI · ERROR" in said
    name = commented[0].get(f"{{{NS['table']}}}style-name")
    style = root.find(f".//style:style[@style:name='{name}']", NS)
    assert style is not None
    cell = style.find("style:table-cell-properties", NS)
    assert cell is not None
    colour = cell.get(f"{{{NS['fo']}}}background-color", "").lstrip("#").upper()
    assert colour == LOOKS["ERROR"].colour
    names = [
        t.get(f"{{{NS['table']}}}name") for t in root.iterfind(".//table:table", NS)
    ]
    assert names[-1] == SHEET


@pytest.mark.slow
def test_corrected_in_libreoffice_it_reads_and_is_marked_anew(
    tmp_path: Path,
    workbook: Callable[..., bytes],
    read_back: Callable[[bytes], ReadResult],
) -> None:
    reply = marked_workbook(workbook(regular_police=7), FACTS, [remark("D13")])
    again = converted(reply, tmp_path, "xlsx").read_bytes()
    back = read_back(again)
    assert back.findings.empty
    assert len(back.observations) == 4
    path = tmp_path / "second.xlsx"
    path.write_bytes(marked_workbook(again, FACTS, [remark("D12")]))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames.count(SHEET) == 1
    assert book["Biểu"]["D13"].comment is None
    assert book["Biểu"]["D13"].fill.fgColor.rgb == "FFFFF9DB"  # the form's own yellow
    assert book["Biểu"]["D12"].comment is not None
