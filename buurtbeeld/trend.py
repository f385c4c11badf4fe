"""What the page of trends shows: lines of the chosen areas and the city, and the change of every area of a level."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from buurtbeeld import queries
from buurtbeeld.catalogue import Figure
from buurtbeeld.maps import shading
from buurtbeeld.maps.shading import Shading
from buurtbeeld.view import View, plain


def has_series(view: View) -> bool:
    """Whether the chosen areas, or else the city, have more than one period."""
    return len({figure.period for figure in lines(view) if figure.value is not None}) > 1


def codes(view: View) -> tuple[str, ...]:
    """The chosen areas and the city, each once."""
    return tuple(dict.fromkeys((*view.choice.areas, view.city.code)))


def lines(view: View) -> tuple[Figure, ...]:
    """Every period of the chosen indicator in the chosen areas and the city."""
    return view.mart.ask(queries.figures_of, (view.choice.indicator,), codes(view))


def gaps(view: View, figures: Sequence[Figure]) -> list[str]:
    """Which chosen areas have no line, in sentences: those without any value, and those with one value only."""
    periods: dict[str, list[date]] = {code: [] for code in view.choice.areas}
    for figure in figures:
        if figure.value is not None and figure.code in periods:
            periods[figure.code].append(figure.period)
    names = {code: view.offer.areas[code].name for code in periods}
    none = [names[code] for code, found in periods.items() if not found]
    once: dict[date, list[str]] = {}
    for code, found in periods.items():
        if len(found) == 1:
            once.setdefault(found[0], []).append(names[code])
    say = view.words
    said = [say.t("trend.without", areas=", ".join(none))] if none else []
    for period, areas in once.items():
        said.append(say.t("trend.once", areas=", ".join(areas), period=say.period(period, view.indicator.grain)))
    return said


def changes(view: View) -> tuple[Figure, ...]:
    """The change of every area of the chosen level between the two chosen periods."""
    choice = view.choice
    assert choice.since

    def make() -> tuple[Figure, ...]:
        now, then = (
            view.mart.ask(queries.figures, choice.indicator, choice.level, p) for p in (choice.period, choice.since)
        )
        return shading.changes(now, then)

    return view.once("changes", make, *_span(view))


def shades(view: View) -> Shading:
    """The colours and the legend of the map of change."""
    make = partial(shading.by_change, changes(view), view.indicator, view.words, view.catalogue)
    return view.once("change shades", make, *_span(view))


def _span(view: View) -> tuple[object, ...]:
    """What the change between two periods depends on."""
    choice = view.choice
    return choice.indicator, choice.level, choice.period, choice.since


def table(view: View, figures: Sequence[Figure]) -> str:
    """The lines as a Markdown table: a row per period, a column per area."""
    return view.once("trend table", lambda: _table(view, figures), view.choice.indicator, codes(view))


def _table(view: View, figures: Sequence[Figure]) -> str:
    say = view.words
    by_place: dict[tuple[date, str], Figure] = {(figure.period, figure.code): figure for figure in figures}
    shown = [code for code in codes(view) if any(figure.code == code for figure in figures)]
    head = [say.t("table.period"), *(view.offer.areas[code].name for code in shown)]
    lines = [" | ".join(map(plain, head)), " | ".join([":--", *["--:"] * len(shown)])]
    for period in sorted({figure.period for figure in figures}):
        cells = [by_place.get((period, code)) for code in shown]
        written = [say.figure(c, view.indicator, view.catalogue) if c else say.t("table.none") for c in cells]
        lines.append(" | ".join(map(plain, [say.period(period, view.indicator.grain), *written])))
    return "\n".join(f"| {line} |" for line in lines)


def change_table(view: View, changes: Sequence[Figure]) -> str:
    """The change of every area as a Markdown table, missing ones with the reason."""
    return view.once("change table", lambda: _change_table(view, changes), *_span(view))


def _change_table(view: View, changes: Sequence[Figure]) -> str:
    say = view.words
    lines = [f"{view.level(view.choice.level).capitalize()} | {say.t('change.column')}", ":-- | --:"]
    for figure in sorted(changes, key=lambda f: f.name.casefold()):
        text = shading.change_text(figure, view.indicator, say, view.catalogue)
        lines.append(f"{plain(figure.name)} | {plain(text)}")
    return "\n".join(f"| {line} |" for line in lines)
