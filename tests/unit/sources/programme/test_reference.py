from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal

import pandas as pd
import pytest

from sources.programme.model import (
    CodeList,
    CodeMember,
    Indicator,
    Obligation,
    UnitVersion,
)
from sources.programme.periods import periods_of
from sources.programme.reference import (
    due_units,
    expand_measures,
    reference_frames,
)

FAR = dt.date(9999, 12, 31)


def member(code, parent=None):
    return CodeMember(
        code=code, name_vi=f"{code} vi", name_en=f"{code} en", parent_code=parent
    )


@pytest.fixture
def split(programme):
    """The starter with offences split by an open list, one member declared."""
    kinds = CodeList(code="kinds", is_open=True, members=(member("theft"),))
    by_kind = tuple(
        m.model_copy(update={"breakdown": "kinds"})
        if m.code.startswith("crimes")
        else m
        for m in programme.measures
    )
    rate = programme.indicators[0].model_copy(update={"by_breakdown": "kinds"})
    return programme.model_copy(
        update={"code_lists": (kinds,), "measures": by_kind, "indicators": (rate,)}
    )


def found_members(*rows):
    columns = ["member_code", "name", "period_key"]
    frame = pd.DataFrame(rows, columns=columns, dtype="object")
    return frame.assign(programme_code="mau_2026_2030", code_list="kinds")


def test_frames_have_the_columns_of_the_raw_tables(programme):
    frames = reference_frames(programme, None, 2026)
    expected = {
        "ref_programme": "programme_code name_vi name_en root_unit_code "
        "term_period_key calendar_code term_first_year term_last_year timezone",
        "ref_level": "programme_code level_code level_rank name_vi name_en",
        "ref_unit": "programme_code unit_key unit_code official_code name_vi name_en "
        "unit_type level parent_unit_code valid_from valid_to is_current",
        "ref_unit_ancestor": "programme_code unit_key ancestor_unit_key unit_code "
        "ancestor_unit_code depth valid_from valid_to",
        "ref_unit_succession": "programme_code from_unit_code to_unit_code "
        "effective_date relation share share_basis is_estimated",
        "ref_unit_restatement": "programme_code unit_code valid_from valid_to "
        "boundary_from boundary_to to_unit_code share is_estimated",
        "ref_unit_group": "programme_code group_code unit_code valid_from valid_to",
        "ref_period": "period_key calendar_code period_type label_vi label_en "
        "start_date end_date year period_number year_period_key previous_period_key "
        "same_period_last_year_key",
        "ref_period_part": "period_key part_period_key part_period_type",
        "ref_measure": "programme_code indicator_code parent_indicator_code "
        "breakdown_code member_code name_vi name_en kind value_type unit_of_measure "
        "direction unit_aggregation decimals form_code is_required part_of_code "
        "part_of_severity may_be_negative",
        "ref_indicator": "programme_code indicator_code parent_indicator_code "
        "breakdown_code member_code name_vi name_en kind unit_of_measure direction "
        "numerator denominator scale time_aggregation unit_aggregation decimals",
        "ref_indicator_part": "programme_code indicator_code measure_code role",
        "ref_indicator_level": "programme_code indicator_code level unit_type",
        "ref_form": "programme_code form_code name_vi name_en frequency calendar_code "
        "template_version first_year valid_from valid_to",
        "ref_form_due": "programme_code form_code level unit_code since until",
        "ref_form_deadline": "programme_code form_code level deadline_days",
        "ref_form_control": "programme_code form_code level",
        "ref_target": "programme_code target_key target_code indicator_code name_vi "
        "name_en scope_type scope_code drill_levels quantity comparator low high "
        "rhythm baseline by_date verbatim_vi document_code document_title_vi "
        "valid_from valid_to end_reason_vi end_reason_en threshold is_beyond_met "
        "lesser_comparator lesser_low lesser_name_vi lesser_name_en evidence_vi "
        "evidence_en",
        "ref_target_level": "programme_code target_key level",
        "ref_target_part": "programme_code target_key part_target_code",
        "ref_target_assigned": "programme_code target_code unit_code year value "
        "document_code",
    }
    assert {name: " ".join(frame.columns) for name, frame in frames.items()} == expected


