"""Areas alike: on which figures, in which words, and when nothing can be said."""

import re

import pytest

from buurtbeeld.catalogue import load
from buurtbeeld.comparison import alike
from tests.figures import mart_of, view_of

CATALOGUE = load()


@pytest.fixture(scope="module")
def mart(sample):
    return mart_of(sample)


def like(mart, code, **params):
    view = view_of(mart, **params)
    return view, view.offer.areas[code], alike.found(view, view.offer.areas[code])


@pytest.mark.parametrize(("code", "level"), [("BU03440131", "buurt"), ("WK034401", "wijk")])
def test_an_area_has_five_others_of_its_level(mart, code, level):
    view, area, found = like(mart, code)
    assert alike.why_not(view, area) == ""
    assert len({each.area.code for each in found}) == 5
    assert {each.area.level for each in found} == {level} and area not in [each.area for each in found]


def test_the_words_agree_with_the_figures(mart):
    """What is called nearly the same differs less than what is called a large difference."""
    view, area, found = like(mart, "BU03440131")
    every = alike._all(view, "buurt")
    titles = [indicator.title.get("nl") for indicator, _ in every.columns]
    own = every.scaled[every.codes.index(area.code)]
    for each in found:
        away = dict(zip(titles, abs(every.scaled[every.codes.index(each.area.code)] - own), strict=True))
        assert all(away[title] <= alike.NEAR for title in each.near)
        assert all(away[title] > alike.FAR for title in each.far)


def test_the_most_alike_comes_first(mart):
    order = ["much", "fair", "little"]
    for code in ("BU03440131", "BU03440111", "WK034402"):
        _, _, found = like(mart, code)
        degrees = [order.index(each.degree) for each in found]
        assert degrees == sorted(degrees)


def test_even_the_nearest_may_be_little_alike(mart):
    """The station and its surroundings are like nothing else in the city."""
    degrees = {each.degree for code in view_of(mart).offer.areas for each in like(mart, code)[2]}
    assert degrees == {"much", "fair", "little"}


@pytest.mark.parametrize(
    ("code", "said"), [("GM0344", "Van Utrecht is er maar één"), ("BU03440911", "Over Bedrijventerrein De Wetering")]
)
def test_where_nothing_can_be_said_it_says_why(mart, code, said):
    view, area, found = like(mart, code)
    assert found == () and alike.why_not(view, area).startswith(said)


def test_an_area_of_which_too_little_is_known_is_nobody_s_like(mart):
    view = view_of(mart)
    every = alike._all(view, "buurt")
    unknown = {code for code in every.codes if not alike.found(view, view.offer.areas[code])}
    assert "BU03440911" in unknown and len(unknown) < 10
    named = {each.area.code for code in every.codes for each in alike.found(view, view.offer.areas[code])}
    assert named & unknown == set()


def test_what_decides_is_what_the_catalogue_declares(mart):
    view, area, found = like(mart, "BU03440131")
    declared = [indicator for indicator in CATALOGUE.indicators.values() if indicator.alike]
    assert alike.basis(view, "buurt") == ", ".join(indicator.title.get("nl") for indicator in declared)
    decided = alike.figures(view, area)
    assert {figure.indicator for figure in decided} == {indicator.id for indicator in declared}
    assert {figure.code for figure in decided} == {area.code, *(each.area.code for each in found)}


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_sentence_says_how_much_and_on_what(mart, lang):
    view, _, found = like(mart, "BU03440131", taal=lang)
    for each in found:
        said = alike.sentence(view, each)
        assert said.startswith(view.words.t(f"alike.{each.degree}"))
        assert all(title in said for title in (*each.near, *each.far))
        assert each.far or view.words.t("alike.nowhere") in said


def test_the_table_has_the_area_and_those_like_it(mart):
    view, area, found = like(mart, "BU03440131")
    head, _, *lines = [line.strip("| ").split(" | ") for line in alike.table(view, area).splitlines()]
    assert len(head) == 1 + len(alike._all(view, "buurt").columns)
    names = [re.sub(r"\\", "", line[0]) for line in lines]
    assert names == [area.name, *(each.area.name for each in found)]


@pytest.mark.parametrize(("lang", "between"), [("nl", "tussen"), ("en", "between")])
def test_the_table_says_how_sure_each_figure_is(mart, lang, between):
    view, area, _ = like(mart, "BU03440131", taal=lang)
    with_margin = {figure.indicator for figure in alike.figures(view, area) if figure.low is not None}
    sure = {id for id in with_margin if f" · {between} " in _column(view, area, id)}
    assert with_margin and sure == with_margin


def _column(view, area, id):
    columns = [indicator.id for indicator, _ in alike._all(view, area.level).columns]
    lines = alike.table(view, area).replace("\\", "").splitlines()[2:]
    return " ".join(line.strip("| ").split(" | ")[1 + columns.index(id)] for line in lines)
