"""What the page of trends shows: lines of the chosen areas and the city, and the change of every area of a level."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

from buurtbeeld import judging, queries, verdicts
from buurtbeeld.catalogue import Figure, Indicator, Way
from buurtbeeld.charts import series
from buurtbeeld.charts import trend as chart
from buurtbeeld.charts.series import BETWEEN, Series
from buurtbeeld.maps import shading
from buurtbeeld.maps.shading import Shading
from buurtbeeld.texts import sentences
from buurtbeeld.texts import trends as said
from buurtbeeld.texts.lists import listed
from buurtbeeld.verdicts import Change
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


def shown(view: View) -> tuple[Series, str]:
    """The lines in the chosen way; where that can't be, as they are, with a sentence that says why."""
    way, indicator, figures = view.choice.way, view.indicator, lines(view)
    usual = indicator.ways[0]
    found = in_way(view, figures, indicator, way if way in indicator.ways else usual)
    name = view.words.t(f"way.{way}")
    if way not in indicator.ways:
        why = view.words.t("trend.way.unfit", way=name)
    elif found is not None:
        why = ""
    elif set(codes(view)) == {view.city.code}:
        why = view.words.t("trend.way.choose")
    else:
        why = view.words.t("trend.way.impossible", way=name)
    return found or as_is(view, figures, indicator), why


def in_way(view: View, figures: Sequence[Figure], indicator: Indicator, way: Way) -> Series | None:
    """`figures` of `indicator` in one of the ways to show them, with where their lines are cut; None where it can't."""
    areas = tuple(dict.fromkeys(figure.code for figure in figures))
    return view.once(f"series {way}", lambda: _in_way(view, figures, indicator, way, areas), indicator.id, areas)


def as_is(view: View, figures: Sequence[Figure], indicator: Indicator) -> Series:
    """`figures` as they were published, with where their lines are cut."""
    found = in_way(view, figures, indicator, indicator.ways[0])
    assert found
    return found


def _in_way(
    view: View, figures: Sequence[Figure], indicator: Indicator, way: Way, areas: tuple[str, ...]
) -> Series | None:
    breaks = view.catalogue.breaks_of(indicator.id)
    cuts = series.cuts(figures, breaks, view.mart.ask(queries.borders, areas))
    if way == "index":
        levels = {figure.level for figure in figures}
        noise = {level: view.mart.ask(queries.noise, verdicts.events_of(indicator), level) for level in levels}
        return series.as_index(figures, cuts, indicator, view.catalogue, noise)
    if way == "verschil":
        return series.as_difference(figures, cuts, view.city.code, indicator, view.catalogue)
    return Series(way, tuple(figures), cuts)


def drawn(view: View, found: Series) -> dict[str, str]:
    """The names of the areas whose lines are drawn, by code.

    Beside the city's own count every part of it would be a line on the floor, so there the city stays away; so it does
    where nothing is said of one area beside another.
    """
    city = view.city.code
    names = {code: view.offer.areas[code].name for code in codes(view)}
    others = any(figure.value is not None and figure.code != city for figure in found.figures)
    floored = found.way == "waarde" and view.indicator.kind == "count"
    if others and (floored or not view.indicator.ranked):
        del names[city]
    return names


def notes(view: View, found: Series) -> list[str]:
    """What to know of the lines, in sentences of Markdown: what is not there and why, and what can't be compared."""
    told = [*_absent(view, found), *_margins(view, found), *_once(view), *gaps(view, lines(view)), *_minded(view)]
    return [*map(plain, told), *_breaks(view, found), *_converted(view)]


def has_areas(view: View) -> bool:
    """Whether any area but the city has the figure."""
    return view.choice.level != view.city.level


def has_choice_of_level(view: View) -> bool:
    """Whether it makes a difference which level is chosen: not where each has one period only, and so no change."""
    return any(len(periods) > 1 for periods in _parts(view).values())


def _parts(view: View) -> dict[str, tuple[date, ...]]:
    """The periods of the chosen indicator for each level below the city."""
    held = view.offer.held[view.choice.indicator]
    return {level: periods for level, periods in held.items() if level != view.city.level}


