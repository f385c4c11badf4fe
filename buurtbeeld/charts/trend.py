"""Lines through time with the name of each at its end. A period without a value cuts the line: a gap stays a gap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt

from buurtbeeld.catalogue import Catalogue, Figure, Indicator
from buurtbeeld.texts import Words

COLOURS = ("#0B5A7D", "#A34400", "#5E3C99", "#111111")  # 4.5:1 on white, and apart for colour-blind eyes
CITY = "#4A5763"
INK = "#17212B"
DASHES = ([1, 0], [8, 3], [2, 3], [8, 3, 2, 3])  # never colour alone
LINE_PX = 17  # height of one label
SMALL = 200  # pixels; in a lower chart there is room for the first and the last year
CHARACTERS = 30  # of a name beside its line; the whole name stands in the table and above the chart


@dataclass(frozen=True)
class Also:
    """What is drawn with the lines, on the same scales.

    layers: go under the lines. labels: rows with `period`, `value` and `label`, whose words end at that point; they and
    the names of the lines keep clear of each other. days: those that are added to the axis of time.
    """

    layers: tuple[alt.Chart, ...] = ()
    labels: tuple[dict[str, Any], ...] = ()
    days: tuple[date, ...] = ()


NOTHING = Also()


def lines(
    figures: Sequence[Figure],
    names: Mapping[str, str],
    city: str,
    indicator: Indicator,
    words: Words,
    catalogue: Catalogue,
    height: int,
    characters: int = CHARACTERS,
    also: Also = NOTHING,
) -> dict[str, Any]:
    """A Vega-Lite specification of `figures`, all of `indicator`: a line per area of `names` (code → label), in order.

    characters: how much of a name stands at the end of its line.

    The area `city` is drawn in grey. The value axis starts at zero, so that small changes do not look large.
    """
    mine = [figure for figure in figures if figure.code in names]
    shown = [code for code in names if any(f.code == code and f.value is not None for f in mine)]
    own = {code: place for place, code in enumerate(code for code in shown if code != city)}
    colours = [CITY if code == city else COLOURS[own[code] % len(COLOURS)] for code in shown]
    dashes = [[1, 0] if code == city else DASHES[own[code] % len(DASHES)] for code in shown]
    values = [figure.value for figure in mine if figure.value is not None] + [row["value"] for row in also.labels]
    room = max(values, default=0) - min([*values, 0.0]) or 1.0

    # A tick finer than the figures are published would show a precision they have not.
    step = 10.0**-indicator.decimals
    axis = alt.Axis(
        aria=False,
        title=None,
        labelExpr=_number(words),
        tickCount=4,
        tickMinStep=step,
        domain=False,
        ticks=False,
        gridColor="#E3E8EC",
    )
    years = sorted({local(day) for day in (*(figure.period for figure in mine), *also.days)})
    if height < SMALL:
        years = [years[0], years[-1]] if years else []
    time = alt.Axis(
        aria=False,
        title=None,
        values=years,
        format="%Y",
        grid=False,
        labelOverlap=True,
        labelSeparation=8,
        tickColor="#8A96A1",
    )
    x = alt.X("period:T", axis=time, scale=alt.Scale(padding=12))  # the first point clear of the axis
    colour = alt.Color("code:N", scale=alt.Scale(domain=shown, range=colours), legend=None)
    dash = alt.StrokeDash("code:N", scale=alt.Scale(domain=shown, range=dashes), legend=None)
    y = alt.Y("value:Q", scale=alt.Scale(zero=True, nice=True), axis=axis)

    rows = [_row(figure, indicator, words, catalogue) for figure in mine if figure.code in shown]
    line = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=2.5, aria=False)
        .encode(x=x, y=y, color=colour, strokeDash=dash)
    )
    point = alt.Chart(alt.Data(values=rows)).mark_point(filled=True, size=60, opacity=1, aria=False)
    point = point.encode(x=x, y=y, color=colour, tooltip=alt.Tooltip("text:N", title=None))
    labels = {code: shortened(names[code], characters) for code in shown}
    named = _ends(mine, labels, indicator, words, catalogue)
    ends = _apart([*named, *also.labels], room * LINE_PX / height)
    label = alt.Chart(alt.Data(values=[row for row in ends if "code" in row]))
    label = label.mark_text(align="left", dx=9, fontSize=13, fontWeight=600, aria=False)
    label = label.encode(x=x, y=alt.Y("place:Q"), color=colour, text="label:N")
    under, over = list(also.layers), [label]
    if also.labels:
        other = alt.Chart(alt.Data(values=[row for row in ends if "code" not in row]))
        other = other.mark_text(align="right", dx=-10, fontSize=13, fontWeight=600, color=INK, aria=False)
        other = other.encode(x=x, y=alt.Y("place:Q"), text="label:N")
        under, over = [*under, _haloed(other), _haloed(label)], [other, label]  # the halo hides no line of figures

    chart = alt.layer(*under, line, point, *over).properties(
        height=height,
        width="container",
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        padding={"left": 5, "top": 8, "bottom": 5, "right": 5},
    )
    font = "Source Sans, sans-serif"
    chart = (
        chart.configure_view(stroke=None).configure(font=font).configure_axis(labelFontSize=13, labelColor="#4A5763")
    )
    return chart.to_dict()  # type: ignore[no-any-return]  # altair says Any


def _haloed(label: alt.Chart) -> alt.Chart:
    """What goes under words so that they can be read where a line runs behind them: the same, wider, in white."""
    white = label.copy()
    white.mark = alt.MarkDef(**white.mark.to_dict(), stroke="#FFFFFF", strokeWidth=8, strokeJoin="round")
    return white


def local(day: date) -> str:
    """A day as the browser's own midnight; without a time it is read as UTC, which is the day before in America."""
    return f"{day}T00:00:00"


