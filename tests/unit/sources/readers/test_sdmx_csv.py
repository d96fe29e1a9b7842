"""SDMX-CSV through an ordinary long map, and what its statuses and actions say."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from sources.programme.model import NumberStyle, TableMap
from sources.readers.delimited import Dialect, delimited_sheet
from sources.readers.limits import Limits
from sources.readers.mapped import read_mapped
from sources.readers.mapped_statuses import with_statuses
from sources.readers.rejections import Rejected

SDMX_MAP = {
    "file": r".*\.csv",
    "form": "M",
    "unit_column": {"header": ["GEO"]},
    "period_column": {"header": ["TIME_PERIOD"]},
    "period_type": "month",
    "measure_column": {"header": ["INDICATOR"]},
    "value_column": {"header": ["OBS_VALUE"]},
    "status_column": {"header": ["OBS_STATUS"]},
}
HEAD_1 = "DATAFLOW,FREQ,INDICATOR,GEO,TIME_PERIOD,OBS_VALUE,OBS_STATUS,CONF_STATUS"
HEAD_2 = (
    "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,INDICATOR,GEO,TIME_PERIOD,OBS_VALUE,OBS_STATUS,"
    "CONF_STATUS"
)


def sheet_of(*lines: str):
    data = "\n".join(lines).encode()
    return delimited_sheet([("", data)], Dialect("utf-8", ","), Limits())


@pytest.fixture
def read(programme, job, tmp_path):
    source = programme.sources[1].model_copy(
        update={
            "maps": (TableMap.model_validate(SDMX_MAP),),
            "number_style": NumberStyle.PLAIN,
        }
    )
    path = tmp_path / "data.csv"
    path.touch()

    def run(*lines):
        parts = read_mapped(programme, source, job(path, "tables"), [sheet_of(*lines)])
        cells = pd.concat(parts.observations) if parts.observations else None
        return cells, parts.findings

    return run


@pytest.mark.parametrize(
    ("head", "begin"), [(HEAD_1, "AG:FLOW(1.0)"), (HEAD_2, "dataflow,AG:FLOW(1.0.0),I")]
)
def test_both_versions_read_with_the_statuses_of_their_figures(read, head, begin):
    cells, findings = read(
        head,
        f"{begin},M,offences,U1,2024-01,12.5,A,F",
        f"{begin},M,offences,U1,2024-02,0,P,F",
        f"{begin},M,offences,U1,2024-03,,O,F",
        f"{begin},M,offences,U1,2024-04,NaN,M,F",
        f"{begin},M,offences,U1,2024-05,7,,F",
        f"{begin},M,offences,U1,2024-06,NaN,,F",
        f"{begin},M,offences,U1,2024-07,8,E: Estimated value,F",
    )
    assert findings == []
    values = [Decimal("12.5"), 0, None, None, 7, None, 8]
    assert cells["value"].tolist() == values
    assert cells.observation_status.tolist() == [
        "reported",
        "nil",
        "missing",
        "not_applicable",
        "reported",
        "missing",
        "reported",
    ]
    assert cells.fault.isna().all()


def test_a_strange_status_costs_its_row_a_finding(read):
    cells, findings = read(
        HEAD_1,
        "F,M,offences,U1,2024-01,1,A,F",
        "F,M,offences,U1,2024-02,2,?,F",
        "F,M,offences,U1,2024-03,3,Q,F",
        "F,M,offences,U1,2024-04,,P,F",
    )
    assert cells["value"].tolist() == [1]
    found = [(row["rule_code"], row["cell"], row["observed"]) for row in findings]
    assert found == [
        ("R_BAD_STATUS", "G3", "?"),
        ("R_BAD_STATUS", "G4", "Q"),
        ("VALUE_EMPTY", "F5", None),
    ]


@pytest.mark.parametrize(
    ("status", "qualifier", "said"),
    [
        ("A", None, None),
        ("", None, None),
        ("B", "break", None),
        ("E", "estimated", None),
        ("P", "provisional", None),
        ("bp", "provisional", None),
        ("U", None, None),
        ("L", None, "missing"),
        ("M: Missing", None, "not_applicable"),
    ],
)
def test_codes_say_a_qualifier_or_a_status(status, qualifier, said):
    rows = pd.DataFrame({"status": [status], "text_0": [""]}, dtype="object")
    (row,) = with_statuses(rows).itertuples()
    assert (row.qualifier, row.said, row.is_strange) == (qualifier, said, False)


def test_a_message_that_deletes_is_refused_with_its_row():
    line = "dataflow,AG:FLOW(1.0.0),{},M,offences,U1,2024-01,1,A,F"
    with pytest.raises(Rejected) as caught:
        sheet_of(HEAD_2, line.format("R"), line.format("D"), line.format("D"))
    assert (caught.value.code, caught.value.cell) == ("X_SDMX_DELETE", "C3")
    assert "2 rows" in caught.value.message_en
    assert sheet_of("a,b,ACTION", "1,2,D")["texts"][-1] == "D"
