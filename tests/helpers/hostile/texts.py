"""Texts: files of plain text that are cut, open, ragged or something else."""

from __future__ import annotations

from decimal import Decimal

from tests.helpers.hostile.base import Base, hostile

TEXT = {"source": "long", "suffix": ".csv"}
HEADER = "form_code;unit_code;period_key;measure_code;value\n"
ROW = "M;U1;civil-2024-M01;offences;12\n"
NOTED = HEADER.strip() + ";note\n"
NOTED_ROW = ROW.strip() + ";{}\n"
READ = {"values": {"offences": Decimal(12)}}


@hostile(**TEXT, **READ)
def text_honest(base: Base) -> bytes:
    return (HEADER + ROW).encode()


@hostile(**TEXT, **READ)
def text_with_a_byte_order_mark(base: Base) -> bytes:
    return (HEADER + ROW).encode("utf-8-sig")


@hostile("X_CSV", **TEXT)
def text_cut_in_its_last_row(base: Base) -> bytes:
    return (HEADER + ROW + ROW[:12]).encode()


@hostile("X_CSV", **TEXT)
def text_with_an_open_quote(base: Base) -> bytes:
    return (HEADER + 'M;U1;"civil-2024-M01;offences;12\n' + ROW * 50).encode()


@hostile("X_CSV", **TEXT)
def text_with_ragged_rows(base: Base) -> bytes:
    return (HEADER + ROW + ROW.strip() + ";13\n").encode()


@hostile("X_CSV", **TEXT)
def text_with_a_field_without_end(base: Base) -> bytes:
    return (HEADER + "M;" + "x" * 1_000_000).encode()


@hostile("X_TOOBIG", **TEXT)
def text_of_a_million_empty_lines(base: Base) -> bytes:
    return HEADER.encode() + b"\n" * 1_000_100


@hostile("X_TOOBIG", **TEXT)
def text_over_the_size_of_a_file(base: Base) -> bytes:
    return HEADER.encode() + b"x" * (51 << 20)


@hostile("X_ENCODING", **TEXT)
def text_with_nul_characters(base: Base) -> bytes:
    return (HEADER + ROW).encode().replace(b"12", b"1\x002")


@hostile("X_EMPTY", **TEXT)
def text_of_no_bytes(base: Base) -> bytes:
    return b""


@hostile("PERSONAL_DATA", **TEXT)
def text_with_an_identity_card(base: Base) -> bytes:
    return (HEADER + ROW.replace("12", "CCCD 079204001234")).encode()


@hostile("X_COLUMNS", **TEXT)
def text_without_its_columns(base: Base) -> bytes:
    return b"a;b\n1;2\n"


@hostile("X_ENCODING", **TEXT)
def text_in_utf_16(base: Base) -> bytes:
    return (HEADER + ROW).encode("utf-16")


@hostile("X_ENCODING", **TEXT)
def text_in_a_windows_code_page(base: Base) -> bytes:
    return (NOTED + NOTED_ROW.format("Đồng Tháp")).encode("cp1258", "replace")


@hostile("X_LEGACY_FONT", **TEXT)
def text_in_letters_of_vni(base: Base) -> bytes:
    notes = ("Ñoàng baèng soâng Cöûu Long", "Haø Noäi")
    return (NOTED + "".join(map(NOTED_ROW.format, notes))).encode()
