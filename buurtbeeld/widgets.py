"""Pieces that two or more pages use: opening the mart, choosing, the map, the legend, the table, the source note.

Every choice is written to the address and read back from it, so a click on the map, a name in the list and a link that
somebody sent are the same act.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from urllib.parse import urlencode

import pydeck as pdk
import streamlit as st

from buurtbeeld import queries, selection
from buurtbeeld.addresses import PAGES
from buurtbeeld.catalogue import Figure, Indicator, load
from buurtbeeld.charts import legend, strip
from buurtbeeld.charts import trend as chart
from buurtbeeld.maps import decks, files, shading
from buurtbeeld.maps.shading import Shading
from buurtbeeld.profile import Row, Trend
from buurtbeeld.queries import Area
from buurtbeeld.selection import period_id
from buurtbeeld.store import NoMart, shared
from buurtbeeld.texts import LANGUAGES, Words, sentences, words
from buurtbeeld.view import CITY, View, plain

MAP_SIZE = (760, 560)  # pixels the first view is made for; a smaller screen shows the same middle


def opened() -> View:
    """The published mart and what the address asks of it. Raises NoMart when there is nothing to read."""
    params = selection.read()
    say = words(selection.language(params))
    catalogue = load()
    mart = shared().current()
    offer = mart.keep(("offer",), lambda: selection.offer(mart.ask(queries.held), mart.ask(queries.areas), catalogue))
    if not offer.themes:
        raise NoMart("empty", mart.path)
    choice = selection.choose(params, offer, catalogue)
    for key, value in choice.notices:
        st.info(say.t(key, value=plain(value)))
    return View(mart, catalogue, offer, choice, say)


@contextmanager
def readable(say: Words) -> Iterator[None]:
    """A page that can't be drawn says so in the visitor's words; what went wrong goes to the log, not to the screen."""
    try:
        yield
    except NoMart as error:
        st.title(say.t("nomart.title"), anchor=False)
        st.warning(say.t(f"nomart.{error.reason}"))
    except Exception:
        logging.getLogger(__name__).exception("A page could not be drawn.")
        st.title(say.t("error.title"), anchor=False)
        st.error(say.t("error.text"))


def header(say: Words, here: str) -> None:
    """The menu, and the same place in the other language."""
    other = next(lang for lang in LANGUAGES if lang != say.lang)
    with st.container(horizontal=True, vertical_alignment="center", key="menu"):
        for page in PAGES:
            link(page.segment, say.t(page.name))
        query = urlencode(selection.address(taal=other if other != LANGUAGES[0] else None))
        # A real link, so that the server sends the page anew with the right language in <html lang>.
        href = escape(f"/{here}?{query}" if query else f"/{here}", quote=True)
        st.html(
            f'<a href="{href}" lang="{other}" hreflang="{other}" target="_self" style="color:inherit">'
            f"{words(other).t('site.language')}</a>"
        )


def footer(say: Words) -> None:
    """What this is, and where to find how it is made."""
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(say.t("footer.what"))
        link("verantwoording", say.t("footer.sources"))


def pick_topic(view: View) -> None:
    """Theme, then indicator."""
    say, choice = view.words, view.choice
    left, right = st.columns([2, 3])
    selection.bind("theme", choice.theme)
    left.selectbox(
        say.t("pick.theme"),
        list(view.offer.themes),
        format_func=lambda id: view.catalogue.themes[id].title.get(say.lang),
        key="theme",
        placeholder=say.t("pick.placeholder"),
        on_change=lambda: selection.change(thema=st.session_state.theme, indicator=None, periode=None, van=None),
    )
    selection.bind("indicator", choice.indicator)
    right.selectbox(
        say.t("pick.indicator"),
        view.offer.themes[choice.theme],
        format_func=view.title,
        key="indicator",
        placeholder=say.t("pick.placeholder"),
        on_change=lambda: selection.change(thema=None, indicator=st.session_state.indicator, periode=None, van=None),
    )


def pick_level(view: View) -> None:
    """Wijk or buurt, as far as the figure is published for it."""
    levels = [level for level in view.offer.held[view.choice.indicator] if level != CITY]
    selection.bind("level", view.choice.level)
    st.segmented_control(
        view.words.t("pick.level"),
        levels,
        required=True,
        format_func=lambda id: view.catalogue.levels[id].singular.get(view.words.lang).capitalize(),
        key="level",
        on_change=lambda: selection.change(niveau=st.session_state.level, periode=None, van=None),
    )


def pick_period(view: View) -> None:
    """The periods in which the figure has a value, newest first."""
    grain = view.indicator.grain
    periods = {period_id(p, grain): p for p in reversed(view.offer.held[view.choice.indicator][view.choice.level])}
    selection.bind("period", period_id(view.choice.period, grain))
    st.selectbox(
        view.words.t(f"pick.{grain}"),
        list(periods),
        format_func=lambda id: view.words.period(periods[id], grain),
        key="period",
        placeholder=view.words.t("pick.placeholder"),
        on_change=lambda: selection.change(periode=st.session_state.period, van=None),
    )


def pick_area(view: View, level: str | None, label: str) -> None:
    """An area by name, for who does not or can not click the map. level None: every area."""
    areas = [a.code for a in view.offer.areas.values() if level is None or a.level == level]
    selection.bind("area", view.choice.area if view.choice.area in areas else None)
    st.selectbox(
        label,
        areas,
        index=None,
        format_func=lambda code: area_label(view, code) if level is None else view.offer.areas[code].name,
        key="area",
        placeholder=view.words.t("pick.placeholder"),
        on_change=lambda: selection.change(gebied=st.session_state.area),
    )


def area_label(view: View, code: str) -> str:
    """An area so that it can be found: name, what it is, its most common postcode and older names."""
    return str(view.once("labels", lambda: _labels(view))[code])


def _labels(view: View) -> dict[str, str]:
    say = view.words
    known: dict[str, list[str]] = {}
    for code, kind, name in view.mart.ask(queries.area_names):
        known.setdefault(code, []).append(say.t(f"area.{kind}", name=name))
    labels = {}
    for code, area in view.offer.areas.items():
        whole = view.offer.areas.get(area.parent_code or "")
        level = view.catalogue.levels[area.level].singular.get(say.lang)
        place = say.t("area.in", level=level, whole=whole.name) if whole and whole.level != CITY else level
        labels[code] = " · ".join([area.name, place, *known.get(code, [])])
    return labels


def shades(view: View, figures: Sequence[Figure]) -> Shading:
    """The colours and the legend of the chosen map."""
    method, k = view.choice.method
    choice = view.choice
    return view.once(
        "shading",
        lambda: shading.by_class(figures, view.indicator, view.words, view.catalogue, method, k),
        choice.indicator,
        choice.level,
        choice.period,
        choice.classes,
    )


def frame(view: View) -> decks.Frame:
    """The box around the gemeente."""
    return view.mart.keep(("frame",), lambda: files.frame(view.mart.ask(queries.outlines, CITY)))


def value_map(view: View, figures: Sequence[Figure], city: Figure | None) -> None:
    """The map of the chosen figure; its text alternative says the same. A click writes the area into the address."""
    choice = view.choice
    period = period_id(choice.period, view.indicator.grain)
    series = f"{choice.level}/{choice.indicator}/{period}/{choice.classes}.geojson"
    deck = decks.values(
        view.mart.build.id,
        f"{choice.lang}/{series}",
        frame(view).view(*MAP_SIZE),
        circles=f"circles/{series}" if view.indicator.display == "circles" else None,
        borders="wijk",
        marked=choice.areas,
    )
    clickable(deck, sentences.about_map(city, figures, view.indicator, view.words, view.catalogue))


def clickable(deck: pdk.Deck, alt: str) -> None:
    """Draws a deck whose areas can be chosen by clicking."""
    st.pydeck_chart(deck, height=MAP_SIZE[1], key="map", alt=alt, selection_mode="single-object", on_select=_clicked)


def _clicked() -> None:
    objects = st.session_state.map.selection.objects
    codes = [found["properties"]["code"] for layer in objects.values() for found in layer]
    if codes:
        selection.change(gebied=codes[0])


def hidden_title(view: View) -> None:
    """A heading that names a page whose picture speaks first: for who moves from heading to heading."""
    say, choice = view.words, view.choice
    level = view.catalogue.levels[choice.level].singular.get(say.lang)
    period = say.period(choice.period, view.indicator.grain)
    title = say.t("map.title", title=view.title(choice.indicator), city=view.city.name, level=level, period=period)
    st.html(f'<h1 style="{legend.HIDDEN}">{escape(title)}</h1>')


def reading(view: View, figures: Sequence[Figure], city: Figure | None) -> None:
    """The map in words, and its legend."""
    say, catalogue = view.words, view.catalogue
    st.subheader(plain(sentences.about_city(city, figures, view.indicator, say, catalogue)), anchor=False)
    legend_of(view, shades(view, figures))
    missing = sentences.missing(figures, say, catalogue)
    if missing:
        st.caption(plain(missing))


def legend_of(view: View, rows: Shading) -> None:
    """The legend with the number of areas in each class."""
    level = view.catalogue.levels[view.choice.level].plural.get(view.words.lang)
    count = view.words.t("legend.count", levels=level)
    st.html(legend.html(rows.rows, f"{rows.unit}, {count}", (rows.unit, count)))


def chosen_area(view: View, figures: Sequence[Figure], city: Figure | None) -> None:
    """The list of areas, and the chosen one with its figure and the way on."""
    with st.container(border=True):
        level = view.catalogue.levels[view.choice.level].singular.get(view.words.lang)
        pick_area(view, view.choice.level, view.words.t("pick.area", level=level))
        _area_card(view, figures, city)


def found_area(view: View, figures: Sequence[Figure], city: Figure | None) -> None:
    """The chosen area with its figure and the way on, where the list of areas stands elsewhere on the page."""
    with st.container(border=True):
        _area_card(view, figures, city)


def _area_card(view: View, figures: Sequence[Figure], city: Figure | None) -> None:
    say, code = view.words, view.choice.area
    if code is None:
        st.caption(say.t("map.invitation", level=view.catalogue.levels[view.choice.level].singular.get(say.lang)))
        return
    figure = next((f for f in figures if f.code == code), None) or _elsewhere(view, code)
    if figure:
        st.metric(plain(view.offer.areas[code].name), say.figure(figure, view.indicator, view.catalogue))
        beside = sentences.beside_city(figure, city, view.indicator, say, view.catalogue)
        st.markdown(plain(beside or sentences.about_area(figure, view.indicator, say, view.catalogue)))
    with st.container(horizontal=True):
        link("profiel", say.t("go.profile"), gebied=code)
        link("trends", say.t("go.trends"), gebied=code)


def _elsewhere(view: View, code: str) -> Figure | None:
    """The chosen figure of an area that is not on the map: a wijk found by name while the map shows buurten."""
    level = view.offer.areas[code].level
    found = view.mart.ask(queries.figures, view.choice.indicator, level, view.choice.period)
    return next((figure for figure in found if figure.code == code), None)


def table(view: View, figures: Sequence[Figure]) -> None:
    """Every area of the map with its value, missing ones too, with the reason in words; by name or by value."""
    say, choice = view.words, view.choice
    selection.bind("order", choice.order)
    st.segmented_control(
        say.t("table.order"),
        selection.ORDERS,
        required=True,
        format_func=lambda order: say.t(f"table.order.{order}"),
        key="order",
        on_change=lambda: selection.change(volgorde=st.session_state.order),
    )

    def make() -> str:
        level = view.catalogue.levels[choice.level].singular.get(say.lang).capitalize()
        head = f"| {level} | {view.title(choice.indicator)} |\n| :-- | --: |\n"
        ordered = sorted(figures, key=lambda f: f.name.casefold())
        if choice.order == "waarde":
            ordered.sort(key=lambda f: (f.value is None, -(f.value or 0)))
        rows = (f"| {plain(f.name)} | {plain(say.figure(f, view.indicator, view.catalogue))} |" for f in ordered)
        return head + "\n".join(rows)

    st.markdown(view.once("table", make, choice.indicator, choice.level, choice.period, choice.order))


def about(view: View) -> None:
    """What the figure is, how it is made, what to mind."""
    say, indicator = view.words, view.indicator
    st.markdown(indicator.description.get(say.lang))
    lines = [say.t(f"method.{indicator.method}")]
    if indicator.derived:
        lines.append(
            say.t(
                "method.derived",
                above=view.title(indicator.numerator or ""),
                below=view.title(indicator.denominator or ""),
                least=say.number(indicator.min_denominator or 0),
            )
        )
    for key in indicator.caveats:
        caveat = view.catalogue.caveats[key]
        lines.append(f"**{caveat.title.get(say.lang)}.** {caveat.description.get(say.lang)}")
    st.markdown("\n".join(f"- {line}" for line in lines))


def share(view: View) -> None:
    """The address of this very view, and its figures as a file."""
    st.markdown(view.words.t("share.link"))
    base = (st.context.url or "").partition("?")[0]
    st.code(f"{base}?{urlencode(selection.address())}", language=None, wrap_lines=True)
    st.markdown(view.words.t("share.file"))
    downloads(view)


def downloads(view: View) -> None:
    """The chosen figures as files, from the API: the file of the page and that of a program can't differ."""
    with st.container(horizontal=True):
        for kind in ("csv", "parquet", "json"):
            st.link_button(view.words.t(f"share.{kind}"), _file(view, kind))


