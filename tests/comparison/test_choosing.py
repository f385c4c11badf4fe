"""What is compared: overlaps, where to begin, and which period goes with which."""

from datetime import date

import pytest

from buurtbeeld.comparison import choosing
from tests.figures import mart_of, view_of

BUURT, WIJK, CITY = "BU03440111", "WK034401", "GM0344"


@pytest.fixture(scope="module")
def mart(sample):
    return mart_of(sample)


def codes(pairs):
    return [(one.code, other.code) for one, other in pairs]


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        (f"{BUURT},BU03440131", []),
        (f"{BUURT},WK034402", []),
        (f"{WIJK},{BUURT}", ["Welgelegen, Den Hommel ligt in West."]),
        (f"{CITY},{BUURT}", ["Welgelegen, Den Hommel ligt in Utrecht."]),
    ],
)
def test_an_area_inside_another_is_told(mart, areas, said):
    assert [line.partition(" Wat ")[0] for line in choosing.overlaps(view_of(mart, gebied=areas))] == said


def test_one_area_is_compared_with_what_it_lies_in(mart):
    assert codes(choosing.examples(view_of(mart, gebied=BUURT))) == [(BUURT, WIJK), (BUURT, CITY)]
    assert codes(choosing.examples(view_of(mart, gebied=WIJK))) == [(WIJK, CITY)]


def test_beside_the_city_stands_where_most_people_live(mart):
    view = view_of(mart, gebied=CITY)
    free = choosing.examples(view_of(mart))
    assert choosing.examples(view) == tuple((view.city, one) for one, _ in free) != ()


@pytest.mark.parametrize(
    ("areas", "indicator", "level"),
    [
        (f"{WIJK},{BUURT}", "home_value", "wijk"),
        (f"{CITY},{WIJK}", "home_value", "wijk"),
        (BUURT, "home_value", "buurt"),
        (CITY, "home_value", "buurt"),
        (WIJK, "crimes", "buurt"),  # not published for wijken
    ],
)
def test_what_is_chosen_is_among_what_is_shown(mart, areas, indicator, level):
    shown = choosing.at_level(view_of(mart, gebied=areas, indicator=indicator))
    assert shown.choice.level == level
    assert shown.choice.period in shown.offer.held[indicator][level]


def test_without_a_choice_the_examples_are_where_most_people_live(mart):
    view = view_of(mart)
    pairs = choosing.examples(view)
    assert [one.level for one, _ in pairs] == ["wijk", "buurt"]
    for one, other in pairs:
        people = choosing.residents(view, one.level)
        assert sorted(people.values())[-2:] == [people[other.code], people[one.code]]


def test_residents_are_only_where_there_are_any(mart):
    people = choosing.residents(view_of(mart), "buurt")
    assert len(people) == 109 and min(people.values()) > 0 and "BU03440911" not in people
    assert choosing.residents(view_of(mart), "province") == {}


@pytest.mark.parametrize(
    ("near", "found"), [(1990, 2012), (2012, 2012), (2017, 2016), (2018, 2020), (2023, 2024), (2050, 2024)]
)
def test_the_nearest_period_is_found_and_of_two_the_later(mart, near, found):
    assert choosing.nearest(view_of(mart), "good_health", "buurt", date(near, 1, 1)) == date(found, 1, 1)


def test_a_figure_without_the_level_has_no_period(mart):
    assert choosing.nearest(view_of(mart), "good_health", "wijk", date(2024, 1, 1)) is None
