"""Lines through time with the name of each at its end. What is missing or can't be compared cuts the line.

Colour and the shape of the points tell areas apart; how a line is drawn tells what it is: whole between successive
periods, dots over periods of which there is no figure, dashes towards a provisional figure and along those that were
converted to other borders. A light band is the margin.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from buurtbeeld.catalogue import Catalogue, Figure, Indicator
from buurtbeeld.charts import series
from buurtbeeld.charts.series import BETWEEN, DASHED, SOLID, Cut, Piece, Series
from buurtbeeld.charts.vega import Part, field, layer
from buurtbeeld.charts.vega import chart as whole
from buurtbeeld.maps.shading import ROUND
from buurtbeeld.texts import Words

COLOURS = ("#0B5A7D", "#A34400", "#5E3C99", "#111111")  # 4.5:1 on white, and apart for colour-blind eyes
SHAPES = ("circle", "square", "triangle-up", "diamond")  # never colour alone
SIGNS = ("●", "■", "▲", "◆")  # the same, before a name
CITY, CITY_SHAPE, CITY_SIGN = "#4A5763", "cross", "✚"
INK = "#4A5763"
HOLLOW = "#FFFFFF"  # of a point whose figure is provisional or converted
DASHES = {SOLID: [1, 0], BETWEEN: [2, 3], DASHED: [7, 4]}
WIDTHS = {SOLID: 2.5, BETWEEN: 1.5, DASHED: 2.5}
BAND = 0.16  # opacity
MOST_BANDS = 2  # more of them over each other are mud
LINE_PX = 17  # height of one label
SMALL = 200  # pixels; in a lower chart there is room for the first and the last period
CHARACTERS = 30  # of a line of a name beside its line; the whole name stands in the table and above the chart
MOST_LINES = 3  # of a name
WIDE, WIDE_NARROW = 0.3, 0.6  # of the axis: what a name takes at most; and where there is little room, as on a phone
NEAR = 50  # hundredths: an index that goes further from its base has an axis from zero
WIDEST = 100  # hundredths: a margin further from the base of an index doesn't stretch the axis


@dataclass(frozen=True)
class Also:
    """What is drawn with the lines, on the same scales, which must be those of the values themselves.

    layers: go under the lines. labels: rows with `period`, `value` and `label`, whose words end at that point; they and
    the names of the lines keep clear of each other. days: those that are added to the axis of time.
    """

    layers: tuple[Part, ...] = ()
    labels: tuple[dict[str, Any], ...] = ()
    days: tuple[date, ...] = ()


NOTHING = Also()


def lines(
    shown: Series,
    names: Mapping[str, str],
    city: str,
    indicator: Indicator,
    words: Words,
    catalogue: Catalogue,
    height: int,
    characters: int = CHARACTERS,
    also: Also = NOTHING,
) -> dict[str, Any]:
    """A Vega-Lite specification of `shown`, a series of `indicator`: a line per area of `names` (code → label).

    characters: how long a line of a name is, at the end of its line. also: what else is drawn on the same scales.

    The area `city` is drawn in grey; of differences from it, it is the line at zero. The value axis starts at zero, so
    that small changes do not look large; that of an index lies around 100, and says so.
    """
    mine = [figure for figure in shown.figures if figure.code in names]
    drawn = [code for code in names if any(f.code == code and f.value is not None for f in mine)]
    mine = [figure for figure in mine if figure.code in drawn]
    if shown.way == "verschil" and mine and city in names:
        drawn.append(city)
    low, high = span(shown, mine, indicator)
    looks = _looks(drawn, city)
    colours, shapes = ([looks[code][part] for code in drawn] for part in (0, 1))
    colour = field("code:N", scale={"domain": drawn, "range": colours}, legend=None)
    shape = field("code:N", scale={"domain": drawn, "range": shapes}, legend=None)
    labels = {code: f"{looks[code][2]} {names[code]}" for code in drawn}
    ends = _ends(shown, mine, labels, city, indicator, words, catalogue, characters)
    others = [label | {"place": label["value"]} for label in also.labels]
    heights = [low, high, *(label["value"] for label in others)]
    line = (max(heights) - min(heights) or 1.0) * LINE_PX / height
    wide = WIDE if characters >= CHARACTERS else WIDE_NARROW
    _apart(ends, others, line, wide * _days([*(local(figure.period) for figure in mine), *_periods(others)]))
    ends, others = (_in_lines(sorted(rows, key=_height), line) for rows in (ends, others))
    pieces = series.pieces(mine, shown.cuts)

    # Axes and scales are those of the points; the other layers share them.
    # Where zero isn't refused in so many words, the other layers bring it back.
    around = {"domain": [low, high], "nice": False, "zero": False}
    scale = {"zero": True, "nice": True} if shown.way == "waarde" else around
    point = layer(
        "point",
        [_point(figure, shown, indicator, words, catalogue) for figure in mine],
        {"size": 60, "opacity": 1, "strokeWidth": 2},
        x=field("period:T", axis=_time(mine, also.days, height, words), scale={"padding": 12}),
        y=field("value:Q", axis=_amounts(shown, indicator, words), scale=scale),
        color=colour,
        fill={"condition": {"test": "datum.hollow", "value": HOLLOW}, **colour},
        shape=shape,
        tooltip=field("text:N", title=None),
    )
    layers = [
        *_bands(*_banded(mine, pieces, drawn, city), colour),
        *_base(shown, low),
        *also.layers,
        *_haloed(_others(others)),
        *_haloed(_named(ends, colour) if others else []),
        *_cuts(shown, mine, names, words, characters if height >= SMALL else 0),
        *_pieces(pieces, colour),
        point,
        *_others(others),
        *_named(ends, colour),
    ]
    title = _title(shown, low, names.get(city, ""), indicator, words, catalogue)
    title["text"] = words.worn(title["text"], *mine)
    return whole(layers, height, {"axis": {"labelFontSize": 13, "labelColor": INK}}, title=title)


_NAME = {"align": "left", "dx": 9, "fontSize": 13, "fontWeight": 600}
_OTHER = {"align": "right", "dx": -10, "fontSize": 13, "fontWeight": 600, "color": INK}


def _named(ends: Sequence[Part], colour: Part) -> list[Part]:
    """The names of the lines."""
    return _layers("text", ends, _NAME, x="period:T", y="place:Q", color=colour, text="label:N")


def _others(labels: Sequence[Part]) -> list[Part]:
    """The words of what else is drawn."""
    return _layers("text", labels, _OTHER, x="period:T", y="place:Q", text="label:N")


def _haloed(labels: Sequence[Part]) -> list[Part]:
    """What goes under words so that they can be read where a line runs behind them: the same, wider, in white."""
    white = {"stroke": "#FFFFFF", "strokeWidth": 8, "strokeJoin": "round"}
    return [label | {"mark": label["mark"] | white} for label in labels]


def span(shown: Series, figures: Sequence[Figure], indicator: Indicator) -> tuple[float, float]:
    """From where to where `figures` of `shown` run: from zero, or as far to both sides of 100 or of the city."""
    values = [figure.value for figure in figures if figure.value is not None]
    ends = [end for figure in figures for end in (figure.low, figure.high) if end is not None]
    if shown.way == "waarde":
        return min([*values, *ends, 0.0]), max([*values, *ends, 0.0])
    middle = 100.0 if shown.way == "index" else 0.0
    away = max((abs(value - middle) for value in values), default=0.0)
    margin = max((abs(end - middle) for end in ends), default=0.0)
    if shown.way == "index":
        reach = round_up(max(away, min(margin, WIDEST), 1.0))
        return middle - reach if reach <= NEAR else 0.0, middle + reach
    reach = round_up(max(away, margin, 10.0**-indicator.decimals))
    return -reach, reach


def round_up(size: float) -> float:
    """The least round number that is not below `size`: as in the steps of change, so 1, 1.5, 2, 2.5, 3, …"""
    power = 10.0 ** math.floor(math.log10(size))
    return next(round(step * power, 9) for step in (*ROUND, 10) if step * power >= size * (1 - 1e-9))


def local(day: date) -> str:
    """A day as the browser's own midnight; without a time it is read as UTC, which is the day before in America."""
    return f"{day}T00:00:00"


