"""access.yaml: read, placed, and every check of it broken once."""

from __future__ import annotations

import pytest

from sources.programme.loader import load_programme
from sources.programme.problems import ProgrammeError

ACCESS = """\
small_count: 7
readers:
  - {login: bi_all, sees: all, suppress_small_counts: true, password: BI_ALL}
  - login: bi_north
    units: [MAU.A]
    totals: [MAU]
"""


def write(folder, text: str):
    (folder / "access.yaml").write_text(text, encoding="utf-8")
    return load_programme(folder)


def refused(folder, text: str) -> str:
    with pytest.raises(ProgrammeError) as error:
        write(folder, text)
    return str(error.value)


def test_without_the_file_and_with_its_comments_alone_nobody_is_named(folder):
    assert load_programme(folder).access is None
    (folder / "access.yaml").unlink()
    assert load_programme(folder).access is None


def test_the_example_in_the_starter_holds_once_the_marks_are_taken_away(folder):
    lines = (folder / "access.yaml").read_text("utf-8").splitlines()
    start = lines.index("# small_count: 5")
    access = write(
        folder, "\n".join(x.removeprefix("# ") for x in lines[start:])
    ).access
    assert [reader.login for reader in access.readers] == [
        "bi_tinh",
        "bi_khu_bac",
        "bi_nghien_cuu",
    ]
    assert access.readers[1].units == ("MAU.A",)


def test_every_key_is_read(folder):
    access = write(folder, ACCESS).access
    assert access.small_count == 7
    everything, north = access.readers
    assert (everything.sees, everything.suppress_small_counts) == ("all", True)
    assert (everything.password, north.password) == ("BI_ALL", None)
    assert (north.sees, north.units, north.totals) == (None, ("MAU.A",), ("MAU",))


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("bi_north", "bi_all", 4, "reader bi_all stands twice"),
        ("bi_north", "pg_north", 4, "reader pg_north: the server or this product"),
        ("bi_north", "nhiemky_reader_all", 4, "uses that name itself"),
        ("[MAU.A]", "[MAU.X]", 5, "reader bi_north, units: there is no 'MAU.X'"),
        ("totals: [MAU]", "totals: [MAX]", 6, "did you mean 'MAU'"),
        ("[MAU.A]", "[MAU.A, MAU.A]", 5, "MAU.A stands twice in units"),
        ("totals: [MAU]", "totals: [MAU.A]", 4, "stands in units and in totals"),
        ("sees: all,", "sees: all, units: [MAU],", 3, "sees all, and units"),
        ("sees: all,", "", 3, "reader bi_all would see nothing"),
        ("small_count: 7", "small_count: 1", 1, "it must be at least 2"),
        ("bi_north", "Bắc", 4, "readers Bắc: `login` cannot be 'Bắc': it is no login"),
        ("sees: all,", "sees: most,", 3, "`sees` cannot be 'most'"),
        ("    totals", "    total", 6, "unknown key `total`"),
    ],
)
def test_a_fault_is_named_with_its_line(folder, before, after, line, words):
    assert before in ACCESS
    told = refused(folder, ACCESS.replace(before, after, 1))
    assert f"access.yaml:{line}: " in told
    assert words in told


def test_a_password_written_by_mistake_is_not_repeated(folder):
    told = refused(folder, ACCESS.replace("BI_ALL", "S3cret-of-many"))
    assert "no name of an environment variable" in told
    assert "S3cret" not in told
