"""Every page opens in both languages, whatever the mart and the address are like. In a browser: `tests/browser`."""

import html
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from buurtbeeld.addresses import PAGES
from buurtbeeld.catalogue import WAYS
from buurtbeeld.selection import PARAMS
from buurtbeeld.store import shared
from buurtbeeld.texts import LANGUAGES, words
from tests import marts
from tests.figures import HOSTILE

HINTS = ("sources.sample", "trend.single")  # notices that a page may have when all is well

OWN = "BU03440131,BU03440132,BU03440911"  # of the last, little is known

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.segment or "start")
PROFILE = next(page for page in PAGES if page.segment == "profiel")
COMPARE = next(page for page in PAGES if page.segment == "vergelijken")
TRENDS = next(page for page in PAGES if page.segment == "trends")
both_languages = pytest.mark.parametrize("lang", LANGUAGES)


@pytest.fixture(
    scope="module",
    params=[
        (marts.missing, "nomart.missing"),
        (marts.empty, "nomart.empty"),
        (marts.other, "nomart.other"),
        (marts.corrupt, "nomart.damaged"),
        (marts.blank, "nomart.damaged"),
    ],
    ids=lambda param: param[0].__name__,
)
def unusable(request, sample, tmp_path_factory) -> tuple[Path, str]:
    """A DATA_DIR without figures, and the key of the sentence that says so."""
    spoil, key = request.param
    folder = marts.own(sample, tmp_path_factory.mktemp("unusable"))
    spoil(folder)
    return folder, key


@every_page
@pytest.mark.parametrize(
    ("lang", "area"),
    [("nl", ""), ("en", ""), ("nl", "BU03440131"), ("en", "WK034401"), ("nl", "BU03440911,GM0344,WK034401,BU03440131")],
)
def test_a_page_opens_with_the_sample(show, sample, page, lang, area):
    app = show(sample, page, taal=lang, gebied=area, eigen=area and OWN)
    assert [*app.exception, *app.error, *app.warning] == []
    assert {info.value for info in app.info} <= {words(lang).t(key) for key in HINTS}
    assert app.title or app.header


@every_page
@pytest.mark.parametrize(("lang", "area"), [("nl", "BU03440611"), ("en", "GM0344"), ("en", "")])
def test_a_page_opens_with_goals_and_measures(show, filled, page, lang, area):
    app = show(filled, page, taal=lang, gebied=area, indicator="good_health")
    assert [*app.exception, *app.error, *app.warning] == []
    said, say = "\n".join(each.value for each in app.markdown), words(lang)
    tells = page.segment in ("profiel", "trends", "verantwoording")
    assert ("TEST besluit" in said) == ("TEST maatregel" in said) == (say.t("measures.proof") in said) == tells


@both_languages
@every_page
def test_without_goals_and_measures_no_page_speaks_of_them_but_the_account_of_sources(show, sample, page, lang):
    app = show(sample, page, taal=lang, gebied="BU03440611")
    heads, say = [header.value for header in app.header], words(lang)
    assert say.t("goals.title") not in heads
    assert (say.t("goals.none") in "\n".join(each.value for each in app.markdown)) == (page.segment == "verantwoording")


@both_languages
def test_a_profile_opens_for_an_area_without_a_single_row(show, sample, tmp_path, lang):
    folder = marts.own(sample, tmp_path)
    marts.newborn(folder)
    for area in (marts.NEWBORN, "WK034403"):
        app = show(folder, PROFILE, taal=lang, gebied=area)
        assert [*app.exception, *app.error, *app.warning, *app.info] == []


def test_a_profile_is_of_the_first_area_and_of_the_first_theme(show, sample):
    app = show(sample, PROFILE, gebied="WK034403,WK034405", niveau="straat")
    assert [title.value for title in app.title] == ["Overvecht"] and not app.info
    assert any("U ziet het eerste: Overvecht" in each.value for each in app.markdown)
    assert app.button_group(key="theme_page").value == "people"
    assert not any("U ziet het eerste" in each.value for each in show(sample, PROFILE, gebied="WK034403").markdown)


