"""Template: the product's own workbook, one submission per delivery, many at once.

Rows are found by measure code under the header row, the header by its titles, so rows
and columns that an officer inserted do no harm. Codes that the form does not know and
measures that stand twice are kept: refusing them is gate 1's work.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from sources.programme.model import NumberStyle, Programme
from sources.readers.assembly import (
    Parts,
    as_observations,
    as_submissions,
    rejection_finding,
)
from sources.readers.numbers import Marks
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import column_letters
from sources.readers.template_assigned import with_assigned
from sources.readers.template_doubts import (
    TemplateFile,
    hidden_rows,
    rows_without_code,
)
from sources.readers.template_head import head_texts
from sources.readers.text_columns import fold_case_column, fold_column, map_distinct
from sources.readers.texts import fold, fold_case
from sources.template import layout

_META_CELLS = {
    layout.META_PROGRAMME: "programme_cell",
    layout.META_FORM: "form_cell",
    layout.META_UNIT: "unit_cell",
    layout.META_PERIOD: "period_cell",
    layout.META_TEMPLATE_VERSION: "template_cell",
}
_STYLES = {style.value for style in NumberStyle}


def read_templates(
    programme: Programme, files: Sequence[TemplateFile], marks: Marks | None = None
) -> Parts:
    """Submissions, observations and findings of all these workbooks, in one pass.

    `marks` are those of the source that they all come from.
    """
    parts = Parts()
    pairs = _metadata_pairs(files)
    meta = with_assigned(programme, files, _metadata(pairs))
    meta_cells = _metadata_cells(pairs)
    form_cells = _cells(files, layout.SHEET_FORM)
    header = _headers(form_cells)
    said: dict[int, dict[str, str]] = meta.to_dict("index")  # type: ignore[assignment]
    where: dict[int, dict[str, str]] = meta_cells.to_dict("index")  # type: ignore[assignment]
    headed = set(header.file)
    refused = [
        _refusal(programme, file, said.get(no), where.get(no, {}), no in headed)
        for no, file in enumerate(files)
    ]
    has_meta = [no for no in range(len(files)) if no in said]
    parts.findings += [
        rejection_finding(programme, files[no].job, reason)
        for no, reason in enumerate(refused)
        if reason is not None and no not in said
    ]
    if not has_meta:
        return parts
    readable = [no for no in has_meta if refused[no] is None]
    codes, values = _codes_and_values(
        form_cells, header[header.file.isin(readable)].set_index("file")
    )
    nil = _nil_reports(codes, values)
    heads = head_texts(form_cells, header).rename("head_texts")
    meta = meta.loc[has_meta].join(meta_cells).join(heads)
    submissions = _submissions(programme, files, meta, nil)
    parts.submissions.append(submissions)
    by_file = submissions.set_index(pd.Index(has_meta))
    for place, no in enumerate(has_meta):
        reason = refused[no]
        if reason is not None:
            about = submissions.iloc[place]
            finding = rejection_finding(programme, files[no].job, reason, about)
            parts.findings.append(finding)
    cells = _measure_cells(codes, values)
    known = by_file.loc[cells.file]
    cells["submission_id"] = known.submission_id.to_numpy()
    cells["is_nil_report"] = known.is_nil_report.to_numpy()
    cells["style"] = cells.file.map(_styles(files, meta))
    parts.observations.append(as_observations(programme, cells, marks))
    parts.findings += hidden_rows(programme, files, by_file.loc[readable], cells)
    parts.findings += rows_without_code(programme, by_file, codes, values)
    return parts


def _cells(files: Sequence[TemplateFile], name: str) -> pd.DataFrame:
    """One row per filled cell of the sheet called `name`: file, row, column, ..."""
    found = [
        (no, sheet)
        for no, file in enumerate(files)
        for sheet in file.sheets
        if fold(sheet["name"]) == name
    ]
    counts = [len(sheet["rows"]) for _, sheet in found]
    kinds = "".join(sheet["kinds"] for _, sheet in found)
    return pd.DataFrame(
        {
            "file": np.repeat([no for no, _ in found], counts).astype("int64"),
            "row": _joined([sheet["rows"] for _, sheet in found]),
            "column": _joined([sheet["columns"] for _, sheet in found]),
            "kind": np.array(list(kinds), dtype=object),
            "text": np.array([t for _, s in found for t in s["texts"]], dtype=object),
        }
    )


def _joined(numbers: list[list[int]]) -> np.ndarray:
    """All these numbers in one array."""
    return np.fromiter(itertools.chain.from_iterable(numbers), dtype="int64")


def _metadata_pairs(files: Sequence[TemplateFile]) -> pd.DataFrame:
    """One row per file and key of its metadata sheet, with the value and its row."""
    cells = _cells(files, layout.SHEET_META)
    cells["text"] = fold_column(cells.text)
    keys = cells[cells.column.eq(layout.COLUMN_META_KEY)]
    keys = keys[keys.text.isin(layout.META_KEYS)].drop_duplicates(["file", "text"])
    values = cells[cells.column.eq(layout.COLUMN_META_VALUE)]
    return keys.merge(values, on=["file", "row"], how="left", suffixes=("", "_value"))


def _metadata(pairs: pd.DataFrame) -> pd.DataFrame:
    """One row per file with a metadata sheet; a column per key, '' where absent."""
    table = pairs.pivot(index="file", columns="text", values="text_value")
    return table.reindex(columns=list(layout.META_KEYS)).fillna("").astype("object")


def _metadata_cells(pairs: pd.DataFrame) -> pd.DataFrame:
    """One row per file with a metadata sheet; the cell of each key's value, or None."""
    letters = column_letters(layout.COLUMN_META_VALUE)
    cell = letters + (pairs.row + 1).astype(str)
    table = pairs.assign(cell=cell).pivot(index="file", columns="text", values="cell")
    table = table.reindex(columns=list(_META_CELLS)).astype("object")
    return table.where(table.notna(), None).rename(columns=_META_CELLS)


