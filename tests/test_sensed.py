"""Figures of sensors on pages, map and API: like any other figure, but for an order that would mean nothing."""

import csv
import io
import re
from html import escape
from urllib.parse import unquote

import pytest

from buurtbeeld import multiples, queries, search, trend
from buurtbeeld.addresses import PAGES
from buurtbeeld.catalogue import load
from buurtbeeld.comparison import differences
from buurtbeeld.search import find
from buurtbeeld.store import Store
from buurtbeeld.texts import LANGUAGES, words
from buurtbeeld.texts.lists import joined
from buurtbeeld.view import plain
from tests.figures import mart_of, view_of, whole_view_of
from tests.marts import settings

PAGE = {page.segment: page for page in PAGES}
SENSED = [indicator for indicator in load().indicators.values() if indicator.quantity]
DAY = "2026-11-24"


@pytest.mark.parametrize("page", ["kaart", "trends", "vergelijken", "profiel", "eigen-gebied"])
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("indicator", ["pm25_day", "fill_day", "parking_month"])
def test_a_page_opens_with_a_figure_of_sensors(show, simulated, page, lang, indicator):
    app = show(
        simulated, PAGE[page], taal=lang, indicator=indicator, niveau="wijk", gebied="WK034401", eigen="BU03440131"
    )
    assert [*app.exception, *app.error, *app.warning] == []
    assert load().indicators[indicator].title.get(lang) in all_of(app) or page in ("eigen-gebied", "profiel")


def all_of(app):
    """What stands on a page, without the signs that keep it from being read as Markdown."""
    shown = [str(element.value) for kind in ("title", "markdown", "header") for element in getattr(app, kind)]
    return "\n".join(shown).replace("\\", "")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_buurt_stands_above_another_by_cheap_sensors(show, simulated, lang):
    say = words(lang)
    app = show(simulated, PAGE["kaart"], taal=lang, indicator="pm25_day", niveau="wijk", volgorde="waarde")
    level = load().levels["wijk"]
    unranked = say.t("sentence.spread.unranked", level=level.singular.get(lang), levels=level.plural.get(lang))
    assert unranked in all_of(app)
    assert say.t("table.order") not in [control.label for control in app.get("button_group")]
    ranked = show(simulated, PAGE["kaart"], taal=lang, indicator="fill_day", niveau="wijk")
    assert unranked not in all_of(ranked)


def test_cheap_sensors_are_in_no_picture_against_another_figure(show, simulated):
    app = show(
        simulated, PAGE["vergelijken"], indicator="home_value", niveau="wijk", tegen="pm25_day", gebied="WK034401"
    )
    assert words("nl").t("relation.unranked", title=load().indicators["pm25_day"].title.nl) in all_of(app)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("indicator", "some"), [("fill_month", False), ("fill_day", True)])
def test_where_every_value_is_uncertain_the_legend_says_what_the_colours_are(show, simulated, lang, indicator, some):
    say, level = words(lang), load().levels["wijk"].plural.get(lang)
    app = show(simulated, PAGE["kaart"], taal=lang, indicator=indicator, niveau="wijk", gebied="WK034401")
    (legend,) = (html for each in app.get("html") if '<table class="legend">' in (html := str(each.proto.body)))
    assert f'<th scope="row">{say.t("legend.unsure")}</th>' in legend
    view = view_of(mart_of(simulated), taal=lang, indicator=indicator, niveau="wijk")
    assert any(figure.status == "ok" for figure in view.figures()) == some
    # Of classes in which nothing is, there are none to move to.
    told = [say.t("again.same", levels=level), say.t("again.area.same")]
    told += [say.n("again.moving", n, total="8", levels=level, others="3").partition(" ")[2] for n in (1, 2)]
    told += [say.n("again.area", n, others="3").rpartition("3")[0] for n in (1, 2)]
    assert any(text in all_of(app) for text in told) == some


@pytest.mark.parametrize(("indicator", "spread"), [("pm10_day", False), ("fill_day", True)])
def test_a_legend_spreads_areas_along_an_axis_only_where_they_may_be_ordered(show, simulated, indicator, spread):
    # In classes few enough that not each holds one value: then the legend says it all.
    app = show(simulated, PAGE["kaart"], indicator=indicator, niveau="buurt", periode=DAY, klassen="quantiles-3")
    drawn = [str(element.proto.body) for element in app.get("html")]
    assert any('<table class="legend">' in html for html in drawn)
    assert any('<div class="spread">' in html for html in drawn) == spread