def _looks(codes: Sequence[str], city: str) -> dict[str, tuple[str, str, str]]:
    """Colour, shape and sign of each area."""
    own = [code for code in codes if code != city]
    looks = {code: (COLOURS[i % 4], SHAPES[i % 4], SIGNS[i % 4]) for i, code in enumerate(own)}
    return looks | {city: (CITY, CITY_SHAPE, CITY_SIGN)}


def _title(shown: Series, low: float, city: str, indicator: Indicator, words: Words, catalogue: Catalogue) -> Part:
    """What the value axis counts, above it; and that it doesn't begin at zero, where it doesn't."""
    unit = series.unit(shown, city, indicator, words, catalogue)
    if shown.way == "index" and low > 0:
        unit = words.t("trend.unit.cut", unit=unit, low=words.number(low))
    look = {"anchor": "start", "frame": "bounds", "fontSize": 13, "fontWeight": "normal", "color": INK}
    return {"text": unit, **look}


def _layers(mark: str, rows: Sequence[Part], look: Part, **encoded: str | Part) -> list[Part]:
    """A layer, or none without rows."""
    return [layer(mark, rows, look, **encoded)] if rows else []


def _time(figures: Sequence[Figure], more: Sequence[date], height: int, words: Words) -> Part:
    """The axis of time, with the periods as the language writes them; in a low chart only the first and the last."""
    days = sorted({*(figure.period for figure in figures if figure.value is not None), *more})
    if height < SMALL and days:
        days = [days[0], days[-1]]
    grain = figures[0].grain if figures else "year"
    ids = json.dumps([str(day) for day in days])
    written = json.dumps([words.period(day, grain) for day in days], ensure_ascii=False)
    return {
        "aria": False,
        "title": None,
        "values": [local(day) for day in days],
        "labelExpr": f"{written}[indexof({ids}, timeFormat(datum.value, '%Y-%m-%d'))]",
        "grid": False,
        "labelOverlap": True,
        "labelSeparation": 8,
        "tickColor": "#8A96A1",
    }


