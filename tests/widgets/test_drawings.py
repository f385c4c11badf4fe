"""What a chart and a map say to who can't see them is what they draw: the same areas, periods and values."""

import re

import pytest

from buurtbeeld import queries, trend
from buurtbeeld.addresses import PAGES
from buurtbeeld.texts import LANGUAGES, words
from tests.figures import indicator, mart_of, view_of

TRENDS = next(page for page in PAGES if page.segment == "trends")
HEALTH, CODES = indicator("good_health"), ("BU03440111", "BU03440112")
ASKED = {"indicator": HEALTH.id, "gebied": ",".join(CODES), "niveau": "buurt"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lines_say_the_newest_value_of_each_area(show, sample, lang):
    [chart] = show(sample, TRENDS, taal=lang, **ASKED).get("vega_lite_chart")
    figures = mart_of(sample).ask(queries.figures_of, (HEALTH.id,), (*CODES, "GM0344"))
    # Each sentence names its period, its area and its value, in this order or another; the next one how it began.
    head, *sentences = [f"{each}." for each in re.split(r"\.(?:\s|$)", chart.proto.alt) if each]
    assert head.startswith(HEALTH.title.get(lang)) and len(sentences) == 2 * len({figure.code for figure in figures})
    for sentence, before in zip(sentences[::2], sentences[1::2], strict=True):
        [line] = [line for line in _lines(figures) if line[0].name in sentence]
        oldest, newest = (choose(line, key=lambda figure: figure.period) for choose in (min, max))
        assert str(oldest.period.year) in before and words(lang).number(oldest.value, HEALTH.decimals) in before
        others = {figure.value for figure in line} - {newest.value}
        assert len(others) > 1 and str(newest.period.year) in sentence
        assert words(lang).number(newest.value, HEALTH.decimals) in sentence


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_index_says_from_where_to_where_it_goes(show, sample, lang):
    asked = {"indicator": "crimes", "gebied": "BU03440131", "weergave": "index"}
    [chart] = show(sample, TRENDS, taal=lang, **asked).get("vega_lite_chart")
    figures = mart_of(sample).ask(queries.figures_of, ("crimes",), ("BU03440131",))
    first, last = (figure.value for figure in (figures[0], figures[-1]))
    assert first and last
    say, now = words(lang), round(100 * last / first)
    assert say.t("trend.unit.index", period="2021") in chart.proto.alt
    assert f"{figures[0].name}: 100" in chart.proto.alt and f" {say.number(now)} " in chart.proto.alt


def _lines(figures):
    known = [figure for figure in figures if figure.value is not None]
    return [[figure for figure in known if figure.code == code] for code in {figure.code for figure in known}]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_map_of_change_says_of_what_and_from_when_to_when(show, sample, lang):
    [map_] = show(sample, TRENDS, taal=lang, van="2016", periode="2022", **ASKED).get("deck_gl_json_chart")
    alt = map_.proto.alt.replace("\N{NO-BREAK SPACE}", " ")
    assert alt.startswith(HEALTH.title.get(lang)) and "2016" in alt and "2022" in alt
    view = view_of(mart_of(sample), taal=lang, van="2016", periode="2022", **ASKED)
    changed = [figure.value for figure in trend.changes(view) if figure.value is not None]
    assert {str(sum(v > 0 for v in changed)), str(sum(v < 0 for v in changed))} <= set(re.findall(r"\d+", alt))
    assert f"/change/buurt/{HEALTH.id}/2016/2022.geojson" in map_.proto.json