def addresses(view: View) -> None:
    """Examples of the API's addresses, made from what is chosen."""
    for path in (
        _file(view, "csv"),
        f"/api/v1/areas?level={view.choice.level}",
        "/api/v1/indicators",
        "/api/v1/sources",
    ):
        st.code(path, language=None, wrap_lines=True)
    st.markdown(f"[{view.words.t('data.api.docs')}](/api/v1/docs)")


def _file(view: View, kind: str) -> str:
    choice = view.choice
    period = period_id(choice.period, view.indicator.grain)
    query = {"indicator": choice.indicator, "level": choice.level, "period": period, "format": kind}
    return f"/api/v1/figures?{urlencode(query)}"


def source_note(view: View, *indicators: str) -> None:
    """Source, edition and licence of what is on the screen, with its badge and from when it is."""
    say = view.words
    rows = {row.id: row for row in view.mart.ask(queries.sources)}
    used = dict.fromkeys(
        source
        for id in indicators
        for source in (
            view.catalogue.indicators[id].source,
            *(also.source for also in view.catalogue.indicators[id].also),
        )
        if source in rows
    )
    parts = []
    for id in used:
        row = rows[id]
        licence = view.catalogue.licences[row.licence].title.get(say.lang)
        badge = f" · :orange-badge[{say.t('badge.sample')}]" if row.is_sample else ""
        parts.append(
            say.t("source.line", attribution=row.attribution, licence=licence, date=say.day(row.retrieved_at.date()))
            + badge
        )
    st.caption("  \n".join(parts))


