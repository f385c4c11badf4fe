"""Maps, legends and charts of what was chosen, each with the same in words."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from html import escape
from typing import Any

import pydeck as pdk
import streamlit as st

from buurtbeeld import goals, multiples, places, queries, selection, trend
from buurtbeeld.catalogue import Figure, Indicator
from buurtbeeld.charts import histogram, legend, place, sizes
from buurtbeeld.charts import trend as chart
from buurtbeeld.charts.series import Series
from buurtbeeld.combining import PART_LEVEL
from buurtbeeld.maps import decks, files, shading
from buurtbeeld.maps.shading import Shading
from buurtbeeld.queries import Area
from buurtbeeld.selection import period_id
from buurtbeeld.verdicts import Change
from buurtbeeld.view import CITY, View, plain
from buurtbeeld.widgets.choices import change_own
from buurtbeeld.widgets.frame import note

LAPTOP = (740, 560)  # pixels of the map, the width as far as the server can know it
HALF = (540, 430)  # of two maps side by side
PHONE = (288, 280)
PHONE_KEY = "phone"  # what the keys of maps begin with on a phone, for the CSS of the page
NUDGE = 1e-6  # degrees and steps of zoom; no pixel on any map
ALL = "all"  # in the address of a map file: classes of all periods together
MOST_CAVEATS = 2
LINES = 340  # pixels of the height of the lines
NARROW = 16  # characters of a line of a name on a phone, or the name would take the place of the line


def shades(view: View, figures: Sequence[Figure]) -> Shading:
    """The colours and the legend of the chosen map."""
    method, k = view.choice.method
    return view.once(
        "shading",
        lambda: shading.by_class(
            figures, view.indicator, view.words, view.catalogue, method, k, view.city_figure(), view.every()
        ),
        *_drawn(view),
    )


def _drawn(view: View) -> tuple[object, ...]:
    """What the colours of a map depend on."""
    choice = view.choice
    return choice.indicator, choice.level, choice.period, choice.classes, choice.fixed


def city_frame(view: View) -> decks.Frame:
    """The box around the gemeente."""
    return view.mart.keep(("frame",), lambda: files.frame(view.mart.ask(queries.outlines, CITY)))


def _size(laptop: tuple[int, int] = LAPTOP) -> tuple[int, int]:
    return PHONE if on_a_phone() else laptop


def _key(map_: str) -> str:
    """The key of a map, by which the CSS of the page knows for how large a window it was made."""
    return f"{PHONE_KEY}_{map_}" if on_a_phone() else map_


def on_a_phone() -> bool:
    """Whether the page is looked at on a phone."""
    # The server can't know how wide a window is, but a phone says that it is one.
    return "Mobi" in st.context.headers.get("User-Agent", "")


def value_map(
    view: View,
    key: str = "map",
    laptop: tuple[int, int] = LAPTOP,
    zoom: int = 0,
    moves: Any = decks.STILL,
    kind: str | None = None,
) -> None:
    """The map of the chosen figure. A click writes the area into the address, or takes it out again.

    key: another for each map on a page. zoom: steps in from the whole city, around the chosen area. moves: how far it
    moves by hand, as in `decks`. kind: of the places that are shown over it. Its text alternative is the beginning of
    the caption beside it; the rest would make the map's message too large.
    """
    choice = view.choice
    period = period_id(choice.period, view.indicator.grain)
    classes = f"{choice.classes}-{ALL}" if choice.fixed else choice.classes
    series = f"{choice.level}/{choice.indicator}/{period}/{classes}.geojson"
    key = _key(key)

    def clicked() -> None:
        _choose_clicked(view, key)

    worn = view.once("badge", lambda: view.words.badge(*view.figures()), *_drawn(view))
    badge = worn or (places.badge(view) if kind else "")
    _clickable(view, series, view.caption().lead, clicked, key, _size(laptop), zoom, moves, kind, badge)


def change_map(view: View) -> None:
    """The map of change between two periods. A click adds the area to those in the address."""
    choice, grain = view.choice, view.indicator.grain
    assert choice.since
    span = f"{period_id(choice.since, grain)}/{period_id(choice.period, grain)}.geojson"
    series = f"change/{choice.level}/{choice.indicator}/{span}"
    key, alt = _key("map"), trend.in_words(view)
    badge = view.once("badge", lambda: view.words.badge(*trend.changes(view)), *_drawn(view), choice.since)

    def clicked() -> None:
        _add_clicked(key, choice.areas)

    _clickable(view, series, alt, clicked, key, _size(), choice.zoom, decks.BUTTONS, badge=badge)


def place_map(view: View, area: Area) -> None:
    """Where an area lies in the city, and the borders inside it or beside it, as a still picture."""
    st.html(view.once("place", lambda: _place(view, area), area.code))


def _place(view: View, area: Area) -> str:
    wholes = [wkb for _, wkb in view.mart.ask(queries.outlines, "wijk")]
    own = dict(view.mart.ask(queries.outlines, area.level)).get(area.code) if area.level != CITY else None
    near = (area.code, area.parent_code) if area.level != CITY else ()
    beside = {each.code for each in view.offer.areas.values() if each.parent_code in near and each.level == PART_LEVEL}
    parts = [wkb for code, wkb in view.mart.ask(queries.outlines, PART_LEVEL) if code in beside]
    return place.html(wholes, parts, own, view.words.t("map.place", area=area.name, city=view.city.name))


def own_map(view: View) -> None:
    """A map on which buurten are put together: a click adds one, or takes it away again."""
    own, size, zoom, nudged, key = view.choice.own, _size(), view.choice.zoom, _nudged(), _key("map")
    deck = view.mart.keep(
        ("own deck", own, size, zoom, nudged),
        lambda: decks.own(
            view.mart.build.id, _seen(view, size, zoom, own[0] if own else None, nudged), PART_LEVEL, own, "wijk"
        ),
    )
    alt = view.words.t("own.map", city=view.city.name)
    st.pydeck_chart(
        deck, height=size[1], key=key, alt=alt, selection_mode="single-object", on_select=lambda: _toggle(key, own)
    )


def _toggle(key: str, own: Sequence[str]) -> None:
    if code := _clicked(key):
        change_own([part for part in own if part != code] if code in own else [*own, code])


def _clickable(
    view: View,
    series: str,
    alt: str,
    clicked: Callable[[], None],
    key: str,
    size: tuple[int, int],
    zoom: int,
    moves: Any,
    kind: str | None = None,
    badge: str = "",
) -> None:
    """Draws the map of `series`, the end of an address below /map/<build>/<taal>/, whose areas can be clicked.

    kind: of the places that are shown over the areas. badge: what everything simulated wears, on the map, and above it
    where no hand can move it away.
    """
    if badge:
        st.markdown(f":gray-badge[{badge}]")
    marked, nudged = view.choice.areas, moves == decks.BUTTONS and _nudged()
    deck = view.once(
        "deck",
        lambda: decks.values(
            view.mart.build.id,
            f"{view.words.lang}/{series}",
            _seen(view, size, zoom, view.choice.area, nudged),
            circles=f"circles/{series}" if view.indicator.display == "circles" else None,
            borders="wijk",
            marked=marked,
            places=f"{view.words.lang}/places/{kind}.geojson" if kind else None,
            scale=_scale(size),
            moves=moves,
            badge=badge,
            height=size[1],
        ),
        series,
        marked,
        size,
        zoom,
        nudged,
        str(moves),
        kind,
        badge,
    )
    st.pydeck_chart(deck, height=size[1], key=key, alt=alt, selection_mode="single-object", on_select=clicked)


def _seen(view: View, size: tuple[int, int], zoom: int, around: str | None, nudged: bool) -> pdk.ViewState:
    """What a map shows at first: the city, or so many steps in around an area (a code)."""
    area = view.offer.areas.get(around or "") if zoom else None
    seen = city_frame(view).view(*size, zoom, (area.lon, area.lat) if area else None)
    # The front end takes over what differs from the view it was sent before, not from where the map was moved by hand.
    shift = NUDGE if nudged else 0
    seen.longitude, seen.latitude, seen.zoom = seen.longitude + shift, seen.latitude + shift, seen.zoom + shift
    return seen


def _nudged() -> bool:
    return bool(st.session_state.get("nudged", False))


def nudge() -> None:
    """Makes the maps go where their buttons say, also when they were moved by hand and the address says the same."""
    st.session_state["nudged"] = not _nudged()


def _scale(size: tuple[int, int]) -> float:
    """How large circles are drawn on a map of that size, of the radius in their file."""
    return round(size[0] / LAPTOP[0], 2)


def _clicked(key: str) -> str | None:
    objects = st.session_state[key].selection.objects
    return next((found["properties"]["code"] for layer in objects.values() for found in layer), None)


def _choose_clicked(view: View, key: str) -> None:
    """Chooses the clicked area, or that below the clicked place; one that is chosen is let go.

    It would stay in the colours of a click otherwise.
    """
    areas = view.choice.areas
    if code := places.area_below(view, _clicked(key)):
        selection.change(gebied=_without(areas, code) if code in areas else code)


def _without(areas: Sequence[str], code: str) -> str | None:
    return ",".join(area for area in areas if area != code) or None


def _add_clicked(key: str, areas: Sequence[str]) -> None:
    """Adds the clicked area to those whose lines are drawn, or lets it go; the first one makes room."""
    if code := _clicked(key):
        more = ",".join([*areas, code][-selection.MOST_AREAS :])
        selection.change(gebied=_without(areas, code) if code in areas else more)


def hidden_title(view: View) -> None:
    """A heading that names a page whose picture speaks first: for who moves from heading to heading."""
    say, choice = view.words, view.choice
    period = say.period(choice.period, view.indicator.grain)
    title = say.t(
        "map.title",
        title=view.title(choice.indicator),
        city=view.city.name,
        level=view.level(choice.level),
        period=period,
    )
    st.html(f'<h1 class="spoken">{escape(title)}</h1>')


def reading(view: View, figures: Sequence[Figure]) -> None:
    """The map in words, and its legend."""
    st.header(plain(view.caption().lead), anchor=False)
    legend_of(view, figures, _size())


def heading(view: View) -> None:
    """What one of two maps shows."""
    say, choice = view.words, view.choice
    period = say.period(choice.period, view.indicator.grain)
    st.header(plain(say.t("beside.title", title=view.title(choice.indicator), period=period)), anchor=False)


def main_map(view: View) -> None:
    """The map of the page of maps, which has buttons to zoom. Of two beside each other none moves by hand alone."""
    two = view.choice.beside is not None
    moves = decks.STILL if two else decks.BUTTONS
    value_map(view, "map", HALF if two else LAPTOP, view.choice.zoom, moves, view.choice.places)


def second_map(view: View, asked: date) -> None:
    """The map beside it, and of which period it is where that is another than `asked`."""
    value_map(view, "map2", HALF, view.choice.zoom, kind=view.choice.places)
    if view.choice.period != asked:
        say, grain = view.words, view.indicator.grain
        note(plain(say.t("beside.other", asked=say.period(asked, grain), period=say.period(view.choice.period, grain))))


def reading_beside(view: View, figures: Sequence[Figure]) -> None:
    """One of two maps in words, its legend, and what to mind."""
    st.markdown(plain(view.caption().lead))
    legend_of(view, figures, _size(HALF))
    minding(view)


def minding(view: View) -> None:
    """What is missing and why, how sure it is, and what to mind."""
    say = view.words
    # The first are the most important; a long list would not be read, and stands in full where the figure is explained.
    caveats = [caveat.description.get(say.lang) for caveat in view.caveats(view.indicator)]
    mind = say.t("map.mind", caveats=" ".join(caveats[:MOST_CAVEATS])) if caveats else ""
    if len(caveats) > MOST_CAVEATS:
        mind += " " + say.t("map.mind.more", tab=say.t("tab.about"))
    note("  \n".join(plain(line) for line in (view.caption().rest, mind) if line))


def legend_of(view: View, figures: Sequence[Figure], size: tuple[int, int]) -> None:
    """How the areas are spread over the values, what a circle says, and the number of areas in each class."""

    def make() -> str:
        shades_ = shades(view, figures)
        circles = _sizes(view, figures, shades_, size, view.words.t("legend.circles", unit=shades_.unit))
        return _histogram(view, figures, shades_) + circles + _classes(view, shades_, figures)

    st.html(view.once("legend", make, *_drawn(view), size))


def legend_of_change(view: View, rows: Shading) -> None:
    """What a circle says, and the number of areas in each class of change."""
    say = view.words
    changes = trend.changes(view)
    circles = _sizes(view, changes, rows, _size(), say.t("legend.circles.change"))
    if Change.UNTESTED in rows.judged.values():
        rows = replace(rows, unit=f"{rows.unit} ({say.t('change.untested')})")
    st.html(circles + _classes(view, rows, changes))


def _classes(view: View, rows: Shading, figures: Sequence[Figure]) -> str:
    level = view.catalogue.levels[view.choice.level].plural.get(view.words.lang)
    count = view.words.t("legend.count", levels=level)
    # Of a figure that is a class the numbers mean nothing without saying from what to what they go.
    about = view.indicator.description.get(view.words.lang).rstrip(".")
    unit = about if view.indicator.kind == "class" else rows.unit
    return legend.html(rows.rows, view.words.worn(f"{unit}, {count}", *figures), (rows.unit, count))


def _histogram(view: View, figures: Sequence[Figure], shades_: Shading) -> str:
    """The spread of the values over the classes; without the city where its value is a sum of theirs.

    Empty where areas may not be put in order: along an axis they would be.
    """
    if not view.indicator.ranked:
        return ""
    say, indicator, city = view.words, view.indicator, view.city_figure()
    marks = [(figure.value, fill) for figure in figures if (fill := shades_.fill(figure)) and figure.value is not None]
    whole = (city.value, city.name) if city and city.value is not None and indicator.beside_city else None
    axis = histogram.axis(shades_.axis, shades_.span)
    # A unit of words stands once, below the picture.
    low, high = (say.short(value, indicator, view.catalogue) for value in axis)
    if axis[0] > shades_.span[0]:
        low = say.t("legend.first", high=low)
    if axis[1] < shades_.span[1]:
        high = say.t("legend.last", low=high)
    # What is written below may be of all periods; the words are about this one.
    least, most = (say.quantity(end(marks)[0], indicator, view.catalogue) if marks else "" for end in (min, max))
    levels = view.catalogue.levels[view.choice.level].plural.get(say.lang)
    text = say.t("legend.histogram", count=say.number(len(marks)), levels=levels, low=least, high=most)
    badge, text = say.badge(*figures, city), say.worn(text, *figures, city)
    return histogram.html(marks, shades_.bounds, axis, whole, (low, high), text, badge)


def _sizes(view: View, figures: Sequence[Figure], shades_: Shading, size: tuple[int, int], text: str) -> str:
    """Three circles as they are drawn on the map; `text` says what they mean."""
    largest, say = max(map(abs, shades_.span)), view.words
    if view.indicator.display != "circles" or not largest:
        return ""
    circles = [
        (files.radius_px(value, largest, len(figures)) * _scale(size), say.short(value, view.indicator, view.catalogue))
        for value in shading.samples(largest, 10.0**-view.indicator.decimals)
    ]
    return sizes.html(circles, say.worn(text, *figures), PHONE_KEY if size == PHONE else "")


def lines(view: View, shown: Series) -> None:
    """The chosen figure through time, for the chosen areas and the city, and what the lines are made of."""
    also = partial(goals.layers, view, trend.lines(view)) if shown.way == "waarde" else None
    _chart(view, shown, trend.drawn(view, shown), view.indicator, LINES, also)
    _marks(trend.marks(view, shown, view.indicator), view.method("series"))


def _chart(
    view: View,
    shown: Series,
    names: dict[str, str],
    indicator: Indicator,
    height: int,
    also: Callable[[int, int], chart.Also] | None = None,
) -> None:
    characters = NARROW if on_a_phone() else chart.CHARACTERS
    spec = view.once(
        "trend",
        lambda: chart.lines(
            shown,
            names,
            view.city.code,
            indicator,
            view.words,
            view.catalogue,
            height,
            characters,
            also(height, characters) if also else chart.NOTHING,
        ),
        indicator.id,
        shown.way,
        tuple(names.items()),
        height,
        characters,
    )
    st.vega_lite_chart(spec, theme=None, width="stretch", alt=trend.lines_in_words(view, shown, names))


def goals_and_measures(view: View, shown: Series) -> None:
    """What the city filled in about the lines: its goals beside their ends, and what was done; nothing without it."""
    # Only beside the figures themselves are they drawn, and do measures have a number.
    figures = trend.lines(view) if shown.way == "waarde" else ()
    told = [text for text in (goals.of_lines(view), goals.measures(view, figures)) if text]
    if told:
        st.header(view.words.t("goals.title"), anchor=False)
        st.markdown("\n\n".join([*told, view.method("goals")]))


def against_goals(view: View, area: Area) -> None:
    """An area beside the goals set for it or for the city, and what was done there; nothing where there is neither."""
    if told := goals.against(view, area):
        st.header(view.words.t("goals.area", area=plain(area.name)), anchor=False)
        st.markdown(f"{told}\n\n{view.method('goals')}")
    if done := goals.measures_of(view, area):
        st.header(view.words.t("measures.area", area=plain(area.name)), anchor=False)
        st.markdown(f"{done}\n\n{view.method('goals')}")


def _marks(told: Sequence[str], *links: str) -> None:
    """Below lines: what they are made of, in a few words each, and where that is explained."""
    note(" · ".join([*map(plain, told), *links]))


def small_charts(view: View) -> None:
    """The lines of all wijken, or of all buurten of the chosen wijk, side by side and as a table."""
    made = multiples.made(view)
    if made is None:
        return
    st.header(plain(made.title), anchor=False)
    st.markdown(plain(" ".join(made.told)))
    if made.html:
        st.html(made.html)
        _marks(made.marks)
        with st.expander(view.words.t("multiples.table")):
            st.markdown(made.table)
