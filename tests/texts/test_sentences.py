"""What is said about figures: one and many, zero, missing, equal, with and without a figure of the city."""

from datetime import date

import pytest

from buurtbeeld.catalogue import Status, load
from buurtbeeld.maps.shading import by_change
from buurtbeeld.texts import sentences, words
from tests.figures import HIDDEN, city, figure, indicator, series

NL, EN = words("nl"), words("en")
CATALOGUE = load()


def area(value, status=None, say=NL, id="home_value", **others):
    return sentences.about_area(figure(value, status, name="Lombok", **others), indicator(id), say, CATALOGUE)


def spread(values, say=NL, id="home_value", **others):
    return sentences.spread(series(values, **others), indicator(id), say, CATALOGUE)


def missing(values, say=NL):
    return sentences.missing(series(values), say, CATALOGUE)


def beside(value, whole, id="home_value", say=NL, **others):
    stands = city(whole) if whole != "none" else None
    return sentences.beside_city(figure(value, **others), stands, indicator(id), say, CATALOGUE)


def change(values, say=NL, id="good_health", step=2.0):
    return sentences.about_change(series(values), date(2012, 1, 1), step, indicator(id), say, CATALOGUE)


def test_an_area_with_its_value():
    assert area(451000) == "In 2024 was een woning in Lombok gemiddeld € 451.000 waard."
    assert area(451000, say=EN) == "In 2024 a home in Lombok was worth €451,000 on average."


def test_zero_and_unreliable_are_values():
    assert "€ 0 waard" in area(0.0)
    assert "€ 100 waard" in area(100.0, Status.UNRELIABLE)


@pytest.mark.parametrize("status", HIDDEN)
@pytest.mark.parametrize("say", [NL, EN], ids=["nl", "en"])
def test_a_missing_value_is_said_with_the_reason(status, say):
    said = area(None, status, say)
    assert "Lombok, 2024: " in said and said.endswith(f"; {say.t(f'status.{status}.why')}.")
    assert not any(sign.isdigit() for sign in said.replace("2024", ""))


@pytest.mark.parametrize("say", [NL, EN], ids=["nl", "en"])
@pytest.mark.parametrize("id", CATALOGUE.indicators)
def test_every_indicator_makes_a_sentence(id, say):
    said = area(12.5, say=say, id=id, indicator=id)
    assert said.count("Lombok") == 1 and "2024" in said and said.endswith(".")
    assert not {"{", "}"} & set(said) and "  " not in said


@pytest.mark.parametrize(
    ("values", "dutch", "english"),
    [
        ([2e5, 9e5, 4e5], "Per buurt loopt dat van € 200.000 tot € 900.000.",
         "Per neighbourhood that runs from €200,000 to €900,000."),
        ([0, 1e6, None], "Per buurt loopt dat van € 0 tot € 1.000.000.",
         "Per neighbourhood that runs from €0 to €1,000,000."),
        ([-3, 0], "Per buurt loopt dat van € −3 tot € 0.", "Per neighbourhood that runs from €−3 to €0."),
        ([2e5, None], "Er is één buurt met een cijfer: € 200.000.",
         "There is one neighbourhood with a figure: €200,000."),
        ([None, Status.SECRET], "Er is voor geen enkele buurt een cijfer.",
         "There is no figure for any neighbourhood."),
    ],
)  # fmt: skip
def test_the_spread(values, dutch, english):
    assert (spread(values), spread(values, EN)) == (dutch, english)


@pytest.mark.parametrize("values", [[5, 5, 5], [5.1, 5.2, 5.4]])
def test_values_that_are_written_alike_are_one_value(values):
    assert "€ 5" in spread(values) and "van" not in spread(values)


@pytest.mark.parametrize(
    ("values", "dutch", "english"),
    [
        ([1, 2], "", ""),
        ([1, None], "Van 1 buurt ontbreekt het cijfer: de bron zegt niet waarom.",
         "For 1 neighbourhood the figure is missing: the source does not say why."),
        ([None, None], "Van 2 buurten ontbreekt het cijfer: de bron zegt niet waarom.",
         "For 2 neighbourhoods the figure is missing: the source does not say why."),
    ],
)  # fmt: skip
def test_how_many_are_missing(values, dutch, english):
    assert (missing(values), missing(values, EN)) == (dutch, english)


def test_each_reason_has_its_own_count():
    said = missing([Status.SECRET, Status.TOO_FEW, Status.SECRET, 1.0])
    assert "Van 2 buurten ontbreekt het cijfer: de bron houdt het geheim." in said
    assert "Van 1 buurt ontbreekt het cijfer: daar wonen te weinig mensen" in said


def test_a_map_says_city_then_spread_then_what_is_missing():
    said = sentences.about_map(city(4.5e5), series([2e5, 9e5, None]), indicator(), NL, CATALOGUE)
    order = ["In 2024 was een woning in Utrecht", "Per buurt loopt dat", "Van 1 buurt ontbreekt"]
    assert [said.index(part) for part in order] == sorted(said.index(part) for part in order)