def place_map(view: View, area: Area) -> None:
    """Where an area lies in the city."""
    level = area.level if area.level != CITY else "wijk"
    deck = decks.places(view.mart.build.id, level, frame(view).view(380, 260), (area.code,), borders="wijk")
    st.pydeck_chart(deck, height=260, key="place", alt=view.words.t("map.place", area=area.name, city=view.city.name))


def headline(view: View, row: Row, area: Area) -> None:
    """One figure, large, with words beside it and a strip of all areas of its level."""
    say, indicator = view.words, row.indicator
    st.metric(plain(indicator.title.get(say.lang)), say.figure(row.own, indicator, view.catalogue))
    beside = sentences.beside_city(row.own, row.city, indicator, say, view.catalogue)
    values = [figure.value for figure in row.all if figure.value is not None]
    # A city is no point on a line of counts: it would push all its parts to one end.
    city = row.city.value if row.city and indicator.kind != "count" else None
    if area.level != CITY and len(values) > 1:
        levels = view.catalogue.levels[area.level].plural.get(say.lang)
        spread = sentences.spread(row.all, indicator, say, view.catalogue)
        st.html(strip.html(values, row.own.value, city, f"{row.sentence} {spread}"))
        beside = " · ".join(filter(None, [beside, say.n("profile.strip", len(values), levels=levels)]))
    period = say.period(row.own.period, row.own.grain)
    st.caption(plain(" · ".join(filter(None, [beside, period]))))


