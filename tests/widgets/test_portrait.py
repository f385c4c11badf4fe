"""What stands out in an area, in sentences; and a profile of areas where next to nothing is known."""

import re

import pytest

from buurtbeeld import profile
from buurtbeeld.charts.tables import Line
from buurtbeeld.widgets import portrait, portrait_tables
from tests import marts, traps
from tests.figures import mart_of, view_of
from tests.warehouse.town import CODE

EMPTY, STRIJKVIERTEL = "BU03440911", "BU03440952"  # no residents in the sample


@pytest.fixture(scope="module")
def view(sample):
    return view_of(mart_of(sample))


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    return view_of(mart_of(traps.town(tmp_path_factory.mktemp("traps")).settings.data_dir, CODE))


@pytest.fixture(scope="module")
def newborn(sample, tmp_path_factory):
    folder = marts.own(sample, tmp_path_factory.mktemp("newborn"))
    marts.newborn(folder)
    return view_of(mart_of(folder))


def ordinary(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def groups(view, code):
    """Heading → sentences, of the groups that have any."""
    area = view.offer.areas[code]
    made = portrait.groups(view, area, profile.rows(view, area))
    return {group.title: group.lines for group in made if group.lines}


def introduction(view, code):
    area = view.offer.areas[code]
    return [text.replace("\\", "") for text in portrait._introduction(view, area, profile.rows(view, area))]


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
    assert ordinary(alike[0]) == "Mensen per huishouden, 2024: 2,0 (heel Utrecht: 1,9)"
    assert alike[2] == (
        "Percentage kinderen tot 15 jaar, 2024: 18% (heel Utrecht: 16%). "
        "Dat is anders dan in de stad, maar niet ongewoon."
    )
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


def test_nothing_is_said_to_be_clear_only_where_nothing_is(view):
    none = {1: view.words.t("portrait.none.better"), -1: view.words.t("portrait.none.worse")}
    for code in view.offer.areas:
        found = profile.findings(profile.rows(view, view.offer.areas[code]))
        said = [line for lines in groups(view, code).values() for line in lines] if code != "GM0344" else []
        for favour, line in none.items():
            assert not (line in said and any(row.favour == favour for row in found.clear)), code


def test_a_supermarket_nearby_is_a_strength_of_lombok_oost(view):
    better = groups(view, "BU03440121")["Gunstiger dan in heel Utrecht"]
    assert "supermarkt" in " ".join(better) and "niets duidelijk" not in " ".join(better)


def test_the_introduction_and_the_findings_count_the_same(view):
    assert "Van 49 weten we het niet: 49 ontbreken." in introduction(view, EMPTY)[0]
    assert groups(view, EMPTY)["Niet zeker of niet bekend"][0].startswith("49 cijfers ontbreken")


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
    assert "weten we niet: de bron zegt niet waarom" in said and "0 mensen" not in said
    shown = cards(view, code)
    assert [card.value for card in shown if not card.weak and card.value.startswith("0")] == []
    missing = [card for card in shown if card.weak]
    assert missing and all("de bron zegt niet waarom" in " ".join(card.said) for card in missing)
    assert all("heel Utrecht" in card.said[0] for card in missing)


@pytest.mark.parametrize("trap", traps.SILENT, ids=lambda trap: trap.name)
def test_where_everything_is_hidden_nothing_is_claimed(town, trap):
    shown = cards(town, trap.code)
    assert shown and all(card.weak and not any(sign.isdigit() for sign in card.value) for card in shown)
    assert list(groups(town, trap.code)) == ["Niet zeker of niet bekend"]


def test_nobody_lives_there(town):
    shown = {card.title: card.value for card in cards(town, traps.EMPTY.code)}
    assert shown["Percentage 65-plussers"] == "niet van toepassing"
    assert "woonden er 0 mensen" in introduction(town, traps.EMPTY.code)[0]


@pytest.mark.parametrize("trap", [traps.FOUR, traps.TWENTY], ids=lambda trap: trap.name)
def test_too_few_live_there(town, trap):
    shown = {card.title: card for card in cards(town, trap.code)}
    for title in ("Percentage 65-plussers", "Misdrijven per 1.000 inwoners"):
        assert (shown[title].value, shown[title].weak) == ("te weinig mensen", True)
    said = " ".join(line for lines in groups(town, trap.code).values() for line in lines)
    assert "daar wonen te weinig mensen of er gebeurt te weinig" in said
    assert "65-plussers, 20" not in said


def test_no_dwellings(town):
    assert {card.title: card.weak for card in cards(town, traps.HOMELESS.code)}["Waarde van een woning"]


def test_a_border_that_moved_and_a_new_code(town):
    assert "Dat jaar verschoof de grens" in introduction(town, traps.MOVED.code)[1]
    assert "een nieuwe code" in introduction(town, traps.NEW.code)[1]
    assert "Dat jaar veranderde de grens niet" in introduction(town, traps.FOUR.code)[1]


def test_an_area_without_a_single_row_leaves_its_place_to_the_others(newborn):
    assert "hebben we nog geen cijfers" in introduction(newborn, marts.NEWBORN)[0]
    assert cards(newborn, marts.NEWBORN) == []
    found = profile.company(newborn, newborn.offer.areas[marts.NEWBORN])
    assert found and {len(made) for made in found.rows} == {len(found.headlines)}
    [line] = [made for part, made in zip(found.parts, found.rows, strict=True) if part.code == marts.NEWBORN]
    assert set(line) == {None} and found.first(0)
    assert "niet bekend" in company(newborn, marts.NEWBORN)


def test_what_is_uncertain_is_grey_and_says_why(view):
    card = next(card for card in cards(view, "BU03440627") if card.title.startswith("Misdrijven"))
    assert card.weak and "onzeker: de marge is groter dan het cijfer zelf" in card.said
    assert "tussen 44 en 121 per 1.000 inwoners" in ordinary(card.small[0])


def test_where_more_people_come_than_live_the_card_says_so(view):
    card = next(card for card in cards(view, "BU03440621") if card.title.startswith("Misdrijven"))
    assert "Let op: zegt hier weinig over wie er wonen" in card.said


def test_areas_beside_each_other_have_their_wijk_and_the_city_below_them(view):
    table = [word for word in company(view, "BU03440311").split("|") if word.strip()]
    assert table.count("Overvecht") == table.count("Utrecht") == 1
    assert table.index("Zamenhofdreef en omgeving") < table.index("Overvecht") < table.index("Utrecht")
    assert "duidelijk minder" in " ".join(table)


def test_a_theme_has_a_line_for_each_figure(view):
    area = view.offer.areas["BU03440311"]
    mine = [row for row in profile.rows(view, area) if row.indicator.theme == "health"]
    lines = [portrait_tables._line(view, row, view.offer.areas["WK034403"]) for row in mine]
    assert all(isinstance(line, Line) for line in lines)
    assert {len(line.cells) for line in lines} == {7}
    assert all(line.cells[3].text == "weten we niet" for line in lines)


def test_where_more_people_come_than_live_both_tables_say_so(view):
    mind = "zegt hier weinig over wie er wonen"
    area = view.offer.areas["BU03440621"]
    rows = [row for row in profile.rows(view, area) if row.indicator.id == "crimes_per_1000"]
    assert mind in portrait_tables._theme(view, area, rows)
    assert company(view, "BU03440621").count(mind) >= 1
    assert mind not in company(view, "BU03440311")


def test_areas_beside_each_other_have_their_margins(view):
    table = ordinary(company(view, "BU03440627"))
    assert "44 – 121" in table and "onzeker: de marge is groter dan het cijfer zelf" in table
    assert table.count("Onder een cijfer staat tussen welke twee getallen het ligt.") == 1


def test_what_is_not_published_for_a_wijk_is_not_called_unknown(view):
    table = [word for word in company(view, "WK034403").split("|") if word.strip()]
    whole = table[table.index("Overvecht") : table.index("Utrecht")]
    assert whole.count("niet per wijk") == 2 and "niet bekend" not in whole
    area = view.offer.areas["BU03440131"]
    line = next(row for row in profile.rows(view, area) if row.indicator.id == "good_health")
    assert portrait_tables._line(view, line, view.offer.areas["WK034401"]).cells[5].text == "niet per wijk"


@pytest.mark.parametrize(("ids", "drawn"), [(("good_health",), True), (("crimes",), False)])
def test_the_grey_line_is_explained_only_where_it_is(view, ids, drawn):
    area = view.offer.areas["BU03440131"]
    rows = [row for row in profile.rows(view, area) if row.indicator.id in ids]
    shown = portrait_tables._small_trends(view, area, profile.trends(view, area, rows))
    assert (view.words.t("multiples.city", city="Utrecht") in shown) == drawn