@pytest.mark.parametrize("way", ["verschil", "index"])
def test_the_lines_of_cheap_sensors_are_shown_as_they_are(show, simulated, way):
    assert {each.ways for each in SENSED if not each.ranked} == {("waarde",)}
    app = show(simulated, PAGE["trends"], indicator="pm25_day", niveau="wijk", gebied="WK034401", weergave=way)
    say = words("nl")
    assert say.t("trend.way.unfit", way=say.t(f"way.{way}")) in all_of(app)
    assert say.t("pick.way") not in [control.label for control in app.get("button_group")]


@pytest.mark.parametrize(("indicator", "beside"), [("pm25_day", False), ("fill_day", True)])
def test_the_city_is_behind_no_small_chart_of_cheap_sensors(simulated, indicator, beside):
    view = view_of(mart_of(simulated), indicator=indicator, niveau="wijk", gebied="WK034401")
    found = multiples.made(view)
    assert found is not None and found.html
    assert (view.words.t("multiples.city", city=view.city.name) in found.told) == beside
    figures = view.mart.ask(queries.figures_of, (indicator,), ("WK034401", view.city.code))
    chart, _ = multiples.of_area(view, view.offer.areas["WK034401"], view.indicator, figures)
    assert (view.city.name in unquote(chart)) == beside


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_areas_differ_by_nothing_that_cheap_sensors_say(simulated, lang):
    view = view_of(mart_of(simulated), gebied="WK034401,WK034402", taal=lang)
    rows = {row.indicator.id: row for row in differences.rows(view)}
    assert all(figure is not None and figure.value is not None for figure in rows["pm25_day"].figures)
    html = "".join(differences.table(view, headlines) for headlines in (True, False))
    head = escape(view.words.head(load().indicators["pm25_day"], view.catalogue))
    (line,) = re.findall(rf'<tr><th scope="row">{re.escape(head)}<.*?</tr>', html)
    assert escape(view.words.t("apart.unranked")) in line and view.words.t("apart.untested") not in line
    assert not re.search("[+\N{MINUS SIGN}][0-9]", line)
    ((_, told),) = differences.summary(view)
    none = [
        id for id, row in rows.items() if not row.indicator.ranked and None not in [f and f.value for f in row.figures]
    ]
    titles = joined([view.words.badged(view.title(id), *rows[id].figures) for id in none])
    assert plain(view.words.t("relation.unranked", title=titles)) in told


def test_what_is_real_wears_no_badge_beside_what_is_simulated(simulated):
    ((_, told),) = differences.summary(view_of(mart_of(simulated), gebied="WK034401,WK034403"))
    clear = [line for line in told.replace("\\", "").splitlines() if "65" in line]
    assert clear and not any("SIMULATIE" in line for line in clear)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_changed_by_cheap_sensors_is_told_of_the_city_alone(show, simulated, lang):
    say, level = words(lang), load().levels["wijk"].plural.get(lang)
    asked = {"taal": lang, "niveau": "wijk", "gebied": "WK034401"}
    app = show(simulated, PAGE["trends"], indicator="pm25_day", **asked)
    assert say.t("change.unranked", levels=level) in all_of(app)
    assert not app.get("deck_gl_json_chart") and say.t("change.table") not in [each.label for each in app.expander]
    view = view_of(mart_of(simulated), indicator="pm25_day", **asked)
    assert len(trend.about_city_alone(view)) == 2
    other = show(simulated, PAGE["trends"], indicator="fill_day", **asked)
    assert say.t("change.unranked", levels=level) not in all_of(other)
    assert other.get("deck_gl_json_chart")


def test_the_map_file_the_api_and_the_mart_agree(simulated, serve):
    client = serve(simulated)
    for indicator in ("pm25_day", "fill_day"):
        answer = client.ask(f"/api/v1/figures?indicator={indicator}&level=wijk&period={DAY}&format=csv")
        rows = {row["code"]: row for row in csv.DictReader(io.StringIO(answer.text))}
        assert len(rows) == 10 and {row["is_simulated"] for row in rows.values()} == {"true"}
        asked = load().indicators[indicator].quantity
        for code, row in rows.items():
            found = client_area(simulated, code, asked)
            if row["value"]:
                assert float(row["value"]) == round_half_up(found[0]) and row["status"] == found[1]
            else:
                assert found is None or found[0] is None


def client_area(folder, code, quantity):
    """(median, status) of an area on that day, as the rollups have it."""
    mart = Store(settings(folder)).current()
    with mart._connection.cursor() as cursor:
        return cursor.execute(
            "SELECT median, status::VARCHAR FROM area_day WHERE (code, quantity, day) = ($1, $2, $3::DATE)",
            [code, quantity, DAY],
        ).fetchone()


def round_half_up(value):
    return float(int(value + 0.5))


