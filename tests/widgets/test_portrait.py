"""What stands out in an area, in sentences; and a profile of areas where next to nothing is known."""

import re

import pytest

from buurtbeeld import profile
from buurtbeeld.charts.tables import Line
from buurtbeeld.texts import words
from buurtbeeld.widgets import portrait, portrait_tables
from tests import marts
from tests.figures import mart_of, view_of

EMPTY, STRIJKVIERTEL = "BU03440911", "BU03440952"  # no residents in the sample


@pytest.fixture(scope="module")
def view(sample):
    return view_of(mart_of(sample))


@pytest.fixture(scope="module")
def traps(sample, tmp_path_factory):
    folder = marts.own(sample, tmp_path_factory.mktemp("traps"))
    marts.traps(folder)
    return view_of(mart_of(folder))


def groups(view, code):
    """Heading → sentences, of the groups that have any."""
    area = view.offer.areas[code]
    made = portrait.groups(view, area, profile.rows(view, area))
    return {group.title: group.lines for group in made if group.lines}


def introduction(view, code):
    area = view.offer.areas[code]
    return portrait._introduction(view, area, profile.rows(view, area))


def cards(view, code):
    return [portrait._card(view, row) for row in profile.headlines(profile.rows(view, view.offer.areas[code]))]


def company(view, code) -> str:
    area = view.offer.areas[code]
    found = profile.company(view, area)
    assert found
    html = portrait_tables._company(view, area, found, "/profiel?gebied=")
    return re.sub(r"<[^>]*>", "|", html)


def test_overvecht_has_something_clearly_different_and_something_not_known(view):
    said = groups(view, "WK034403")
    assert [title.split()[0] for title in said] == ["Duidelijk", "Ongeveer", "Niet"]
    different, alike, unknown = said.values()
    assert different[0] == (
        "In 2024 was 14% van de inwoners van Overvecht 65 jaar of ouder. "
        "Dat is duidelijk meer dan in heel Utrecht (11%)."
    )
    assert different[-1] == "Ook duidelijk anders: Waarde van een woning, Eengezinswoningen."
    assert alike[0] == "Afstand tot de huisarts, 2024: 0,6 km (heel Utrecht: 0,7 km)"
    assert unknown[0].startswith("Bij 31 schattingen ontbreekt de marge.")
    assert unknown[-1].startswith("Per wijk is er geen cijfer over: Misdrijven,")
    assert unknown[-1].endswith("Per buurt is dat er wel.")


def test_strengths_stand_beside_problems(view):
    both = ["Gunstiger dan in heel Utrecht", "Minder gunstig dan in heel Utrecht"]
    with_either = [
        said for code in view.offer.areas if code != "GM0344" and set(both) & set(said := groups(view, code))
    ]
    assert len(with_either) > 20
    assert all(list(said)[:2] == both for said in with_either)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_every_area_gets_sentences(sample, lang):
    view = view_of(mart_of(sample), taal=lang)
    for code in view.offer.areas:
        if code != "GM0344":
            lines = [line for said in groups(view, code).values() for line in said]
            assert lines and not any("{" in line or "None" in line or "  " in line for line in lines)


@pytest.mark.parametrize("code", [EMPTY, STRIJKVIERTEL])
def test_an_area_without_residents_is_missing_and_never_zero(view, code):
    said = " ".join(introduction(view, code))
    assert "het cijfer ontbreekt" in said and "0 mensen" not in said
    shown = cards(view, code)
    assert [card.value for card in shown if not card.weak and card.value.startswith("0")] == []
    missing = [card for card in shown if card.weak]
    assert missing and all("de bron zegt niet waarom" in " ".join(card.said) for card in missing)
    assert all("heel Utrecht" in card.said[0] for card in missing)


def test_everything_secret(traps):
    shown = cards(traps, marts.SECRET)
    assert {card.value for card in shown} == {words("nl").status("secret")}
    said = groups(traps, marts.SECRET)
    assert list(said) == ["Niet zeker of niet bekend"]
    assert "de bron houdt het geheim" in said["Niet zeker of niet bekend"][0]


def test_four_residents(traps):
    assert "woonden er 5 mensen" in introduction(traps, marts.FOUR)[0]
    assert {card.value for card in cards(traps, marts.FOUR)} == {words("nl").status("too_few")}
    assert not any("duidelijk meer" in line for line in groups(traps, marts.FOUR)["Niet zeker of niet bekend"])


def test_twenty_residents_and_a_border_that_did_not_change(traps):
    said, border = introduction(traps, marts.TWENTY)
    assert "woonden er 20 mensen" in said and "Dat jaar veranderde de grens niet" in border


def test_no_dwellings(traps):
    card = next(card for card in cards(traps, marts.HOMELESS) if card.title == "Waarde van een woning")
    assert card.value == "niet van toepassing" and "Dit kan hier niet voorkomen" in " ".join(card.said)
    assert "niet van toepassing" in company(traps, marts.HOMELESS)


def test_a_border_that_moved(traps):
    assert "Dat jaar verschoof de grens" in introduction(traps, marts.MOVED)[1]


def test_a_new_district_has_no_figures_and_leaves_its_place_to_the_others(traps):
    said, border = introduction(traps, marts.NEW)
    assert "hebben we nog geen cijfers" in said and "nieuwe code" in border
    assert cards(traps, marts.NEW) == []
    found = profile.company(traps, traps.offer.areas[marts.NEW])
    assert found
    assert {len(made) for made in found.rows} == {len(found.headlines)}
    [line] = [made for part, made in zip(found.parts, found.rows, strict=True) if part.code == marts.NEW]
    assert set(line) == {None}
    assert found.first(0)


def test_what_is_uncertain_is_grey_and_says_why(view):
    card = next(card for card in cards(view, "BU03440627") if card.title.startswith("Misdrijven"))
    assert card.weak and "onzeker: de marge is te groot" in card.said
    assert "tussen 44 per 1.000 inwoners en 121 per 1.000 inwoners" in card.small[0]


def test_where_more_people_come_than_live_the_card_says_so(view):
    card = next(card for card in cards(view, "BU03440621") if card.title.startswith("Misdrijven"))
    assert "Let op: zegt hier weinig over wie er wonen." in card.said


def test_areas_beside_each_other_have_their_wijk_and_the_city_below_them(view):
    table = [word for word in company(view, "BU03440311").split("|") if word.strip()]
    assert table.count("Overvecht") == table.count("Utrecht") == 1
    assert table.index("Zamenhofdreef en omgeving") < table.index("Overvecht") < table.index("Utrecht")
    assert "duidelijk minder" in " ".join(table)


def test_a_theme_has_a_line_for_each_figure(view):
    area = view.offer.areas["BU03440311"]
    mine = [row for row in profile.rows(view, area) if row.indicator.theme == "health"]
    lines = [portrait_tables._line(view, row, wijk=True) for row in mine]
    assert all(isinstance(line, Line) for line in lines)
    assert {len(line.cells) for line in lines} == {7}
    assert all(line.cells[3].text == "weten we niet" for line in lines)