def _amounts(shown: Series, indicator: Indicator, words: Words) -> Part:
    # A tick finer than the figures are published would show a precision they have not.
    step = 1.0 if shown.way == "index" else 10.0**-indicator.decimals
    return {
        "aria": False,
        "title": None,
        "labelExpr": number(words, "+," if shown.way == "verschil" else ","),
        "tickCount": 4,
        "tickMinStep": step,
        "domain": False,
        "ticks": False,
        "gridColor": "#E3E8EC",
    }


def number(words: Words, form: str = ",") -> str:
    """How an axis writes its numbers: Vega writes 1,234.5; Dutch wants 1.234,5, swapped where the ticks are chosen."""
    written = f"(datum.value ? format(datum.value, '{form}') : '0')"
    if words.lang == "en":
        return written
    return f"replace(replace(replace({written}, /,/g, '_'), '.', ','), /_/g, '.')"


def _point(figure: Figure, shown: Series, indicator: Indicator, words: Words, catalogue: Catalogue) -> dict[str, Any]:
    said = series.told(figure, shown.way, indicator, words, catalogue)
    period = words.period(figure.period, figure.grain)
    row = _row(figure, value=figure.value, text=f"{figure.name}, {period}: {said}")
    return row | ({"hollow": True} if figure.provisional or figure.converted else {})


def _row(figure: Figure, **more: Any) -> dict[str, Any]:
    return {"code": figure.code, "period": local(figure.period), **more}


def _pieces(pieces: Sequence[Piece], colour: Part) -> list[Part]:
    layers: list[Part] = []
    for style, dash in DASHES.items():
        runs = [piece.figures for piece in pieces if piece.style == style]
        rows = [_row(figure, value=figure.value, piece=place) for place, run in enumerate(runs) for figure in run]
        look = {"strokeWidth": WIDTHS[style], "strokeDash": dash}
        layers += _layers("line", rows, look, x="period:T", y="value:Q", color=colour, detail="piece:N")
    return layers