def small_trend(view: View, trend: Trend, area: Area) -> None:
    """One figure through time, this area beside the city."""
    st.markdown(f"**{plain(trend.indicator.title.get(view.words.lang))}**")
    _chart(view, trend.figures, {area.code: view.words.t("profile.here")}, trend.indicator, 170)
    st.caption(view.words.t(f"method.{trend.indicator.method}.short"))


def pick_areas(view: View) -> None:
    """The areas whose lines are drawn."""
    selection.bind("areas", list(view.choice.areas))
    st.multiselect(
        view.words.t("pick.areas", count=selection.MOST_AREAS),
        list(view.offer.areas),
        format_func=lambda code: view.offer.areas[code].name,
        key="areas",
        max_selections=selection.MOST_AREAS,
        placeholder=view.words.t("pick.placeholder"),
        on_change=lambda: selection.change(gebied=",".join(st.session_state.areas) or None),
    )


def pick_span(view: View) -> None:
    """The two periods between which change is shown."""
    say, grain = view.words, view.indicator.grain
    all_periods = view.offer.held[view.choice.indicator][view.choice.level]
    assert view.choice.since
    before, after = st.columns(2)
    for column, param, key, label, chosen, periods in (
        (before, "van", "since", "pick.since", view.choice.since, [p for p in all_periods if p < view.choice.period]),
        (after, "periode", "until", "pick.until", view.choice.period, all_periods[1:]),
    ):
        ids = {period_id(period, grain): period for period in periods}
        selection.bind(key, period_id(chosen, grain))
        column.selectbox(
            say.t(label),
            list(ids),
            format_func=lambda id, ids=ids: say.period(ids[id], grain),
            key=key,
            placeholder=say.t("pick.placeholder"),
            on_change=_span_changed,
            args=(param, key),
        )


