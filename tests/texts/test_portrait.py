"""What a profile says: one and many, missing, zero, unreliable, with and without a margin, in both languages."""

from dataclasses import replace

import pytest

from buurtbeeld import verdicts
from buurtbeeld.catalogue import SHOWN, Status, load
from buurtbeeld.statistics.compare import Stand
from buurtbeeld.texts import portrait, words
from tests.figures import HIDDEN, city, figure, indicator

NL, EN = words("nl"), words("en")
CATALOGUE = load()
both = pytest.mark.parametrize("say", [NL, EN], ids=["nl", "en"])


def ordinary(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def of(value, status=None, **others):
    return figure(value, status, name="Lombok", **others)


def beside(own, whole, stand, id="home_value", say=NL):
    return ordinary(portrait.beside(own, whole, stand, indicator(id), say, CATALOGUE))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (("Ondiep", "wijk", "Utrecht", 10), "Ondiep is een wijk in Utrecht. In Ondiep liggen 10 buurten."),
        (("Ondiep", "wijk", "Utrecht", 1), "Ondiep is een wijk in Utrecht. In Ondiep ligt 1 buurt."),
        (("Ondiep", "buurt", "West", 0), "Ondiep is een buurt in West."),
        (("Utrecht", "gemeente", None, 111), "In Utrecht liggen 111 buurten."),
        (("Utrecht", "gemeente", None, 0), ""),
    ],
)
def test_what_an_area_is(place, said):
    area, level, whole, parts = place
    assert portrait.place(area, level, whole, parts, ("buurt", "buurten"), NL) == said


@pytest.mark.parametrize(
    ("residents", "whole", "said"),
    [
        (of(35255), city(374238), "In 2024 woonden er 35.255 mensen in Lombok. Dat is 9,4% van heel Utrecht."),
        (of(0), city(374238), "In 2024 woonden er 0 mensen in Lombok. Dat is 0% van heel Utrecht."),
        (
            of(60, low=56, high=64), None,
            "In 2024 woonden er 60 mensen in Lombok. Dit cijfer is afgerond: zeker tussen 56 en 64.",
        ),
        (of(500, low=496, high=504), None, "In 2024 woonden er 500 mensen in Lombok."),
        (of(5), None, "In 2024 woonden er 5 mensen in Lombok."),
        (city(374238), city(374238), "In 2024 woonden er 374.238 mensen in Utrecht."),
        (
            of(None, Status.SECRET), city(9),
            "Hoeveel mensen er in 2024 in Lombok woonden, weten we niet: de bron houdt het geheim.",
        ),
    ],
)  # fmt: skip
def test_how_many_live_there(residents, whole, said):
    assert portrait.size(residents, whole, indicator("residents"), NL, CATALOGUE) == said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (1, "Dat jaar veranderde de grens niet."),
        (2, "Dat jaar kreeg het gebied een nieuwe code, maar de grens veranderde niet."),
        (3, "Dat jaar verschoof de grens. Vergelijk oudere cijfers daarom niet met deze."),
        (None, "Of de grens dat jaar veranderde, weten we niet."),
        (9, "Of de grens dat jaar veranderde, weten we niet."),
    ],
)
def test_what_happened_to_the_border(changed, said):
    whole = portrait.border(845.49, 2024, changed, NL)
    assert whole == f"Binnen de grens ligt 845 hectare, land en water samen. De grens is die van 2024. {said}"


NONE = "Geen enkel cijfer is hier duidelijk anders dan in heel Utrecht, voor zover we dat weten."
SOME = "5 cijfers zijn hier duidelijk anders dan in heel Utrecht."


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (
            (5, 7, {"margin": 31, "unsure": 1}),
            f"{SOME} Bij 7 is er geen duidelijk verschil. "
            "Van 32 weten we het niet: 31 schattingen zonder marge, 1 niet zeker.",
        ),
        ((1, 0, {}), "1 cijfer is hier duidelijk anders dan in heel Utrecht."),
        ((0, 13, {}), f"{NONE} Bij 13 is er geen duidelijk verschil."),
        ((0, 0, {"missing": 49}), f"{NONE} Van 49 weten we het niet: 49 ontbreken."),
    ],
)
def test_how_many_figures_are_different(counts, said):
    clear, alike, unknown = counts
    assert portrait.tally("Utrecht", clear, alike, unknown, NL) == said


@pytest.mark.parametrize(
    ("own", "whole", "stand", "id", "said"),
    [
        (of(500e3), city(451e3), Stand.ABOVE, "home_value", "duidelijk meer dan in heel Utrecht (€ 451.000)"),
        (of(293e3), city(451e3), Stand.BELOW, "home_value", "duidelijk minder dan in heel Utrecht (€ 451.000)"),
        (of(450e3), city(451e3), Stand.ALIKE, "home_value", "ongeveer gelijk aan heel Utrecht (€ 451.000)"),
        (of(420e3), city(451e3), Stand.SLIGHT, "home_value", "anders dan heel Utrecht (€ 451.000), maar niet ongewoon"),
        (of(30), city(20), Stand.UNSURE, "distance_gp", "niet zeker anders dan heel Utrecht (20,0 km)"),
        (of(58.2), city(48.9), None, "loneliness", "heel Utrecht: 48,9%; of dat echt anders is, weten we niet"),
        (of(100), city(1000), None, "crimes", "10% van heel Utrecht"),
        (of(2), city(1), None, "urbanity_class", "heel Utrecht: klasse 1"),
        (of(None), city(451e3), None, "home_value", "heel Utrecht: € 451.000"),
        (of(None), city(1000), None, "crimes", "heel Utrecht: 1.000"),
        (of(1), city(None), None, "home_value", ""),
        (of(1), None, None, "home_value", ""),
        (city(1), city(1), None, "home_value", ""),
    ],
)
def test_a_figure_beside_the_city(own, whole, stand, id, said):
    assert beside(own, whole, stand, id) == said