def banded(figures: Iterable[Figure], codes: Iterable[str], city: str) -> tuple[str, ...]:
    """The areas of `codes` whose margins are drawn: of more than two with one only the last that isn't the city."""
    known = {figure.code for figure in figures if figure.low is not None}
    found = [code for code in codes if code in known]
    return tuple(found if len(found) <= MOST_BANDS else [code for code in found if code != city][-1:])


def beyond(shown: Series, figures: Sequence[Figure], indicator: Indicator) -> tuple[str, ...]:
    """The areas of which a margin goes on beyond the axis, which ends where `span` says."""
    low, high = span(shown, figures, indicator)
    cut = [f.code for f in figures if f.low is not None and f.high is not None and (f.low < low or f.high > high)]
    return tuple(dict.fromkeys(cut))


def _banded(
    figures: Sequence[Figure], pieces: Sequence[Piece], codes: Sequence[str], city: str
) -> tuple[list[Figure], list[Piece]]:
    """The figures and pieces of line whose margins are drawn."""
    mine = banded(figures, codes, city)
    return [f for f in figures if f.code in mine], [piece for piece in pieces if piece.figures[0].code in mine]


def _bands(figures: Sequence[Figure], pieces: Sequence[Piece], colour: Part) -> list[Part]:
    """The margins: a band along a line between successive periods, an upright line at any other point."""
    runs, apart = series.margins(figures, pieces)
    bands = [_row(f, low=f.low, high=f.high, piece=place) for place, run in enumerate(runs) for f in run]
    rules = [_row(f, low=f.low, high=f.high) for f in apart]
    ends: Part = {"x": "period:T", "y": "low:Q", "y2": "high:Q", "color": colour}
    return [
        *_layers("area", bands, {"opacity": BAND, "clip": True}, detail="piece:N", **ends),
        *_layers("rule", rules, {"opacity": 0.6, "strokeWidth": 1.5, "clip": True}, **ends),
    ]


def _base(shown: Series, low: float) -> list[Part]:
    """The line that values are read against, where it isn't the axis: 100, the city, or zero above negative values."""
    at = 100.0 if shown.way == "index" else 0.0
    rows = [{"base": at}] if shown.figures and low < at else []
    return _layers("rule", rows, {"color": INK, "strokeWidth": 1.5}, y="base:Q")


def _cuts(
    shown: Series, figures: Sequence[Figure], names: Mapping[str, str], words: Words, characters: int
) -> list[Part]:
    """An upright line with a word at each place where lines are cut; a border is that of one area, so it is named.

    characters: 0 leaves the words to what stands below the chart.
    """
    drawn = {figure.code for figure in figures}
    places: dict[tuple[str, date], list[Cut]] = {}
    for cut in shown.cuts:
        if cut.code in drawn:
            places.setdefault((cut.kind, cut.day) if cut.day else (cut.code, cut.since), []).append(cut)
    if not places:
        return []
    days = [figure.period for figure in figures]
    centre = min(days) + (max(days) - min(days)) / 2
    rules, labels = [], []
    for row, cuts in enumerate(places.values()):
        # One place for all areas, also where one of them lacks the figures beside the break.
        since, until = max(cut.since for cut in cuts), min(cut.until for cut in cuts)
        day = since + (until - since) / 2
        kind = words.t(f"trend.break.{cuts[0].kind}")
        label = kind if cuts[0].day else f"{kind}: {shortened(names[cuts[0].code], characters)}"
        side = {"align": "left", "dx": 5} if day <= centre else {"align": "right", "dx": -5}
        look = {"color": INK, "fontSize": 13, "baseline": "top", "dy": row % 4 * LINE_PX, **side}
        rules.append({"at": local(day)})
        labels.append(
            layer("text", [{"at": local(day), "label": label}], look, x="at:T", y={"value": 0}, text="label:N")
        )
    return [layer("rule", rules, {"color": INK, "strokeDash": [2, 3]}, x="at:T"), *(labels if characters else [])]


