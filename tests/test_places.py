"""Places on the map in words, and the file they are drawn from: what lies where, and what no visitor may see."""

import pytest

from buurtbeeld import places, queries
from buurtbeeld.addresses import PAGES
from buurtbeeld.catalogue import load
from buurtbeeld.maps import palettes
from buurtbeeld.texts import LANGUAGES, words
from tests.eyes import contrast
from tests.figures import mart_of, view_of
from tests.marts import CONVERTED, NEWBORN

KAART = next(page for page in PAGES if page.segment == "kaart")


@pytest.fixture(scope="module")
def mart(placed):
    return mart_of(placed)


WORN = r"\(SIMULATIE\)"  # the source of these places is simulated


@pytest.fixture(scope="module")
def ask(placed, serve):
    client = serve(placed)
    build = client.ask("/healthz").json()["build"]
    return lambda path, build=build, **headers: client.ask(f"/map/{build}/{path}.geojson", **headers)


def test_only_kinds_with_words_in_a_buurt_and_of_an_open_source_are_offered(mart):
    assert view_of(mart).offer.places == ("school_primary", "waste_container")


def test_the_sample_offers_none(sample):
    assert view_of(mart_of(sample)).offer.places == ()


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("nl", r"SIMULATIE\: In Utrecht zijn 3 afvalcontainers geregistreerd, stand van {date}."),
        ("en", r"SIMULATED\: In Utrecht there are 3 registered waste containers, as of {date}."),
    ],
)
def test_what_is_registered_is_told_with_its_date(mart, lang, told):
    view = view_of(mart, plekken="waste_container", taal=lang)
    [row] = [row for row in mart.ask(queries.sources) if row.id == "cbs_key_figures"]
    assert places.told(view).startswith(told.format(date=view.words.day(row.retrieved_at.date())))


def test_each_chosen_area_has_its_number_also_where_there_is_none(mart):
    named = view_of(mart).offer.areas
    codes = (CONVERTED, NEWBORN, "BU03440131")
    told = places.told(view_of(mart, plekken="waste_container", gebied=",".join(codes)))
    for code, said in zip(codes, ("zijn het er 2", "is het er 1", "zijn het er 0"), strict=True):
        assert f"In {named[code].name} {said}." in told


def test_a_place_is_in_every_area_around_its_buurt(mart):
    view = view_of(mart, plekken="waste_container", niveau="wijk")
    wijk = view.offer.areas[CONVERTED].parent_code or ""
    assert len(places.inside(view, wijk)) == 2 and len(places.inside(view, "GM0344")) == 3


def test_a_click_on_a_place_chooses_the_area_of_the_map_below_it(mart):
    wijken, buurten = (view_of(mart, niveau=level, indicator="residents") for level in ("wijk", "buurt"))
    wijk = wijken.offer.areas[CONVERTED].parent_code
    assert places.area_below(wijken, CONVERTED) == places.area_below(wijken, wijk) == wijk
    assert places.area_below(buurten, CONVERTED) == CONVERTED
    assert places.area_below(buurten, None) is None


def test_the_list_ends_with_how_many_more_there_are(mart):
    lines = places.names(view_of(mart, plekken="school_primary"), CONVERTED).splitlines()
    assert lines[0] == rf"- School 01 {WORN}" and lines[49:] == [rf"- School 50 {WORN}", "- en nog 9"]


def test_places_of_one_name_stand_together_and_a_name_means_nothing_to_markdown(mart):
    view = view_of(mart, plekken="waste_container")
    assert places.names(view, CONVERTED) == f"- glass {WORN} (2×)"
    assert places.names(view, NEWBORN) == rf"- \<b\>\*paper\* {WORN}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_file_has_each_place_with_the_words_of_its_tooltip(ask, lang):
    answer = ask(f"{lang}/places/waste_container", Accept_Encoding="gzip")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "application/geo+json"
    features = answer.json()["features"]
    assert [each["properties"]["name"] for each in features] == ["<b>*paper*", "glass", "glass"]
    told = f"{load().places['waste_container'].singular.get(lang)} ({words(lang).t('badge.simulated')})"
    assert {each["properties"]["text"] for each in features} == {told}
    assert features[1]["geometry"] == {"type": "Point", "coordinates": [5.08, 52.09]}
    assert features[1]["properties"]["code"] == CONVERTED


def test_a_file_that_a_browser_has_is_not_sent_again(ask):
    tag = ask("nl/places/school_primary").headers["etag"]
    assert ask("nl/places/school_primary", If_None_Match=tag).status_code == 304


@pytest.mark.parametrize(
    ("path", "build"),
    [
        ("nl/places/unheard_of", None),
        ("nl/places/charging_point", None),
        ("nl/places/air_sensor", None),
        ("de/places/school_primary", None),
        ("nl/places/school_primary", "20200101T000000Z-000000"),
    ],
)
def test_what_is_not_there_or_not_for_everyone_is_404_and_not_kept(ask, path, build):
    answer = ask(path, **{"build": build} if build else {})
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize("below", sorted({*palettes.SEQUENTIAL, *palettes.AROUND, palettes.GROUND, palettes.WHITE}))
def test_a_place_stands_out_on_every_colour_below_it(below):
    assert contrast(palettes.PLACE, palettes.OUTLINE) >= 3
    assert max(contrast(palettes.PLACE, below), contrast(palettes.OUTLINE, below)) >= 3


def test_the_page_shows_the_chosen_kind_with_its_source_and_badge(show, placed):
    app = show(placed, KAART, plekken="waste_container", gebied=CONVERTED)
    assert [*app.exception, *app.error, *app.info] == []
    assert app.selectbox(key="places").options == ["geen", "basisscholen", "afvalcontainers"]
    assert any("3 afvalcontainers" in each.value for each in app.markdown)
    assert any(words("nl").t("badge.simulated") in each.value for each in app.markdown)


def test_who_chooses_a_kind_finds_it_in_the_address(show, placed):
    app = show(placed, KAART)
    app.selectbox(key="places").set_value("school_primary").run()
    assert app.query_params["plekken"] in ("school_primary", ["school_primary"])
    app.selectbox(key="places").set_value("").run()
    assert "plekken" not in app.query_params


def test_the_page_of_the_sample_has_no_such_choice(show, sample):
    assert "places" not in {box.key for box in show(sample, KAART).selectbox}