def test_dtypes_do_not_depend_on_the_rows(programme):
    promise = Indicator(code="p", name_vi="P", name_en="P", kind="commitment")
    more = (*programme.indicators, promise)
    full = reference_frames(
        programme.model_copy(update={"indicators": more}), None, 2026
    )
    bare = reference_frames(
        programme.model_copy(update={"targets": (), "indicators": ()}), None, 2026
    )
    for name, frame in full.items():
        assert frame.dtypes.equals(bare[name].dtypes), name
        assert isinstance(frame.index, pd.RangeIndex), name
        for column in frame.select_dtypes("object"):
            missing = frame[column][frame[column].isna()]
            assert all(value is None for value in missing), (name, column)


def test_keys_open_ends_and_current_versions(programme):
    frames = reference_frames(programme, None, 2026)
    top = frames["ref_unit"].iloc[0]
    digest = hashlib.md5(b"mau_2026_2030|MAU|2024-12-15").hexdigest()
    assert top["unit_key"] == digest
    assert (top["valid_to"], top["is_current"]) == (FAR, True)
    assert top["parent_unit_code"] is None
    target = frames["ref_target"].iloc[0]
    digest = hashlib.md5(b"mau_2026_2030|MT-01|2025-12-15").hexdigest()
    assert target["target_key"] == digest
    assert target["drill_levels"] == "district,commune"
    assert frames["ref_programme"]["term_period_key"].iloc[0] == "police-2026_2030-T"
    assert frames["ref_form"]["first_year"].iloc[0] == 2025
    due = frames["ref_form_due"].iloc[0]
    assert (due["since"], due["until"]) == (dt.date(1, 1, 1), FAR)
    assert (due["level"], due["unit_code"]) == ("commune", None)


def test_every_measure_is_an_indicator_made_of_itself(programme):
    frames = reference_frames(programme, None, 2026)
    indicators = frames["ref_indicator"].set_index("indicator_code")
    assert list(indicators["kind"]) == ["flow"] * 3 + ["stock", "ratio"]
    assert list(indicators["time_aggregation"]) == ["sum"] * 3 + ["last", "none"]
    assert list(indicators["unit_aggregation"]) == ["sum"] * 4 + ["none"]
    rate = indicators.loc["clear_up_rate"]
    assert (rate["numerator"], rate["denominator"]) == ("crimes_solved", "crimes")
    assert rate["scale"] == Decimal(100)
    parts = frames["ref_indicator_part"]
    rows = set(
        parts[["indicator_code", "measure_code", "role"]].itertuples(index=False)
    )
    assert ("crimes", "crimes", "numerator") in rows
    assert ("clear_up_rate", "crimes", "denominator") in rows
    assert len(rows) == len(parts) == 6


def test_members_are_measures_with_parents_and_labels_of_the_newest_period(split):
    members = found_members(
        ("bike", "Xe máy", "police-2026-M02"),
        ("bike", "Xe đạp", "police-2025-M12"),
        ("bike", "", "police-2026-M11"),
        ("theft", "Trộm", "police-2026-M02"),
        ("x9", None, "police-2026-M01"),
    )
    other = members.assign(programme_code="other", member_code="foreign")
    measures = expand_measures(split, pd.concat([members, other]))
    crimes = measures[measures["indicator_code"].str.startswith("crimes.")]
    assert list(crimes["indicator_code"]) == [
        "crimes.theft",
        "crimes.bike",
        "crimes.x9",
    ]
    assert list(crimes["name_vi"]) == [
        "Số vụ phạm pháp hình sự – theft vi",
        "Số vụ phạm pháp hình sự – Xe máy",
        "Số vụ phạm pháp hình sự – x9",
    ]
    assert set(crimes["parent_indicator_code"]) == {"crimes"}
    assert set(crimes["breakdown_code"]) == {"kinds"}
    assert not crimes["is_required"].any()
    rows = measures.set_index("indicator_code")
    assert rows.loc["crimes", "is_required"]
    assert rows.loc["crimes_solved", "part_of_code"] == "crimes"
    assert rows.loc["crimes_solved.bike", "part_of_code"] == "crimes.bike"
    assert rows.loc["crimes_solved.bike", "part_of_severity"] == "WARNING"
    assert rows.loc["crimes", "part_of_severity"] is None


def test_closed_lists_keep_to_their_members_and_their_tree(split):
    closed = CodeList(code="kinds", members=(member("theft"), member("bike", "theft")))
    shut = split.model_copy(update={"code_lists": (closed,)})
    measures = expand_measures(shut, found_members(("new", "Mới", "police-2026-M02")))
    rows = measures.set_index("indicator_code")
    assert "crimes.new" not in rows.index
    assert rows.loc["crimes.bike", "parent_indicator_code"] == "crimes.theft"
    assert rows.loc["crimes.bike", "is_required"]