def _once(view: View) -> list[str]:
    """That below the city there is one period only, where the city itself has more."""
    say, parts = view.words, _parts(view)
    if has_choice_of_level(view) or len(view.offer.held[view.choice.indicator].get(view.city.level, ())) < 2:
        return []
    levels: dict[date, list[str]] = {}
    for level, (period,) in parts.items():
        levels.setdefault(period, []).append(view.level(level))
    return [
        say.t("trend.level.once", levels=listed(names, view.words), period=say.period(period, view.indicator.grain))
        for period, names in levels.items()
    ]


def _margins(view: View, found: Series) -> list[str]:
    """Whose margins are drawn, where it isn't those of all, and that they go on beyond the axis, where they do."""
    say, names = view.words, drawn(view, found)
    mine = [figure for figure in found.figures if figure.code in names]
    every = {figure.code for figure in mine if figure.low is not None}
    some = chart.banded(mine, names, view.city.code)
    told = [say.t("trend.band.one", area=names[some[0]])] if len(some) < len(every) else []
    if further := [code for code in chart.beyond(found, mine, view.indicator) if code in some]:
        told.append(say.t("trend.band.further", areas=_named(view, further)))
    return told


def _absent(view: View, found: Series) -> list[str]:
    """What the way in which the lines are shown leaves out."""
    say, city = view.words, view.city
    period = say.during(found.base, view.indicator.grain) if found.base else ""
    key = "trend.way.city" if view.indicator.ranked else "trend.way.unranked"
    lacks = [] if city.code in drawn(view, found) else [say.t(key, city=city.name)]
    if found.zero:
        lacks.append(say.t("trend.way.zero", areas=_named(view, found.zero), period=period))
    if found.earlier:
        lacks.append(say.t("trend.way.earlier", period=period))
    return lacks


def gaps(view: View, figures: Sequence[Figure]) -> list[str]:
    """Which chosen areas have no line, in sentences: those without any value, and those with one value only."""
    periods: dict[str, list[date]] = {code: [] for code in view.choice.areas}
    for figure in figures:
        if figure.value is not None and figure.code in periods:
            periods[figure.code].append(figure.period)
    held = view.offer.held[view.choice.indicator]
    none = [code for code, found in periods.items() if not found and view.offer.areas[code].level in held]
    once: dict[date, list[str]] = {}
    for code, found in periods.items():
        if len(found) == 1:
            once.setdefault(found[0], []).append(code)
    say = view.words
    told = [*_unpublished(view), *([say.t("trend.without", areas=_named(view, none))] if none else [])]
    for period, areas in once.items():
        when = say.period(period, view.indicator.grain)
        told.append(say.t("trend.once", areas=_named(view, areas), period=when))
    return told


def _unpublished(view: View) -> list[str]:
    """Which chosen areas are of a level for which nobody publishes the figure, and which level has it."""
    say, held = view.words, view.offer.held[view.choice.indicator]
    areas: dict[str, list[str]] = {}
    for code in view.choice.areas:
        areas.setdefault(view.offer.areas[code].level, []).append(code)
    return [
        say.t(
            "trend.level.none", level=view.level(level), areas=_named(view, some), other=view.level(view.choice.level)
        )
        for level, some in areas.items()
        if level not in held
    ]


def _breaks(view: View, found: Series) -> list[str]:
    """The breaks that cut the lines, with where the publisher tells of them, and what is not known of borders."""
    say, grain = view.words, view.indicator.grain
    told = [
        f"{plain(said.about_break(each, grain, say))} [{say.t('trend.break.link')}]({each.link})"
        for each in view.catalogue.breaks_of(view.indicator.id)
        if any(cut.since < each.period <= cut.until for cut in found.cuts)
    ]
    for cut in found.cuts:
        if cut.day is None:
            area = view.offer.areas[cut.code].name
            since, until = say.period(cut.since, grain), say.period(cut.until, grain)
            told.append(plain(say.t("trend.break.moved", area=area, since=since, until=until)))
    if unknown := series.unknown_borders(lines(view), view.mart.ask(queries.borders, codes(view))):
        told.append(plain(say.t("trend.border.unknown", areas=_named(view, unknown))))
    return told


