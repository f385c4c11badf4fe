"""Small charts of all wijken or of the buurten of one: which they are, on what scale, in words and as a table."""

import re
from urllib.parse import unquote

import pytest

from buurtbeeld import multiples, queries
from tests.figures import mart_of, view_of

NOORDOOST = "WK034404"


@pytest.fixture(scope="module")
def mart(sample):
    return mart_of(sample)


def made(mart, **params):
    return multiples.made(view_of(mart, **params))


def rows(found):
    head, _, *lines = found.table.partition("\n\n")[2].splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in (head, *lines)]


@pytest.mark.parametrize(
    ("params", "title", "count"),
    [
        ({"indicator": "loneliness", "niveau": "wijk"}, "Alle wijken naast elkaar", 10),
        ({"indicator": "loneliness", "niveau": "wijk", "gebied": NOORDOOST}, "Alle wijken naast elkaar", 10),
        ({"indicator": "loneliness", "niveau": "buurt"}, "Alle wijken naast elkaar", 10),
        ({"indicator": "loneliness", "gebied": NOORDOOST}, "Alle buurten van Noordoost naast elkaar", 11),
        ({"indicator": "crimes", "gebied": NOORDOOST}, "Alle buurten van Noordoost naast elkaar", 11),
        ({"indicator": "crimes", "gebied": "BU03440411"}, "Alle buurten van Noordoost naast elkaar", 11),
    ],
)
def test_all_wijken_or_all_buurten_of_the_chosen_wijk(mart, params, title, count):
    found = made(mart, **params)
    assert found.title == title
    assert found.html.count("<figure") == len(rows(found)) - 1 == count
    names = [row[0].casefold() for row in rows(found)[1:]]
    assert names == sorted(names)


def test_without_wijken_or_a_chosen_one_it_says_what_to_choose(mart):
    found = made(mart, indicator="crimes")
    assert found.html == found.table == ""
    assert found.told == (
        "Dit cijfer is er niet per wijk. Kies hierboven een gebied, dan ziet u hier alle buurten van die wijk.",
    )
    assert made(mart, indicator="crimes", gebied="GM0344").html == ""


def test_a_figure_of_the_city_alone_has_no_small_charts(mart):
    assert made(mart, indicator="residents") is None


@pytest.mark.parametrize(
    ("params", "scale", "city"),
    [
        ({"indicator": "loneliness", "niveau": "wijk"}, "van 0 tot 60, en van 2012", "grijze lijn is Utrecht."),
        ({"indicator": "crimes", "gebied": NOORDOOST}, "misdrijven, van 0 tot 500", "De hele stad staat er niet bij"),
        ({"indicator": "crimes", "gebied": NOORDOOST, "weergave": "index"}, "van 0 tot 200", "grijze lijn is Utrecht."),
        (
            {"indicator": "good_health", "gebied": NOORDOOST, "weergave": "verschil"},
            "procentpunt, van −10 tot +10", "grijze lijn is Utrecht.",
        ),
    ],
)  # fmt: skip
def test_what_they_count_and_on_what_scale_is_said(mart, params, scale, city):
    told = " ".join(made(mart, **params).told)
    assert scale in told and city in told


def test_every_value_is_on_the_scale_that_is_said(mart):
    view = view_of(mart, indicator="crimes", gebied=NOORDOOST)
    found = multiples.made(view)
    values = [int(cell.split(" ")[0].replace(".", "")) for row in rows(found)[1:] for cell in row[1:]]
    assert min(values) >= 0 and max(values) <= 500


def test_a_way_that_does_not_fit_is_not_used(mart):
    table = made(mart, indicator="good_health", gebied=NOORDOOST, weergave="index").table
    assert table.startswith("procent \\(schatting\\)\n\n")


def test_an_area_without_any_figure_is_there_with_the_words_for_it(mart):
    found = made(mart, indicator="loneliness", gebied="WK034409")
    (empty,) = (row for row in rows(found) if row[0].startswith("Bedrijventerrein De Wetering"))
    assert set(empty[1:]) == {"niet bekend"}
    assert "Bedrijventerrein De Wetering" in found.html


def test_in_english_too(mart):
    found = made(mart, indicator="crimes", gebied=NOORDOOST, taal="en")
    assert found.title == "All neighbourhoods of Noordoost side by side"
    assert "2021: 110 · 2025: 195" in found.html


def drawn(mart, id, code):
    """The words in the small chart of one figure of one area."""
    view = view_of(mart)
    area, indicator = view.offer.areas[code], view.catalogue.indicators[id]
    figures = view.mart.ask(queries.figures_of, (id,), (code, "GM0344"))
    image, _ = multiples.of_area(view, area, indicator, figures)
    return re.findall(r"<text [^>]*>([^<]*)", unquote(image))


def test_the_chart_of_one_area_has_numbers_periods_and_both_names_with_their_values(mart):
    told = drawn(mart, "loneliness", "WK034403")
    assert told[:7] == ["0", "20", "40", "60", "2012", "2016", "2020"]
    assert [text.partition(" ")[0] for text in told[7:]] == ["Overvecht", "Utrecht"]
    assert all(text.endswith("%") for text in told[7:])


def test_of_a_count_the_chart_of_one_area_has_no_city(mart):
    assert not any("Utrecht" in text for text in drawn(mart, "crimes", "BU03440131"))


def test_a_period_without_a_value_is_not_on_the_scale(mart):
    found = made(mart, indicator="crimes", gebied=NOORDOOST)
    held = view_of(mart, indicator="crimes").offer.held["crimes"]["buurt"]
    assert f"van {held[0].year} tot en met {held[-1].year}" in " ".join(found.told)