def _ends(
    shown: Series,
    figures: Sequence[Figure],
    labels: Mapping[str, str],
    city: str,
    indicator: Indicator,
    words: Words,
    catalogue: Catalogue,
    characters: int,
) -> list[dict[str, Any]]:
    """The label at the end of each line, at its newest value; of differences, that of the city at zero."""
    newest = {figure.code: figure for figure in figures if figure.value is not None}
    written = {code: series.short(f, shown.way, indicator, words, catalogue) for code, f in newest.items()}
    ends = [
        _row(f, place=f.value, label="\n".join(labelled(labels[code], written[code], characters)))
        for code, f in newest.items()
    ]
    if shown.way == "verschil" and city in labels:
        last = max(newest.values(), key=lambda figure: figure.period)
        ends.append(_row(last, place=0.0, label=labels[city]) | {"code": city})
    return ends


def _apart(ends: list[dict[str, Any]], others: list[dict[str, Any]], line: float, wide: float) -> None:
    """Moves labels up where they would lie on one below.

    ends: those that begin at their period; others: those that end there. line: the height of a line of words, on the
    axis; wide: how many days of the axis of time a label takes.
    """
    starts, stops = map(_ordinals, (_periods(ends), _periods(others)))
    reach = [(day, day + wide) for day in starts] + [(day - wide, day) for day in stops]
    placed: list[tuple[dict[str, Any], tuple[float, float]]] = []
    for above, (left, right) in sorted(zip((*ends, *others), reach, strict=True), key=lambda each: _height(each[0])):
        for below, (begin, end) in sorted(placed, key=lambda each: _height(each[0])):
            if begin < right and left < end:
                lines = (below["label"].count("\n") + above["label"].count("\n")) / 2 + 1
                above["place"] = max(above["place"], below["place"] + lines * line)
        placed.append((above, (left, right)))


def _periods(labels: Iterable[Mapping[str, Any]]) -> list[str]:
    return [label["period"] for label in labels]


def _ordinals(periods: Iterable[str]) -> list[int]:
    return [date.fromisoformat(period[:10]).toordinal() for period in periods]


def _days(periods: Iterable[str]) -> int:
    """How many days lie between the first and the last of `periods`; at least one, so that names keep a width."""
    days = _ordinals(periods)
    return max(max(days, default=0) - min(days, default=0), 1)


def _in_lines(labels: Sequence[dict[str, Any]], line: float) -> list[dict[str, Any]]:
    """A row for each line of words of `labels`, the first above the place of the label and the last below it."""
    return [
        label | {"label": words, "place": label["place"] + (label["label"].count("\n") / 2 - place) * line}
        for label in labels
        for place, words in enumerate(label["label"].split("\n"))
    ]


def _height(label: Mapping[str, Any]) -> float:
    return float(label["place"])


def labelled(name: str, value: str, characters: int) -> list[str]:
    """A name in lines of at most so many characters, with its value behind it, or below it where that is too long."""
    lines = wrapped(name, characters)
    if len(lines[-1]) + 1 + len(value) <= characters:
        return [*lines[:-1], f"{lines[-1]} {value}"]
    return [*lines, value]


def wrapped(text: str, characters: int) -> list[str]:
    """A text in at most `MOST_LINES` lines, broken between words; the end of what is longer is cut."""
    lines = [""]
    for word in _SPACES.split(text.strip()):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > characters:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    lines = [*lines[: MOST_LINES - 1], *([" ".join(lines[MOST_LINES - 1 :])] if len(lines) >= MOST_LINES else [])]
    return [shortened(line, characters) for line in lines]


_SPACES = re.compile(r"[^\S\N{NO-BREAK SPACE}]+")


def shortened(name: str, characters: int) -> str:
    """The beginning of a name, with a sign that there is more."""
    return name if len(name) <= characters else f"{name[: characters - 1].rstrip()}…"