def test_a_ratio_by_breakdown_is_made_per_member(split):
    frames = reference_frames(
        split, found_members(("bike", "Xe", "police-2026-M02")), 2026
    )
    indicators = frames["ref_indicator"].set_index("indicator_code")
    one = indicators.loc["clear_up_rate.bike"]
    assert one["parent_indicator_code"] == "clear_up_rate"
    assert (one["numerator"], one["denominator"]) == (
        "crimes_solved.bike",
        "crimes.bike",
    )
    assert one["name_vi"].endswith(" – Xe")
    parts = frames["ref_indicator_part"]
    own = parts[parts["indicator_code"].eq("clear_up_rate.bike")]
    assert list(own["role"]) == ["numerator", "denominator"]
    assert set(parts["measure_code"]) <= set(frames["ref_measure"]["indicator_code"])


def test_unit_shares_name_the_units_they_count(programme):
    share = Indicator(
        code="hq_share",
        name_vi="Tỷ lệ",
        name_en="Share",
        kind="unit_share",
        numerator=("security_teams",),
        levels=("district", "commune"),
        unit_types=("xa", "phuong"),
    )
    one = programme.model_copy(update={"indicators": (share,)})
    levels = reference_frames(one, None, 2026)["ref_indicator_level"]
    assert len(levels) == 4
    any_type = share.model_copy(update={"unit_types": ()})
    one = programme.model_copy(update={"indicators": (any_type,)})
    levels = reference_frames(one, None, 2026)["ref_indicator_level"]
    assert list(levels["unit_type"]) == [None, None]


def due_with(programme, units=None, **changes):
    form = programme.forms[0].model_copy(update=changes)
    if units is not None:
        programme = programme.model_copy(update={"units": tuple(units)})
    return due_units(programme, form, periods_of(programme, 2026))


def commune(code, start, end=None, level="commune"):
    return UnitVersion(
        unit_code=code,
        name_vi=code,
        name_en=code,
        unit_type="xa",
        level=level,
        valid_from=start,
        valid_to=end,
    )


def test_a_unit_owes_the_periods_on_whose_last_day_it_is_alive(programme):
    # month 3/2025 is 15/02 to 14/03
    units = [
        commune("STAYS", dt.date(2025, 3, 14)),
        commune("LATE", dt.date(2025, 3, 15)),
        commune("ENDS", dt.date(2024, 12, 15), dt.date(2025, 3, 14)),
        commune("LASTS", dt.date(2024, 12, 15), dt.date(2025, 3, 15)),
        commune("AREA", dt.date(2024, 12, 15), level="district"),
    ]
    due = due_with(programme, units)
    march = due[due["period_key"].eq("police-2025-M03")]
    assert list(march["unit_code"]) == ["LASTS", "STAYS"]
    assert set(march["due_date"]) == {dt.date(2025, 3, 17)}
    assert set(due["level"]) == {"commune"}


def test_versions_and_doubled_obligations_count_once(programme):
    units = [
        commune("A", dt.date(2024, 12, 15), dt.date(2025, 6, 20)),
        commune("A", dt.date(2025, 6, 20)),
    ]
    twice = (Obligation(levels=("commune",)), Obligation(units=("A",)))
    due = due_with(programme, units, due_from=twice)
    assert len(due) == 24
    assert not due.duplicated(["unit_code", "period_key"]).any()


def test_obligations_and_forms_begin_and_end(programme):
    duty = Obligation(
        units=("MAU.A",), since=dt.date(2025, 3, 14), until=dt.date(2025, 5, 14)
    )
    due = due_with(programme, due_from=(duty,), deadline_days={"district": -2})
    assert list(due["period_key"]) == ["police-2025-M03", "police-2025-M04"]
    assert due["due_date"].iloc[0] == dt.date(2025, 3, 12)
    assert set(due["level"]) == {"district"}
    late = due_with(programme, valid_from=dt.date(2026, 11, 14))
    assert set(late["period_key"]) == {"police-2026-M11", "police-2026-M12"}
    short = due_with(programme, valid_to=dt.date(2025, 2, 14))
    assert set(short["period_key"]) == {"police-2025-M01"}
    assert due_with(programme, first_year=2026)["period_key"].str[7:11].eq("2026").all()
    assert due_with(programme, first_year=2030).empty
