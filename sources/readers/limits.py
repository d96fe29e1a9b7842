"""Limits: how much one delivery may ask of the machine before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

from sources.readers.rejections import Rejected

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """One set of limits for every file of a run.

    Sizes are bytes, really inflated ones inside a container. The area is the box that a
    dense reader would allocate, so it counts cells that nobody filled in; the volume is
    the characters of all cells together, a text that many cells show counted for each.
    """

    file_bytes: int = 50 * MEBIBYTE
    entries: int = 2_000
    part_bytes: int = 128 * MEBIBYTE
    total_bytes: int = 256 * MEBIBYTE
    ratio: int = 400
    ratio_from_bytes: int = 10 * MEBIBYTE
    rows: int = 200_000
    columns: int = 500
    area: int = 5_000_000
    cells: int = 1_000_000
    text_length: int = 32_767
    text_volume: int = 64 * MEBIBYTE
    sheets: int = 100
    memory_bytes: int = 2_048 * MEBIBYTE
    cpu_seconds: int = 60
    wall_seconds: float = 90.0
    answer_bytes: int = 256 * MEBIBYTE


DEFAULT_LIMITS = Limits()


def check_file_size(size: int, limits: Limits) -> None:
    """Refuses a file that is empty or larger than any that is read."""
    if size == 0:
        raise Rejected("X_EMPTY")
    if size > limits.file_bytes:
        raise Rejected("X_TOOBIG", f"{size} bytes, at most {limits.file_bytes}")
