"""What is said about figures: one and many, zero, missing, equal, with and without a figure of the city."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from buurtbeeld import verdicts
from buurtbeeld.catalogue import Status, load
from buurtbeeld.maps.shading import by_change
from buurtbeeld.texts import sentences, words
from buurtbeeld.verdicts import Basis
from tests.figures import HIDDEN, city, figure, indicator, series

NL, EN = words("nl"), words("en")
CATALOGUE = load()


def spaced(text):
    """Plain spaces where a line may not break: what is compared here are the words."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def area(value, status=None, say=NL, id="home_value", **others):
    return spaced(sentences.about_area(figure(value, status, name="Lombok", **others), indicator(id), say, CATALOGUE))


def spread(values, say=NL, id="home_value"):
    there = [value for value in values if value is not None and not isinstance(value, Status)]
    return spaced(sentences.spread(there, CATALOGUE.levels["buurt"], indicator(id), say, CATALOGUE))


def missing(values, say=NL):
    return spaced(sentences.missing(series(values), say, CATALOGUE))


def beside(value, whole, id="home_value", say=NL, **others):
    stands = city(whole) if whole != "none" else None
    return spaced(sentences.beside_city(figure(value, **others), stands, indicator(id), say, CATALOGUE))


def change(values, say=NL, id="good_health", step=2.0):
    return spaced(sentences.about_change(series(values), date(2012, 1, 1), step, indicator(id), say, CATALOGUE))


def test_an_area_with_its_value():
    assert area(451000) == "In 2024 was een woning in Lombok gemiddeld € 451.000 waard."
    assert area(451000, say=EN) == "In 2024 a home in Lombok was worth €451,000 on average."


@pytest.mark.parametrize(
    ("id", "value", "dutch", "english"),
    [
        ("residents", 1, "woonde er 1 mens in", "1 person lived"),
        ("residents", 2, "woonden er 2 mensen in", "2 people lived"),
        ("residents_0_15", 1, "woonde er 1 kind tot 15 jaar in", "1 child under 15"),
        ("households", 1, "was er 1 huishouden in", "there was 1 household"),
        ("residents", 0, "woonden er 0 mensen in", "0 people lived"),
    ],
)
def test_one_is_not_many(id, value, dutch, english):
    assert dutch in area(value, id=id, indicator=id)
    assert english in area(value, say=EN, id=id, indicator=id)


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


def test_a_unit_before_the_number_is_said_twice():
    assert spread([1, 5], id="urbanity_class") == "Per buurt loopt dat van klasse 1 tot klasse 5."


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


WHOLE = city(450_000)
THREE = (figure(2e5, name="Lombok"), *series([9e5, None]))
SECRET_ONE = (figure(None, Status.SECRET, name="Lombok"), *series([2e5, 9e5]))
RESIDENTS = tuple(
    figure(value, code=str(value), indicator="residents", name="Lombok", low=value - 4, high=value + 4)
    for value in (25, 60)
)
CRIME = figure(34, Status.UNRELIABLE, indicator="crimes_per_1000", name="Lombok", low=20, high=55)
HEALTH = figure(78.6, indicator="good_health", name="Lombok")
ANY = "Per buurt loopt dat van € 200.000 tot € 900.000."