def test_a_figure_of_every_kind_is_there_and_where_nobody_measures_is_said(simulated, serve):
    client = serve(simulated)
    for indicator in SENSED:
        if indicator.grain == "day":
            level = indicator.levels[-1]
            items = client.ask(f"/api/v1/figures?indicator={indicator.id}&level={level}&period=all").json()["items"]
            statuses = {item["status"] for item in items}
            assert statuses <= {"ok", "unreliable", "not_measured"} and statuses & {"ok", "unreliable"}, indicator.id
            assert all((item["value"] is None) == (item["status"] == "not_measured") for item in items)
            assert {item["period"] for item in items} <= {f"2026-11-{day}" for day in range(20, 25)}


@pytest.mark.parametrize(("indicator", "city"), [("pm25_day", False), ("parking_day", True)])
def test_the_line_of_the_city_is_beside_no_area_of_cheap_sensors(simulated, indicator, city):
    view = view_of(mart_of(simulated), indicator=indicator, niveau="wijk", gebied="WK034401")
    shown, _ = trend.shown(view)
    assert set(trend.drawn(view, shown)) == {"WK034401", *([view.city.code] if city else [])}
    told = view.words.t("trend.way.unranked", city=view.city.name)
    assert (plain(told) in trend.notes(view, shown)) == (not city)
    alone = view_of(mart_of(simulated), indicator=indicator, niveau="wijk")
    shown, _ = trend.shown(alone)
    assert set(trend.drawn(alone, shown)) == {view.city.code} and plain(told) not in trend.notes(alone, shown)


@pytest.mark.parametrize("circles", ["", "circles/"])
def test_there_is_no_map_of_change_of_cheap_sensors(simulated, serve, circles):
    client, build = serve(simulated), mart_of(simulated).build.id
    lang = "" if circles else "nl/"
    path = f"/map/{build}/{circles}{lang}change/wijk/{{}}/2026-11-23/{DAY}.geojson"
    assert client.ask(path.format("pm25_day")).status_code == 404
    assert client.ask(path.format("fill_day")).status_code == 200


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_only_stations_measure_has_a_line_of_the_city(show, simulated, lang):
    say, indicator = words(lang), load().indicators["no2_stations_day"]
    app = show(simulated, PAGE["trends"], taal=lang, indicator=indicator.id, niveau="wijk", gebied="WK034401")
    assert [*app.exception, *app.error, *app.warning] == []
    assert indicator.title.get(lang) in [title.value.replace("\\", "") for title in app.title]
    assert say.t("change.title") in all_of(app) and not app.get("deck_gl_json_chart")
    assert say.t("pick.level") not in [control.label for control in app.get("button_group")]
    [told] = [info.value for info in app.info]
    assert plain(say.t("ignored.level", value=load().levels["wijk"].singular.get(lang))) in told
    ways = [control.options for control in app.get("button_group") if control.label == say.t("pick.way")]
    assert [len(each) for each in ways] == [2]
    alone = show(simulated, PAGE["trends"], taal=lang, indicator=indicator.id)
    assert [len(found.get("multiselect")) for found in (app, alone)] == [1, 0] and not alone.info
    view = whole_view_of(mart_of(simulated), taal=lang, indicator=indicator.id)
    assert len(trend.about_city_alone(view)) == 1
    assert set(trend.drawn(view, trend.shown(view)[0])) == {view.city.code}


@pytest.mark.parametrize("page", ["kaart", "vergelijken"])
def test_a_page_of_maps_says_where_a_figure_of_the_city_alone_is(show, simulated, page):
    title = load().indicators["no2_stations_day"].title.nl
    app = show(simulated, PAGE[page], indicator="no2_stations_day")
    [told] = [info.value for info in app.info]
    assert plain(words("nl").t("ignored.alone", value=plain(title))) in told or title in told.replace("\\", "")


def test_stations_are_found_by_what_they_measure(simulated):
    view = view_of(mart_of(simulated))
    index = search.index(
        view.offer.areas.values(),
        view.mart.ask(queries.area_names),
        view.catalogue,
        view.offer.every,
        view.offer.held,
        view.words,
    )
    found = {result.params.get("indicator"): result for result in find(index, "fijnstof", most=20).results}
    assert {"pm25_day", "pm25_stations_day"} <= found.keys()
    assert (found["pm25_day"].page, found["pm25_stations_day"].page) == ("kaart", "trends")
    pair = find(index, "stikstof overvecht").results[0]
    assert pair.page == "trends" and view.words.t("search.absent.city", area="Overvecht") in pair.why
    city = find(index, f"stikstof {view.city.name}").results[0]
    assert city.page == "trends" and "niveau" not in city.params and not city.why.endswith(view.city.name)
