"""What somebody types and what they get: by any name, with typing errors, and never more than is true."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbeeld import queries, search, selection
from buurtbeeld.addresses import PAGES
from buurtbeeld.catalogue import load
from buurtbeeld.search.find import LONGEST, MOST, find
from buurtbeeld.search.folding import fold
from buurtbeeld.texts import LANGUAGES, words
from tests.figures import HOSTILE, mart_of, offer_of

CATALOGUE = load()
LOMBOK, SCIENCE_PARK, MAXIMAPARK = "BU03440121", "BU03440533", "BU03441014"
OVERVECHT, LEIDSCHE_RIJN, BINNENSTAD, WEST = "WK034403", "WK034409", "WK034406", "WK034401"
OOG_IN_AL = "BU03440112"
NIEUW_ENGELAND, TAAGDREEF, DAALSEBUURT = "BU03440131", "BU03440311", "BU03440223"

# What is typed, and of the first result the page and what its address holds.
FIRST = [
    ("Overvecht", "profiel", {"gebied": OVERVECHT}),
    ("wijk overvecht", "profiel", {"gebied": OVERVECHT}),
    ("utrecht", "profiel", {"gebied": "GM0344"}),
    ("west", "profiel", {"gebied": WEST}),
    ("lombok", "profiel", {"gebied": LOMBOK}),
    ("lombokoost", "profiel", {"gebied": LOMBOK}),
    ("OOST LOMBOK", "profiel", {"gebied": LOMBOK}),
    ("maximapark", "profiel", {"gebied": MAXIMAPARK}),
    ("taagdreef", "profiel", {"gebied": TAAGDREEF}),
    ("tweede daalsebuurt", "profiel", {"gebied": DAALSEBUURT}),
    ("kanalen eiland", "profiel", {"gebied": "BU03440831"}),
    ("de uithof", "profiel", {"gebied": SCIENCE_PARK}),
    ("uithof", "profiel", {"gebied": SCIENCE_PARK}),
    ("leidsche rijn park", "profiel", {"gebied": MAXIMAPARK}),
    ("3532", "profiel", {"gebied": NIEUW_ENGELAND}),
    ("3532 AB", "profiel", {"gebied": NIEUW_ENGELAND}),
    ("3532ab", "profiel", {"gebied": NIEUW_ENGELAND}),
    ("armoede", "kaart", {"indicator": "hard_to_make_ends_meet"}),
    ("armoe", "kaart", {"indicator": "hard_to_make_ends_meet"}),
    ("poverty", "kaart", {"indicator": "hard_to_make_ends_meet"}),
    ("inbraak", "kaart", {"indicator": "crimes"}),
    ("inbraken", "kaart", {"indicator": "crimes"}),
    ("huisarts", "kaart", {"indicator": "distance_gp"}),
    ("huisartsen", "kaart", {"indicator": "distance_gp"}),
    ("woz-waarde", "kaart", {"indicator": "home_value"}),
    ("eenzaamheid", "kaart", {"indicator": "loneliness"}),
    ("roken", "kaart", {"indicator": "smokers"}),
    ("65+", "kaart", {"indicator": "residents_65plus_share"}),
    ("gezondheid", "kaart", {"thema": "health"}),
    ("wonen", "kaart", {"thema": "housing"}),
    ("kaart", "kaart", {}),
    ("open data", "gegevens", {}),
    ("licentie", "verantwoording", {}),
    ("oog in al", "profiel", {"gebied": OOG_IN_AL}),
    ("de meern", "profiel", {"gebied": "BU03441032"}),
    ("centrum", "profiel", {"gebied": BINNENSTAD}),
    ("leidsche rijn centrum", "profiel", {"gebied": "BU03440931"}),
    ("stad utrecht", "profiel", {"gebied": "GM0344"}),
    ("galgenwaard oost", "profiel", {"gebied": "BU03440535"}),
    ("3531 lombok", "profiel", {"gebied": LOMBOK}),
    ("lombok 3531", "profiel", {"gebied": LOMBOK}),
    ("WK034403", "profiel", {"gebied": OVERVECHT}),
    ("bu03440121", "profiel", {"gebied": LOMBOK}),
    ("gm0344", "profiel", {"gebied": "GM0344"}),
    ("huisarts wk034403", "kaart", {"indicator": "distance_gp", "gebied": OVERVECHT, "niveau": "wijk"}),
    ("sociale huurwoningen", "kaart", {"indicator": "owner_occupied_share"}),
    ("moord", "kaart", {"indicator": "crimes"}),
    ("drugs", "kaart", {"indicator": "crimes"}),
    ("gevaarlijk", "kaart", {"indicator": "crimes"}),
    ("arm", "kaart", {"indicator": "income_per_resident"}),
    ("huisarts buurt", "kaart", {"indicator": "distance_gp"}),
    ("huisarts centrum", "kaart", {"indicator": "distance_gp", "gebied": BINNENSTAD, "niveau": "wijk"}),
    ("inbraak lombok", "kaart", {"indicator": "crimes", "gebied": LOMBOK, "niveau": "buurt"}),
    ("lombok inbraak", "kaart", {"indicator": "crimes", "gebied": LOMBOK, "niveau": "buurt"}),
    ("huisarts in Overvecht", "kaart", {"indicator": "distance_gp", "gebied": OVERVECHT, "niveau": "wijk"}),
    ("hoeveel mensen wonen er in lombok?", "kaart", {"indicator": "residents", "gebied": LOMBOK, "niveau": "buurt"}),
    ("armoede 3532", "kaart", {"indicator": "hard_to_make_ends_meet", "gebied": NIEUW_ENGELAND, "niveau": "buurt"}),
    ("gezondheid leidsche rijn", "kaart", {"thema": "health", "gebied": LEIDSCHE_RIJN}),
    ("profiel overvecht", "profiel", {"gebied": OVERVECHT}),
    # No map of it per wijk: the level is left to the page.
    ("misdrijven per 1.000 inwoners overvecht", "kaart", {"indicator": "crimes_per_1000", "gebied": OVERVECHT}),
    ("fijnstof", "nu", {}),
    ("luchtkwaliteit", "nu", {}),
    ("parkeren", "nu", {}),
]
MISSPELT = [
    # Vechtzoom-zuid and -noord lie in Overvecht, and are only a part of what those names would mean.
    ("overvecht zuid", "profiel", {"gebied": "BU03440331"}),
    ("overvecht-noord", "profiel", {"gebied": "BU03440332"}),
    ("oog in all", "profiel", {"gebied": OOG_IN_AL}),
    ("de mern", "profiel", {"gebied": "BU03441032"}),
    ("zuilen overvecht", "profiel", {"gebied": OVERVECHT}),
    ("hoogravn", "profiel", {"gebied": "BU03440723"}),
    ("sociale huurwonigen", "kaart", {"indicator": "owner_occupied_share"}),
    ("overvegt", "profiel", {"gebied": OVERVECHT}),
    ("lombock", "profiel", {"gebied": LOMBOK}),
    ("binestad", "profiel", {"gebied": BINNENSTAD}),
    ("leidserijn", "profiel", {"gebied": LEIDSCHE_RIJN}),
    ("kanaln eiland", "profiel", {"gebied": "BU03440831"}),
    ("huisatrs", "kaart", {"indicator": "distance_gp"}),
    ("kriminaliteit", "kaart", {"indicator": "crimes"}),
    ("eenzamhied", "kaart", {"indicator": "loneliness"}),
    ("woninginbraak", "kaart", {"indicator": "crimes"}),
    ("kinderarmoede", "kaart", {"indicator": "hard_to_make_ends_meet"}),
    ("huisatrs overvegt", "kaart", {"indicator": "distance_gp", "gebied": OVERVECHT, "niveau": "wijk"}),
    ("middelbare school", "kaart", {"indicator": "distance_school"}),
    ("huisarts blabla overvecht", "kaart", {"indicator": "distance_gp", "gebied": OVERVECHT, "niveau": "wijk"}),
]
ENGLISH = [
    ("city centre", "profiel", {"gebied": BINNENSTAD}),
    ("city of utrecht", "profiel", {"gebied": "GM0344"}),
    ("murder", "kaart", {"indicator": "crimes"}),
    ("social housing", "kaart", {"indicator": "owner_occupied_share"}),
    ("burglary overvecht", "kaart", {"indicator": "crimes", "gebied": OVERVECHT}),
    ("3531 lombok", "profiel", {"gebied": LOMBOK}),
    ("wk034403", "profiel", {"gebied": OVERVECHT}),
    ("doctor", "kaart", {"indicator": "distance_gp"}),
    ("burglary", "kaart", {"indicator": "crimes"}),
    ("Open data", "gegevens", {}),
    ("air quality", "nu", {}),
    ("crimes in lombok", "kaart", {"indicator": "crimes", "gebied": LOMBOK, "niveau": "buurt"}),
    ("huisarts", "kaart", {"indicator": "distance_gp"}),
    ("district overvecht", "profiel", {"gebied": OVERVECHT}),
]
# Nothing here is called so or has to do with it: better nothing than something that looks like it.
UNKNOWN = [
    "xyzzy", "qwertyuiop", "werkloosheid", "groen", "bomen", "hitte", "gas",
    "windmolens", "verkiezingen", "ziekenhuis", "apotheek", "Biltstraat", "Kanaalstraat", "Jan de Vries", "Mohammed",
    "wk0344", "wk034499", "amsterdam", "9999", "9999 ZZ", "0344", "3533333", "...", "?", "-", "🏘️", "Москва", "乌得勒支",
]  # fmt: skip

typed = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="aeiounrstlbkmhvwgd 35-'", max_size=30),
    st.lists(
        st.sampled_from([*(query for query, _, _ in FIRST + MISSPELT + ENGLISH), *UNKNOWN, *HOSTILE]), max_size=4
    ).map(" ".join),
    st.sampled_from([*HOSTILE, "", " ", "\n", "x" * 100_000, "a " * 10_000, "\u202elombok", "%s {0} {word}", "NULL"]),
)


@pytest.fixture(scope="module")
def offer(sample):
    return offer_of(mart_of(sample), CATALOGUE)


@pytest.fixture(scope="module")
def names(sample):
    return mart_of(sample).ask(queries.area_names)


@pytest.fixture(scope="module")
def indexes(offer, names):
    return {
        lang: search.index(offer.areas.values(), names, CATALOGUE, offer.every, offer.held, words(lang))
        for lang in LANGUAGES
    }


@pytest.fixture(scope="module")
def dutch(indexes):
    return indexes["nl"]


def address(result):
    """What a result puts into the address."""
    return {name: value for name, value in result.params.items() if value}


def where(result):
    return result.page, address(result)


@pytest.mark.parametrize(("query", "page", "params"), FIRST)
def test_what_is_typed_leads_to_the_right_page(dutch, query, page, params):
    found = find(dutch, query)
    assert where(found.results[0]) == (page, params)
    assert not found.guess


@pytest.mark.parametrize(("query", "page", "params"), MISSPELT)
def test_a_typing_error_leads_there_as_a_guess(dutch, query, page, params):
    found = find(dutch, query)
    assert where(found.results[0]) == (page, params)
    assert found.guess


@pytest.mark.parametrize(("query", "page", "params"), ENGLISH)
def test_it_works_in_english(indexes, query, page, params):
    assert where(find(indexes["en"], query).results[0]) == (page, params)


# What a ranking is asked about, and which figures are offered instead of one.
RANKINGS = [
    ("nl", "slechtste buurt", None),
    ("nl", "beste wijk", None),
    ("nl", "de beste", None),
    ("nl", "slechte wijk", None),
    ("nl", "armste buurt", "income_per_resident"),
    ("nl", "welke wijk is het armst", "income_per_resident"),
    ("nl", "rijkste wijk", "income_per_resident"),
    ("nl", "gevaarlijke buurt", "crimes"),
    ("nl", "gevaarlijkste buurten", "crimes"),
    ("nl", "veiligste wijk", "crimes"),
    ("nl", "meeste inbraken", "crimes"),
    ("nl", "minste eenzaamheid", "loneliness"),
    ("en", "worst neighbourhood", None),
    ("en", "best area", None),
    ("en", "poorest district", "income_per_resident"),
    ("en", "most dangerous neighbourhood", "crimes"),
    ("en", "safest place", "crimes"),
]


@pytest.mark.parametrize(("lang", "query", "indicator"), RANKINGS)
def test_a_ranking_is_answered_with_figures_and_never_with_an_area(indexes, lang, query, indicator):
    found = find(indexes[lang], query)
    assert found.ranking and not found.guess
    assert not any("gebied" in result.params for result in found.results)
    assert (found.results[0].params["indicator"] if found.results else None) == indicator


@pytest.mark.parametrize("query", ["overvecht", "goede gezondheid", "arm", "huisarts in de buurt", "armoede"])
def test_what_asks_for_no_ranking_is_not_called_one(dutch, query):
    assert find(dutch, query).results and not find(dutch, query).ranking


@pytest.mark.parametrize("query", ["huisatrs buurt", "qwertyuiop wijk", "buurt wijk xyzzy"])
def test_a_word_for_areas_alone_finds_no_area(dutch, query):
    assert not any("gebied" in result.params for result in find(dutch, query).results)


@pytest.mark.parametrize("query", UNKNOWN)
def test_what_is_unknown_gives_nothing(indexes, query):
    assert [find(index, query).results for index in indexes.values()] == [(), ()]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("lombok", ""),
        ("misdrijven", ""),
        ("de uithof", "oude naam: De Uithof"),
        ("3532 AB", "postcode 3532 komt hier het meest voor"),
        ("huisarts", ""),  # it is in the title
        ("dokter", 'gevonden met "dokter"'),
        ("inbraak", 'Over "inbraak" alleen hebben we geen cijfer. Het zit wel in dit cijfer.'),
        (
            "inbraak overvecht",
            'Over "inbraak" alleen hebben we geen cijfer. Het zit wel in dit cijfer. · '
            "Voor Overvecht als geheel is er geen cijfer. De kaart toont de buurten.",
        ),
        ("wk034403", "gevonden met de code WK034403"),
        ("armoede", 'Over "armoede" hebben we geen cijfer. Dit cijfer heeft er wel mee te maken.'),
        (
            "armoede 3532",
            'Over "armoede" hebben we geen cijfer. Dit cijfer heeft er wel mee te maken. · '
            "postcode 3532 komt hier het meest voor",
        ),
    ],
)
def test_a_result_says_what_must_be_known_of_how_it_was_found(dutch, query, why):
    assert find(dutch, query).results[0].why == why


@pytest.mark.parametrize("query", ["last", "huis", "ziekte", "prijs"])
def test_no_figure_is_denied_of_a_word_that_was_not_typed(dutch, query):
    denied = [
        word for r in find(dutch, query, most=50).results if "geen cijfer" in r.why for word in r.why.split('"')[1::2]
    ]
    assert all(fold(word)[0].startswith(query) or query in fold(word) for word in denied)


def test_a_result_says_what_it_is(indexes):
    assert find(indexes["nl"], "lombok-oost").results[0].about == "buurt in West"
    assert find(indexes["en"], "overvecht").results[0].about == "district"
    assert find(indexes["nl"], "huisarts").results[0].about == "onderwerp bij Dichtbij"
    assert find(indexes["nl"], "inbraak lombok").results[0].label == "Misdrijven: Lombok-Oost"


def test_of_a_postcode_only_four_digits_are_known_and_that_is_told(dutch):
    assert [(find(dutch, text).postcode, find(dutch, text).shortened) for text in ("3532", "3532 ab", "3532AB")] == [
        ("3532", False),
        ("3532", True),
        ("3532", True),
    ]
    assert find(dutch, "9999 ZZ").postcode == "9999"
    assert find(dutch, "3532 in de wijk west").shortened is False


def test_a_postcode_gives_every_area_where_it_is_the_most_common_and_no_other(dutch, names):
    for code in {name for _, kind, name in names if kind == "postcode"}:
        expected = {area for area, kind, name in names if (kind, name) == ("postcode", code)}
        found = find(dutch, code, most=200)
        assert {result.params["gebied"] for result in found.results} == expected and not found.guess


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_area_indicator_theme_and_page_is_first_by_its_own_name(indexes, offer, lang):
    index, say = indexes[lang], words(lang)
    for area in offer.areas.values():
        assert find(index, area.name).results[0].params == {"gebied": area.code}
    for theme, indicators in offer.themes.items():
        title = CATALOGUE.themes[theme].title.get(lang)
        assert theme in [result.params.get("thema") for result in find(index, title).results[:2]]
        for indicator in indicators:
            first = find(index, CATALOGUE.indicators[indicator].title.get(lang)).results[0]
            assert first.params.get("indicator") == indicator
    for page in PAGES:
        assert page.segment in [result.page for result in find(index, say.t(page.name)).results]


def test_every_other_word_of_an_indicator_leads_to_it(indexes, offer):
    for id in (id for indicators in offer.themes.values() for id in indicators):
        indicator = CATALOGUE.indicators[id]
        for index in indexes.values():
            for word in (*indicator.synonyms, *indicator.contains, *indicator.related):
                assert id in [result.params.get("indicator") for result in find(index, word, most=20).results]


def test_a_figure_that_there_is_not_is_said_so_for_every_such_word(dutch, offer):
    for id in (id for indicators in offer.themes.values() for id in indicators):
        indicator = CATALOGUE.indicators[id]
        for word in (*indicator.contains, *indicator.related):
            whys = [r.why for r in find(dutch, word, most=20).results if r.params.get("indicator") == id]
            in_title = "".join(fold(word)) in "".join(fold(indicator.title.nl))
            assert len(whys) == 1
            assert whys[0] == "" if in_title else "geen cijfer" in whys[0] and f'"{word}"' in whys[0]


def test_of_a_word_that_a_figure_is_called_nobody_says_that_there_is_none(names, offer):
    held = offer.held | {"burglary_home": {"buurt": (), "gemeente": ()}}
    themes = {"safety": ("crimes", "burglary_home")}
    index = search.index((), names, CATALOGUE, themes, held, words("nl"))
    assert [(r.params["indicator"], r.why) for r in find(index, "inbraak").results] == [
        ("burglary_home", 'gevonden met "inbraak"')
    ]
    assert "geen cijfer" in find(index, "moord").results[0].why


def test_only_what_the_mart_holds_is_found(names, offer):
    areas = [area for area in offer.areas.values() if area.level != "buurt"]
    index = search.index(areas, names, CATALOGUE, {"income": ("income_per_resident",)}, offer.held, words("nl"))
    assert find(index, "3532").results == () == find(index, "misdrijven").results == find(index, "veiligheid").results
    assert [where(result) for result in find(index, "geld west").results] == [
        ("kaart", {"thema": "income", "gebied": WEST})
    ]


def test_an_empty_mart_has_pages_only(offer):
    index = search.index((), (), CATALOGUE, {}, {}, words("nl"))
    assert find(index, "kaart").results[0].page == "kaart"
    assert find(index, "lombok").results == ()


def test_results_are_no_more_than_asked_and_the_rest_is_counted(dutch):
    found = find(dutch, "noord", most=3)
    assert len(found.results) == 3 < found.total == len(find(dutch, "noord", most=100).results)


def spoilt(name):
    """`name` with one typing error in one of its words of five letters or more."""
    able = [word for word in fold(name) if len(word) >= 5 and word.isalpha()]

    def spoil(word, place, kind, letter):
        place %= len(word) - 1
        return {
            "missing": word[:place] + word[place + 1 :],
            "extra": word[:place] + letter + word[place:],
            "another": word[:place] + letter + word[place + 1 :],
            "swapped": word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        }[kind]

    if not able:
        return st.just(name)
    kinds = st.sampled_from(["missing", "extra", "another", "swapped"])
    letters = st.sampled_from("abcdefghijklmnopqrstuvwxz")
    return st.builds(spoil, st.sampled_from(able), st.integers(0, 30), kinds, letters).filter(
        lambda word: len(word) > 4
    )


@given(st.data())
@settings(max_examples=300)
def test_one_typing_error_still_finds_it_unless_it_makes_another_word(dutch, offer, data):
    area = data.draw(st.sampled_from(list(offer.areas.values())))
    found = find(dutch, data.draw(spoilt(area.name)), most=200)
    assert not found.guess or area.code in {result.params.get("gebied") for result in found.results}
    assert found.results


@given(st.data())
def test_capitals_accents_and_hyphens_make_no_difference(dutch, offer, data):
    name = data.draw(st.sampled_from([area.name for area in offer.areas.values()]))
    bare = "".join(sign for sign in unicodedata.normalize("NFD", name) if not unicodedata.combining(sign))
    for other in (name.upper(), name.lower(), bare, name.replace("-", " "), f"  {name}! "):
        assert find(dutch, other).results == find(dutch, name).results


@given(typed)
@settings(max_examples=300)
def test_whatever_is_typed_it_never_fails_and_leads_to_what_exists(indexes, offer, text):
    for index in indexes.values():
        found = find(index, text)
        assert len(found.results) <= min(MOST, found.total)
        assert len(found.asked) <= LONGEST and (not found.asked or found.asked.isprintable())
        for result in found.results:
            assert set(result.params) <= set(selection.PARAMS)
            assert result.page in {page.segment for page in PAGES}
            chosen = selection.choose(address(result), offer, CATALOGUE)
            assert chosen.notices == ()
            assert chosen.area == address(result).get("gebied")
            assert address(result).get("indicator", chosen.indicator) == chosen.indicator
            assert address(result).get("thema", chosen.theme) == chosen.theme


@given(typed)
def test_the_same_is_found_again_and_nothing_twice(dutch, text):
    found = find(dutch, text, most=500)
    assert found == find(dutch, text, most=500)
    assert len(found.results) == found.total
    places = [(result.label, result.about, where(result)) for result in found.results]
    assert len(places) == len({str(place) for place in places})


# Names of areas of which there are many, and that the sample doesn't have; all made up.
MANY = (
    (OVERVECHT, "street", "Huisartsenpad"),
    (NIEUW_ENGELAND, "street", "Kanaalstraat"),
    (LOMBOK, "street", "Kanaalstraat"),
    (LOMBOK, "postcode6", "3532AB"),
    (OOG_IN_AL, "postcode6", "3533AY"),
)


@pytest.fixture(scope="module")
def streets(offer, names):
    """The index of a city that loaded its streets and postcodes."""
    return search.index(offer.areas.values(), (*names, *MANY), CATALOGUE, offer.every, offer.held, words("nl"))


@pytest.mark.parametrize("query", ["kanaalstraat", "Kanaalstr", "kanaal straat", "Kanaalstraat 12", "kanaalstraat 12a"])
def test_a_street_leads_to_each_buurt_it_is_in(streets, query):
    found = find(streets, query)
    assert {address(result)["gebied"] for result in found.results} == {LOMBOK, NIEUW_ENGELAND}
    assert {result.why for result in found.results} == {"Kanaalstraat ligt hier, of een deel ervan"}
    assert not found.guess


def test_a_figure_in_a_street_is_that_of_its_buurt(streets):
    assert {"indicator": "crimes", "gebied": LOMBOK}.items() <= address(
        find(streets, "inbraak kanaalstraat").results[0]
    ).items()


@pytest.mark.parametrize("query", ["huisarts", "huisartsen"])
def test_a_street_that_begins_with_the_word_comes_after_the_figure(streets, query):
    found = find(streets, query)
    assert address(found.results[0]) == {"indicator": "distance_gp"}
    assert address(found.results[-1]) == {"gebied": OVERVECHT}


@pytest.mark.parametrize(
    ("query", "area"), [("3532 AB", LOMBOK), ("3532ab", LOMBOK), ("3533 ay", OOG_IN_AL), ("3533AY", OOG_IN_AL)]
)
def test_a_whole_postcode_that_is_known_leads_to_its_own_buurt(streets, query, area):
    found = find(streets, query)
    assert [address(result) for result in found.results] == [{"gebied": area}]
    assert not found.shortened


def test_a_whole_postcode_that_is_not_known_is_cut_to_its_digits(streets):
    found = find(streets, "3532 ZZ")
    assert found.shortened and found.postcode == "3532"
    assert address(found.results[0]) == {"gebied": NIEUW_ENGELAND}


def test_a_street_is_guessed_with_one_error_and_not_with_two(streets):
    found = find(streets, "kanaalstraad")
    assert found.guess and {address(result)["gebied"] for result in found.results} == {LOMBOK, NIEUW_ENGELAND}
    assert "Kanaalstraat" not in str(find(streets, "kaanalstroat").results)
