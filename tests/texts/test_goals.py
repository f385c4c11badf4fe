"""A figure beside a goal, in words: a table of cases. Every goal here is made up."""

from datetime import date

import pytest

from buurtbeeld.catalogue import Measure, Status, Target, load
from buurtbeeld.texts import goals, words
from tests.figures import HIDDEN, figure, indicator

CATALOGUE = load()
NL, EN = words("nl"), words("en")
LINK = "https://example.org/test"


def said(value: float | None, goal: float, id="good_health", say=NL, band=(None, None), city=None, **others):
    """The sentence on the newest figure (of 2024) beside a goal of 2030; without a band nobody knows how sure it is."""
    about = indicator(id)
    year = others.pop("year", 2030)
    known = None if band == (None, None) else band
    own = figure(value, **{"indicator": id, "unit": about.unit, "name": "Overal", "code": "BU1"} | others)
    target = Target(id, "GM1" if city else "BU1", year, goal, "TEST", LINK)
    return _spaced(goals.against(target, "Overal", city, own, known, about, say, CATALOGUE, 2026))


def _spaced(text: str) -> str:
    """Text with plain spaces, where an amount and its unit have one that no line ends at."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("year", "ends"),
    [(2024, "Het doel is niet gehaald."), (2025, "procentpunt eronder."), (2030, "Het doel is nog niet gehaald.")],
)
def test_whether_a_past_goal_was_reached_only_a_figure_of_its_year_tells(year, ends):
    assert said(70.0, 80.0, band=(68.0, 72.0), year=year).endswith(ends)


def test_the_goal_of_a_past_year_was_one():
    assert "in 2025 was 80%" in said(70.0, 80.0, year=2025) and "in 2026 is 80%" in said(70.0, 80.0, year=2026)


OWN = "Het doel van de raad voor Overal in 2030 is"


@pytest.mark.parametrize(
    ("value", "goal", "band", "sentence"),
    [
        (
            84.0,
            75.5,
            (80.0, 88.0),
            f"{OWN} 75,5%. Het nieuwste cijfer is 84,0% (2024). Dat is 8,5 procentpunt erboven.",
        ),
        (76.1, 80.0, (75.0, 78.0), f"{OWN} 80%. Het nieuwste cijfer is 76,1% (2024). Dat is 3,9 procentpunt eronder."),
        (80.0, 80.0, (79.0, 81.0), f"{OWN} 80%. Het nieuwste cijfer is 80,0% (2024). Dat is gelijk aan het doel."),
    ],
)
def test_value_and_goal_and_the_distance_between_what_is_shown(value, goal, band, sentence):
    assert said(value, goal, band=band).startswith(sentence)


def test_it_speaks_english():
    assert said(76.1, 80, say=EN, band=(75, 78)) == (
        "The council's goal for Overal in 2030 is 80%. The newest figure is 76.1% (2024). That is 3.9 percentage "
        "points below it. The goal has not been reached yet."
    )


@pytest.mark.parametrize(
    ("id", "value", "goal", "last"),
    [
        ("good_health", 84.0, 80.0, "Het doel is gehaald."),  # more is better
        ("good_health", 76.0, 80.0, "Het doel is nog niet gehaald."),
        ("loneliness", 50.0, 40.0, "Het doel is nog niet gehaald."),  # less is better
        ("loneliness", 30.0, 40.0, "Het doel is gehaald."),
        ("home_value", 500_000.0, 400_000.0, "Dat is € 100.000 erboven."),  # neither
        ("home_value", 300_000.0, 400_000.0, "Dat is € 100.000 eronder."),
        ("crimes_per_1000", 67.0, 50.0, "Het doel is nog niet gehaald."),
    ],
)
def test_whether_it_was_reached_is_said_only_where_more_or_less_is_better(id, value, goal, last):
    assert said(value, goal, id, band=(value, value)).endswith(last)


@pytest.mark.parametrize("id", ["good_health", "home_value"])
def test_a_difference_within_the_margin_is_not_certain(id):
    told = said(84.0, 80.0, id, band=(79.0, 90.0))
    assert told.endswith("Het verschil is te klein om zeker te zijn.")


def test_a_margin_that_nobody_knows_is_told_and_nothing_is_claimed():
    assert said(84.0, 50.0).endswith("Dat is 34,0 procentpunt erboven. Hoe onzeker dit cijfer is, weten we niet.")


def test_an_unreliable_figure_says_so_and_nothing_is_claimed():
    assert said(84.0, 50.0, band=(80.0, 90.0), status=Status.UNRELIABLE).endswith(
        "de marge is groter dan het cijfer zelf, of het gaat over te weinig mensen, sensoren of dagen."
    )


def test_the_interval_is_said_with_the_figure():
    assert "is 84,0% (2024, tussen 80,0% en 88,0%)." in said(84.0, 75.5, band=(80.0, 88.0), low=80.0, high=88.0)


def test_the_goal_of_the_city_is_named_so_and_never_called_reached():
    told = said(84.0, 80.0, band=(83.0, 85.0), city="Stad")
    assert told == (
        "Voor Overal is er geen eigen doel. Het doel van de raad voor heel Stad in 2030 is 80%. "
        "Het nieuwste cijfer van Overal is 84,0% (2024). Dat is 4,0 procentpunt erboven."
    )


def test_a_goal_whose_year_has_passed_was_and_is_not_judged():
    told = said(84.0, 80.0, band=(83.0, 85.0), year=2022)
    assert told.startswith("Het doel van de raad voor Overal in 2022 was 80%.") and "gehaald" not in told
    assert " was 80%" in said(84.0, 80.0, band=(83.0, 85.0), year=2022, city="Stad")


@pytest.mark.parametrize("status", HIDDEN)
def test_a_missing_figure_says_why(status):
    told = said(None, 80.0, status=status)
    assert told == f"{OWN} 80%. Er is geen cijfer om ernaast te leggen: {NL.t(f'status.{status}.why')}."


def test_no_figure_at_all_is_told():
    target = Target("good_health", "BU1", 2030, 80.0, "TEST", LINK)
    told = goals.against(target, "Overal", None, None, None, indicator("good_health"), NL, CATALOGUE, 2026)
    assert told == f"{OWN} 80%. Er is geen cijfer om ernaast te leggen."


@pytest.mark.parametrize(
    ("id", "value", "written"),
    [
        ("good_health", 80.0, "80%"),
        ("good_health", 75.5, "75,5%"),
        ("residents_65plus_share", 12.25, "12,25%"),
        ("home_value", 450_000.0, "€ 450.000"),
        ("crimes_per_1000", 50.0, "50 per 1.000 inwoners"),
        ("distance_gp", 0.125, "0,125 km"),
        ("crimes", 0.0, "0"),
    ],
)
def test_a_goal_has_the_decimals_that_the_council_gave_it(id, value, written):
    target = Target(id, "BU1", 2030, value, "TEST", LINK)
    assert _spaced(goals.written(target, indicator(id), NL, CATALOGUE)) == written


def test_a_finer_goal_than_the_figure_is_compared_in_its_own_decimals():
    assert "Dat is 0,25 procentpunt eronder." in said(12.0, 12.25, "residents_65plus_share", band=(12, 12))


def test_nobody_is_blamed_and_nothing_is_good_or_bad():
    every = [said(v, 50.0, id, band=b, city=c) for id in ("loneliness", "home_value") for v in (40.0, 50.0, 60.0)
             for b in ((39.0, 61.0), (v, v), (None, None)) for c in (None, "Stad")]  # fmt: skip
    assert not any(
        word in " ".join(every).lower() for word in ("goed", "slecht", "helaas", "tekort", "mislukt", "ergst")
    )


@pytest.mark.parametrize(
    ("begin", "end", "nl", "en"),
    [
        (date(2023, 3, 2), date(2024, 6, 30), "van maart 2023 tot en met juni 2024", "from March 2023 to June 2024"),
        (date(2023, 3, 2), None, "sinds maart 2023", "since March 2023"),
        (date(2023, 3, 2), date(2023, 3, 9), "in maart 2023", "in March 2023"),
    ],
)
def test_when_something_was_done_is_said_by_month(begin, end, nl, en):
    measure = Measure("BU1", begin, end, "TEST", LINK)
    assert (goals.when(measure, NL), goals.when(measure, EN)) == (nl, en)


def test_a_mark_names_the_area_only_where_there_are_several():
    target = Target("good_health", "BU1", 2030, 80.0, "TEST", LINK)
    marks = [goals.mark(target, area, indicator("good_health"), NL, CATALOGUE) for area in (None, "Overal")]
    assert marks == ["doel 2030: 80%", "doel Overal 2030: 80%"]
