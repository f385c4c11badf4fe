"""How a column of the catalogue is found among those of a publisher."""

import pytest

from buurtbeeld.catalogue import Wanted, match

HERE, ELSEWHERE = "Geboren in Nederland", "Geboren buiten Nederland"
ORIGIN = {
    "BuitenEuropa_19": "Bevolking / Bevolking naar herkomst / Herkomstland",
    "BuitenEuropa_22": f"Bevolking / Bevolking naar herkomst / {HERE}",
    "BuitenEuropa_24": f"Bevolking / Bevolking naar herkomst / {ELSEWHERE}",
}


def test_column_is_found_with_and_without_its_number() -> None:
    assert match("Worth", ["Worth_3", "WorthLess_4"]) == ["Worth_3"]
    assert match("Worth", ["Worth", "Worth_3"]) == ["Worth"]
    assert match("Worth", ["Worth_3", "Worth_9"]) == ["Worth_3", "Worth_9"]


def test_the_first_name_that_is_there_counts() -> None:
    wanted = Wanted(("New", "Old", "Older"))
    assert wanted.among({"Older_1": "", "Old_2": ""}) == ["Old_2"]
    assert wanted.among({"Other": ""}) == []


@pytest.mark.parametrize(("group", "found"), [(HERE, ["BuitenEuropa_22"]), (ELSEWHERE, ["BuitenEuropa_24"])])
def test_columns_of_one_name_are_told_apart_by_their_group(group: str, found: list[str]) -> None:
    assert Wanted(("BuitenEuropa",), group).among(ORIGIN) == found


def test_a_group_is_followed_where_its_number_moves() -> None:
    _, here, elsewhere = ORIGIN.values()
    moved = {"BuitenEuropa_19": here, "BuitenEuropa_22": elsewhere}
    assert Wanted(("BuitenEuropa",), HERE).among(moved) == ["BuitenEuropa_19"]
    assert Wanted(("BuitenEuropa",), ELSEWHERE).among(moved) == ["BuitenEuropa_22"]


@pytest.mark.parametrize("told", ["", "Bevolking", f"{HERE} / Leeftijd"])
def test_a_column_whose_group_is_another_or_not_told_is_not_taken(told: str) -> None:
    assert Wanted(("BuitenEuropa",), HERE).among({"BuitenEuropa_22": told}) == []


def test_without_a_group_columns_of_one_name_stay_several() -> None:
    assert len(Wanted(("BuitenEuropa",)).among(ORIGIN)) == 3
