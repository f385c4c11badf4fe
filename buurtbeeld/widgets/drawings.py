"""Maps, legends and charts of what was chosen, each with the same in words."""

from collections.abc import Callable, Sequence
from html import escape

import streamlit as st

from buurtbeeld import queries, selection
from buurtbeeld.catalogue import Figure, Indicator
from buurtbeeld.charts import histogram, legend, sizes
from buurtbeeld.charts import trend as chart
from buurtbeeld.maps import decks, files, shading
from buurtbeeld.maps.shading import Shading
from buurtbeeld.profile import Trend
from buurtbeeld.queries import Area
from buurtbeeld.selection import period_id
from buurtbeeld.texts import sentences
from buurtbeeld.view import CITY, View, plain
from buurtbeeld.widgets.frame import note

LAPTOP = (740, 560)  # pixels of the map, the width as far as the server can know it
HALF = (540, 430)  # of two maps side by side
PHONE = (350, 330)
ALL = "all"  # in the address of a map file: classes of all periods together
MOST_CAVEATS = 2
NARROW = 10  # characters of a name beside its line on a phone, or the name would take the place of the line


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


def _size(view: View) -> tuple[int, int]:
    if _on_a_phone():
        return PHONE
    return HALF if view.choice.beside else LAPTOP


def _on_a_phone() -> bool:
    # The server can't know how wide a window is, but a phone says that it is one.
    return "Mobi" in st.context.headers.get("User-Agent", "")


def value_map(view: View, figures: Sequence[Figure], city: Figure | None, key: str = "map") -> None:
    """The map of the chosen figure; its text alternative says the same. A click writes the area into the address.

    key: another one for each map on a page.
    """
    choice = view.choice
    period = period_id(choice.period, view.indicator.grain)
    # What is missing stands beside the map; the message of the map itself stays small.
    alt = sentences.about_city(city, figures, view.indicator, view.words, view.catalogue)
    classes = f"{choice.classes}-{ALL}" if choice.fixed else choice.classes
    _clickable(
        view, f"{choice.level}/{choice.indicator}/{period}/{classes}.geojson", alt, lambda: _choose_clicked(key), key
    )


def change_map(view: View) -> None:
    """The map of change between two periods. A click adds the area to those in the address."""
    choice, grain = view.choice, view.indicator.grain
    assert choice.since
    span = f"{period_id(choice.since, grain)}/{period_id(choice.period, grain)}.geojson"
    series = f"change/{choice.level}/{choice.indicator}/{span}"
    since, until = (view.words.period(period, grain) for period in (choice.since, choice.period))
    alt = view.words.t("change.alt", title=view.title(choice.indicator), since=since, until=until)
    _clickable(view, series, alt, lambda: _add_clicked(choice.areas), "map")


def place_map(view: View, area: Area) -> None:
    """Where an area lies in the city."""
    level = area.level if area.level != CITY else "wijk"
    deck = view.once(
        "place",
        lambda: decks.places(
            view.mart.build.id,
            level,
            city_frame(view).view(380, 260),
            () if area.level == CITY else (area.code,),
            borders="wijk",
        ),
        area.code,
    )
    st.pydeck_chart(deck, height=260, key="place", alt=view.words.t("map.place", area=area.name, city=view.city.name))


def _clickable(view: View, series: str, alt: str, clicked: Callable[[], None], key: str) -> None:
    """Draws the map of `series`, the end of an address below /map/<build>/<taal>/, whose areas can be clicked."""
    marked, size = view.choice.areas, _size(view)
    # pydeck looks for Jupyter at every deck it makes, which costs more than all the rest of this map.
    deck = view.once(
        "deck",
        lambda: decks.values(
            view.mart.build.id,
            f"{view.words.lang}/{series}",
            city_frame(view).view(*size),
            circles=f"circles/{series}" if view.indicator.display == "circles" else None,
            borders="wijk",
            marked=marked,
        ),
        series,
        marked,
        size,
    )
    st.pydeck_chart(deck, height=size[1], key=key, alt=alt, selection_mode="single-object", on_select=clicked)


def _clicked(key: str) -> str | None:
    objects = st.session_state[key].selection.objects
    return next((found["properties"]["code"] for layer in objects.values() for found in layer), None)


def _choose_clicked(key: str) -> None:
    if code := _clicked(key):
        selection.change(gebied=code)


def _add_clicked(areas: Sequence[str]) -> None:
    """Adds the clicked area to those whose lines are drawn; the first one makes room."""
    if code := _clicked("map"):
        selection.change(gebied=",".join([*(area for area in areas if area != code), code][-selection.MOST_AREAS :]))


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
    st.html(f'<h1 style="{legend.HIDDEN}">{escape(title)}</h1>')


def reading(view: View, figures: Sequence[Figure], city: Figure | None) -> None:
    """The map in words, and its legend."""
    st.header(plain(sentences.about_city(city, figures, view.indicator, view.words, view.catalogue)), anchor=False)
    _explained(view, figures, city)


def beside(view: View, figures: Sequence[Figure], city: Figure | None, key: str) -> None:
    """One of two maps: its title, the map, the same in words, and its legend."""
    say, choice = view.words, view.choice
    period = say.period(choice.period, view.indicator.grain)
    st.header(plain(say.t("beside.title", title=view.title(choice.indicator), period=period)), anchor=False)
    value_map(view, figures, city, key)
    st.markdown(plain(sentences.about_city(city, figures, view.indicator, say, view.catalogue)))
    _explained(view, figures, city)


