from __future__ import annotations

import os
import time

import pytest

from sources.readers import cells as cells_module
from sources.readers.cells import ReadRequest, WorkerPool
from sources.readers.limits import Limits
from sources.readers.rejections import Rejected


def read_all(paths, limits=None, workers=2, **more):
    requests = [ReadRequest(path, **more) for path in paths]
    with WorkerPool(workers, limits or Limits()) as pool:
        return dict(pool.read(requests))


def crash(monkeypatch, statement: str) -> None:
    """Workers run `statement` before any file named bad.xlsx; nothing else changes."""
    hook = (
        "import sys; sys.path.insert(0, sys.argv.pop(1));"
        " import sources.readers.worker as w; real = w._read;"
        f" w._read = lambda job, l: ({statement}) if 'bad' in job['path']"
        " else real(job, l); w.main()"
    )
    monkeypatch.setattr(cells_module, "_START", hook)


def test_cells_come_with_exact_text_and_tag(workbook):
    path = workbook({"A": [["1.656", 1.656, 1656, True, 0.1 + 0.2]]})
    (sheet,) = read_all([path])[0]
    assert sheet["kinds"] == "snnbn"
    assert sheet["texts"] == ["1.656", "1.656", "1656", "true", "0.3"]
    assert (sheet["rows"], sheet["columns"]) == ([0] * 5, [0, 1, 2, 3, 4])


def test_order_is_by_position_and_every_request_is_answered(workbook):
    paths = [workbook({"A": [[number]]}, f"{number}.xlsx") for number in range(20)]
    answers = read_all(paths)
    assert [answers[n][0]["texts"] for n in range(20)] == [[str(n)] for n in range(20)]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("__import__('os').abort()", "signal 6"),
        ("__import__('os').kill(__import__('os').getpid(), 9)", "signal 9"),
        ("__import__('os')._exit(3)", "code 3"),
    ],
)
def test_a_dying_worker_costs_only_its_file(workbook, monkeypatch, statement, reason):
    names = ["a.xlsx", "bad.xlsx", "b.xlsx", "c.xlsx"]
    paths = [workbook({"A": [[name]]}, name) for name in names]
    crash(monkeypatch, statement)
    answers = read_all(paths, workers=1)
    assert answers[1].code == "X_LIMIT"
    assert reason in answers[1].detail
    assert [answers[n][0]["texts"] for n in (0, 2, 3)] == [
        [names[n]] for n in (0, 2, 3)
    ]


def test_memory_limit(workbook, monkeypatch):
    paths = [workbook({"A": [[1]]}, name) for name in ("bad.xlsx", "good.xlsx")]
    crash(monkeypatch, "bytearray(3 << 30)")
    answers = read_all(paths, workers=1)
    assert (answers[0].code, answers[0].detail) == ("X_LIMIT", "memory")
    assert not isinstance(answers[1], Rejected)


def test_wall_limit(workbook, monkeypatch):
    paths = [workbook({"A": [[1]]}, name) for name in ("bad.xlsx", "good.xlsx")]
    crash(monkeypatch, "__import__('threading').Event().wait()")
    started = time.monotonic()
    answers = read_all(paths, Limits(wall_seconds=3.0), workers=1)
    assert time.monotonic() - started < 60
    assert answers[0].code == "X_LIMIT"
    assert not isinstance(answers[1], Rejected)


def test_too_large_an_answer(workbook):
    path = workbook({"A": [["x" * 30_000] for _ in range(90)]})
    answers = read_all([path], Limits(answer_bytes=1 << 10))
    assert answers[0].code == "X_TOOBIG"


def test_workers_get_no_environment_of_ours(workbook, monkeypatch):
    monkeypatch.setenv("NHIEMKY_SECRET", "s3cret")
    path = workbook({"A": [[1]]}, "bad.xlsx")
    crash(monkeypatch, "[][len(__import__('os').environ.get('NHIEMKY_SECRET', ''))]")
    assert read_all([path])[0].detail == "IndexError"
    crash(monkeypatch, "{}[__import__('os').environ['NHIEMKY_SECRET']]")
    assert read_all([path])[0].detail == "KeyError"
    assert os.environ["NHIEMKY_SECRET"] == "s3cret"


def test_leaving_early_stops_the_workers(workbook):
    paths = [workbook({"A": [[1]]}, f"{n}.xlsx") for n in range(8)]
    with WorkerPool(2) as pool:
        next(pool.read([ReadRequest(path) for path in paths]))
    assert all(not thread.is_alive() for thread in pool._threads)


def test_missing_file(tmp_path):
    assert read_all([tmp_path / "gone.xlsx"])[0].code == "X_UNREADABLE"


@pytest.mark.parametrize(
    ("data", "encoding", "code"),
    [
        (b"", "utf-8", "X_EMPTY"),
        ("Đơn vị".encode("utf-16"), "utf-8-sig", "X_ENCODING"),
        (b"a\xff", "utf-8", "X_ENCODING"),
        (b"a\0b", "utf-8", "X_ENCODING"),
        (b'a,"open\n1,2\n', "utf-8", "X_CSV"),
    ],
)
def test_broken_text_files(tmp_path, data, encoding, code):
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    assert read_all([path], may_be_text=True, encoding=encoding)[0].code == code


def test_legacy_font_is_refused(workbook):
    path = workbook({"A": [["hép møt tÕt"], ["C«ng an tØnh", "sè vô ph¹m téi"]]})
    assert read_all([path])[0].code == "X_LEGACY_FONT"
    other = workbook({"A": [["Größe in m²"], ["10 µg/l"], ["Đội Cảnh sát"]]}, "o.xlsx")
    assert not isinstance(read_all([other])[0], Rejected)
