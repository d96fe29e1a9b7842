"""Problems of a programme folder: what is wrong, where, and what to do.

Shape: one `Problem` per fault; `ProgrammeError` carries all of them at once.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

HOME_FILES: dict[str, str] = {
    "code_lists": "code_lists.yaml",
    "measures": "measures.yaml",
    "indicators": "indicators.yaml",
    "forms": "forms.yaml",
    "targets": "targets.yaml",
    "sources": "sources.yaml",
    "rules": "rules.yaml",
    "rule_settings": "rules.yaml",
    "units": "units.csv",
    "successions": "successions.csv",
    "groups": "groups.csv",
    "assigned": "assigned.csv",
    "unit_names": "unit_names.csv",
    "access": "access.yaml",
}
"""The file that holds each part; every other key stands in programme.yaml."""


@dataclass(frozen=True)
class Problem:
    """One fault of a programme folder; `line` is None where no single line is at fault.

    `file` is relative to the programme folder.
    """

    file: str
    line: int | None
    message: str
    remedy: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.message}\n    -> {self.remedy}"


class ProgrammeError(ValueError):
    """The programme folder cannot be used; `problems` says all that is wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(
            sorted(set(problems), key=lambda p: (p.file, p.line or 0, p.message))
        )
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in the programme folder"
        super().__init__("\n".join([head, *map(str, self.problems)]))


class ProblemList:
    """Gathers problems of a programme by the path of the part that is at fault.

    `places` says where each part was read; without it the file is the one in which such
    a part is written, and the line stays open.
    """

    def __init__(
        self, places: Mapping[tuple[str | int, ...], tuple[str, int]] | None = None
    ) -> None:
        self.problems: list[Problem] = []
        self._places = places or {}

    def add(self, where: tuple[str | int, ...], message: str, remedy: str) -> None:
        """Notes one problem of the part at `where`, such as ("units", 3)."""
        for length in range(len(where), 0, -1):
            if where[:length] in self._places:
                file, line = self._places[where[:length]]
                self.problems.append(Problem(file, line, message, remedy))
                return
        file = HOME_FILES.get(str(where[0]), "programme.yaml")
        self.problems.append(Problem(file, None, message, remedy))

    def add_unknown(
        self, where: tuple[str | int, ...], owner: str, code: str, known: Sequence[str]
    ) -> None:
        """Notes that `owner` names a code that does not exist."""
        self.add(where, f"{owner}: there is no '{code}'", nearest(code, known))


def nearest(word: str, known: Sequence[str]) -> str:
    """`did you mean ...?` for an unknown word, or the known ones where they are few."""
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), list(folded), n=3, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(f"'{folded[c]}'" for c in close) + "?"
    if not known:
        return "none is defined yet"
    shown = ", ".join(f"'{name}'" for name in list(known)[:8])
    return f"known: {shown}" + (f" and {len(known) - 8} more" if len(known) > 8 else "")