def _span_changed(param: str, key: str) -> None:
    # A later period must stay later: an earlier end lets go of the start.
    extra = {"van": None} if param == "periode" else {}
    selection.change(**{param: st.session_state[key]}, **extra)


def lines(view: View, figures: Sequence[Figure]) -> None:
    """The chosen figure through time, for the chosen areas and the city."""
    names = {code: view.offer.areas[code].name for code in view.choice.areas}
    _chart(view, figures, names, view.indicator, 340)


def _chart(view: View, figures: Sequence[Figure], names: dict[str, str], indicator: Indicator, height: int) -> None:
    city = view.city
    # Beside the city's own count every part of it would be a line on the floor.
    if indicator.kind != "count" or not set(names) - {city.code}:
        names = names | {city.code: city.name}
    spec = view.once(
        "trend",
        lambda: chart.lines(figures, names, city.code, indicator, view.words, view.catalogue, height),
        indicator.id,
        tuple(names.items()),
        height,
    )
    newest = {f.code: f for f in figures if f.code in names and f.value is not None}
    alt = " ".join(sentences.about_area(f, indicator, view.words, view.catalogue) for f in newest.values())
    st.vega_lite_chart(spec, theme=None, width="stretch", alt=alt or indicator.title.get(view.words.lang))


def change_map(view: View, alt: str) -> None:
    """The map of change between two periods. A click writes the area into the address."""
    choice, grain = view.choice, view.indicator.grain
    assert choice.since
    span = f"{period_id(choice.since, grain)}/{period_id(choice.period, grain)}.geojson"
    series = f"change/{choice.level}/{choice.indicator}/{span}"
    deck = decks.values(
        view.mart.build.id,
        f"{choice.lang}/{series}",
        frame(view).view(*MAP_SIZE),
        circles=f"circles/{series}" if view.indicator.display == "circles" else None,
        borders="wijk",
        marked=choice.areas,
    )
    clickable(deck, alt)


def link(page: str, label: str, **changes: str | None) -> None:
    """A link to another page that keeps the visitor's language and choice."""
    st.page_link(f"{page or 'start'}.py", label=label, query_params=selection.address(**changes))
