"""Match units: names of units in foreign files, and what a person says they mean.

Names come from the files themselves, read again, so that none is cut or left out. Only
a decision ever ties a name to a unit, whatever the score.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from orchestration.steps.context import RunContext, load_checked, today
from orchestration.steps.read import jobs_of
from orchestration.steps.refusals import AskedAmiss
from sources.programme.check_unit_names import check_unit_names
from sources.programme.model import Programme, Source, UnitName
from sources.programme.periods import periods_of, until_year
from sources.programme.problems import HOME_FILES, ProblemList, ProgrammeError, nearest
from sources.programme.sheet_texts import escaped
from sources.readers import read_deliveries
from sources.readers.mapped_units import UNKNOWN_UNIT_NAME
from sources.readers.texts import fold
from sources.readers.unit_proposals import Proposal, propose_units
from warehouse.files import READABLE, write_durably
from warehouse.ledger.assignments import Assignments

_HEAD = """\
# Tên đơn vị trong tệp của nơi khác và đơn vị mà người phụ trách đã quyết định.
# Names of units in foreign files, and the units that people decided they mean.
# unit_code để trống: dòng mang tên này được bỏ qua / empty: such rows are passed over.
# Ghi bằng lệnh / written by: nhiemky units match NGUỒN
"""


class NotMatchable(AskedAmiss):
    """A decision on names that cannot be taken; nothing was written."""


@dataclass(frozen=True)
class UnknownName:
    """A name that nobody decided on: where it stands, and what it may mean."""

    name: str
    row_count: int
    deliveries: tuple[str, ...]
    periods: tuple[str, ...]
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True)
class Decided:
    """What was decided: lines written, deliveries that will be read again."""

    names: tuple[UnitName, ...]
    requeued: int


def unknown_names(run: RunContext, source_code: str) -> list[UnknownName]:
    """The names of units in a source's deliveries that nobody decided on, in order.

    Raises:
        NotMatchable: there is no such source, or its files name no units.
    """
    source_of(run.programme, source_code)
    found = _read(run, source_code)
    names = {
        str(name): rows for name, rows in found.groupby("name", sort=True, dropna=False)
    }
    ends = _last_days(run)
    proposed = propose_units(
        run.programme,
        {
            name: [ends[key] for key in rows.period_key.unique() if key in ends]
            for name, rows in names.items()
        },
    )
    return [
        UnknownName(
            name,
            int(rows.row_count.sum()),
            tuple(rows.delivery_sha256.unique()),
            tuple(sorted(key for key in rows.period_key.unique() if key)),
            tuple(proposed[name]),
        )
        for name, rows in names.items()
    ]


def decide(
    run: RunContext,
    source_code: str,
    chosen: Mapping[str, str | None],
    by: str,
    note: str = "",
    unknown: list[UnknownName] | None = None,
) -> Decided:
    """Writes what names mean (None: no unit) and lets their deliveries be read again.

    Args:
        run: The run.
        source_code: The source whose files say so.
        chosen: Unit code per name.
        by: Who decides.
        note: A remark for every line.
        unknown: The names that nobody decided on, where the caller has read them.

    Raises:
        NotMatchable: a name that no file holds, a unit that does not exist, or nobody
            is named; nothing was written.
        ProgrammeError: the programme folder is wrong.
    """
    source_of(run.programme, source_code)
    folded = {fold(name): code for name, code in chosen.items()}
    if not by.strip():
        raise NotMatchable(
            "Phải ghi ai quyết định · a decision needs a name: --by. Nothing was "
            "written."
        )
    open_names = unknown_names(run, source_code) if unknown is None else unknown
    _check_units(run.programme, folded)
    with run.home.run_lock():
        programme = load_checked(run.programme.folder)
        known = {
            (name.source_code, fold(name.name)): name for name in programme.unit_names
        }
        _check_names(source_code, folded, open_names, known)
        lines = {
            (source_code, name): UnitName(
                source_code=source_code,
                name=name,
                unit_code=code,
                decided_by=by.strip(),
                decided_on=today(programme),
                note=" ".join(note.split()),
            )
            for name, code in folded.items()
        }
        turned = {
            key
            for key, line in lines.items()
            if key in known and known[key].unit_code != line.unit_code
        }
        data = _file_of(programme, {**known, **lines})
        concerned = {
            sha256
            for name in open_names
            if name.name in folded
            for sha256 in name.deliveries
        }
        if turned:  # which files hold a name that was decided, nobody noted
            concerned |= set(_deliveries(run, source_code).delivery_sha256)
        # first, so that a kill in between costs a reading and loses nothing
        requeued = Assignments(run.ledger).requeue(programme.code, concerned)
        path = programme.folder / HOME_FILES["unit_names"]
        write_durably(path, data, path.parent, READABLE)
    return Decided(tuple(lines.values()), requeued)


def source_of(programme: Programme, code: str) -> Source:
    """The source whose tables name units.

    Raises:
        NotMatchable: there is none, or its files hold unit codes alone.
    """
    sources = {source.code: source for source in programme.sources}
    if code not in sources:
        raise NotMatchable(
            f"Không có nguồn “{code}” · there is no source '{code}'; "
            f"{nearest(code, list(sources))}"
        )
    if sources[code].reader != "mapped":
        mapped = [
            source.code for source in programme.sources if source.reader == "mapped"
        ]
        raise NotMatchable(
            f"Tệp của nguồn {code} ghi mã đơn vị, không ghi tên · files of source "
            f"{code} hold unit codes, not names. Nguồn có tên · sources with names: "
            f"{', '.join(mapped) or '-'}. A wrong code: nhiemky deliveries list"
        )
    return sources[code]


def _deliveries(run: RunContext, source_code: str) -> pd.DataFrame:
    """One row per delivery of the source that may be read, assigned ones included."""
    deliveries = run.ledger.deliveries(run.programme.code)
    read_as = [job.read_as for job in jobs_of(run, deliveries)]
    is_own = pd.Series(read_as, deliveries.index, dtype="object").eq(source_code)
    return deliveries[is_own & deliveries.status.ne("refused")]


def _read(run: RunContext, source_code: str) -> pd.DataFrame:
    """The unknown names in the deliveries in which some were found."""
    found = run.ledger.findings(run.programme.code)
    is_open = found.rule_code.eq(UNKNOWN_UNIT_NAME) & found.status.eq("open")
    deliveries = _deliveries(run, source_code)
    concerned = deliveries.delivery_sha256.isin(found.delivery_sha256[is_open])
    return read_deliveries(
        run.programme,
        jobs_of(run, deliveries[concerned]),
        run.members,
        workers=run.settings.workers,
        limits=run.settings.limits,
    ).unknown_units


def _last_days(run: RunContext) -> dict[str, dt.date]:
    last = max(run.as_of, today(run.programme))
    periods = periods_of(run.programme, until_year(run.programme, last))
    return {
        key: end - dt.timedelta(days=1)
        for key, end in zip(periods.period_key, periods.end_date, strict=True)
    }


def _check_units(programme: Programme, chosen: Mapping[str, str | None]) -> None:
    known = list(dict.fromkeys(unit.unit_code for unit in programme.units))
    for name, code in chosen.items():
        if code is not None and code not in known:
            raise NotMatchable(
                f"“{name}”: không có đơn vị mang mã “{code}” · there is no unit "
                f"'{code}'; {nearest(code, known)} Nothing was written."
            )


def _check_names(
    source_code: str,
    chosen: Mapping[str, str | None],
    open_names: list[UnknownName],
    known: Mapping[tuple[str, str], UnitName],
) -> None:
    """Refuses names that stand nowhere: a slip of the pen would decide nothing."""
    asked = [name.name for name in open_names]
    asked += [name for source, name in known if source == source_code]
    for name in chosen:
        if name not in asked:
            raise NotMatchable(
                f"Không tệp nào của nguồn {source_code} có tên chưa rõ “{name}” · no "
                f"file of source {source_code} holds '{name}' undecided; "
                f"{nearest(name, asked)} Nothing was written."
            )


def _file_of(programme: Programme, names: Mapping[tuple[str, str], UnitName]) -> bytes:
    """The file of these names, in one order, if the programme still holds with it."""
    ordered = tuple(names[key] for key in sorted(names))
    problems = ProblemList()
    check_unit_names(programme.model_copy(update={"unit_names": ordered}), problems)
    if problems.problems:
        raise ProgrammeError(problems.problems)
    columns = list(UnitName.model_fields)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for name in ordered:
        row = name.model_dump(mode="json")
        writer.writerow({key: escaped(row[key] or "") for key in columns})
    return (_HEAD + text.getvalue()).encode()
