"""Properties: what a workbook says about itself, for the guard of personal data.

Titles, subjects, descriptions, key words and properties of the unit's own. Who wrote
and saved the file is left alone: programs put that there unasked, an address included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sources.readers.container import Container
from sources.readers.xml_parts import all_text, texts_by_element

_OWN = "docprops/custom.xml"
_CORE = "docprops/core.xml"
_TOLD = ("title", "subject", "description", "keywords", "category")
_SUSPECT = re.compile(rb"@|[0-9](?:[ .\-]?[0-9]){8}|&#")


def property_texts(container: Container) -> Iterator[tuple[str, str]]:
    """Part name and text of the document properties that may speak of persons."""
    if _CORE in container:
        data = container.small(_CORE)
        if may_tell_of_persons(data):
            texts = texts_by_element(_CORE, data)
            yield (
                "docProps/core.xml",
                "\n".join(text for name, text in texts if name in _TOLD),
            )
    if _OWN in container:
        data = container.small(_OWN)
        yield "docProps/custom.xml", all_text(_OWN, data)


def may_tell_of_persons(data: bytes) -> bool:
    """False for most parts at a glance: no address in them, no long number."""
    return _SUSPECT.search(data) is not None