def test_what_is_not_published_for_a_wijk_can_be_added_up_from_its_buurten(show, sample):
    def links(code):
        return [link.proto for link in show(sample, PROFILE, gebied=code).get("page_link")]

    [summed] = [link for link in links("WK034403") if "Opgeteld uit de buurten" in link.label]
    assert "Misdrijven" in summed.label
    assert summed.query_string.count("BU034403") == 10
    assert not any("Opgeteld" in link.label for link in links("BU03440311"))


@both_languages
def test_the_city_is_compared_with_something_and_is_like_nothing(show, sample, lang):
    app = show(sample, COMPARE, gebied="GM0344", taal=lang)
    assert len([button for button in app.button if button.key.startswith("compare GM0344,")]) == 2
    assert not any(words(lang).t("alike.title", levels="", area="Utrecht").strip() in head.value for head in app.header)


def test_two_wijken_are_in_the_picture_of_two_figures(show, sample):
    app = show(sample, COMPARE, gebied="WK034403,WK034405")
    assert app.segmented_control(key="level").value == "wijk"
    app = show(sample, COMPARE, gebied="WK034403,WK034405", niveau="buurt")
    assert app.segmented_control(key="level").value == "buurt"


@both_languages
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("indicator", ["crimes", "good_health", "home_value", "urbanity_class", "loneliness"])
def test_the_trends_open_in_every_way(show, sample, indicator, way, lang):
    app = show(sample, TRENDS, taal=lang, indicator=indicator, weergave=way, gebied="BU03440131,WK034404,GM0344")
    assert [*app.exception, *app.error, *app.warning] == []


@pytest.mark.parametrize("way", WAYS)
def test_the_trends_open_with_provisional_figures_and_borders_that_moved(show, sample, tmp_path, way):
    folder = marts.own(sample, tmp_path)
    marts.unsettled(folder)
    app = show(folder, TRENDS, indicator="crimes", weergave=way, gebied="BU03440131", van="2021", periode="2025")
    assert [*app.exception, *app.error, *app.warning] == []
    told = " ".join(each.value for each in app.markdown)
    assert "andere grens" in told and "voorlopig" in told and "niet te vergelijken" in told


def test_choosing_another_way_writes_it_into_the_address(show, sample):
    app = show(sample, TRENDS, indicator="crimes", gebied="BU03440131")
    app.segmented_control(key="way").set_value("index").run()
    assert app.query_params["weergave"] == "index"
    app.segmented_control(key="way").set_value("waarde").run()
    assert "weergave" not in app.query_params


@both_languages
@every_page
def test_a_page_without_figures_says_what_to_do(show, unusable, page, lang):
    folder, key = unusable
    app = show(folder, page, taal=lang)
    assert [*app.exception, *app.error, *app.info] == []
    assert [title.value for title in app.title] == [words(lang).t("nomart.title")]
    assert [warning.value for warning in app.warning] == [words(lang).t(key)]
    assert "`make " in app.warning[0].value


@every_page
def test_a_page_answers_a_hostile_address_with_sentences(show, sample, page):
    app = show(sample, page, **dict.fromkeys(PARAMS, "<script>alert(1)</script>" + "\u202e🏘️" * 200))
    assert [*app.exception, *app.error] == []
    sentences = app.info[0].value.split("  \n")
    # `van` is read only where there is an earlier period; and what a page doesn't go by is not told there.
    least = {"nu": 7, "profiel": 3, "vergelijken": 7, "eigen-gebied": 3}
    assert len(sentences) >= least.get(page.segment, len(PARAMS) - 1)
    assert len(sentences) == least.get(page.segment, len(sentences))
    assert all(len(sentence) < 250 for sentence in sentences)


@pytest.mark.parametrize("value", ["", " ", "%00", "\x00", "None", "-1", "../../etc/passwd", "BU03440131,,BU03440131"])
def test_no_value_breaks_a_page(show, sample, value):
    app = show(sample, PAGES[1], **dict.fromkeys(PARAMS, value))
    assert [*app.exception, *app.error] == []


def test_a_parameter_that_is_there_twice_is_told(show, sample):
    app = show(sample, PAGES[1], indicator=["crimes", "residents"])
    assert [info.value for info in app.info] == [words("nl").t("ignored.repeated", value="indicator")]
    assert app.selectbox(key="indicator").value == "residents"


SEARCHED = [page for page in PAGES if page.segment in ("", "zoeken")]
searched = pytest.mark.parametrize("page", SEARCHED, ids=lambda page: page.segment or "start")