def test_a_map_without_a_figure_of_the_city_says_what_it_is_about():
    said = sentences.about_map(None, series([2e5, 9e5]), indicator(), NL, CATALOGUE)
    assert said == "Waarde van een woning, 2024. Per buurt loopt dat van € 200.000 tot € 900.000."


def test_a_map_whose_city_is_missing_says_why():
    said = sentences.about_city(city(None), series([2e5, 9e5]), indicator(), NL, CATALOGUE)
    assert said.startswith("Waarde van een woning, Utrecht, 2024: het cijfer ontbreekt; ")


def test_a_map_of_nothing_but_missing_says_so():
    said = sentences.about_map(None, series([None] * 111), indicator(), NL, CATALOGUE)
    assert "geen enkele buurt" in said and "Van 111 buurten" in said


@pytest.mark.parametrize(
    ("value", "whole", "said"),
    [
        (5e5, 4e5, "hoger dan in Utrecht als geheel (€ 400.000)"),
        (3e5, 4e5, "lager dan in Utrecht als geheel (€ 400.000)"),
        (4e5, 4e5, "gelijk aan Utrecht als geheel (€ 400.000)"),
        (400000.4, 4e5, "gelijk aan Utrecht als geheel (€ 400.000)"),
        (0.0, 4e5, "lager dan in Utrecht als geheel (€ 400.000)"),
        (5e5, 0.0, "hoger dan in Utrecht als geheel (€ 0)"),
    ],
)
def test_an_area_beside_the_city(value, whole, said):
    assert beside(value, whole) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (187119, "50% van heel Utrecht"),
        (37424, "10% van heel Utrecht"),
        (3742, "1,0% van heel Utrecht"),
        (175, "0,05% van heel Utrecht"),
        (15, "0,004% van heel Utrecht"),
        (0, "0% van heel Utrecht"),
        (374238, "100% van heel Utrecht"),
    ],
)
def test_a_count_is_a_part_of_the_city(value, said):
    assert beside(value, 374238, "residents") == said


@pytest.mark.parametrize(("value", "whole"), [(None, 4e5), (4e5, None), (4e5, "none")])
def test_no_comparison_where_either_is_missing(value, whole):
    assert beside(value, whole) == ""


def test_no_comparison_with_a_city_of_nobody_or_of_the_city_with_itself():
    assert beside(5.0, 0.0, "residents") == ""
    assert beside(4e5, 4e5, level="gemeente") == ""


def test_a_comparison_in_english():
    assert beside(5e5, 4e5, say=EN) == "higher than in Utrecht as a whole (€400,000)"


def test_a_change_counts_what_rose_or_fell_by_the_step_and_the_rest_together():
    said = change([1.9, 2.0, 3.0, -1.0, -2.0, 0.04, -0.04])
    assert said.startswith("Goede gezondheid: tussen 2012 en 2024 ging het bij 2 van de 7 buurten 2 procent")
    assert "Omlaag met 2 procentpunt of meer ging het bij 1. Bij de andere 4 was het verschil kleiner" in said


@pytest.mark.parametrize(
    ("id", "step", "size"),
    [
        ("crimes", 50, "50"),
        ("home_value", 2e4, "€ 20.000"),
        ("distance_gp", 0.2, "0,2 km"),
        ("smokers", 5, "5 procentpunt"),
    ],
)
def test_the_step_of_a_change_has_its_unit(id, step, size):
    assert f" {size} of meer omhoog" in change([1.0, -1.0], id=id, step=step)


@pytest.mark.parametrize("values", [[1.0], [0.0], [-1.0, 1.0, None], [0.5, -0.5, 3.0, 0.1]])
def test_the_sentence_of_a_change_counts_as_its_legend_does(values):
    shading = by_change(series(values), indicator("good_health"), NL, CATALOGUE)
    down, same, up = (sum(row.count for row in shading.rows[place]) for place in (slice(2), slice(2, 3), slice(3, 5)))
    said = change(values, step=shading.step)
    assert f"bij {up} van de {down + same + up} buurten" in said
    assert f"ging het bij {down}. Bij de andere {same}" in said


def test_no_change_is_known_anywhere():
    said = change([None, Status.SECRET])
    assert said == "Goede gezondheid: voor geen van de buurten is er zowel over 2012 als over 2024 een cijfer."


def test_several_figures_name_their_year_once():
    figures = [
        figure(1e5, name="Lombok"),
        figure(2e5, name="Lombok"),
        figure(3e5, name="Lombok", period=date(2023, 1, 1)),
    ]
    said = sentences.together(figures, CATALOGUE, NL)
    assert (said.count("2024"), said.count("Dat jaar"), said.count("In 2023")) == (1, 1, 1)


def test_a_missing_figure_among_several_keeps_its_own_year():
    said = sentences.together([figure(1e5), figure(None), figure(2e5)], CATALOGUE, NL)
    assert said.count("2024") == 2 and said.count("Dat jaar") == 1
    assert sentences.together([], CATALOGUE, NL) == ""
