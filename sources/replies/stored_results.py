"""Stored results: what the sender's formulas last came to, put back into the copy.

openpyxl writes formulas without results. Readers that do not calculate, ours among
them, would find such cells empty until a spreadsheet program saved the file again.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence

_FORMULA = r"<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)"
_SENT = re.compile(
    rf'<c r="([A-Z]+[0-9]+)"([^>]*)>\s*{_FORMULA}\s*(<v>[^<]*</v>|<v ?/>)\s*</c>'
)
_WRITTEN = re.compile(rf'<c r="([A-Z]+[0-9]+)"([^>]*)>({_FORMULA})<v ?/></c>')
_TYPE = re.compile(r'\st="[A-Za-z]+"')


def keep_results(
    sent: bytes, marked: bytes, parts: Mapping[str, str], titles: Sequence[str]
) -> bytes:
    """`marked` with the results that the formulas of the workbook `sent` have stored.

    `parts` says where each sheet of `sent` lies; `titles` are the sheets of `marked` in
    order, as openpyxl wrote them. Cells are copied as they were sent; in XML of another
    shape than spreadsheet programs write none is found, and none is put back.
    """
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(sent)) as original,
        zipfile.ZipFile(io.BytesIO(marked)) as package,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept,
    ):
        sources = {
            f"xl/worksheets/sheet{number}.xml": parts[title]
            for number, title in enumerate(titles, start=1)
            if title in parts
        }
        for name in package.namelist():
            part = package.read(name)
            if name in sources:
                results = _results(
                    original.read(sources[name]).decode(errors="replace")
                )
                part = _filled(part.decode(), results).encode()
            kept.writestr(name, part)
    return out.getvalue()


def _results(sheet: str) -> dict[str, tuple[str, str]]:
    """Per formula cell with a stored result: its type as an attribute, its value."""
    return {
        address: (kind[0] if (kind := _TYPE.search(attributes)) else "", value)
        for address, attributes, value in _SENT.findall(sheet)
    }


def _filled(sheet: str, results: Mapping[str, tuple[str, str]]) -> str:
    def fill(found: re.Match[str]) -> str:
        address, attributes, formula = found.groups()
        if address not in results:
            return found[0]
        kind, value = results[address]
        return f'<c r="{address}"{attributes}{kind}>{formula}{value}</c>'

    return _WRITTEN.sub(fill, sheet)
