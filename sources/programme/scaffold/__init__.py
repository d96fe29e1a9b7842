"""The starter programme: a small commented folder that runs as it stands.

Belongs here: the files that `nhiemky programme init` writes, and the writing of them.
Does not belong here: programmes anybody reports by (`sources/programmes`).
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from sources.programme.problems import Problem, ProgrammeError

FILES = (
    "programme.yaml",
    "units.csv",
    "measures.yaml",
    "indicators.yaml",
    "forms.yaml",
    "targets.yaml",
    "rules.yaml",
    "sources.yaml",
    "access.yaml",
)


def init_programme(folder: Path) -> list[Path]:
    """The files of a small programme that passes its check, written into `folder`.

    Makes the folder too. A file that is there already is never overwritten.

    Raises:
        ProgrammeError: when one of the files exists.
    """
    folder = Path(folder)
    taken = [name for name in FILES if (folder / name).exists()]
    if taken:
        raise ProgrammeError(
            Problem(name, None, f"exists already in {folder}", "choose a new folder")
            for name in taken
        )
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in FILES:
        text = resources.files(__package__).joinpath(name).read_text("utf-8")
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written