def _converted(view: View) -> list[str]:
    """Of which areas figures of older borders were converted to those of now, or could not be."""
    say = view.words
    moved = [figure for figure in lines(view) if figure.converted]
    known = tuple(dict.fromkeys(figure.code for figure in moved if figure.value is not None))
    lacking = tuple(dict.fromkeys(f.code for f in moved if say.reason(f) == "unconverted" and f.code not in known))
    told = [say.t("trend.converted", areas=_named(view, known))] if known else []
    told += [say.t("trend.unconverted", areas=_named(view, lacking))] if lacking else []
    how = view.method("borders")
    return [f"{plain(' '.join(told))} {how}"] if told else []


def _local(view: View, figure: Figure) -> list[str]:
    """What to mind of one figure in its area and period only, in a few words each."""
    if not view.indicator.local_caveats:
        return []
    keys = view.mart.ask(queries.local_caveats, view.indicator.id).get((figure.code, figure.period), ())
    return [view.catalogue.caveats[key].title.get(view.words.lang) for key in keys]


def _minded(view: View) -> list[str]:
    """In which of the chosen areas there is something to mind, in sentences."""
    areas: dict[str, dict[str, None]] = {}
    for figure in lines(view):
        for title in _local(view, figure):
            areas.setdefault(title, {})[figure.code] = None
    return [view.words.t("mind.at", where=_named(view, tuple(codes)), caveat=title) for title, codes in areas.items()]


def _named(view: View, codes: Sequence[str]) -> str:
    """The names of areas in a sentence."""
    return listed([view.offer.areas[code].name for code in codes], view.words)


def marks(view: View, found: Series, indicator: Indicator) -> list[str]:
    """What the lines of a series are made of, in a few words each: how the figure is made, dots, dashes, bands."""
    say = view.words
    told = [say.t(f"method.{indicator.method}.short")]
    for kind, day in dict.fromkeys((cut.kind, cut.day or cut.until) for cut in found.cuts):
        period = say.period(day, indicator.grain)
        told.append(say.t("trend.mark.break", kind=say.t(f"trend.break.{kind}"), period=period))
    if any(piece.style == BETWEEN for piece in series.pieces(found.figures, found.cuts)):
        told.append(say.t("trend.mark.between"))
    if any(figure.provisional and figure.value is not None for figure in found.figures):
        told.append(say.t("trend.mark.provisional"))
    if any(figure.converted and figure.value is not None for figure in found.figures):
        told.append(say.t("trend.mark.converted"))
    if any(figure.low is not None for figure in found.figures):
        counted = verdicts.counted(indicator, view.catalogue)
        told.append(say.t("trend.mark.rounding" if counted else "trend.mark.margin"))
    return told


def table(view: View, found: Series) -> str:
    """The lines as a Markdown table."""
    areas = [code for code in codes(view) if any(figure.code == code for figure in lines(view))]
    return view.once(
        "trend table",
        lambda: written(view, lines(view), found, tuple(areas)),
        view.choice.indicator,
        codes(view),
        found.way,
    )


def written(view: View, figures: Sequence[Figure], found: Series, areas: tuple[str, ...], by_area: bool = False) -> str:
    """A series as a Markdown table: a row per period and a column for each of `areas`, or the other way round.

    figures: the same as they were published, which say why a figure is missing. A period that begins after a break in
    the series says so.
    """
    say, indicator, catalogue = view.words, view.indicator, view.catalogue
    if found.way == "verschil":
        areas = tuple(code for code in areas if code != view.city.code)
    published = {(figure.period, figure.code): figure for figure in figures}
    made = {(figure.period, figure.code): figure for figure in found.figures}
    rows = [[say.t("table.period"), *(view.offer.areas[code].name for code in areas)]]
    before = None
    for period in sorted({period for period, _ in published}):
        passed = [b.kind for b in catalogue.breaks_of(indicator.id) if before and before < b.period <= period]
        when = "; ".join([say.period(period, indicator.grain), *(say.t(f"trend.break.{kind}") for kind in passed)])
        cells = [_cell(view, found, published.get((period, code)), made.get((period, code))) for code in areas]
        rows.append([when, *cells])
        before = period
    if by_area:
        rows = [[view.level(view.offer.areas[areas[0]].level).capitalize(), *(row[0] for row in rows[1:])]] + [
            list(row) for row in zip(*(row[1:] for row in rows), strict=True)
        ]
    unit = series.unit(found, view.city.name, indicator, say, catalogue)
    if indicator.method == "model":
        unit = f"{unit} ({say.t('sure.label.model')})"
    lines = [_line(list(map(plain, row))) for row in rows]
    rule = _line([":--", *["--:"] * (len(rows[0]) - 1)])
    return "\n".join([f"{plain(unit)}\n", lines[0], rule, *lines[1:]])


