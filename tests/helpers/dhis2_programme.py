"""A programme folder made from DHIS2 reference lists, for DHIS2 data value set files.

Sites are the organisation units, measures the data elements, members of a measure the
pairs of category and attribute option combo that its data element comes with. Periods
are quarters, and years from October to September.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

SOURCE, QUARTER, YEAR = "data_value_sets", "QUARTER", "OCTOBER_YEAR"
ROOT_UNIT, LEVEL = "ALL", "site"
GOOD = Path("good", "test-data.csv")
GOOD_JSON = Path("good", "test-data.json")
_RULES = Path("metadata", "validationRules.json-e14ed6.json")
_ONE_ELEMENT = re.compile(r"#\{(\w+)\}")
_UNITS = Path("metadata", "organisationUnits.json-f4ac7c.json")
_MORE_KEY_FILES = (
    # data elements that the good file does not hold
    Path("bad", "test-data-bad-value.csv"),
    Path("bad", "test-data-validation-simple-pass.csv"),
)

Row = dict[str, str]


_SHORT = {
    "dataElement": "de",
    "period": "pe",
    "orgUnit": "ou",
    "categoryOptionCombo": "coc",
    "attributeOptionCombo": "acoc",
    "value": "value",
}


def value_rows(path: Path) -> list[Row]:
    """One row per value: de, pe, ou, coc, acoc, value."""
    if path.suffix == ".json":
        values = json.loads(path.read_text(encoding="utf-8"))["dataValues"]
        return [{_SHORT[key]: text for key, text in row.items()} for row in values]
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write_dhis2_programme(
    folder: Path, data: Path, inbox: Path, from_year: int = 2014, good: Path = GOOD
) -> Path:
    """Writes the programme for the material in `data`; files are read from `inbox`.

    The file `good` says which keys there are, with a few more of the bad ones.
    """
    folder.mkdir(parents=True)
    keys: dict[str, list[Row]] = {}
    for file in (good, *_MORE_KEY_FILES):
        for row in value_rows(data / file):
            keys.setdefault(row["de"], []).append(row)
    rows = value_rows(data / good)
    fractions = {row["de"] for row in rows if "." in row["value"]}
    parts = {
        "programme": _head(from_year),
        "code_lists": {"code_lists": [_code_list(*item) for item in keys.items()]},
        "measures": {"measures": [_measure(e, e in fractions) for e in keys]},
        "forms": {"forms": _forms(keys, from_year)},
        "sources": {"sources": [_source(inbox)]},
        "rules": {"rules": _rules(data, keys)},
    }
    for name, content in parts.items():
        with (folder / f"{name}.yaml").open("w", encoding="utf-8") as stream:
            yaml.dump(content, stream, Dumper=yaml.CSafeDumper, sort_keys=False)
    _write_units(folder / "units.csv", data, from_year)
    return folder


def _named(code: str, name: str = "") -> dict[str, Any]:
    return {"code": code, "name_vi": name or code, "name_en": name or code}


def _head(from_year: int) -> dict[str, Any]:
    calendars = [("civil", 1, 0), ("october", 10, -1)]
    return {
        **_named("dhis2", "Data value sets"),
        "root_unit": ROOT_UNIT,
        "term": {"calendar": "civil", "first_year": from_year, "last_year": 2019},
        "reporting_from_year": from_year,
        "levels": [_named("top"), _named(LEVEL)],
        "documents": [],
        "calendars": [
            {**_named(code), "start_month": month, "start_day": 1, "year_offset": past}
            for code, month, past in calendars
        ],
    }


def _code_list(element: str, rows: Iterable[Row]) -> dict[str, Any]:
    members = dict.fromkeys(f"{row['coc']}.{row['acoc']}" for row in rows)
    return {"code": element, "members": [_named(member) for member in members]}


def _measure(element: str, is_decimal: bool) -> dict[str, Any]:
    return {
        **_named(element),
        "kind": "flow",
        "unit_of_measure": "value",
        "value_type": "decimal" if is_decimal else "count",
        "decimals": 3 if is_decimal else 0,
        "breakdown": element,
        "is_required": False,
    }


def _rules(data: Path, keys: dict[str, list[Row]]) -> list[dict[str, Any]]:
    """The rules `a <= b` over two data elements with one option combo each."""
    found = json.loads((data / _RULES).read_text(encoding="utf-8"))["validationRules"]
    rules = []
    for rule in found:
        sides = [rule[side]["expression"] for side in ("leftSide", "rightSide")]
        elements = [_ONE_ELEMENT.fullmatch(expression) for expression in sides]
        if rule["operator"] != "less_than_or_equal_to" or not all(elements):
            continue
        codes = [_only_code(match[1], keys) for match in elements if match]
        if not all(codes):
            continue
        rules.append(
            {
                **_named(rule_code(rule["id"]), rule["name"]),
                "kind": "compare",
                "form": QUARTER if rule["periodType"] == "Quarterly" else YEAR,
                "severity": "ERROR",
                "left": codes[:1],
                "comparator": "<=",
                "right": codes[1:],
            }
        )
    return rules


def rule_code(identifier: str) -> str:
    """The code of the rule made from a validation rule."""
    return f"V_{identifier.upper()}"


def _only_code(element: str, keys: dict[str, list[Row]]) -> str | None:
    """The measure code of a data element that comes with one member alone."""
    members = {f"{row['coc']}.{row['acoc']}" for row in keys.get(element, ())}
    return f"{element}.{members.pop()}" if len(members) == 1 else None


def _forms(keys: dict[str, list[Row]], from_year: int) -> list[dict[str, Any]]:
    is_yearly = {
        element: all(row["pe"].endswith("Oct") for row in rows)
        for element, rows in keys.items()
    }
    return [
        {
            **_named(code),
            "calendar": calendar,
            "frequency": frequency,
            "valid_from": f"{from_year - 1}-01-01",
            "measures": [code for code in keys if is_yearly[code] == yearly],
            "due_from": [{"levels": [LEVEL]}],
            "deadline_days": {LEVEL: 45},
        }
        for code, calendar, frequency, yearly in (
            (QUARTER, "civil", "quarter", False),
            (YEAR, "october", "year", True),
        )
    ]


def _source(inbox: Path) -> dict[str, Any]:
    def column(*names: str) -> dict[str, list[str]]:
        return {"header": list(names)}

    return {
        **_named(SOURCE),
        "path": str(inbox),
        "pattern": "*.csv",
        "reader": "mapped",
        "number_style": "plain",
        "maps": [
            {
                "file": r".*\.(csv|json|zip)",
                "form": QUARTER,
                "records": "dataValues",
                "unit_column": column("ou", "orgUnit"),
                "period_column": column("pe", "period"),
                "periods": [
                    {"text": r"(?P<year>\d{4})Q(?P<part>[1-4])", "example": "2017Q1"},
                    {
                        "text": r"(?P<year>\d{4})Oct",
                        "example": "2017Oct",
                        "form": YEAR,
                        "year_shift": 1,
                    },
                ],
                "measure_column": column("de", "dataElement"),
                "key_columns": [
                    column("coc", "categoryOptionCombo"),
                    column("acoc", "attributeOptionCombo"),
                ],
                "value_column": column("value"),
            }
        ],
    }


def _write_units(path: Path, data: Path, from_year: int) -> None:
    found = json.loads((data / _UNITS).read_text(encoding="utf-8"))
    start = f"{from_year - 1}-01-01"
    rows = [
        (unit["id"], unit["code"], *(unit["name"],) * 2, LEVEL, LEVEL, ROOT_UNIT, start)
        for unit in found["organisationUnits"]
    ]
    heads = "unit_code official_code name_vi name_en unit_type level parent_unit_code"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*heads.split(), "valid_from", "valid_to"])
        writer.writerow(
            [ROOT_UNIT, "", *("All sites",) * 2, "top", "top", "", start, ""]
        )
        writer.writerows([*row, ""] for row in rows)
