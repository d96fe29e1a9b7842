"""Loading a programme folder: text to a checked `Programme`, or every problem at once.

Shape: one `Programme` per folder. Files are read first, then typed, then cross-checked
(`check`); each of the three stages reports all its problems together, with file, line
and remedy. A later stage runs only on what passed the earlier one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sources.programme.check import check_programme
from sources.programme.documents import Path_, Tree, read_csv, read_yaml
from sources.programme.model import (
    AssignedValue,
    CodeMember,
    GroupMember,
    Programme,
    Succession,
    UnitName,
    UnitVersion,
)
from sources.programme.problems import HOME_FILES, Problem, ProgrammeError, nearest
from sources.programme.sheet_texts import unescaped
from sources.programme.wording import AS_WRITTEN, describe

__all__ = ["Problem", "ProgrammeError", "load_programme"]

_OPTIONAL = {
    "access",
    "assigned",
    "code_lists",
    "groups",
    "indicators",
    "rules",
    "successions",
    "targets",
    "unit_names",
}
_ROWS: dict[str, tuple[str, ...]] = {
    "units": tuple(UnitVersion.model_fields),
    "successions": tuple(Succession.model_fields),
    "groups": tuple(GroupMember.model_fields),
    "assigned": tuple(AssignedValue.model_fields),
    "unit_names": tuple(UnitName.model_fields),
}
_ESCAPED = {"unit_names"}
"""Files of ours with texts of others; see `sheet_texts`."""
_WHOLE = {"access"}
"""Parts that are a file of keys, not one key of a file."""
_HEAD_FILE = "programme.yaml"
_HEAD_KEYS = tuple(
    key for key in Programme.model_fields if key not in {"folder", *HOME_FILES}
)


def load_programme(folder: Path) -> Programme:
    """One checked programme from its folder.

    Raises:
        ProgrammeError: with every problem found, each with file, line and remedy.
    """
    folder = Path(folder)
    if not folder.is_dir():
        message = f"there is no folder {folder}"
        remedy = "name the folder that holds programme.yaml, or make one with "
        raise ProgrammeError(
            [Problem(str(folder), None, message, remedy + "`nhiemky programme init`")]
        )
    gathered = _Gathered(folder)
    gathered.read()
    programme = gathered.validate()
    if gathered.problems or programme is None:
        raise ProgrammeError(gathered.problems)
    programme._places.update(gathered.places)
    problems = check_programme(programme)
    if problems:
        raise ProgrammeError(problems)
    return programme


class _Gathered:
    """The parts of a folder as text, where each was found, and what was wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.content: dict[str, Any] = {"folder": folder}
        self.places: dict[Path_, tuple[str, int]] = {}
        self.problems: list[Problem] = []
        self.broken: set[str] = set()

    def read(self) -> None:
        """Reads every file of the folder."""
        self._take_yaml(read_yaml(self.folder / _HEAD_FILE, _HEAD_FILE), _HEAD_KEYS)
        for file in dict.fromkeys(HOME_FILES.values()):
            parts = tuple(part for part, home in HOME_FILES.items() if home == file)
            part, path = parts[0], self.folder / file
            if part in _OPTIONAL and not path.exists():
                continue
            if part in _ROWS:
                tree = read_csv(path, file, _ROWS[part])
                if part in _ESCAPED and isinstance(tree.content, list):
                    tree.content = [
                        {key: unescaped(text) for key, text in row.items()}
                        for row in tree.content
                    ]
                self._take_part((part,), tree)
            elif part in _WHOLE:
                self._take_part((part,), read_yaml(path, file))
            else:
                self._take_yaml(read_yaml(path, file), parts)
        self._read_member_files()

    def validate(self) -> Programme | None:
        """The typed programme, or None and the problems that stood in the way."""
        try:
            return Programme.model_validate(self.content)
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                where = tuple(fault["loc"])
                if where and where[0] in self.broken:
                    continue
                file, line = self._place(where)
                message, remedy = describe(fault, self.content)
                self.problems.append(Problem(file, line, message, remedy))
        return None

    def _take_yaml(self, tree: Tree, parts: tuple[str, ...]) -> None:
        part_of = {AS_WRITTEN.get(part, part): part for part in parts}
        self.problems.extend(tree.problems)
        if tree.problems:
            self.broken.update(parts)
        if not isinstance(tree.content, dict):
            self.broken.update(parts)
            if not tree.problems:
                remedy = "begin with: " + ", ".join(f"`{key}:`" for key in part_of)
                self.problems.append(
                    Problem(tree.file, 1, "the file holds no keys", remedy)
                )
            return
        for key, value in tree.content.items():
            if key in part_of:
                self.content[part_of[key]] = value
            else:
                line = tree.lines[(key,)]
                message = f"unknown key '{key}'"
                self.problems.append(
                    Problem(tree.file, line, message, nearest(key, list(part_of)))
                )
        for path_, line in tree.lines.items():
            at = (part_of.get(str(path_[0]), path_[0]), *path_[1:]) if path_ else path_
            self.places[at] = (tree.file, line)

    def _take_part(self, at: Path_, tree: Tree) -> object:
        self.problems.extend(tree.problems)
        if tree.problems:
            self.broken.add(str(at[0]))
        if len(at) == 1:
            self.content[str(at[0])] = tree.content
        self.places.update(
            {(*at, *path): (tree.file, n) for path, n in tree.lines.items()}
        )
        return tree.content

    def _read_member_files(self) -> None:
        """Puts the rows of each `members_file` in the place of `members`."""
        lists = self.content.get("code_lists")
        for index, code_list in enumerate(lists if isinstance(lists, list) else []):
            if not isinstance(code_list, dict) or "members_file" not in code_list:
                continue
            at: Path_ = ("code_lists", index, "members")
            file, line = self.places[("code_lists", index, "members_file")]
            name = code_list.pop("members_file")
            if "members" in code_list:
                message = "both `members` and `members_file` are given"
                self.problems.append(Problem(file, line, message, "keep one of them"))
                continue
            path = self.folder / str(name)
            if not path.resolve().is_relative_to(self.folder.resolve()):
                message = f"members_file '{name}' lies outside the programme folder"
                remedy = "put the file into the programme folder"
                self.problems.append(Problem(file, line, message, remedy))
                self.broken.add("code_lists")
                continue
            columns = tuple(CodeMember.model_fields)
            code_list["members"] = self._take_part(
                at, read_csv(path, str(name), columns)
            )

    def _place(self, where: Path_) -> tuple[str, int | None]:
        """The file and line of a part, or of the nearest part around it."""
        for length in range(len(where), 0, -1):
            if where[:length] in self.places:
                return self.places[where[:length]]
        return HOME_FILES.get(str(where[0]) if where else "", _HEAD_FILE), None
