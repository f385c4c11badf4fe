"""The choice in an address: what exists is taken, anything else is ignored with a sentence, and nothing raises."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbeeld import selection
from buurtbeeld.catalogue import WAYS, load
from buurtbeeld.combining import MOST_PARTS
from buurtbeeld.queries import Area, Held
from buurtbeeld.selection import MOST_AREAS, ORDERS, PARAMS, Offer, choose, language, offer, period_id
from buurtbeeld.statistics.classes import CITY, CLASSES, METHODS
from buurtbeeld.texts import LANGUAGES, words
from buurtbeeld.view import plain
from tests.figures import HOSTILE, mart_of, offer_of

CATALOGUE = load()
YEARS = tuple(date(year, 1, 1) for year in (2012, 2016, 2020))
PLACES = {"GM0344": "gemeente", "WK034401": "wijk", "WK034402": "wijk"} | {
    f"BU0344011{n}": "buurt" for n in range(1, 7)
}
AREAS = tuple(Area(code, level, code, None, 2024, 5.1, 52.1, 1.0, None) for code, level in PLACES.items())
HELD = (
    Held("residents", "gemeente", YEARS),
    Held("residents", "wijk", YEARS[2:]),
    Held("residents", "buurt", YEARS[2:]),
    Held("good_health", "gemeente", YEARS),
    Held("good_health", "buurt", YEARS),
    Held("smokers", "wijk", YEARS),
    Held("crimes", "gemeente", YEARS),  # of the city alone: no map
)
OFFER = offer(HELD, AREAS, CATALOGUE, {"school_primary", "waste_container", "nosuch"})

nasty = st.one_of(
    st.text(max_size=60),
    st.sampled_from([
        *HOSTILE, "", " ", ",", ",,,,", "' OR 1=1 --", "../../etc/passwd", "None", "null", "x" * 100_000, "2020-13",
        "-1", "https://evil.example", "%00", "\u202eabc", "𝟚𝟘𝟚𝟘", "２０２０",
    ]),
)  # fmt: skip
near = {
    "taal": st.sampled_from([*LANGUAGES, "NL", "de"]),
    "thema": st.sampled_from([*CATALOGUE.themes, "nosuch"]),
    "indicator": st.sampled_from(["residents", "good_health", "smokers", "crimes", "home_value"]),
    "niveau": st.sampled_from(["buurt", "wijk", "gemeente", "country", "subwijk"]),
    "periode": st.sampled_from(["2012", "2016", "2020", "2024", "2020-01"]),
    "van": st.sampled_from(["2012", "2016", "2020", "2024"]),
    "gebied": st.lists(st.sampled_from([*PLACES, "BU9999"]), max_size=8).map(",".join),
    "eigen": st.lists(st.sampled_from([*PLACES, "BU9999"]), max_size=8).map(",".join),
    "klassen": st.sampled_from(["rounded-5", "natural-3", "rounded-6", "rounded", "city", "city-4", "-"]),
    "vast": st.sampled_from(["ja", "nee"]),
    "naast": st.sampled_from(["residents", "good_health", "smokers", "crimes"]),
    "volgorde": st.sampled_from([*ORDERS, "rang"]),
    "weergave": st.sampled_from([*WAYS, "percentage"]),
    "tegen": st.sampled_from(["residents", "good_health", "smokers", "crimes", "home_value"]),
    "plekken": st.sampled_from(["school_primary", "charging_point", "nosuch"]),
    "zoom": st.sampled_from(["0", "1", "4", "5", "-1", "1.5"]),
}
addresses = st.fixed_dictionaries(
    {}, optional={key: st.one_of(value, nasty) for key, value in near.items()} | {"x": nasty}
)


def chosen(**params):
    return choose(params, OFFER, CATALOGUE)


def ignored(**params):
    """What was ignored, by parameter."""
    return {key.removeprefix("ignored."): value for key, value in chosen(**params).notices}


def test_an_empty_address_is_a_whole_choice():
    made = chosen()
    assert (made.lang, made.indicator, made.level, made.period) == ("nl", "residents", "buurt", YEARS[2])
    assert (made.areas, made.area, made.classes, made.order, made.notices) == ((), None, "rounded-3", "naam", ())
    assert (made.fixed, made.beside) == (False, None)
    assert made.way == "waarde"


def test_the_first_screen_is_the_usual_figure_where_the_mart_has_it(sample):
    assert choose({}, offer_of(mart_of(sample), CATALOGUE), CATALOGUE).indicator == selection.FIRST_INDICATOR


def test_what_exists_is_taken():
    made = chosen(
        taal="en", indicator="good_health", periode="2016", van="2012", klassen="natural-3", volgorde="waarde",
        weergave="index",
    )  # fmt: skip
    assert (made.lang, made.indicator, made.period, made.since) == ("en", "good_health", YEARS[1], YEARS[0])
    assert (made.method, made.order, made.way, made.notices) == (("natural", 3), "waarde", "index", ())


def test_a_figure_is_set_against_another_one_unless_itself_is_asked():
    assert chosen().against == "good_health" and chosen(indicator="good_health").against == "residents"
    assert chosen(tegen="smokers").against == "smokers"
    assert chosen(tegen="residents").against == chosen().indicator and chosen(tegen="residents").notices == ()
    assert ignored(tegen="crimes") == {"tegen": "crimes"}  # of the city alone


def test_the_first_figure_of_the_sample_is_set_against_one_that_was_counted(sample):
    usual = choose({}, offer_of(mart_of(sample), CATALOGUE), CATALOGUE).against
    assert usual == selection.FIRST_AGAINST and CATALOGUE.indicators[usual].method == "register"


def test_a_theme_alone_shows_its_first_figure():
    assert chosen(thema="health").indicator == "good_health"
    assert chosen(thema="lifestyle", indicator="nosuch").indicator == "smokers"


def test_the_theme_is_that_of_the_figure():
    assert chosen(thema="health", indicator="residents").theme == "people"


def test_a_figure_of_the_city_alone_is_no_map():
    assert ignored(indicator="crimes") == {"alone": CATALOGUE.indicators["crimes"].title.nl}


def test_a_figure_of_the_city_alone_can_be_chosen_where_no_map_is_needed():
    made = choose({"indicator": "crimes", "niveau": "wijk"}, OFFER.whole, CATALOGUE)
    assert (made.indicator, made.theme, made.level, made.period) == ("crimes", "safety", "gemeente", YEARS[-1])
    assert dict(made.notices) == {"ignored.level": "wijk"}
    assert choose({}, OFFER.whole, CATALOGUE).indicator == chosen().indicator


def test_a_level_that_the_figure_lacks_gives_the_level_it_has():
    assert chosen(indicator="good_health", niveau="wijk").level == "buurt"
    assert chosen(indicator="smokers", niveau="buurt").level == "wijk"
    assert ignored(indicator="good_health", niveau="wijk") == {"level": "wijk"}
    assert ignored(indicator="smokers", niveau="buurt", taal="en") == {"level": "neighbourhood"}


@pytest.mark.parametrize("level", ["gemeente", "country", "subwijk", "Buurt", "", "x"])
def test_a_level_without_a_map_is_ignored(level):
    assert ignored(niveau=level) == {"niveau": level}


def test_the_newest_period_is_shown_unless_another_that_exists_is_asked():
    assert chosen(indicator="good_health").period == YEARS[2]
    assert ignored(indicator="good_health", periode="2024") == {"periode": "2024"}
    assert ignored(indicator="residents", periode="2012") == {"periode": "2012"}  # the city has it, buurten don't


@pytest.mark.parametrize("since", ["2016", "2020", "2024"])
def test_the_start_of_a_change_lies_before_its_end(since):
    made = chosen(indicator="good_health", periode="2016", van=since)
    assert made.since == YEARS[0]
    assert made.notices == (("ignored.van", since),)


def test_the_oldest_period_has_no_change():
    made = chosen(indicator="good_health", periode="2012", van="2012")
    assert made.since is None and made.notices == (("ignored.van", "2012"),)
    assert chosen(indicator="residents").since is None


def test_areas_keep_their_order_and_stand_once():
    made = chosen(gebied="BU03440112, WK034401,,BU03440112 ,GM0344,")
    assert made.areas == ("BU03440112", "WK034401", "GM0344")
    assert made.area == "GM0344" and made.notices == ()


def test_unknown_areas_are_named_and_the_others_kept():
    made = chosen(gebied="BU1,BU03440111,bu0344")
    assert made.areas == ("BU03440111",)
    assert made.notices == (("ignored.gebied", "BU1, bu0344"),)


def test_codes_of_areas_may_be_written_in_small_letters():
    made = chosen(gebied="bu03440112,BU03440112", eigen="bu03440111")
    assert made.areas == ("BU03440112",) and made.own == ("BU03440111",) and made.notices == ()


def test_more_areas_than_fit_are_cut():
    made = chosen(gebied=",".join(PLACES))
    assert made.areas == tuple(PLACES)[:MOST_AREAS]
    assert made.notices == (("ignored.many", str(MOST_AREAS)),)


def test_an_area_of_ones_own_is_made_of_buurten_each_once():
    made = chosen(eigen="BU03440112,BU03440111, BU03440112", gebied="WK034401")
    assert made.own == ("BU03440112", "BU03440111") and made.areas == ("WK034401",)
    assert made.notices == ()


def test_what_is_no_buurt_is_no_part_of_an_area_of_ones_own():
    made = chosen(eigen="WK034401,BU03440111,BU9999")
    assert made.own == ("BU03440111",)
    assert made.notices == (("ignored.eigen", "WK034401, BU9999"),)


def test_more_buurten_than_fit_in_an_area_of_ones_own_are_cut():
    codes = [f"BU0344{n:04}" for n in range(MOST_PARTS + 5)]
    areas = tuple(Area(code, "buurt", code, None, 2024, 5.1, 52.1, 1.0, None) for code in codes)
    made = choose({"eigen": ",".join(codes)}, offer(HELD, areas, CATALOGUE), CATALOGUE)
    assert made.own == tuple(codes[:MOST_PARTS])
    assert made.notices == (("ignored.many_own", str(MOST_PARTS)),)


@pytest.mark.parametrize("param", [param for param in PARAMS if param != "gebied"])
@pytest.mark.parametrize("value", [*HOSTILE, "x" * 100_000, "' OR 1=1 --", "https://evil.example"])
def test_every_hostile_value_is_ignored_with_a_sentence(param, value):
    said = ignored(**{param: value})
    assert list(said) == [param]
    assert len(said[param]) <= 41 and said[param].isprintable()
    assert all(plain(said[param]) in words(lang).t(f"ignored.{param}", value=plain(said[param])) for lang in LANGUAGES)


def test_places_are_offered_as_far_as_the_mart_has_them_and_the_catalogue_has_words():
    assert OFFER.places == ("school_primary", "waste_container")
    assert (chosen().places, chosen(plekken="waste_container").places) == (None, "waste_container")
    assert ignored(plekken="charging_point") == {"plekken": "charging_point"}


def test_what_is_no_parameter_of_ours_is_let_be():
    assert chosen(utm_source="x", embed="true").notices == ()


@settings(max_examples=300)
@given(addresses, st.sampled_from([OFFER, OFFER.whole]))
def test_any_address_gives_a_choice_that_exists(params, given):
    made = choose(params, given, CATALOGUE)
    periods = OFFER.held[made.indicator][made.level]
    assert made.lang in LANGUAGES and made.order in ORDERS and made.way in WAYS
    assert made.indicator in given.themes[made.theme] and made.period in periods
    assert (made.level == "gemeente") == (list(OFFER.held[made.indicator]) == ["gemeente"])
    assert made.level != "gemeente" or given is not OFFER
    assert made.since is None or (made.since in periods and made.since < made.period)
    assert set(made.areas) <= set(OFFER.areas) and len(made.areas) <= MOST_AREAS
    assert all(OFFER.areas[code].level == "buurt" for code in made.own) and len(made.own) <= MOST_PARTS
    assert made.method[0] in METHODS and made.method[1] in CLASSES
    assert made.places is None or made.places in OFFER.places
    assert any(made.against in ids for ids in given.themes.values())
    assert all(len(value) <= 41 and value.isprintable() for _, value in made.notices)


@given(addresses)
def test_what_is_not_followed_is_said(params):
    made = choose(params, OFFER, CATALOGUE)
    shown = {
        "taal": made.lang,
        "indicator": made.indicator,
        "periode": period_id(made.period, "year"),
        "van": made.since and period_id(made.since, "year"),
        "volgorde": made.order,
        "weergave": made.way,
        "tegen": made.against,
    }
    said = {key.replace("alone", "indicator") for key, _ in made.notices}
    assert all((params[key] != value) == (f"ignored.{key}" in said) for key, value in shown.items() if key in params)
    if (asked := params.get("klassen")) and not {"ignored.klassen", "ignored.city", "ignored.part"} & said:
        assert made.classes == asked or made.classes == f"{asked}-3"
    if (asked := params.get("naast")) is not None and not {"ignored.naast", "ignored.beside", "ignored.same"} & said:
        assert made.beside == asked
    assert made.fixed == (params.get("vast") == "ja")
    assert made.zoom == (int(params["zoom"]) if params.get("zoom") in ("1", "4") else 0)


@given(addresses)
def test_a_choice_written_back_is_the_same_choice(params):
    made = choose(params, OFFER, CATALOGUE)
    written = {
        "taal": made.lang,
        "indicator": made.indicator,
        "niveau": made.level,
        "periode": period_id(made.period, "year"),
        "gebied": ",".join(made.areas),
        "eigen": ",".join(made.own),
        "klassen": made.classes,
        "volgorde": made.order,
        "weergave": made.way,
        "tegen": made.against,
    } | ({"van": period_id(made.since, "year")} if made.since else {})
    written |= {"zoom": str(made.zoom)} if made.zoom else {}
    written |= {"plekken": made.places} if made.places else {}
    written |= ({"vast": "ja"} if made.fixed else {}) | ({"naast": made.beside} if made.beside else {})
    assert choose(written, OFFER, CATALOGUE) == replace(made, notices=())


@pytest.mark.parametrize(("level", "classes"), [("wijk", "natural-3"), ("buurt", "natural-5")])
def test_a_method_alone_has_as_many_classes_as_suit_the_level(sample, level, classes):
    offered = offer_of(mart_of(sample), CATALOGUE)
    assert choose({"klassen": "natural", "niveau": level}, offered, CATALOGUE).classes == classes
    assert choose({"klassen": "natural-4", "niveau": level}, offered, CATALOGUE).classes == "natural-4"


def test_the_distance_from_the_city_needs_a_figure_of_the_city_to_compare_with():
    assert chosen(indicator="good_health", klassen="city-4").method == (CITY, 4)
    assert ignored(indicator="smokers", klassen="city") == {"city": CATALOGUE.indicators["smokers"].title.nl}
    # The number of residents of a city is no measure for its buurten.
    assert ignored(indicator="residents", klassen="city") == {"part": CATALOGUE.indicators["residents"].title.nl}
    assert chosen(indicator="residents", klassen="city-5").method == ("rounded", 3)


def test_an_address_says_classes_as_short_as_it_can():
    said = [selection.as_classes(*asked, "buurt", OFFER) for asked in (("rounded", 3), ("equal", 3), ("rounded", 5))]
    assert said == [None, "equal", "rounded-5"]


def seen(looks, **params):
    """What pressing `looks` times shows, as (level, classes)."""
    made = chosen(**params)
    for _ in range(looks):
        params |= selection.look_again(made, OFFER, CATALOGUE)
        made = chosen(**{key: value for key, value in params.items() if value is not None})
        assert made.notices == ()
        yield made.level, made.classes


def test_looking_again_goes_through_every_method_and_level_and_comes_back():
    methods = ["quantiles-3", "natural-3", "equal-3"]
    assert list(seen(8, indicator="residents")) == [
        *[("buurt", classes) for classes in methods],
        ("wijk", "rounded-3"),
        *[("wijk", classes) for classes in methods],
        ("buurt", "rounded-3"),
    ]
    assert list(seen(5, indicator="good_health", klassen="equal-4"))[:2] == [
        ("buurt", "city-4"),
        ("buurt", "rounded-3"),
    ]


def test_a_second_map_is_another_figure_of_the_same_level_and_period():
    made = chosen(indicator="good_health", periode="2020", naast="residents", klassen="city")
    second = selection.beside(made, OFFER, CATALOGUE)
    assert second
    assert (second.indicator, second.theme, second.level, second.period) == ("residents", "people", "buurt", YEARS[2])
    assert second.method == ("rounded", 3)  # there is no city to compare a count with
    assert selection.beside(chosen(), OFFER, CATALOGUE) is None


@pytest.mark.parametrize(("asked", "nearest"), [(2012, 2012), (2013, 2012), (2014, 2016), (2017, 2016), (2024, 2020)])
def test_a_second_map_without_that_period_shows_the_nearest_and_of_two_the_newer(asked, nearest):
    made = replace(chosen(indicator="residents", naast="good_health"), period=date(asked, 1, 1))
    second = selection.beside(made, OFFER, CATALOGUE)
    assert second and second.period == date(nearest, 1, 1)


def test_a_second_map_of_the_same_figure_is_none():
    assert chosen(indicator="good_health", naast="good_health").beside is None
    assert ignored(indicator="good_health", naast="good_health") == {"same": "good_health"}


@pytest.mark.parametrize("zoom", ["0", "5", "-1", "1.5", "x"])
def test_a_step_that_is_none_shows_the_whole_city(zoom):
    assert chosen(zoom=zoom).zoom == 0 and ignored(zoom=zoom) == {"zoom": zoom}


def test_zooming_goes_step_by_step_and_the_whole_city_is_not_in_the_address():
    steps = (("1", 1), ("1", -1), ("4", 1))
    assert [selection.zoomed(chosen(zoom=now), step) for now, step in steps] == ["2", None, "4"]
    assert selection.zoomed(chosen(), -1) is None


def test_a_second_map_needs_a_figure_of_this_level():
    assert ignored(indicator="good_health", naast="smokers") == {"beside": CATALOGUE.indicators["smokers"].title.nl}
    assert chosen(indicator="good_health", naast="smokers").beside is None


def test_a_mart_without_figures_offers_nothing():
    with pytest.raises(LookupError):
        choose({}, Offer({}, {}, {}, {}), CATALOGUE)
    assert offer((), AREAS, CATALOGUE).themes == {}


def test_a_figure_that_the_catalogue_does_not_know_is_not_offered():
    assert offer([Held("nosuch", "buurt", YEARS)], AREAS, CATALOGUE).themes == {}


def test_themes_and_figures_stand_in_the_order_of_the_catalogue(sample):
    themes = offer_of(mart_of(sample), CATALOGUE).themes
    assert list(themes) == [theme for theme in CATALOGUE.themes if theme in themes]
    assert all(list(ids) == [id for id in CATALOGUE.indicators if id in ids] for ids in themes.values())


@pytest.mark.parametrize(
    ("asked", "lang"), [("en", "en"), ("nl", "nl"), ("EN", "nl"), ("", "nl"), ("x" * 1000, "nl"), (None, "nl")]
)
def test_the_language(asked, lang):
    assert language({} if asked is None else {"taal": asked}) == lang


@pytest.mark.parametrize(("grain", "id"), [("year", "2024"), ("month", "2024-03"), ("day", "2024-03-05")])
def test_a_period_in_an_address(grain, id):
    assert period_id(date(2024, 3, 5), grain) == id


@pytest.fixture
def params(monkeypatch):
    """The parameters of the address, in place of those of a browser."""

    class Params(dict[str, str]):
        def to_dict(self):
            return dict(self)

        def from_dict(self, given):
            self.clear()
            self.update(given)

    made = Params()
    monkeypatch.setattr("streamlit.query_params", made)
    return made


def test_a_change_of_the_address_keeps_the_rest_and_the_order(params):
    params.update({"gebied": "BU03440111", "taal": "en", "utm_source": "x", "indicator": "residents"})
    selection.change(indicator="crimes", gebied=None, niveau="wijk")
    assert list(params.items()) == [("taal", "en"), ("indicator", "crimes"), ("niveau", "wijk")]


def test_an_address_can_be_made_without_going_there(params):
    params["taal"] = "en"
    assert selection.address(gebied="GM0344", indicator="") == {"taal": "en", "gebied": "GM0344"}
    assert params == {"taal": "en"}