@both
@pytest.mark.parametrize("stand", Stand)
def test_every_stand_has_its_own_words(stand, say):
    said = beside(of(500e3), city(451e3), stand, say=say)
    assert "Utrecht" in said and "451" in said
    assert said not in {beside(of(500e3), city(451e3), other, say=say) for other in set(Stand) - {stand}}


def test_a_clear_difference_is_a_sentence_with_both_values():
    said = portrait.clear(of(21), city(44), Stand.BELOW, (), indicator("owner_occupied_share"), NL, CATALOGUE)
    assert said == (
        "In 2024 was 21% van de woningen in Lombok een koopwoning. Dat is duidelijk minder dan in heel Utrecht (44%)."
    )


def test_what_to_mind_in_one_area_is_said_with_the_difference():
    caveats = ("more_visitors_than_residents",)
    said = portrait.clear(of(411), city(67), Stand.ABOVE, caveats, indicator("crimes_per_1000"), NL, CATALOGUE)
    assert said.endswith(CATALOGUE.caveats[caveats[0]].description.nl)


@both
@pytest.mark.parametrize("id", CATALOGUE.indicators)
@pytest.mark.parametrize("stand", [Stand.ABOVE, Stand.BELOW])
def test_no_difference_is_called_good_or_bad_or_laid_on_people(id, stand, say):
    said = portrait.clear(of(2), city(1), stand, (), indicator(id), say, CATALOGUE).lower()
    for judgement in ("helaas", "slecht", "probleem", "bewoners zijn", "unfortunately", "worse", "problem", "bad "):
        assert judgement not in said


def test_an_unreliable_figure_is_not_called_different():
    unsure, unreliable = (
        portrait.maybe(of(75, status), city(67), indicator("crimes_per_1000"), NL, CATALOGUE)
        for status in (Status.OK, Status.UNRELIABLE)
    )
    assert unsure.endswith("Dat kan anders zijn dan in de stad, maar zeker is het niet.")
    assert unreliable.endswith("Dit cijfer is te onzeker om iets over het verschil te zeggen.")


def test_a_status_from_the_mart_is_a_plain_word():
    own = replace(of(75, Status.UNRELIABLE), status="unreliable")
    said = portrait.maybe(own, city(67), indicator("crimes_per_1000"), NL, CATALOGUE)
    assert said.endswith("om iets over het verschil te zeggen.")


@both
@pytest.mark.parametrize("status", HIDDEN)
@pytest.mark.parametrize("count", [1, 2, 9])
def test_what_is_missing_is_counted_named_and_explained(status, count, say):
    said = portrait.missing([f"Cijfer {place}" for place in range(count)], status, say)
    assert said.startswith(f"{count} ") and "Cijfer 0" in said and say.t(f"status.{status}.why") in said


def test_the_statuses_above_are_all_that_hide_a_value():
    assert set(HIDDEN) | set(SHOWN) == set(Status)


@pytest.mark.parametrize(
    ("titles", "said"),
    [("a", "a"), ("abcd", "a, b, c, d"), ("abcde", "a, b, c, d, e"), ("abcdef", "a, b, c, d en nog 2")],
)
def test_a_long_list_is_cut_and_counted(titles, said):
    assert portrait.named(list(titles), NL) == said


def test_what_is_not_published_for_a_level_says_where_it_is():
    assert portrait.absent(["Misdrijven"], "wijk", "buurt", NL) == (
        "Per wijk is er geen cijfer over: Misdrijven. Per buurt is dat er wel."
    )
    assert portrait.absent(["Misdrijven"], "wijk", "", NL) == "Per wijk is er geen cijfer over: Misdrijven."


@pytest.mark.parametrize(
    ("id", "own", "said"),
    [
        ("crimes_per_1000", of(12, low=9, high=15), "tussen 9 en 15 per 1.000 inwoners"),
        (
            "residents_65plus_share",
            of(14, low=13.9, high=14.1),
            "marge kleiner dan de afronding",
        ),  # both written as 14%
        ("home_value", of(451e3), "geen marge: alles is geteld"),
        ("loneliness", of(58.2), "marge niet bekend"),
        ("loneliness", of(None), ""),
    ],
)
def test_how_sure_a_figure_is(id, own, said):
    counted = verdicts.counted(indicator(id), CATALOGUE)
    assert ordinary(portrait.sure(own, indicator(id), counted, NL, CATALOGUE)) == said