def _cell(view: View, found: Series, published: Figure | None, made: Figure | None) -> str:
    say = view.words
    if published is None:
        return say.t("table.none")
    if published.value is None:
        return say.status(say.reason(published))
    if made is None or made.value is None:
        return say.t("trend.way.cell")
    text = series.told(made, found.way, view.indicator, say, view.catalogue)
    moved = any(c.kind == series.BORDER and (c.code, c.until) == (made.code, made.period) for c in found.cuts)
    return "; ".join([text, *([say.t("trend.break.border")] if moved else []), *_local(view, published)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def changes(view: View) -> tuple[Figure, ...]:
    """The change of every area of the chosen level between the two chosen periods."""

    def make() -> tuple[Figure, ...]:
        then, now = _both(view, view.choice.level)
        return shading.changes(now, then)

    return view.once("changes", make, *_span(view))


def _both(view: View, level: str) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    """The figures of every area of a level in the two chosen periods, the earlier ones first."""
    choice = view.choice
    assert choice.since
    then, now = (view.mart.ask(queries.figures, choice.indicator, level, p) for p in (choice.since, choice.period))
    return then, now


def verdict(view: View, level: str) -> Mapping[str, Change]:
    """What may be said of the change of every area of a level between the two chosen periods, by code."""

    def make() -> Mapping[str, Change]:
        return judging.changes(view.mart, *_both(view, level), view.indicator, view.catalogue)

    return view.once("verdicts", make, level, *_span(view))


def shades(view: View) -> Shading:
    """The colours and the legend of the map of change."""
    judged = verdict(view, view.choice.level)
    make = partial(shading.by_change, changes(view), view.indicator, view.words, view.catalogue, judged)
    return view.once("change shades", make, *_span(view))


def _span(view: View) -> tuple[object, ...]:
    """What the change between two periods depends on."""
    choice = view.choice
    return choice.indicator, choice.level, choice.period, choice.since


def about_chosen(view: View) -> list[str]:
    """The verdict on the change of each chosen area, with the numbers behind it, in sentences."""
    return view.once("chosen change", lambda: _about_chosen(view), view.choice.areas, *_span(view))


def _about_chosen(view: View) -> list[str]:
    told = []
    for code in view.choice.areas:
        area = view.offer.areas[code]
        then, now = ({figure.code: figure for figure in found}.get(code) for found in _both(view, area.level))
        if then is not None or now is not None:
            sure = verdicts.between(then, now, view.indicator, view.catalogue) if then and now else None
            judged = verdict(view, area.level).get(code)
            told.append(
                said.about_change(then, now, judged, sure, area.name, view.indicator, view.words, view.catalogue)
            )
    return told


def about_all(view: View) -> list[str]:
    """How many areas of the chosen level clearly changed, or how many at all where that can't be tested; and the city.

    In sentences. Nothing is counted across a break in the series.
    """
    say, choice, judged = view.words, view.choice, verdict(view, view.choice.level)
    assert choice.since
    grain = view.indicator.grain
    breaks = view.catalogue.breaks_of(view.indicator.id)
    if broken := [each for each in breaks if choice.since < each.period <= choice.period]:
        return [said.about_break(each, grain, say) for each in broken]
    counted = said.about_all(judged, choice.level, choice.since, choice.period, grain, say, view.catalogue)
    counted = say.worn(counted, *changes(view))
    if any(each in said.CLAIMS for each in judged.values()):
        levels = view.catalogue.levels[choice.level].plural.get(say.lang)
        return [counted, *about_city(view), say.t("trend.all.together", levels=levels)]
    if judged and Change.UNTESTED not in judged.values():
        return [counted]  # every border may have moved
    step, changed = shades(view).step, changes(view)
    told = sentences.about_change(changed, choice.since, step, view.indicator, say, view.catalogue)
    return [told, *about_city(view), *([say.t("trend.all.untested")] if judged else [])]


def lines_in_words(view: View, found: Series, names: Mapping[str, str]) -> str:
    """The lines for who can't see them: of each of `names` (code → name) where it begins and where it ends."""
    say, indicator, catalogue = view.words, view.indicator, view.catalogue
    unit = series.unit(found, view.city.name, indicator, say, catalogue)
    told = [f"{indicator.title.get(say.lang)}, {unit}."]
    for code, name in names.items():
        known = [figure for figure in found.figures if figure.code == code and figure.value is not None]
        if not known:
            continue
        (since, first), (until, last) = (
            (say.during(f.period, f.grain), series.told(f, found.way, indicator, say, catalogue))
            for f in (known[0], known[-1])
        )
        if found.way != "waarde":
            told.append(say.t("trend.alt.ends", area=name, since=since, first=first, until=until, last=last))
            continue
        told.append(sentences.about_area(known[-1], indicator, say, catalogue))
        if len(known) > 1:
            told.append(say.t("trend.alt.before", since=since, first=first))
    return " ".join(told)


def in_words(view: View) -> str:
    """The map of change for who can't see it: the sentence that stands beside it, with what it is about."""
    title, sentence = view.title(view.choice.indicator), about_all(view)[0]
    return sentence if sentence.startswith(title) else f"{title}. {sentence}"


def about_city(view: View) -> list[str]:
    """The change of the whole city as a sentence; none where it has no figure, or the two can't be compared."""
    say, indicator, catalogue = view.words, view.indicator, view.catalogue
    then, now = (next((f for f in found if f.value is not None), None) for found in _both(view, view.city.level))
    if not then or not now or verdict(view, view.city.level).get(view.city.code) in said.APART:
        return []
    assert then.value is not None and now.value is not None
    before, after = (say.badged(say.quantity(f.value or 0, indicator, catalogue), f) for f in (then, now))
    changed = said.change(now.value - then.value, indicator, say, catalogue)
    return [say.t("change.sentence.city", city=view.city.name, before=before, after=after, change=changed)]


def has_map_of_change(view: View) -> bool:
    """Whether two periods of areas can be set beside each other on a map."""
    return bool(view.choice.since) and view.indicator.ranked and has_areas(view)


def about_city_alone(view: View) -> list[str]:
    """What stands in place of the map of change where areas are not compared: the change of the city, and why.

    Nothing more than the change where no area but the city has the figure.
    """
    say = view.words
    if not has_areas(view):
        return about_city(view)
    levels = view.catalogue.levels[view.choice.level].plural.get(say.lang)
    return [*about_city(view), say.t("change.unranked", levels=levels)]


def change_table(view: View, changes: Sequence[Figure]) -> str:
    """The change of every area as a Markdown table, with margin and verdict; missing ones with the reason."""
    return view.once("change table", lambda: _change_table(view, changes), *_span(view))


def _change_table(view: View, changes: Sequence[Figure]) -> str:
    say, indicator, catalogue = view.words, view.indicator, view.catalogue
    judged = verdict(view, view.choice.level)
    then, now = ({figure.code: figure for figure in found} for found in _both(view, view.choice.level))
    # Where nothing can be tested the same words would stand in every row; the sentence above the table says it once.
    tested = any(each in said.CLAIMS for each in judged.values())
    rows = [[view.level(view.choice.level).capitalize(), say.t("change.column")]]
    for figure in sorted(changes, key=lambda f: f.name.casefold()):
        before, after, each = then.get(figure.code), now.get(figure.code), judged.get(figure.code)
        text = shading.change_text(figure, indicator, say, catalogue)
        if each in said.APART:
            text = say.t("trend.way.cell")
        elif sure := verdicts.between(before, after, indicator, catalogue) if before and after else None:
            text = f"{text} ({said.margin(sure, indicator, say)})"
        rows.append([figure.name, text, *([say.t(f"trend.verdict.{each}") if each else ""] if tested else [])])
    if tested:
        rows[0].append(say.t("trend.column.verdict"))
    lines = [_line(list(map(plain, row))) for row in rows]
    return "\n".join([lines[0], _line([":--", "--:", ":--"][: len(rows[0])]), *lines[1:]])