def _explained(view: View, figures: Sequence[Figure], city: Figure | None) -> None:
    """The legend, what is missing or uncertain and why, and what to mind."""
    say, catalogue = view.words, view.catalogue
    legend_of(view, figures, city)
    missing = sentences.missing(figures, say, catalogue)
    # The first are the most important; a long list would not be read, and stands in full where the figure is explained.
    caveats = [catalogue.caveats[key].description.get(say.lang) for key in view.indicator.caveats]
    mind = say.t("map.mind", caveats=" ".join(caveats[:MOST_CAVEATS])) if caveats else ""
    if len(caveats) > MOST_CAVEATS:
        mind += " " + say.t("map.mind.more", tab=say.t("tab.about"))
    note("  \n".join(plain(line) for line in (missing, mind) if line))


def legend_of(view: View, figures: Sequence[Figure], city: Figure | None) -> None:
    """How the areas are spread over the values, what a circle says, and the number of areas in each class."""

    def make() -> str:
        shades_ = shades(view, figures)
        return _histogram(view, figures, city, shades_) + _sizes(view, figures, shades_) + _classes(view, shades_)

    st.html(view.once("legend", make, *_drawn(view), _size(view)))


def legend_of_change(view: View, rows: Shading) -> None:
    """The legend with the number of areas in each class of change."""
    st.html(_classes(view, rows))


def _classes(view: View, rows: Shading) -> str:
    level = view.catalogue.levels[view.choice.level].plural.get(view.words.lang)
    count = view.words.t("legend.count", levels=level)
    return legend.html(rows.rows, f"{rows.unit}, {count}", (rows.unit, count))


def _histogram(view: View, figures: Sequence[Figure], city: Figure | None, shades_: Shading) -> str:
    """The spread of the values over the classes; without the city where its value is a sum of theirs."""
    say, indicator = view.words, view.indicator
    marks = [(figure.value, fill) for figure in figures if (fill := shades_.fill(figure)) and figure.value is not None]
    whole = (city.value, city.name) if city and city.value is not None and indicator.beside_city else None
    low, high = (say.quantity(value, indicator, view.catalogue) for value in shades_.axis)
    if shades_.axis[0] > shades_.span[0]:
        low = say.t("legend.first", high=low)
    if shades_.axis[1] < shades_.span[1]:
        high = say.t("legend.last", low=high)
    # What is written below may be of all periods; the words are about this one.
    least, most = (say.quantity(end(marks)[0], indicator, view.catalogue) if marks else "" for end in (min, max))
    levels = view.catalogue.levels[view.choice.level].plural.get(say.lang)
    text = say.t("legend.histogram", count=say.number(len(marks)), levels=levels, low=least, high=most)
    return histogram.html(marks, shades_.bounds, shades_.axis, whole, (low, high), text)


def _sizes(view: View, figures: Sequence[Figure], shades_: Shading) -> str:
    """Three circles as they are drawn on the map at first."""
    largest = max(map(abs, shades_.span))
    if view.indicator.display != "circles" or not largest:
        return ""
    frame = city_frame(view)

    def pixels(value: float) -> float:
        return files.radius_m(value, largest, len(figures), frame.width_m) / frame.pixel_m(*_size(view))

    circles = [
        (pixels(value), view.words.quantity(value, view.indicator, view.catalogue))
        for value in shading.samples(largest)
    ]
    return sizes.html(circles, view.words.t("legend.circles"))


def lines(view: View, figures: Sequence[Figure]) -> None:
    """The chosen figure through time, for the chosen areas and the city."""
    names = {code: view.offer.areas[code].name for code in view.choice.areas}
    _chart(view, figures, names, view.indicator, 340)
    _how(view, view.indicator, figures)


def _chart(view: View, figures: Sequence[Figure], names: dict[str, str], indicator: Indicator, height: int) -> None:
    city = view.city
    # Beside the city's own count every part of it would be a line on the floor.
    if indicator.kind != "count" or not set(names) - {city.code}:
        names = names | {city.code: city.name}
    characters = NARROW if _on_a_phone() else chart.CHARACTERS
    spec = view.once(
        "trend",
        lambda: chart.lines(figures, names, city.code, indicator, view.words, view.catalogue, height, characters),
        indicator.id,
        tuple(names.items()),
        height,
        characters,
    )
    newest = {f.code: f for f in figures if f.code in names and f.value is not None}
    alt = " ".join(sentences.about_area(f, indicator, view.words, view.catalogue) for f in newest.values())
    st.vega_lite_chart(spec, theme=None, width="stretch", alt=alt or indicator.title.get(view.words.lang))


def small_trend(view: View, trend: Trend, area: Area) -> None:
    """One figure through time, this area beside the city."""
    st.markdown(f"**{plain(trend.indicator.title.get(view.words.lang))}**")
    _chart(view, trend.figures, {area.code: view.words.t("profile.here")}, trend.indicator, 170)
    _how(view, trend.indicator, trend.figures)


def _how(view: View, indicator: Indicator, figures: Sequence[Figure]) -> None:
    """Below a line: its unit, how the figure is made, and whether every year was measured."""
    unit = view.catalogue.units[indicator.unit].word.get(view.words.lang)
    method = view.words.t(f"method.{indicator.method}.short")
    years = sorted({figure.period.year for figure in figures if figure.value is not None})
    # A line between years that were not measured is a guess of the eye, and says so.
    gaps = view.words.t("trend.gaps") if years and years[-1] - years[0] >= len(years) else ""
    note(plain(" · ".join(filter(None, [unit, method, gaps]))))