def _headers(cells: pd.DataFrame) -> pd.DataFrame:
    """One row per file whose form sheet has the titles: header row and its columns."""
    places, distinct = pd.factorize(cells.text)
    titles = [fold_case(text) for text in distinct]
    code, value = (
        cells[np.array([title == wanted for title in titles], dtype=bool)[places]]
        for wanted in (layout.TITLE_CODE.casefold(), layout.TITLE_VALUE.casefold())
    )
    both = code.merge(value, on=["file", "row"], suffixes=("_code", "_value"))
    both = both.sort_values(["file", "row"]).drop_duplicates("file")
    both = both[["file", "row", "column_code", "column_value"]]
    return both.rename(columns={"row": "header_row"})


def _refusal(
    programme: Programme,
    file: TemplateFile,
    meta: dict[str, str] | None,
    cells: dict[str, str],
    has_header: bool,
) -> Rejected | None:
    """Why this workbook cannot be read as a template, or None."""
    names = ", ".join(repr(sheet["name"]) for sheet in file.sheets)
    if meta is None:
        return Rejected(
            "X_TEMPLATE",
            f"no sheet {layout.SHEET_META!r} with the template's keys; it has {names}",
            detail_vi=f"thiếu trang {layout.SHEET_META!r} của biểu mẫu; tệp có {names}",
        )
    if meta[layout.META_FORMAT] != layout.TEMPLATE_FORMAT:
        detail = f"{layout.META_FORMAT} = {meta[layout.META_FORMAT]!r}"
        detail += f" (≠ {layout.TEMPLATE_FORMAT!r})"
        return Rejected("X_TEMPLATE", detail, layout.SHEET_META)
    if meta[layout.META_PROGRAMME] != programme.code:
        detail = f"{meta[layout.META_PROGRAMME]!r} (≠ {programme.code!r})"
        cell = cells.get("programme_cell") or ""
        return Rejected("X_PROGRAMME", detail, layout.SHEET_META, cell)
    states = {fold(sheet["name"]): sheet["state"] for sheet in file.sheets}
    if layout.SHEET_FORM not in states:
        return Rejected(
            "X_NOSHEET",
            f"{layout.SHEET_FORM!r}; the file has {names}",
            detail_vi=f"{layout.SHEET_FORM!r}; tệp có {names}",
        )
    if states[layout.SHEET_FORM] != "visible":
        return Rejected("X_HIDDEN", layout.SHEET_FORM, layout.SHEET_FORM)
    if not has_header:
        titles = f"{layout.TITLE_VALUE!r}, {layout.TITLE_CODE!r}"
        return Rejected(
            "X_TEMPLATE",
            f"no row of sheet {layout.SHEET_FORM!r} has the titles {titles}",
            layout.SHEET_FORM,
            detail_vi=f"trang {layout.SHEET_FORM!r} không có dòng tiêu đề {titles}",
        )
    return None