@pytest.mark.parametrize(
    ("id", "own", "whole", "others", "dutch"),
    [
        ("home_value", None, WHOLE, THREE,
         f"In 2024 was een woning in Utrecht gemiddeld € 450.000 waard. {ANY} "
         "Van 1 buurt ontbreekt het cijfer: de bron zegt niet waarom."),
        ("home_value", None, None, THREE[:2], f"Waarde van een woning, 2024. {ANY}"),
        ("home_value", None, city(None), THREE[:2],
         f"Waarde van een woning, Utrecht, 2024: het cijfer ontbreekt; de bron zegt niet waarom. {ANY}"),
        ("home_value", None, None, series([None] * 111),
         "Waarde van een woning, 2024. Er is voor geen enkele buurt een cijfer. "
         "Van 111 buurten ontbreekt het cijfer: de bron zegt niet waarom."),
        ("home_value", None, None, THREE[:1],
         "Waarde van een woning, 2024. Er is één buurt met een cijfer: € 200.000."),
        ("residents", None, None, RESIDENTS[:1],
         "Inwoners, 2024. Er is één buurt met een cijfer: 25. Dit cijfer is afgerond: zeker tussen 21 en 29."),
        ("home_value", None, None, (), ""),
        ("home_value", THREE[0], WHOLE, THREE,
         "In 2024 was een woning in Lombok gemiddeld € 200.000 waard. In Utrecht als geheel is dat € 450.000. "
         f"{ANY} Van 1 buurt ontbreekt het cijfer: de bron zegt niet waarom."),
        ("home_value", figure(0, name="Lombok"), None, THREE[:2],
         f"In 2024 was een woning in Lombok gemiddeld € 0 waard. {ANY}"),
        ("home_value", SECRET_ONE[0], WHOLE, SECRET_ONE,
         "Waarde van een woning, Lombok, 2024: het cijfer ontbreekt; de bron houdt het geheim. "
         f"In Utrecht als geheel is dat € 450.000. {ANY} Van 1 buurt ontbreekt het cijfer: de bron houdt het geheim."),
        ("home_value", THREE[0], city(None, status=Status.LATER), THREE[:2],
         "In 2024 was een woning in Lombok gemiddeld € 200.000 waard. "
         f"Van Utrecht als geheel ontbreekt het cijfer: de bron publiceert het later. {ANY}"),
        ("home_value", THREE[0], WHOLE, THREE[:1],
         "In 2024 was een woning in Lombok gemiddeld € 200.000 waard. In Utrecht als geheel is dat € 450.000."),
        ("home_value", WHOLE, WHOLE, (WHOLE,), "In 2024 was een woning in Utrecht gemiddeld € 450.000 waard."),
        ("residents", RESIDENTS[0], city(374_238, indicator="residents"), RESIDENTS,
         "In 2024 woonden er 25 mensen in Lombok. Dat is 0,007% van heel Utrecht (374.238). "
         "Per buurt loopt dat van 25 tot 60. Dit cijfer is afgerond: zeker tussen 21 en 29."),
        ("residents", None, None, RESIDENTS,
         "Inwoners, 2024. Per buurt loopt dat van 25 tot 60. "
         "Verschillen van 8 of minder zeggen meestal weinig: de cijfers zijn afgerond."),
        ("crimes_per_1000", CRIME, None, (CRIME,),
         "In 2024 was het aantal geregistreerde misdrijven in Lombok 34 per 1.000 inwoners. "
         "Zonder toeval lag dit cijfer waarschijnlijk tussen 20 en 55 per 1.000 inwoners. "
         "Het cijfer is onzeker: de marge is groter dan het cijfer zelf."),
        ("crimes_per_1000", None, None, (CRIME, figure(40, low=25, high=60)),
         "Misdrijven per 1.000 inwoners, 2024. "
         "Per buurt loopt dat van 34 tot 40 per 1.000 inwoners. "
         "Het laagste of het hoogste cijfer is onzeker. "
         "Verschillen van ongeveer 35 per 1.000 inwoners of minder zeggen meestal weinig: dat kan toeval zijn. "
         "Van 1 buurt is het cijfer onzeker: de marge is groter dan het cijfer zelf."),
        ("good_health", HEALTH, None, (HEALTH,),
         "In 2024 vond naar schatting 78,6% van de volwassenen in Lombok de eigen gezondheid goed of zeer goed. "
         "Hoe zeker deze schatting is, weten we niet."),
        ("good_health", None, None, (HEALTH, figure(80)),
         "Goede gezondheid, 2024. Per buurt loopt dat van 78,6% tot 80,0%. "
         "Hoe zeker deze schattingen zijn, weten we niet."),
    ],
)  # fmt: skip
def test_the_whole_sentence(id, own, whole, others, dutch):
    caption = sentences.caption(own, whole, others, indicator(id), NL, CATALOGUE)
    assert spaced(caption.whole) == dutch
    assert caption.whole.startswith(caption.lead) and caption.whole.endswith(caption.rest)


def test_the_whole_sentence_in_english():
    said = sentences.caption(RESIDENTS[0], city(374_238), RESIDENTS, indicator("residents"), EN, CATALOGUE).whole
    assert said == (
        "In 2024, 25 people lived in Lombok. That is 0.007% of all of Utrecht (374,238). "
        "Per neighbourhood that runs from 25 to 60. This figure was rounded: certainly between 21 and 29."
    )


def with_entry(id, **changed):
    """An indicator as if its catalogue said otherwise, in a catalogue of its own."""
    entry = indicator(id).model_copy(update=changed)
    return entry, replace(CATALOGUE, indicators=CATALOGUE.indicators | {id: entry})


