"""Package parts: of a workbook's package (.xlsx, .xlsm, .xlsb), and their ties."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from sources.readers.container import Container
from sources.readers.rejections import Rejected
from sources.readers.xml_parts import elements, remembered

TYPES: Final = "[Content_Types].xml"
PACKAGE: Final = "_rels/.rels"
WORKBOOK: Final = "xl/workbook.xml"
RELATIONS: Final = "xl/_rels/workbook.xml.rels"
STYLES: Final = "xl/styles.xml"
TEXTS: Final = "xl/sharedStrings.xml"

_READ = ("worksheet", "styles", "sharedStrings")
"""Relations that readers of cells follow letter by letter, or not at all."""

Parts = dict[str, list[tuple[str, str]]]
"""Per kind of relation: (id, part name) of every target."""


def check_package(container: Container) -> None:
    """Refuses a container whose readers would open another workbook than this one."""
    if PACKAGE in container:
        _check_package(container.small(PACKAGE))


@remembered
def _check_package(data: bytes) -> None:
    for element in elements(PACKAGE, data):
        kind = element.attributes.get("Type", "")
        target = element.attributes.get("Target", "").lstrip("/")
        if kind.endswith("/officeDocument") and not re.fullmatch(
            r"xl/workbook\.(?:xml|bin)", target
        ):
            raise Rejected("X_NOTXLSX", f"{PACKAGE}: {target!r}")


@remembered
def related_parts(data: bytes) -> Parts:
    """Part names by kind of relation; an external one is refused."""
    parts: Parts = {}
    for element in elements(RELATIONS, data):
        if element.name != "Relationship":
            continue
        attributes = element.attributes
        kind = attributes.get("Type", "").rsplit("/", 1)[-1]
        target = attributes.get("Target", "")
        if attributes.get("TargetMode") == "External":
            raise Rejected("X_ACTIVE", f"external {kind}")
        place = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        name = posixpath.normpath(place)
        if kind in _READ and name != place:
            raise Rejected("X_UNREADABLE", f"{RELATIONS}: {target!r}")
        parts.setdefault(kind, []).append((attributes.get("Id", ""), name))
    return parts


def check_names(parts: Parts) -> None:
    """Refuses styles and shared texts that are not where readers of cells look."""
    for kind, name in (("styles", STYLES), ("sharedStrings", TEXTS)):
        found = {target for _, target in parts.get(kind, [])}
        if any(target.lower() != name.lower() for target in found):
            detail = f"{RELATIONS}: {kind} in {', '.join(sorted(found))}"
            raise Rejected("X_UNREADABLE", detail)


def worksheet_parts(parts: Parts) -> tuple[dict[str, str], set[str]]:
    """Part names of worksheets by relation; relations of tabs that hold no cells."""
    others = parts.get("chartsheet", []) + parts.get("dialogsheet", [])
    return dict(parts.get("worksheet", [])), {relation for relation, _ in others}