def _row(figure: Figure, indicator: Indicator, words: Words, catalogue: Catalogue) -> dict[str, Any]:
    written = words.figure(figure, indicator, catalogue)
    period = words.period(figure.period, figure.grain)
    return {
        "code": figure.code,
        "period": local(figure.period),
        "value": figure.value,
        "text": f"{figure.name}, {period}: {written}",
    }


def _ends(
    figures: Sequence[Figure],
    names: Mapping[str, str],
    indicator: Indicator,
    words: Words,
    catalogue: Catalogue,
) -> list[dict[str, Any]]:
    """The label at the end of each line."""
    newest = {figure.code: figure for figure in figures if figure.value is not None and figure.code in names}
    ends: list[dict[str, Any]] = []
    for figure in newest.values():
        label = f"{names[figure.code]} {words.cell(figure, indicator, catalogue)}"
        ends.append({"code": figure.code, "period": local(figure.period), "value": figure.value, "label": label})
    return ends


def _apart(labels: Sequence[dict[str, Any]], gap: float) -> list[dict[str, Any]]:
    """Labels with their `place`: at their value, or higher where they would lie on the one below them."""
    placed: list[dict[str, Any]] = []
    for label in sorted(labels, key=lambda label: label["value"]):
        place = max(label["value"], placed[-1]["place"] + gap) if placed else label["value"]
        placed.append(label | {"place": place})
    return placed


def shortened(name: str, characters: int) -> str:
    """The beginning of a name, with a sign that there is more."""
    return name if len(name) <= characters else f"{name[: characters - 1].rstrip()}…"


def _number(words: Words) -> str:
    """Vega writes 1,234.5; Dutch wants 1.234,5. Swapped in the browser, where the ticks are chosen."""
    if words.lang == "en":
        return "format(datum.value, ',')"
    return "replace(replace(replace(format(datum.value, ','), /,/g, '_'), '.', ','), /_/g, '.')"