def sure(own, id="good_health", say=NL, **changed):
    return spaced(sentences.sure_of(own, with_entry(id, **changed)[0], say, with_entry(id, **changed)[1]))


def sure_of_all(figures, id="good_health", **changed):
    entry, catalogue = with_entry(id, **changed)
    return spaced(sentences.sure_of_all(figures, entry, NL, catalogue))


PUBLISHED: dict[str, Any] = {"low": 9, "high": 15}


@pytest.mark.parametrize(
    ("method", "known", "unknown"),
    [
        ("model", "Schatting: waarschijnlijk tussen 9,0% en 15,0%.", "Hoe zeker deze schatting is, weten we niet."),
        ("survey", "Gevraagd aan een deel van de mensen: waarschijnlijk tussen 9,0% en 15,0%.",
         "Gevraagd aan een deel van de mensen; hoe zeker het cijfer is, weten we niet."),
        ("sensor", "Gemeten, maar niet precies: waarschijnlijk tussen 9,0% en 15,0%.",
         "Hoe zeker dit cijfer is, weten we niet."),
    ],
)  # fmt: skip
def test_how_sure_a_figure_is_by_how_it_is_made(method, known, unknown):
    assert sure(figure(12, **PUBLISHED), method=method) == known
    assert sure(figure(12), method=method) == unknown
    assert sure(figure(None, Status.SECRET), method=method) == ""


def test_what_is_counted_is_what_it_is():
    assert sure(figure(451_000), "home_value") == ""
    assert sure(city(374_238), "residents") == "" and sure(city(25_000), "crimes") == ""


def test_a_figure_that_was_converted_to_other_borders_says_so_with_what_that_leaves_open():
    own = figure(2000, low=1900, high=2300, converted=True)
    assert sure(own, "residents") == (
        "Dit cijfer is omgerekend naar de grenzen van nu. "
        "Daardoor en door de marge van het cijfer zelf ligt het tussen 1.900 en 2.300."
    )
    assert NL.cell(own, indicator("residents"), CATALOGUE) == "2.000 (omgerekend naar de grenzen van nu)"
    missing = figure(None, Status.NOT_MEASURED, converted=True)
    assert NL.figure(missing, indicator("residents"), CATALOGUE) == "niet om te rekenen naar de grenzen van nu"
    assert NL.figure(figure(None, Status.SECRET, converted=True), indicator("residents"), CATALOGUE) == "geheim"


def test_an_interval_that_is_written_as_one_value_is_none():
    assert sure(figure(12, low=11.99, high=12.01)) == ""


def test_what_else_is_the_matter_is_told_last():
    said = sure(figure(12, Status.UNRELIABLE, **PUBLISHED, provisional=True, is_simulated=True))
    assert said.endswith("zelf. Het cijfer is voorlopig. SIMULATIE: dit is geen echt cijfer.")


def test_a_map_says_which_differences_say_little():
    figures = [figure(50, low=48, high=52), figure(40, low=38, high=42.66)]
    said = sure_of_all(figures)
    assert said == "Verschillen van ongeveer 4,3 procentpunt of minder zeggen meestal weinig: het zijn schattingen."
    wide = [figure(50, low=49, high=51), *[figure(50, low=30, high=70)] * 3]
    assert sure_of_all([*wide, *wide[:1] * 3]) == "Hoe zeker het cijfer is, verschilt per buurt."


@pytest.mark.parametrize(
    ("provisional", "said"),
    [((True, True), "De cijfers zijn voorlopig."), ((True, False), "Een deel van de cijfers is voorlopig."),
     ((False, False), "")],
)  # fmt: skip
def test_a_map_says_what_is_provisional(provisional, said):
    assert sure_of_all([figure(1, provisional=each) for each in provisional], "home_value") == said


def test_a_map_says_that_it_is_simulated_and_how_many_are_unreliable():
    figures = [figure(5, Status.UNRELIABLE)] * 2 + [figure(5, is_simulated=True)]
    said = sure_of_all(figures, "home_value")
    assert said.startswith("Van 2 buurten is het cijfer onzeker: ") and said.endswith(
        "SIMULATIE: dit is geen echt cijfer."
    )


