"""Inspection: what one untrusted workbook holds, before any reader of them sees it.

Judged by content, never by name; each kind has a file of facts of its own. Macros are
bytes that nothing runs: a workbook that may hold them is read without and marked so.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from sources.readers.container import Container
from sources.readers.limits import DEFAULT_LIMITS, Limits
from sources.readers.ods_facts import inspect_ods
from sources.readers.sheet_facts import WorkbookFacts
from sources.readers.xls_facts import inspect_xls
from sources.readers.xlsb_facts import inspect_xlsb
from sources.readers.xlsx_facts import inspect_xlsx

_OLD_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def inspect(path: Path, limits: Limits = DEFAULT_LIMITS) -> WorkbookFacts:
    """Facts of the workbook at `path`; the file is opened once and streamed.

    Raises:
        Rejected: the file must not reach a reader; the code says why.
    """
    with path.open("rb") as stream:
        return inspect_stream(stream, limits)


def inspect_stream(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> WorkbookFacts:
    """Facts of the workbook in an open file; see `inspect`."""
    head = stream.read(len(_OLD_MAGIC))
    stream.seek(0)
    if head == _OLD_MAGIC:
        return inspect_xls(stream, limits)
    with Container(stream, limits) as container:
        if container.kind == "xlsb":
            return inspect_xlsb(container)
        if container.kind == "ods":
            return inspect_ods(container)
        return inspect_xlsx(container)
