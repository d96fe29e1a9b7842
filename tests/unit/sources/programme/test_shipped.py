"""The shipped programmes pass their check and quote their articles letter by letter.

`tests/data/articles` holds the sentences that are quoted from, as printed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from decimal import Decimal
from pathlib import Path

import pytest

from sources.programme.due import due_units
from sources.programme.loader import load_programme
from sources.programme.model import OPEN_END, Programme
from sources.programme.reference import reference_frames
from sources.simulator import simulate
from sources.simulator.due import all_cells
from sources.simulator.figures import Setting
from sources.simulator.sizes import unit_sizes
from sources.simulator.tuning import load_tuning

PROGRAMMES = Path(__file__).parents[4] / "sources/programmes"
ARTICLES = Path(__file__).parents[3] / "data/articles"
ARTICLE_OF = {
    "HD.NQ-DH17": "nghi_quyet_hai_duong_2020.txt",
    "HD.KL44-2023": "ket_luan_44_hai_duong_2023.txt",
    "CL12.GU-2024": "giao_uoc_cum_12_2024.txt",
}
REFORM = dt.date(2025, 7, 1)
SEED = 2020


def article(name: str) -> str:
    return (ARTICLES / name).read_text(encoding="utf-8").replace("\u00a0", " ")


@pytest.fixture(scope="module", params=sorted(p.name for p in PROGRAMMES.iterdir()))
def shipped(request: pytest.FixtureRequest) -> Programme:
    return load_programme(PROGRAMMES / request.param)


@pytest.fixture(scope="module")
def cluster() -> Programme:
    return load_programme(PROGRAMMES / "cluster_12_2024")


def test_every_promise_stands_in_its_article_letter_by_letter(shipped):
    missing = [
        target.code
        for target in shipped.targets
        if target.verbatim_vi not in article(ARTICLE_OF[target.document])
    ]
    assert missing == []


def test_what_evidence_puts_between_quotes_was_printed_too(shipped):
    printed = "".join(article(name) for name in ARTICLE_OF.values())
    quoted = [
        quote
        for target in shipped.targets
        for quote in re.findall('"([^"]+)"', target.evidence_vi)
    ]
    assert [quote for quote in quoted if quote not in printed] == []


def test_every_commitment_is_without_figures(shipped):
    commitments = {i.code for i in shipped.indicators if i.kind == "commitment"}
    assert {
        target.indicator for target in shipped.targets if target.quantity == "none"
    } == commitments


def test_the_pledge_keeps_the_typo_of_its_article(cluster):
    quotes = {target.code: target.verbatim_vi for target in cluster.targets}
    assert "tham những" in quotes["CL12-08"]
    assert "tham nhũng" not in article(ARTICLE_OF["CL12.GU-2024"])


def test_the_two_programmes_have_every_kind_of_target_between_them():
    targets = [
        target
        for folder in PROGRAMMES.iterdir()
        for target in load_programme(folder).targets
    ]
    assert {t.rhythm for t in targets} == {
        "every_year",
        "against_base_year",
        "by_end_of_term",
        "by_date",
        "never",
        "none",
    }
    assert {t.quantity for t in targets} == {
        "value",
        "reduction_pct",
        "composite",
        "none",
    }
    assert {t.comparator for t in targets} >= {">=", ">", "<", "=", "between"}
    assert {t.threshold for t in targets} == {"stated", "assigned"}
    assert any(t.lesser for t in targets)
    assert any(t.is_beyond_met for t in targets)


def test_assigned_values_say_that_they_are_invented(cluster):
    (document,) = {value.document for value in cluster.assigned}
    titles = {d.code: d.title_vi for d in cluster.documents}
    (target,) = {value.target_code for value in cluster.assigned}
    names = {t.code: t.name_vi + t.name_en for t in cluster.targets}
    assert "GIẢ ĐỊNH" in titles[document]
    assert "GIẢ ĐỊNH" in names[target]
    assert "INVENTED" in names[target]
    # no value for Hậu Giang: what nobody assigned cannot be judged
    assert {value.unit_code for value in cluster.assigned} == {
        "CL12.KG",
        "CL12.AG",
        "CL12.BL",
        "CL12.CM",
    }


def test_code_91_is_kien_giang_to_the_reform_and_an_giang_from_it(cluster):
    units = reference_frames(cluster, None, 2026)["ref_unit"]
    of_91 = units[units["official_code"].eq("91")].sort_values("valid_from")
    assert list(of_91[["unit_code", "valid_from", "valid_to"]].to_numpy().ravel()) == [
        "CL12.KG",
        dt.date(2022, 12, 15),
        REFORM,
        "CL12.AG25",
        REFORM,
        OPEN_END,
    ]
    assert of_91["unit_key"].nunique() == 2


def test_no_day_gives_one_official_code_to_two_provinces(cluster):
    units = reference_frames(cluster, None, 2026)["ref_unit"]
    coded = units[units["official_code"].fillna("").ne("")]
    for day in (dt.date(2024, 6, 30), REFORM - dt.timedelta(days=1), REFORM):
        alive = coded[coded["valid_from"].le(day) & coded["valid_to"].gt(day)]
        assert alive["official_code"].is_unique, day


def test_the_new_an_giang_owes_and_inherits_nothing_by_its_code(cluster):
    frames = reference_frames(cluster, None, 2026)
    for form in cluster.forms:
        due = due_units(cluster, form, frames["ref_period"])
        assert set(due["unit_code"]) == {
            f"CL12.{code}" for code in ("KG", "AG", "HG", "BL", "CM")
        }
    links = frames["ref_unit_succession"]
    assert set(zip(links["from_unit_code"], links["to_unit_code"], strict=True)) == {
        ("CL12.KG", "CL12.AG25"),
        ("CL12.AG", "CL12.AG25"),
        ("CL12.BL", "CL12.CM25"),
        ("CL12.CM", "CL12.CM25"),
        ("CL12.HG", None),
    }
    above = frames["ref_unit_ancestor"]
    assert set(above.loc[above["depth"].gt(0), "ancestor_unit_code"]) == {"CL12"}


def test_the_clusters_sums_come_out_as_tuned(cluster):
    tuning = load_tuning(cluster.folder)
    setting = Setting(cluster, tuning, unit_sizes(cluster, {}, SEED), SEED)
    cells, figures = all_cells(setting)
    monthly = cells[cells["form_code"].eq("CA-T")]
    sums = figures["CA-T"].groupby(monthly["year"].to_numpy()).sum()
    assert list(sums["social_order_offences"]) == [3060, 2935]
    assert list(sums["reports_new"] - sums["reports_taken_up"]) == [7, 1]
    assert sums["dangerous_gangs"].sum() == 0
    last = figures["CA-T"][monthly["period_key"].eq("police-2024-M12").to_numpy()]
    assert last["suspended"].sum() == 1315
    assert last["suspended.case"].sum() == round(Decimal(1315) * 38 / 100)


def test_the_cluster_simulates_the_same_bytes_again(cluster, tmp_path):
    def digests(name: str) -> dict[str, str]:
        folder = tmp_path / name
        simulate(cluster, folder, SEED, until=dt.date(2023, 2, 10))
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*.xlsx")
        }

    first = digests("a")
    assert first == digests("b")
    assert len(first) >= 5
