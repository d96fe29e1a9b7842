"""Bundle: the answers of one pull from an interface or database, kept as one delivery.

Shape: a zip whose first entry is `request.json` (what was asked, without secrets, and
from which cursor on) and whose others are the pages, each byte for byte as it came, in
order. The same answers to the same question give the same bytes. Connectors write it,
readers open it, so neither is its home.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping

REQUEST = "request.json"
"""Name of the entry that makes a zip a bundle; nothing else begins with it."""

_SAME_DAY = (1980, 1, 1, 0, 0, 0)


def write_bundle(
    request: Mapping[str, object], pages: Iterable[tuple[str, bytes]]
) -> bytes:
    """The bytes of one bundle; `pages` are (name, content) in order."""
    written = io.BytesIO()
    body = json.dumps(request, ensure_ascii=False, indent=1, sort_keys=True)
    with zipfile.ZipFile(written, "w") as bundle:
        for name, content in ((REQUEST, body.encode()), *pages):
            entry = zipfile.ZipInfo(name, _SAME_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o640 << 16
            bundle.writestr(entry, content)
    return written.getvalue()
