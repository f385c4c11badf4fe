"""The files a map is drawn from. The build is in the address, so a browser keeps each file for good.

    /map/<build>/<taal>/<niveau>/<indicator>/<periode>/<method>-<k>.geojson   areas with colour and tooltip
    …/<method>-<k>-all.geojson                                                in classes of all periods together
    /map/<build>/<taal>/change/<niveau>/<indicator>/<van>/<tot>.geojson       the same, of a change between two periods
    /map/<build>/circles/…                                                    circles in the areas of either, for counts
    /map/<build>/borders/<niveau>.geojson                                     outlines alone
    /map/<build>/outline/<code>_….geojson                                     the outlines of the chosen areas
    /map/<build>/places/<niveau>.geojson                                      outlines with names, to choose from
    /map/<build>/<taal>/places/<kind>.geojson                                 the places of one kind, as points
    /map/<build>/<taal>/nu/<deel>/<moment>.geojson            the sensors of one part of /nu, as they are from then on
    /map/<build>/<taal>/nu/bekend/<stof>.geojson              the buurten by what is measured in them
    /map/<build>/<taal>/nu/buurten/<deel>.geojson             the buurten with how many sensors they have
    /map/<build>/own/<end of code>_….geojson                                  several areas of one level as one

Each is made once per build, at the first request. What isn't there answers 404, also a build that was replaced.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from buurtbeeld import judging, queries
from buurtbeeld.catalogue import Figure, Indicator, load
from buurtbeeld.combining import MOST_PARTS, PART_LEVEL
from buurtbeeld.maps import files, shading
from buurtbeeld.maps.decks import SHARED
from buurtbeeld.maps.shading import Shading
from buurtbeeld.now import states, telling
from buurtbeeld.selection import PARTS
from buurtbeeld.server import periods
from buurtbeeld.server.bodies import FOREVER, NEVER, Body, answer, pack
from buurtbeeld.statistics.classes import CLASSES, METHODS
from buurtbeeld.store import Mart, Store
from buurtbeeld.texts import LANGUAGES, Words, sentences, words

Asked = Mapping[str, str]  # the parts of the address, by name

MOST_CHOSEN = 9  # more than a page lets anyone choose; a file of any length can't be asked for


class Drawing(NamedTuple):
    """What a map shows: a figure for every area of one level, their colours, and how one reads in words."""

    figures: tuple[Figure, ...]
    shading: Shading
    text: Callable[[Figure], str]


def routes(store: Store) -> list[Route]:
    """A route for every kind of file; a new kind is one line here and one function below."""

    def serve(path: str, make: Callable[[Mart, Asked], bytes]) -> Route:
        def endpoint(request: Request) -> Response:
            asked = request.path_params
            mart = store.of_build(asked["build"])
            if mart is None:
                raise _not_there()
            body = mart.keep((make, *asked.values()), lambda: _packed(make(mart, asked)))
            return answer(request, body, FOREVER)

        return Route(f"/map/{{build}}/{path}.geojson", endpoint)

    return [
        serve("borders/{niveau}", borders),
        serve("outline/{codes}", outline),
        serve("places/{niveau}", places),
        serve("own/{codes}", own),
        serve("circles/change/{niveau}/{indicator}/{van}/{tot}", change_circles),
        serve("circles/{niveau}/{indicator}/{periode}/{classes}", circles),
        serve("{taal}/places/{kind}", points),
        serve("{taal}/nu/bekend/{stof}", known),
        serve("{taal}/nu/buurten/{deel}", counted),
        serve("{taal}/nu/{deel}/{moment}", sensors),
        serve("{taal}/change/{niveau}/{indicator}/{van}/{tot}", change),
        serve("{taal}/{niveau}/{indicator}/{periode}/{classes}", values),
    ]


def values(mart: Mart, asked: Asked) -> bytes:
    """Every area with the colour of its class and the words of its tooltip."""
    return _areas(mart, _classified(mart, asked))


def circles(mart: Mart, asked: Asked) -> bytes:
    """A circle in every area that has a value."""
    return _circles(mart, _classified(mart, asked))


def change(mart: Mart, asked: Asked) -> bytes:
    """Every area with the colour of its change and the words of its tooltip."""
    return _areas(mart, _changed(mart, asked))


def change_circles(mart: Mart, asked: Asked) -> bytes:
    """A circle in every area that has a value in both periods."""
    return _circles(mart, _changed(mart, asked))


def borders(mart: Mart, asked: Asked) -> bytes:
    """The outlines of every area of a level, of the newest edition."""
    if asked["niveau"] not in {area.level for area in mart.ask(queries.areas)}:
        raise _not_there()
    return files.borders(mart.ask(queries.outlines, asked["niveau"]))


def outline(mart: Mart, asked: Asked) -> bytes:
    """The outlines of the chosen areas, of whatever level."""
    levels = {area.code: area.level for area in mart.ask(queries.areas)}
    codes = asked["codes"].split("_")
    if len(codes) > MOST_CHOSEN or not set(codes) <= set(levels):
        raise _not_there()
    return files.borders([(code, dict(mart.ask(queries.outlines, levels[code]))[code]) for code in codes])


def places(mart: Mart, asked: Asked) -> bytes:
    """The outlines of every area of a level with its name, of the newest edition."""
    names = {area.code: area.name for area in mart.ask(queries.areas) if area.level == asked["niveau"]}
    if not names:
        raise _not_there()
    return files.places(mart.ask(queries.outlines, asked["niveau"]), names)


def points(mart: Mart, asked: Asked) -> bytes:
    """The places of a kind that the catalogue knows, with their name."""
    say, kind = _words(asked), load().places.get(asked["kind"])
    found = mart.ask(queries.places, kind.id) if kind else ()
    if not kind or not found:
        raise _not_there()
    rows = [(f"{place.source}/{place.id}", place.name, place.code, place.lon, place.lat) for place in found]
    simulated = {source.id for source in mart.ask(queries.sources) if source.is_simulated}
    made_up = {f"{place.source}/{place.id}" for place in found if place.source in simulated}
    return files.points(rows, kind.singular.get(say.lang), made_up, say.t("badge.simulated"))


def sensors(mart: Mart, asked: Asked) -> bytes:
    """The sensors of one part of the page of now, with their state at a moment at which one of them fell silent."""
    say, part = _words(asked), PARTS.get(asked["deel"])
    every = [each for each in telling.every(mart) if each.kind.group == part]
    try:
        moment = states.read(asked["moment"], every)
    except LookupError as error:
        raise _not_there() from error
    if not every:
        raise _not_there()
    return files.sensors(telling.points(every, moment, say, load()))


def known(mart: Mart, asked: Asked) -> bytes:
    """Every buurt by what is measured in it of one quantity."""
    say, quantity = _words(asked), load().quantities.get(asked["stof"])
    if quantity is None:
        raise _not_there()
    found = telling.areas(mart, quantity, say, load())
    rows = [(each.code, each.name, each.known, each.text, each.is_simulated) for each in found]
    if not rows:
        raise _not_there()
    return files.known(rows, mart.ask(queries.outlines, PART_LEVEL))


def counted(mart: Mart, asked: Asked) -> bytes:
    """Every buurt with how many sensors of one part of the page of now stand in it."""
    say, part = _words(asked), PARTS.get(asked["deel"])
    if part is None:
        raise _not_there()
    return files.known(telling.counted(mart, part, say), mart.ask(queries.outlines, PART_LEVEL))


def own(mart: Mart, asked: Asked) -> bytes:
    """Several buurten as one outline. Of each code only its end stands in the address."""
    ends = asked["codes"].split("_")
    outlines = {code[SHARED:]: wkb for code, wkb in mart.ask(queries.outlines, PART_LEVEL)}
    if len(ends) > MOST_PARTS or not set(ends) <= set(outlines):
        raise _not_there()
    return files.united([(end, outlines[end]) for end in ends])


def _classified(mart: Mart, asked: Asked) -> Drawing:
    classes = re.fullmatch(r"([a-z]+)-([0-9])(-all)?", asked["classes"])
    if not classes or classes[1] not in METHODS or int(classes[2]) not in CLASSES:
        raise _not_there()
    indicator, say = _indicator(asked), _words(asked)
    figures = _figures(mart, asked, "periode")
    method, k = classes[1], int(classes[2])
    every = _held(mart, asked) if classes[3] else ()
    cities = {day: _city(mart, asked, day) for day in (*every, figures[0].period)}
    pairs = [(mart.ask(queries.figures, indicator.id, asked["niveau"], day), cities[day]) for day in every]
    try:
        colours = shading.by_class(figures, indicator, say, load(), method, k, cities[figures[0].period], pairs)
    except ValueError as error:  # the distance from a city that has no value
        raise _not_there() from error
    return Drawing(figures, colours, lambda figure: sentences.in_short(figure, indicator, say, load()))


def _changed(mart: Mart, asked: Asked) -> Drawing:
    indicator, say = _indicator(asked), _words(asked)
    if not indicator.ranked:
        raise _not_there()
    now, then = _figures(mart, asked, "tot"), _figures(mart, asked, "van")
    figures, judged = shading.changes(now, then), judging.changes(mart, then, now, indicator, load())
    colours = shading.by_change(figures, indicator, say, load(), judged)
    return Drawing(
        figures,
        colours,
        lambda figure: shading.change_text(figure, indicator, say, load(), judged.get(figure.code)),
    )


def _areas(mart: Mart, drawing: Drawing) -> bytes:
    outlines = mart.ask(queries.outlines, *_drawn_on(mart, drawing))
    return files.values(drawing.figures, outlines, drawing.shading, drawing.text)


def _circles(mart: Mart, drawing: Drawing) -> bytes:
    drawn_on = _drawn_on(mart, drawing)
    places = mart.ask(queries.area_table, *drawn_on).select(["code", "lon", "lat"]).to_pylist()
    points = {place["code"]: (place["lon"], place["lat"]) for place in places}
    return files.circles(drawing.figures, points, drawing.shading)


def _drawn_on(mart: Mart, drawing: Drawing) -> tuple[str, int | None]:
    """Level and edition of the outlines: those the figures were published on, or else the newest (None)."""
    edition = max(figure.edition for figure in drawing.figures)
    return drawing.figures[0].level, edition if edition in mart.ask(queries.editions) else None


def _figures(mart: Mart, asked: Asked, part: str) -> tuple[Figure, ...]:
    """The figures of the period that is written in that part of the address. What has no value anywhere is no map."""
    day = periods.read(asked[part])
    if day is None or day not in _held(mart, asked):
        raise _not_there()
    return mart.ask(queries.figures, asked["indicator"], asked["niveau"], day)


def _held(mart: Mart, asked: Asked) -> tuple[date, ...]:
    """The periods in which the figure has a value at that level."""
    wanted = asked["indicator"], asked["niveau"]
    return next((held.periods for held in mart.ask(queries.held) if (held.indicator, held.level) == wanted), ())


def _city(mart: Mart, asked: Asked, day: date) -> Figure | None:
    return next(iter(mart.ask(queries.figures, asked["indicator"], "gemeente", day)), None)


def _indicator(asked: Asked) -> Indicator:
    if asked["indicator"] not in load().indicators:
        raise _not_there()
    return load().indicators[asked["indicator"]]


def _words(asked: Asked) -> Words:
    """Circles have no words of their own, so their address names no language."""
    lang = asked.get("taal", LANGUAGES[0])
    if lang not in LANGUAGES:
        raise _not_there()
    return words(lang)


def _packed(content: bytes) -> Body:
    return pack(content, "application/geo+json")


def _not_there() -> HTTPException:
    return HTTPException(404, headers={"Cache-Control": NEVER})
