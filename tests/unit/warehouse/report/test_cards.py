"""Cards: one answer a target, what is open beside it, units worst first."""

from __future__ import annotations

import pytest

from tests.helpers.scorecard_rows import PROGRAMME
from warehouse.errors import ReadError
from warehouse.home import Home
from warehouse.report import ScorecardData, scorecard_data
from warehouse.report.cards import Card, cards, slug, verdict_counts
from warehouse.report.evidence import cut_text, inputs, outlook, trace_command


def card(data: ScorecardData, code: str) -> Card:
    (found,) = [made for made in cards(data) if made.code == code]
    return found


def test_every_target_has_one_card_and_promises_come_last(data: ScorecardData) -> None:
    codes = [made.code for made in cards(data)]
    assert codes == ["T1", "T2", "T3", "T4", "T5", "T5.1", "T5.2", "T7", "T8", "T6"]


def test_the_open_year_stands_beside_the_closed_answer(data: ScorecardData) -> None:
    change = card(data, "T1")
    assert (change.row["period_key"], change.row["verdict"]) == ("y2022", "met")
    assert change.running is not None
    assert change.running["period_key"] == "y2023"
    assert change.outlook == change.running
    assert [row["period_key"] for row in change.months] == [
        "m1",
        "m2",
        "m3",
        "m4",
        "m5",
    ]
    assert [row["year"] for row in change.years] == [2021, 2022, 2023]


def test_an_open_term_is_its_own_outlook(data: ScorecardData) -> None:
    share = card(data, "T4")
    assert share.running is None
    assert share.outlook == share.row
    assert [mark.en for mark in share.marks] == [
        "provisional",
        "estimated in part",
        "denominator moved",
    ]


def test_units_stand_worst_first_by_verdict_and_gap(data: ScorecardData) -> None:
    assert [row["unit_code"] for row in card(data, "T1").units] == ["C", "B", "D", "A"]


def test_several_units_that_answer_are_counted_and_the_worst_is_shown(
    data: ScorecardData,
) -> None:
    level = card(data, "T7")
    assert (level.scopes, level.scopes_met, level.row["unit_code"]) == (3, 2, "B")
    assert [row["unit_code"] for row in level.units] == ["B", "A", "D"]


def test_parts_are_not_counted_apart_and_promises_have_no_light(
    data: ScorecardData,
) -> None:
    made = cards(data)
    assert verdict_counts(made) == [
        ("not_met", 4),  # T2, T3, T5, T7
        ("cannot_judge", 1),
        ("on_track", 1),
        ("met", 1),
    ]
    assert card(data, "T5").parts == ("T5.1", "T5.2")
    assert card(data, "T5.1").part_of == "T5"


def test_revisions_of_the_last_edition_mark_the_card(data: ScorecardData) -> None:
    (revision,) = card(data, "T2").revisions
    assert (revision["verdict_then"], revision["verdict_now"]) == ("met", "not_met")
    assert card(data, "T2").marks[-1].en == "revised since the edition"
    assert data.compared_with is not None
    assert data.compared_with["edition_code"] == "y2022.2f"


def test_an_edition_shows_what_it_froze_under_the_names_of_then(
    frozen: ScorecardData,
) -> None:
    band = card(frozen, "T2")
    assert (float(band.row["actual"]), band.row["verdict"]) == (19.9, "met")
    assert band.target["name_vi"] == "Tên khi chốt T2"
    assert [row["period_key"] for row in band.years] == ["y2022"]
    assert card(frozen, "T6").is_commitment
    # against the edition before it: T1 was corrected from 4.9 to 12.18
    (revision,) = card(frozen, "T1").revisions
    assert (revision["edition_code"], revision["verdict_then"]) == (
        "y2022.1p",
        "not_met",
    )
    assert not card(frozen, "T2").revisions


def test_the_first_edition_has_nothing_to_compare_with(marts: Home) -> None:
    first = scorecard_data(marts, PROGRAMME, "y2022.1p")
    assert first.compared_with is None
    assert first.revisions.empty
    assert card(first, "T1").row["verdict"] == "not_met"


def test_an_unknown_edition_is_answered_with_those_there_are(marts: Home) -> None:
    with pytest.raises(ReadError, match=r"No edition 'y2022\.9'.*y2022\.1p, y2022\.2f"):
        scorecard_data(marts, PROGRAMME, "y2022.9")


def test_a_publication_without_the_later_columns_leaves_those_parts_out(
    earlier_data: ScorecardData,
) -> None:
    made = {one.code: one for one in cards(earlier_data)}
    assert made["T4"].row["grade_label_vi"] is None
    assert made["T5"].parts == ()
    assert earlier_data.compared_with is None
    assert "From Year 2021" not in [i.en for i in inputs(made["T1"], {})]
    assert cards(scorecard_data_of_nobody(earlier_data)) == []


def scorecard_data_of_nobody(data: ScorecardData) -> ScorecardData:
    return ScorecardData(
        programme_code="other",
        name_vi="",
        name_en="",
        publication=data.publication,
        targets=data.targets.head(0),
        latest=data.latest.head(0),
        history=data.history.head(0),
        revisions=data.revisions.head(0),
    )


def test_inputs_let_a_person_work_the_verdict_out_again(data: ScorecardData) -> None:
    said = {i.en: i.text for i in inputs(card(data, "T1"), data.periods)}
    assert said["Worked out"].replace("\u202f", " ") == (
        "(3.993 − 3.507) ÷ 3.993 × 100 = 12,18 %"
    )
    # by hand: (3993 - 3507) / 3993 = 486 / 3993 = 0.12171..., stored as 12.18
    assert said["Reports in"].startswith("3/4 (75")
    assert said["If missing reports came"].startswith("11,5 – 12,18")
    assert said["From Year 2021"].replace("\u202f", " ") == (
        "giảm 1,18 %; cần giảm 9,75 %: ✕ Không đạt"
    )
    share = {i.en: i.text for i in inputs(card(data, "T4"), data.periods)}
    assert share["Worked out"].startswith("45 ÷ 64 × 100 = 70,31")
    assert (share["Numerator then"], share["Denominator then"]) == ("125", "207")
    # a promise of several leads to its parts, one without a number to its words
    for code in ("T1", "T5", "T6"):
        assert trace_command(card(data, code), "demo") == (
            "nhiemky trace rpt_term_scorecard programme_code=demo "
            f"target_code={code} unit_code=P"
        )
    edition = {"edition_code": "y2022.1"}
    assert trace_command(card(data, "T1"), "demo", edition) == (
        "nhiemky trace fct_edition programme_code=demo target_code=T1 unit_code=P "
        "edition_code=y2022.1 period_key=y2022"
    )


def test_the_rest_is_a_ceiling_for_cuts_and_a_floor_else(data: ScorecardData) -> None:
    end, rest = outlook(card(data, "T1"))
    assert end.text.replace("\u202f", " ").startswith("6,4 % (4,9 – 7,8)")
    assert rest.text.replace("\u202f", " ") == (
        "không quá 1.932 vụ; 276 mỗi tháng trong 7 tháng"
    )
    assert rest.text_en == "at most; 276 a month for 7 months"
    assert outlook(card(data, "T4"))[1].text == "đã đủ"
    assert outlook(card(data, "T2")) == []


def test_a_negative_cut_is_a_rise() -> None:
    assert cut_text(-12.53).replace("\u202f", " ") == "tăng 12,53 %"
    assert cut_text(None) == ""


def test_ids_never_collide() -> None:
    assert slug("HD20-05.1") == "HD20-05.1"
    assert slug("a b") != slug("a_b") != slug("a/b")
