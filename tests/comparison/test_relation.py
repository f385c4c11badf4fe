"""Two figures against each other: the words, who is named, what is warned for, and the table."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from buurtbeeld.catalogue import Status, load
from buurtbeeld.charts import scatter
from buurtbeeld.comparison import choosing, relation
from buurtbeeld.statistics import association
from buurtbeeld.statistics.association import Strength
from tests.figures import mart_of, view_of

CATALOGUE = load()


@pytest.fixture(scope="module")
def mart(sample):
    return mart_of(sample)


def seen(mart, one="home_value", other="good_health", **params):
    view = view_of(mart, indicator=one, tegen=other, **params)
    assert relation.why_not(view) == ""
    return view, relation.relation(view)


def minded(mart, one, other, **params):
    return relation.minded(*seen(mart, one, other, **params))


def test_a_relation_is_told_with_its_strength_and_how_sure_it_is(mart):
    view, found = seen(mart)
    assert found.found.strength == Strength.STRONG and found.found.value > 0
    first, second, *_ = relation.sentences(view, found)
    assert first.startswith("Waarde van een woning en Goede gezondheid gaan sterk samen.")
    assert second.startswith("De samenhang is 0,7")


def test_without_a_clear_relation_there_is_no_line(mart):
    view, found = seen(mart, "crimes_per_1000", "population_density")
    assert found.found.strength == Strength.UNSURE and found.line is None
    assert "Er staat geen lijn bij" in relation.drawn(view, found)


def test_a_line_never_comes_without_its_band(mart):
    view, found = seen(mart, "home_value", "owner_occupied_share")
    assert found.line and all(low < y < high for _, y, low, high in zip(*found.line, strict=True))
    assert "de band eromheen" in relation.drawn(view, found)
    assert "opacity" in str(relation.spec(view, found)["layer"][0]["mark"])


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("crimes_per_1000", "population_density", "er is geen duidelijk verband"),
        ("crimes_per_1000", "crimes", "langs een van de assen telt hoeveel keer zo groot iets is"),
        ("land_area", "population_density", "langs een van de assen telt hoeveel keer zo groot iets is"),
        ("population_density", "land_area", "langs een van de assen telt hoeveel keer zo groot iets is"),
        ("owner_occupied_share", "crimes", "langs een van de assen telt hoeveel keer zo groot iets is"),
        ("population_density", "distance_gp", "een rechte lijn zou uitkomen op iets wat niet kan"),
        ("single_family_share", "owner_occupied_share", "een rechte lijn zou uitkomen op iets wat niet kan"),
        ("owner_occupied_share", "home_value", "het verband is er wel, maar het is niet recht"),
        ("distance_supermarket", "distance_school", "één gebied zou bepalen hoe die loopt"),
        ("urbanity_class", "distance_gp", "klassen hebben een volgorde, maar geen gelijke stappen"),
    ],
)
def test_without_a_line_it_says_why(mart, one, other, why):
    view, found = seen(mart, one, other)
    assert found.line is None and f"Er staat geen lijn bij{',' if 'duidelijk' in why else ':'}" in relation.drawn(
        view, found
    )
    assert why in relation.drawn(view, found)


def pairs(mart):
    """Every two figures that no model estimates, both ways round, where there is a picture of them."""
    view = view_of(mart)
    known = [id for ids in view.offer.themes.values() for id in ids if CATALOGUE.indicators[id].method != "model"]
    for one, other in permutations(known, 2):
        if not relation.why_not(view_of(mart, indicator=one, tegen=other)):
            yield seen(mart, one, other)


def test_every_line_is_straight_and_possible_and_not_decided_by_one_area(mart):
    lines = 0
    for view, found in pairs(mart):
        assert (found.line is None) == bool(found.lineless), view.choice
        if not found.line:
            continue
        lines += 1
        x, y, weights = ([getattr(point, part) for point in found.points] for part in ("x", "y", "residents"))
        assert not scatter.stretched(x) and not scatter.stretched(y)
        assert min(found.line.y) >= 0 and (view.indicator.kind != "share" or max(found.line.y) <= 100)
        assert association.curvature(x, y, weights, found.found.size) ** 2 < 6
        assert max(association.influence(x, y, weights, found.found.size)) <= 1
    assert lines > 50


@pytest.mark.parametrize(
    ("one", "other", "near", "line"),
    [
        # In plain units these lie far away; on an axis of ratios they lie among the others
        ("home_value", "crimes", {"Hoog-Catharijne NS en Jaarbeurs", "Máximapark"}, False),
        ("land_area", "home_value", {"De Meern-Zuid", "Vleuten", "Lunetten-Zuid"}, False),
        # From the line of most areas these lie far; beside the one that is drawn they don't
        ("residents_0_15", "households", {"Hoge Weide", "Vleuterweide-Zuid"}, True),
    ],
)
def test_who_is_far_is_judged_in_the_picture_as_it_is_drawn(mart, one, other, near, line):
    _, found = seen(mart, one, other)
    names = {point.name: point.code for point in found.points}
    x, y = ([getattr(point, part) for point in found.points] for part in ("x", "y"))
    assert bool(found.line) == line != (scatter.stretched(x) or scatter.stretched(y))
    assert {names[each] for each in near}.isdisjoint(found.outliers)


def test_an_area_in_the_band_of_the_line_is_not_called_far(mart):
    for view, found in pairs(mart):
        for point in found.points if found.line else ():
            if point.code in found.outliers:
                low, high = (np.interp(point.x, found.line.x, end) for end in (found.line.low, found.line.high))
                assert not low <= point.y <= high, (view.choice, point)


def test_ten_wijken_are_too_few_to_say_anything(mart):
    view, found = seen(mart, "home_value", "population_density", niveau="wijk")
    assert len(found.points) == 10 and found.found.strength == Strength.FEW
    assert relation.sentences(view, found) == [
        "Er zijn te weinig wijken met beide cijfers om te zeggen of die samenhangen."
    ]
    assert found.line is None and found.outliers == ()
    assert "lijn" not in relation.drawn(view, found)


def test_only_reliable_figures_of_areas_with_residents_count(mart):
    view, found = seen(mart, "crimes_per_1000", "home_value")
    people = choosing.residents(view, "buurt")
    for one, other in found.figures:
        counts = one.status == Status.OK and other is not None and other.status == Status.OK and one.code in people
        assert (one.code in {point.code for point in found.points}) == counts
    missing = len(found.figures) - len(found.points)
    assert f"- {missing} buurten staan er niet in" in relation.minded(view, found)


def test_the_figures_stand_on_the_right_axes(mart):
    view, found = seen(mart)
    values = {figure.code: figure.value for figure in view.figures()}
    assert all(point.y == values[point.code] for point in found.points)
    assert {one.indicator for one, _ in found.figures} == {"home_value"}
    assert {other.indicator for _, other in found.figures if other} == {"good_health"}


def test_those_who_stand_apart_are_named_when_enough_people_live_there(mart):
    view, found = seen(mart, "crimes_per_1000", "population_density")
    people = {point.code: point.residents for point in found.points}
    assert 0 < len(found.outliers) <= relation.MOST_NAMED
    assert all(people[code] >= relation.LEAST_NAMED for code in found.outliers)
    assert "Hoog-Catharijne NS en Jaarbeurs" in relation.sentences(view, found)[-1]


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize(("one", "other"), [("home_value", "good_health"), ("smokers", "loneliness")])
def test_it_always_says_that_it_is_not_about_people_and_not_about_causes(mart, one, other, lang):
    view, found = seen(mart, one, other, taal=lang)
    levels = view.catalogue.levels["buurt"].plural.get(lang)
    said = relation.minded(view, found)
    assert view.words.t("relation.mind.people", levels=levels) in said
    assert view.words.t("relation.mind.cause") in said


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("smokers", "loneliness", "Beide cijfers zijn schattingen"),
        ("home_value", "good_health", "Goede gezondheid is een schatting"),
        ("home_value", "good_health", "Hoe zeker dit is geschat, weten we niet: Goede gezondheid."),
        ("smokers", "loneliness", "Hoe zeker dit is geschat, weten we niet: Rokers, Eenzaam."),
        ("smokers", "physical_limitation", "weten we niet: Rokers; Moeite met horen, zien of bewegen."),
        ("smokers", "owner_occupied_share", "Rokers is een schatting"),
        ("residents", "home_value", "Inwoners is een aantal"),
        ("crimes_per_1000", "residents_65plus_share", "hetzelfde getal gemaakt (Inwoners)"),
        ("residents_65plus_share", "residents_65plus", "hetzelfde getal gemaakt (Inwoners van 65 jaar of ouder)"),
        ("population_density", "land_area", "hetzelfde getal gemaakt (Oppervlakte land)"),
        ("population_density", "crimes_per_1000", "hetzelfde getal gemaakt (Inwoners)"),
        ("household_size", "households", "hetzelfde getal gemaakt (Huishoudens)"),
        ("residents", "population_density", "hetzelfde getal gemaakt (Inwoners)"),
        ("urbanity_class", "address_density", "hetzelfde getal gemaakt (Adressen in de omgeving)"),
        ("households", "home_value", "Huishoudens is een aantal"),
        ("crimes", "home_value", "Misdrijven is een aantal"),
        (
            "crimes_per_1000",
            "home_value",
            "Let op bij Misdrijven per 1.000 inwoners in Hoog-Catharijne NS en Jaarbeurs; ",
        ),
        ("smokers", "home_value", "Rokers gaat over 2020, Waarde van een woning over 2024"),
    ],
)
def test_what_may_mislead_is_told(mart, one, other, said):
    assert said in minded(mart, one, other).replace("\\", "")


def test_what_does_not_mislead_is_not_told(mart):
    assert minded(mart, "home_value", "population_density").count("\n- ") == 2  # people, cause, missing


def test_hectares_are_not_higher_where_more_people_live(mart):
    assert "is een aantal" not in minded(mart, "land_area", "home_value")


def test_of_an_estimate_with_a_margin_nothing_is_unsure(mart):
    view, found = seen(mart)
    known = [(one, other and replace(other, low=other.value, high=other.value)) for one, other in found.figures]
    assert relation._unsure(view, found) == ["Goede gezondheid"]
    assert relation._unsure(view, replace(found, figures=tuple(known))) == []


def test_residents_of_another_year_are_told(mart):
    assert "De inwoners zijn van 2024." in minded(mart, "good_health", "smokers", periode="2012").replace("\\", "")
    assert "De inwoners zijn van" not in minded(mart, "home_value", "good_health")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"indicator": "smokers", "tegen": "smokers"}, "Kies twee verschillende cijfers."),
        ({"indicator": "home_value", "tegen": "crimes", "niveau": "wijk"}, "Misdrijven is er niet per wijk."),
    ],
)
def test_where_there_is_no_picture_it_says_why(mart, params, said):
    assert relation.why_not(view_of(mart, **params)).startswith(said)


def test_the_table_has_every_area_with_both_figures_or_the_reason(mart):
    view, found = seen(mart, "crimes_per_1000", "home_value")
    head, _, *lines = [line.strip("| ").split(" | ") for line in relation.table(view, found).splitlines()]
    assert head == ["Buurt", "Misdrijven per 1.000 inwoners", "Waarde van een woning", "Inwoners"]
    assert len(lines) == 111 and {len(line) for line in lines} == {4}
    assert sum("(onzeker)" in line[1].replace("\\", "") for line in lines) == sum(
        one.status == Status.UNRELIABLE for one, _ in found.figures
    )
    assert sum(line[1] == "te weinig mensen" for line in lines) == sum(
        one.status == Status.TOO_FEW for one, _ in found.figures
    )


def test_of_more_areas_than_can_be_drawn_the_largest_are(mart, monkeypatch):
    view, found = seen(mart, gebied="BU03440911,BU03440131")
    monkeypatch.setattr(relation, "MOST_DRAWN", 20)
    drawn = {point.code for point in relation._drawn(view, found)}
    assert {*found.outliers, "BU03440131"} <= drawn and 20 <= len(drawn) <= 20 + len(found.outliers) + 1
    assert any("U ziet de 20 buurten" in line for line in relation._minded(view, found))


def test_any_two_figures_make_a_picture_or_a_reason(mart):
    every = [id for ids in view_of(mart).offer.themes.values() for id in ids]
    for place, one in enumerate(every):
        view = view_of(mart, indicator=one, tegen=every[(place * 7 + 1) % len(every)])
        if not relation.why_not(view):
            found = relation.relation(view)
            assert relation.sentences(view, found) and relation.spec(view, found)["layer"]


def test_the_names_of_figures_are_those_of_the_catalogue():
    assert {choosing.RESIDENTS} <= set(CATALOGUE.indicators)