@pytest.mark.parametrize(
    ("id", "own", "said"),
    [
        ("residents", figure(25, low=21, high=29), "25 · zeker tussen 21 en 29"),
        ("crimes_per_1000", CRIME, "34 per 1.000 inwoners (onzeker) · zonder toeval waarschijnlijk tussen 20 en 55"),
        ("good_health", HEALTH, "78,6% · schatting"),
        ("good_health", figure(12, **PUBLISHED), "12,0% · schatting · waarschijnlijk tussen 9,0% en 15,0%"),
        ("good_health", figure(None, Status.SECRET), "geheim"),
        ("home_value", figure(451_000, provisional=True), "€ 451.000 (voorlopig)"),
    ],
)
def test_a_tooltip_says_how_sure_in_short(id, own, said):
    assert spaced(sentences.in_short(own, indicator(id), NL, CATALOGUE)) == said


HARD = re.compile(
    r"interval|significan|statisti|betrouwba|mediaan|median|percentiel|indicator|populatie|variabele|confiden|ratio|"
    r"respectievelijk|conform|middels\b|m\.b\.t|d\.w\.z|i\.e\.|e\.g\.|%-punt", re.IGNORECASE
)  # fmt: skip


@pytest.mark.parametrize("say", [NL, EN], ids=["nl", "en"])
@pytest.mark.parametrize("id", CATALOGUE.indicators)
def test_the_sentence_has_plain_words_for_a_public_screen(id, say):
    """Short sentences, no word of the trade, nothing between brackets but the city's own number."""
    odd: dict[str, Any] = {"low": 9, "high": 15} if verdicts.basis(indicator(id), CATALOGUE) != Basis.COUNTED else {}
    own = figure(12, Status.UNRELIABLE, indicator=id, name="Lombok", provisional=True, **odd)
    for subject in (own, None):
        told = sentences.caption(
            subject, city(40, indicator=id), (own, *series([1, 5, None])), indicator(id), say, CATALOGUE
        )
        assert not HARD.search(told.whole)
        parts = re.split(r"(?<=\.) ", told.whole)
        assert all(len(part.split()) <= 25 and part.endswith(".") and part[0].isupper() for part in parts), parts
        assert len(told.lead.split()) <= 60


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


def test_a_change_counts_what_rose_or_fell_at_all_and_then_by_the_step():
    assert change([1.9, 2.0, 3.0, -1.0, -2.0, 0.04, -0.04]) == (
        "Goede gezondheid: tussen 2012 en 2024 ging het in 3 van de 7 buurten omhoog en in 2 omlaag. "
        "In 2 bleef het gelijk. Met 2 procentpunt of meer ging het in 2 omhoog en in 1 omlaag."
    )


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
    assert f"Met {size} of meer ging het" in change([1.0, -1.0], id=id, step=step)


@pytest.mark.parametrize("values", [[1.0], [0.0], [-1.0, 1.0, None], [0.5, -0.5, 3.0, 0.1]])
def test_the_sentence_of_a_change_counts_as_its_legend_does(values):
    shading = by_change(series(values), indicator("good_health"), NL, CATALOGUE)
    down, up = (sum(row.count for row in shading.rows[place]) for place in (slice(2), slice(3, 5)))
    assert change(values, step=shading.step).endswith(f"of meer ging het in {up} omhoog en in {down} omlaag.")


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


def test_a_name_that_ends_in_a_full_stop_ends_the_sentence():
    told = sentences.about_area(figure(451_000.0, name="Lombok e.o."), indicator(), words("nl"), load())
    missing = sentences.about_area(figure(None, name="Lombok e.o."), indicator(), words("nl"), load())
    assert ".." not in told + missing


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"is_simulated": True}, "SIMULATIE: het cijfer van Utrecht is geen echt cijfer."),
        ({"provisional": True}, "Het cijfer van Utrecht is voorlopig."),
        ({"status": Status.UNRELIABLE}, "Het cijfer van Utrecht is onzeker."),
        ({}, ""),
    ],
)
def test_what_is_the_matter_with_the_citys_own_figure_is_said(about, said):
    whole = replace(city(450_000), **about)
    told = sentences.caption(None, whole, series([400_000, 500_000]), indicator(), NL, CATALOGUE).rest
    assert ("van Utrecht is" in told) == bool(said) and told.endswith(said)


def test_what_is_so_of_all_figures_is_said_once():
    every = [replace(each, provisional=True, is_simulated=True) for each in series([400_000, 500_000])]
    told = sentences.caption(
        None, replace(city(1), provisional=True, is_simulated=True), every, indicator(), NL, CATALOGUE
    )
    assert "van Utrecht is" not in told.rest and "SIMULATIE: dit" in told.rest and "voorlopig" in told.rest
