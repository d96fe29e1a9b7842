"""Eurostat TSV: keys packed in one column, periods as columns, flags after figures."""

from __future__ import annotations

from sources.programme.model import NumberStyle, TableMap
from sources.readers.reading import read_deliveries

EUROSTAT_MAP = {
    "file": r".*\.tsv",
    "form": "M",
    "unpack": {"column": {"header": ["freq,.*"]}},
    "unit_column": {"header": ["geo"]},
    "measure_column": {"header": ["iccs"]},
    "codes": {"ICCS01": "offences"},
    "period_type": "month",
    "wide": {"header": r"(?P<period>\d{4}-\d{2})"},
}
LINES = (
    "freq,iccs,unit,geo\\TIME_PERIOD\t2024-01 \t2024-02 \t2024-03 ",
    "M,ICCS01,NR,U1\t: \t12 p\t: c",
    "M,ICCS01,NR,U2\t3 b\t: z\t0 n",
)


def test_every_figure_keeps_its_cell_and_its_flag(programme, job, tmp_path):
    source = programme.sources[1].model_copy(
        update={
            "maps": (TableMap.model_validate(EUROSTAT_MAP),),
            "number_style": NumberStyle.PLAIN,
            "encoding": "auto",
            "delimiter": "auto",
        }
    )
    sources = (programme.sources[0], source, *programme.sources[2:])
    known = programme.model_copy(update={"sources": sources})
    path = tmp_path / "estat.tsv"
    path.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    result = read_deliveries(known, [job(path, "tables")], workers=1)
    assert result.findings.empty
    submissions = result.submissions.set_index("submission_id")
    cells = result.observations
    units = submissions.unit_code[cells.submission_id].tolist()
    told = cells[["cell", "value", "observation_status", "qualifier"]]
    rows = told.itertuples(index=False, name=None)
    assert list(zip(units, *zip(*rows, strict=True), strict=True)) == [
        ("U1", "B2", None, "missing", None),
        ("U1", "C2", 12, "reported", "provisional"),
        ("U1", "D2", None, "missing", None),
        ("U2", "B3", 3, "reported", "break"),
        ("U2", "C3", None, "not_applicable", None),
        ("U2", "D3", 0, "nil", None),
    ]