def search(app: AppTest, text: str) -> tuple[str, list[tuple[str, str, str]]]:
    """What the page says of what is typed, and each result: label, page, parameters."""
    app.text_input(key="search").set_value(text).run()
    assert [*app.exception, *app.error] == []
    said = next(each.proto.body for each in app.get("html") if 'role="status"' in each.proto.body)
    links = [each.proto for each in app.get("page_link") if " · " in each.proto.label]
    return re.sub("<[^>]*>", "", said), [(link.label, link.page, link.query_string) for link in links]


@searched
@both_languages
def test_a_search_gives_links_that_keep_the_language(show, sample, page, lang):
    said, links = search(show(sample, page, taal=lang), "3532 ab")
    assert said == words(lang).n("search.found", 1) + " " + words(lang).t("search.digits")
    assert [link[1:] for link in links] == [("profiel", f"taal={lang}&gebied=BU03440131")]
    said, links = search(show(sample, page, taal=lang), "overvecht huisarts")
    assert ("kaart", f"taal={lang}&indicator=distance_gp&niveau=wijk&gebied=WK034403") == links[0][1:]


@searched
def test_a_search_takes_its_period_and_theme_from_nowhere(show, sample, page):
    app = show(sample, page, thema="safety", indicator="crimes", periode="2022", van="2021", gebied="WK034401")
    _, links = search(app, "eenzaam")
    assert links[0][1:] == ("kaart", "indicator=loneliness&gebied=WK034401")


@searched
@both_languages
def test_a_search_without_a_result_says_what_can_be_searched(show, sample, page, lang):
    app = show(sample, page, taal=lang)
    assert search(app, "")[0] == words(lang).t("search.hint", area="Binnenstad")
    said, links = search(app, "xyzzy")
    assert html.unescape(said) == words(lang).t("search.nothing", text="xyzzy")
    assert len(links) == (10 if page.segment else 0)  # the page of the search offers the themes
    assert search(app, "9999")[0] == words(lang).t("search.nothing.postcode", code="9999")
    said, links = search(app, "overvegt")
    assert html.unescape(said) == words(lang).t("search.guess", text="overvegt") and links[0][1] == "profiel"
    said, links = search(app, "noord")
    assert len(links) == 8 and said == words(lang).t("search.more", total=15, count=8)


@searched
@pytest.mark.parametrize("text", [*HOSTILE, "x" * 10_000, "\u202eoverkcots", "**lombok**", "[lombok](https://x)"])
def test_a_hostile_search_is_shown_as_text(show, sample, page, text):
    app = show(sample, page)
    said, links = search(app, text)
    assert "<" not in said and "\u202e" not in said and len(said) < 1_000
    assert all("https" not in link[0] for link in links)


@searched
def test_what_is_typed_is_not_kept(show, sample, page, caplog):
    caplog.set_level("DEBUG")
    app = show(sample, page)
    assert search(app, "huisarts van mevrouw xyzzy")[1] != []
    assert dict(app.query_params) == {}
    assert "xyzzy" not in caplog.text
    assert "xyzzy" not in repr(shared().current()._answers.keys())


def test_what_a_click_on_the_map_of_change_brings_stands_below_it(show, sample):
    said = [
        "map" if each.type == "deck_gl_json_chart" else str(getattr(each, "value", ""))
        for each in show(sample, TRENDS, indicator="loneliness", gebied="WK034404").main
    ]
    places = [said.index(text) for text in ("Wat veranderde er?", "map", "Alle buurten van Noordoost naast elkaar")]
    (told,) = (place for place, text in enumerate(said) if text.startswith("- Noordoost"))
    assert places == sorted(places) and told > places[1]


@pytest.mark.parametrize(
    ("indicator", "level", "told"),
    [
        ("crimes", "buurt", "Hoe groter de cirkel, hoe groter de verandering"),
        ("severe_loneliness", "wijk", "procentpunt (marge niet bekend), aantal wijken"),
    ],
)
def test_the_legend_of_change_says_what_a_circle_is_and_that_no_margin_is_known(show, sample, indicator, level, told):
    app = show(sample, TRENDS, indicator=indicator, niveau=level)
    assert told in " ".join(html.unescape(each.value) for each in app.main if each.type == "html")
