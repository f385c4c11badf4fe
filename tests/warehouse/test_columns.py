"""Which column a figure is read from: of several of one name, of one with several names, of several editions."""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from buurtbeeld.catalogue import load
from tests.warehouse.town import BUURTEN, Row, Town, residents

FIRST = BUURTEN[0]
HERE, ELSEWHERE = "Geboren in Nederland", "Geboren buiten Nederland"
ORIGIN = {"Herkomstland": 100, HERE: 60, ELSEWHERE: 40}  # how many, so that it is known which was taken
HEALTH = ("good_health", "smokers")


@pytest.fixture
def born(town: Town) -> Town:
    """With the origins outside Europe in its catalogue."""
    return with_own(town, "origin_outside_europe", "parent_outside_europe", "born_outside_europe")


def with_own(town: Town, *ids: str) -> Town:
    own = load().indicators
    town.catalogue = replace(town.catalogue, indicators=town.catalogue.indicators | {id: own[id] for id in ids})
    return town


def origins(town: Town, columns: dict[str, str]) -> None:
    """Key figures with these columns in which people come from outside Europe: name → the group it stands under."""
    rows = [
        {"area_code": code, "period": date(2024, 1, 1), "edition": 2024, **row} for code, row in residents().items()
    ]
    table = pa.Table.from_pylist(rows)
    for name, group in columns.items():
        counted = pa.array([ORIGIN.get(group, 1)] * table.num_rows)
        told = {"group": f"Bevolking / Bevolking naar herkomst / {group}"} if group else None
        table = table.append_column(pa.field(name, pa.int64(), metadata=told), counted)
    town.write("cbs_key_figures", 2024, table)


@pytest.mark.parametrize("numbers", [(19, 22, 24), (22, 24, 19), (101, 102, 103)])
def test_a_group_is_found_wherever_its_number_went(born, numbers):
    origins(born, {f"BuitenEuropa_{number}": group for number, group in zip(numbers, ORIGIN, strict=True)})
    assert born.build().warnings == ()
    found = [born.figure(id) for id in ("origin_outside_europe", "parent_outside_europe", "born_outside_europe")]
    assert found == [(100, "ok"), (60, "ok"), (40, "ok")]


@pytest.mark.parametrize("group", ["Geboren in Duitsland", ""])
def test_another_group_or_none_gives_a_warning_and_no_figure(born, group):
    origins(born, {"BuitenEuropa_19": "Herkomstland", "BuitenEuropa_22": group, "BuitenEuropa_24": ELSEWHERE})
    (warning,) = born.build().warnings
    assert warning.endswith(f"they have no figures from it: parent_outside_europe (BuitenEuropa (under “{HERE}”)).")
    assert born.ask("FROM figure WHERE indicator = 'parent_outside_europe'") == []
    assert born.figure("born_outside_europe") == (40, "ok")


@pytest.mark.parametrize(
    "named", [("RooktTabak_18", "RooktTabak_low_18", "RooktTabak_high_18"), ("Roker_9", "Roker_low_9", "Roker_high_9")]
)
def test_bounds_are_found_under_the_earlier_name_of_their_column(town, named):
    with_own(town, "smokers").figures({FIRST: dict(zip(named, (20, 17, 24), strict=True))}, source="rivm_health")
    assert town.build().warnings == ()
    found = town.ask(f"SELECT value, low, high FROM figure WHERE indicator = 'smokers' AND code = '{FIRST}'")
    assert found == [(20, 17, 24)]


def test_a_figure_that_others_rely_on_is_shown_without_its_bounds_rather_than_not(town):
    with_own(town, "good_health").figures({FIRST: {"GoedErvarenGezondheid": 78}}, source="rivm_health")
    (told,) = town.build().warnings
    assert "how sure their figures are is not known" in told and told.count("good_health") == 2
    found = town.ask(f"SELECT value, low, high FROM figure WHERE indicator = 'good_health' AND code = '{FIRST}'")
    assert found == [(78, None, None)]


def test_of_two_editions_the_newest_tells_the_year_they_share(town):
    town.outlines(edition=2022)
    health, earlier = with_own(town, "good_health"), date(2012, 1, 1)
    old, new = "ErvarenGezondheidGoedZeerGoed", "GoedErvarenGezondheid"
    before: Row = {old: 78.3, f"{old}_low": 76, f"{old}_high": 79}
    now: Row = {new: 78.6, f"{new}_low": 77, f"{new}_high": 80}
    for edition, row in ((2022, before), (2024, now)):
        health.figures({FIRST: row}, edition=edition, source="rivm_health", period=earlier)
    health.build()
    assert health.ask(
        f"SELECT value, low, high, edition FROM figure WHERE indicator = 'good_health' AND code = '{FIRST}'"
    ) == [(78.6, 77, 80, 2024)]


def test_health_of_the_sample_has_no_margins(tmp_path):
    sample = Town(tmp_path, "GM0344")
    with_own(sample, *HEALTH).build()
    found = sample.ask("SELECT DISTINCT indicator, low, high FROM figure WHERE value > 0 ORDER BY ALL")
    assert [row for row in found if row[0] in HEALTH] == [(id, None, None) for id in HEALTH]
