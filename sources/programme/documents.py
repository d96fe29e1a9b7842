"""YAML and CSV files of a programme folder as plain text trees with line numbers.

Shape: nested dicts and lists whose leaves are str or None, and a map from the path of
every part to the line it starts on. Scalars stay text on purpose: the model decides the
type, so `code: 010` stays '010', `no` stays 'no' and 99.96 never becomes a float.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sources.programme.problems import Problem, nearest

Path_ = tuple[str | int, ...]

# libyaml's parser where PyYAML was built with it: ten times faster, same marks
_YamlLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NULLS = {"", "~", "null", "Null", "NULL"}
_MAX_NODES = 500_000
_UTF8 = "save the file as UTF-8 (in Excel: 'CSV UTF-8')"


@dataclass
class Tree:
    """One file's content, the line of each part, and what was wrong with it."""

    file: str
    content: object = None
    lines: dict[Path_, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def fault(self, line: int | None, message: str, remedy: str) -> None:
        """Notes a problem of this file."""
        self.problems.append(Problem(self.file, line, message, remedy))


def read_text(path: Path, file: str) -> tuple[str, list[Problem]]:
    """The file's text in NFC, or why it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        remedy = "write it, or see the one that `nhiemky programme init` makes"
        return "", [Problem(file, None, "the file is missing", remedy)]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return "", [Problem(file, line, "the text is not UTF-8", _UTF8)]
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        return "", [Problem(file, None, message, "check the path and its permissions")]
    return unicodedata.normalize("NFC", text), []


def read_yaml(path: Path, file: str) -> Tree:
    """A YAML file as a tree; syntax errors and doubled keys become problems."""
    tree = Tree(file)
    text, tree.problems = read_text(path, file)
    if tree.problems:
        return tree
    loader = _YamlLoader(text)
    try:
        node = loader.get_single_node()
        if node is not None:
            tree.content = _Builder(loader, tree).build(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        tree.fault(
            line,
            f"not valid YAML: {error.problem or error.context}",
            "check indentation (spaces, no tabs), colons and quotes on this line and "
            "the one before",
        )
    except yaml.YAMLError as error:
        tree.fault(None, f"not valid YAML: {error}", "remove the odd characters")
    finally:
        loader.dispose()
    return tree


def read_csv(path: Path, file: str, known: tuple[str, ...]) -> Tree:
    """A CSV file as a list of dicts; `known` are the headers that may stand in it.

    Empty cells and cells of white space are left out; blank lines and lines that begin
    with # are passed over.
    """
    tree = Tree(file, content=[])
    text, tree.problems = read_text(path, file)
    if tree.problems:
        return tree
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[dict[str, str]] = []
    header: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            start, line = line, reader.line_num + 1
            cells = [cell.strip() for cell in cells]
            if not any(cells) or cells[0].startswith("#"):
                continue
            if header is None:
                header = cells
                if not _header_is_good(tree, header, start, known):
                    break
            elif len(cells) != len(header):
                tree.fault(
                    start,
                    f"{len(cells)} cells where the header has {len(header)}",
                    "add or remove commas; text that holds a comma stands in quotes",
                )
            else:
                tree.lines[(len(rows),)] = start
                rows.append(
                    {k: v for k, v in zip(header, cells, strict=True) if v != ""}
                )
    except csv.Error as error:
        remedy = "check the quotes on this line"
        tree.fault(reader.line_num, f"not valid CSV: {error}", remedy)
    if header is None and not tree.problems:
        tree.fault(1, "the file is empty", "begin with: " + ",".join(known))
    tree.content = rows
    return tree


def _header_is_good(
    tree: Tree, header: list[str], line: int, known: tuple[str, ...]
) -> bool:
    count = len(tree.problems)
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        remedy = "separate the columns with commas"
        tree.fault(line, "the columns are not separated by commas", remedy)
        return False
    for name in header:
        if name not in known:
            tree.fault(line, f"unknown column '{name}'", nearest(name, known))
        elif header.count(name) > 1:
            tree.fault(line, f"column '{name}' stands twice", "keep one of them")
    return len(tree.problems) == count


class _Builder:
    """Turns YAML nodes into text trees and notes their lines."""

    def __init__(self, loader: Any, tree: Tree) -> None:
        self.loader = loader
        self.tree = tree
        self.count = 0

    def build(self, node: Any, path: Path_) -> object:
        self.count += 1
        if self.count > _MAX_NODES:
            raise yaml.YAMLError("aliases unfold to too many parts")
        self.tree.lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(n, (*path, i)) for i, n in enumerate(node.value)]
        text = node.value
        if not node.style and text in _NULLS:
            return None
        return " ".join(text.split()) if node.style == ">" else text.strip()

    def _mapping(self, node: Any, path: Path_) -> dict[str, object]:
        written = [key.value for key, _ in node.value]
        self.loader.flatten_mapping(node)
        content: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                self.tree.fault(line, "a key must be a word", "quote the key")
                continue
            if written.count(key) > 1:
                self.tree.fault(line, f"key '{key}' stands twice", "keep one of them")
            content[key] = self.build(value_node, (*path, key))
            self.tree.lines[(*path, key)] = line
        return content
