"""Pages: JSON documents and bundles that are bombs, tricks or not of one kind."""

from __future__ import annotations

import json
from decimal import Decimal

from sources.bundle import REQUEST, write_bundle
from tests.helpers.hostile.base import Base, hostile
from tests.helpers.hostile.raw_zip import deflated, raw_zip, repeated
from tests.helpers.hostile.texts import HEADER, ROW

JSON = {"source": "long", "suffix": ".json"}
BUNDLE = {"source": "long", "suffix": ".zip"}
READ = {"values": {"offences": Decimal(12)}}
PAGE = (HEADER + ROW).encode()
KEYS = HEADER.strip().split(";")


def _bundle(*pages: tuple[str, bytes]) -> bytes:
    return write_bundle({"connector": "http"}, pages)


@hostile(**JSON, **READ)
def json_honest(base: Base) -> bytes:
    record = dict(zip(KEYS, ROW.strip().split(";"), strict=True))
    return json.dumps([record]).encode()


@hostile("X_JSON", **JSON)
def json_nested_a_hundred_thousand_deep(base: Base) -> bytes:
    return b"[" * 100_000 + b"]" * 100_000


@hostile("X_TOOBIG", **JSON)
def json_record_of_half_a_million_keys(base: Base) -> bytes:
    fields = ",".join(f'"k{number}":1' for number in range(500_000))
    return f'[{{"a":{{{fields}}}}}]'.encode()


@hostile("X_JSON", **JSON)
def json_cut_in_its_last_record(base: Base) -> bytes:
    return b'[{"form_code": "M"}, {"form_code"'


@hostile("PERSONAL_DATA", **JSON)
def json_with_a_telephone_beside_the_records(base: Base) -> bytes:
    return b'{"sent_by": "0912345678", "rows": [{"form_code": "M"}]}'


@hostile(**BUNDLE, **READ)
def bundle_of_a_thousand_pages(base: Base) -> bytes:
    empty = [(f"{number}.csv", HEADER.encode()) for number in range(999)]
    return _bundle(*empty, ("999.csv", PAGE))


@hostile("X_BOMB", **BUNDLE)
def bundle_of_too_many_pages(base: Base) -> bytes:
    return _bundle(*((f"{number}.csv", PAGE) for number in range(2_000)))


@hostile("X_BOMB", **BUNDLE)
def bundle_with_a_gigabyte_page(base: Base) -> bytes:
    page = repeated("1.json", b"[", b"[],", 1 << 30, b"[]]")
    return raw_zip([deflated(REQUEST, b"{}"), page])


@hostile("X_PATH", **BUNDLE)
def bundle_with_a_page_that_climbs_out(base: Base) -> bytes:
    return _bundle(("../../1.csv", PAGE))


@hostile("X_BUNDLE", **BUNDLE)
def bundle_without_pages(base: Base) -> bytes:
    return _bundle()


@hostile("X_BUNDLE", **BUNDLE)
def bundle_of_mixed_pages(base: Base) -> bytes:
    return _bundle(("1.csv", PAGE), ("2.json", b"[]"))


@hostile("X_DUPPART", **BUNDLE)
def bundle_with_a_page_twice(base: Base) -> bytes:
    entries = [(REQUEST, b"{}"), ("1.csv", PAGE), ("1.csv", PAGE)]
    return raw_zip([deflated(name, data) for name, data in entries])