def _codes_and_values(
    cells: pd.DataFrame, header: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells of the code column (folded, filled) and of the value column.

    Takes the cells of the form's sheet and the header by file.
    """
    heads = header.reindex(cells.file, fill_value=-1).to_numpy()
    at = {name: heads[:, n] for n, name in enumerate(header.columns)}
    columns = cells.column.to_numpy()
    codes, values = (
        cells[mask].assign(**{name: found[mask] for name, found in at.items()})
        for mask in (columns == at["column_code"], columns == at["column_value"])
    )
    codes = codes.assign(code=fold_column(codes.text))
    titles = (layout.HEADER_EN[layout.COLUMN_CODE], "")
    is_code = codes.row.ne(codes.header_row) & ~codes.code.isin(titles)
    return codes[is_code], values


def _nil_reports(codes: pd.DataFrame, values: pd.DataFrame) -> set[int]:
    """Files whose box "nothing to report" is marked."""
    box = codes[codes.code.eq(layout.NIL_CODE)][["file", "row"]]
    marks = box.merge(values, on=["file", "row"])
    return set(marks.file[fold_case_column(marks.text).isin(layout.NIL_MARKS)])


def _submissions(
    programme: Programme,
    files: Sequence[TemplateFile],
    meta: pd.DataFrame,
    nil: set[int],
) -> pd.DataFrame:
    jobs = [files[no].job for no in meta.index]
    send_numbers = meta[layout.META_SEND_NUMBER].str.fullmatch(r"[0-9]{1,9}")
    style = meta[layout.META_NUMBER_STYLE]
    declared = pd.Series([files[no].style.value for no in meta.index], meta.index)
    rows = pd.DataFrame(
        {
            "delivery_sha256": [job.delivery_sha256 for job in jobs],
            "file_name": [job.file_name for job in jobs],
            "sheet": layout.SHEET_FORM,
            "form_code": meta[layout.META_FORM].replace("", None).to_numpy(),
            "unit_code": meta[layout.META_UNIT].replace("", None).to_numpy(),
            "period_key": meta[layout.META_PERIOD].replace("", None).to_numpy(),
            "template_version": meta[layout.META_TEMPLATE_VERSION]
            .replace("", None)
            .array,
            "number_style": style.where(style.ne(""), declared).to_numpy(),
            "declared_version": pd.to_numeric(
                meta[layout.META_SEND_NUMBER].where(send_numbers)
            ).to_numpy(),
            "is_nil_report": [no in nil for no in meta.index],
            "is_simulated": fold_case_column(meta[layout.META_SIMULATED])
            .eq(layout.META_TRUE)
            .to_numpy(),
            "reader": "template",
            "received_at": [job.received_at for job in jobs],
            "meta_sheet": layout.SHEET_META,
            **{name: meta[name].to_numpy() for name in _META_CELLS.values()},
            "head_texts": meta["head_texts"].to_numpy(),
        }
    )
    return as_submissions(programme, rows)


def _styles(files: Sequence[TemplateFile], meta: pd.DataFrame) -> dict[int, str | None]:
    """Per file: the style it declares, the source's when it declares none.

    A word that is no style declares nothing, so ambiguous texts are refused.
    """
    given = map_distinct(meta[layout.META_NUMBER_STYLE], str.casefold)
    return {
        no: (style if style in _STYLES else None) if style else files[no].style.value
        for no, style in zip(given.index.tolist(), given.tolist(), strict=True)
    }


def _measure_cells(codes: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """One row per measure code under the header, with its value cell or none."""
    below = codes[codes.row.gt(codes.header_row) & codes.code.ne(layout.NIL_CODE)]
    cells = below[["file", "row", "code", "column_value"]].merge(
        values[["file", "row", "kind", "text"]], on=["file", "row"], how="left"
    )
    letters = map_distinct(cells.column_value, lambda c: column_letters(int(c)))
    return pd.DataFrame(
        {
            "file": cells.file,
            "row": cells.row,
            "measure_code": cells.code,
            "kind": cells.kind.fillna("s"),
            "text": cells.text.fillna(""),
            "sheet": layout.SHEET_FORM,
            "cell": letters + (cells.row + 1).astype(str),
        }
    )
