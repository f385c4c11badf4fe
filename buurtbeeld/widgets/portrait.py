"""A profile in short: what an area is, what stands out in it, and its headline figures as cards."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from buurtbeeld import goals, own, profile, verdicts
from buurtbeeld.catalogue import Figure, Status, Target
from buurtbeeld.charts import cards, strip
from buurtbeeld.charts.cards import Card, Group
from buurtbeeld.combining import MOST_PARTS, PART_LEVEL
from buurtbeeld.profile import Row
from buurtbeeld.queries import Area
from buurtbeeld.statistics.compare import Stand
from buurtbeeld.texts import portrait, sentences
from buurtbeeld.texts.goals import written
from buurtbeeld.view import CITY, View, plain
from buurtbeeld.widgets.frame import link, note

MOST_ALIKE = 4  # figures like the city's that are named; the rest is counted
MOST_FACTS = 3
RESIDENTS = "residents"


def introduction(view: View, area: Area, rows: Sequence[Row]) -> None:
    """What the area is, how many live there, and how many of its figures are clearly different from the city's."""
    whole, border = view.once("introduction", lambda: _introduction(view, area, rows), area.code)
    st.markdown(whole)
    note(border)


def _introduction(view: View, area: Area, rows: Sequence[Row]) -> tuple[str, str]:
    say, parts = view.words, profile.parts(view, area)
    part = view.catalogue.levels[parts[0].level] if parts else view.catalogue.levels[area.level]
    parent = view.offer.areas.get(area.parent_code or "")
    named = (part.singular.get(say.lang), part.plural.get(say.lang))
    said = [
        portrait.place(area.name, view.level(area.level), parent.name if parent else None, len(parts), named, say),
        *(
            portrait.size(row.own, row.city, row.indicator, say, view.catalogue)
            for row in rows
            if row.indicator.id == RESIDENTS
        ),
    ]
    if not rows:
        said.append(say.t("portrait.nothing", area=area.name))
    elif area.level != CITY:
        found = profile.findings(rows)
        said.append(portrait.tally(view.city.name, len(found.clear), len(found.alike), found.unknown, say))
    border = portrait.border(area.area_ha, area.edition, area.changed, say)
    return plain(" ".join(filter(None, said))), plain(border)


def findings(view: View, area: Area, rows: Sequence[Row]) -> None:
    """What is clearly different from the city, what is not, what isn't known, and how that is decided."""
    st.html(view.once("findings", lambda: cards.groups(groups(view, area, rows)), area.code))
    note(" · ".join([view.method("beside"), view.method("sure")]))


def summed(view: View, area: Area) -> None:
    """The way to what nobody publishes for this area and its buurten do have, added up from them."""
    parts = tuple(part.code for part in profile.parts(view, area) if part.level == PART_LEVEL)
    if area.level == CITY or not 1 < len(parts) <= MOST_PARTS:
        return
    titles = view.once("summed", lambda: _summed(view, area, parts), area.code)
    if titles:
        titled = portrait.named(titles, view.words)
        link("eigen-gebied", plain(view.words.t("portrait.summed", titles=titled)), eigen=",".join(parts))


def _summed(view: View, area: Area, parts: tuple[str, ...]) -> list[str]:
    nowhere = {indicator.id for indicator in profile.absent(view, area)}
    together = own.rows(replace(view, choice=replace(view.choice, own=parts)))
    known = [row.indicator.id for row in together if row.own.figure and row.own.figure.value is not None]
    return [view.title(id) for id in known if id in nowhere]


def groups(view: View, area: Area, rows: Sequence[Row]) -> list[Group]:
    """The findings in sentences: strengths beside problems where there are any, then what is just different."""
    say, found, city = view.words, profile.findings(rows), view.city.name
    better, worse, other = (_different(view, found, favour) for favour in (1, -1, 0))
    if better or worse:
        better = better or [say.t("portrait.none.better")]
        worse = worse or [say.t("portrait.none.worse")]
    # What is about the same goes before what is only not unusual, as in the title.
    like = sorted(_headlines_first(rows, found.alike), key=lambda row: row.stand is Stand.SLIGHT)
    alike = [_alike(view, row) for row in like[:MOST_ALIKE]]
    if more := len(found.alike) - len(alike):
        alike.append(say.n("portrait.alike.more", more))
    return [
        Group(say.t("portrait.group.better", city=city), tuple(better), "≠"),
        Group(say.t("portrait.group.worse", city=city), tuple(worse), "≠"),
        Group(say.t("portrait.group.other", city=city), tuple(other), "≠"),
        Group(say.t("portrait.group.alike", city=city), tuple(alike), portrait.SIGNS[Stand.ALIKE]),
        Group(say.t("portrait.group.unknown"), tuple(_unknown(view, area, rows, found)), portrait.SIGNS[Stand.UNSURE]),
    ]


def _different(view: View, found: profile.Findings, favour: int) -> list[str]:
    """What is clearly different to one side: the farthest of each theme as a sentence, the others by name."""
    said = [_clear(view, row) for row in found.named if row.favour == favour]
    if also := [row for row in found.clear if row.favour == favour and row not in found.named]:
        key = {1: "better", -1: "worse", 0: "other"}[favour]
        titles = portrait.named(_titles(view, also), view.words)
        said.append(view.words.t(f"portrait.also.{key}", titles=titles))
    return said


def _headlines_first(rows: Sequence[Row], some: Sequence[Row]) -> list[Row]:
    shown = {row.indicator.id for row in profile.headlines(rows)}
    return sorted(some, key=lambda row: row.indicator.id not in shown)


def _clear(view: View, row: Row) -> str:
    assert row.city and row.stand
    return portrait.clear(row.own, row.city, row.stand, row.caveats, row.indicator, view.words, view.catalogue)


def _alike(view: View, row: Row) -> str:
    assert row.city
    return portrait.alike(row.own, row.city, row.stand, row.indicator, view.words, view.catalogue)


def _fact(view: View, row: Row) -> str:
    assert row.city
    return portrait.fact(row.own, row.city, row.indicator, view.words, view.catalogue)


def _titles(view: View, rows: Sequence[Row]) -> list[str]:
    return [view.title(row.indicator.id) for row in rows]


def _unknown(view: View, area: Area, rows: Sequence[Row], found: profile.Findings) -> list[str]:
    """What isn't known, each with the reason: no margin, too wide a margin, missing, not published for this level."""
    say, said = view.words, []
    if found.untested:
        said.append(say.n("portrait.margin", len(found.untested)))
        said += [_fact(view, row) for row in _headlines_first(rows, found.untested)[:MOST_FACTS]]
    unsure = _headlines_first(rows, found.unsure)
    for row in unsure[:MOST_FACTS]:
        assert row.city
        said.append(portrait.maybe(row.own, row.city, row.indicator, say, view.catalogue))
    if more := unsure[MOST_FACTS:]:
        said.append(say.t("portrait.unsure.more", titles=portrait.named(_titles(view, more), say)))
    for status, same in profile.by_reason(found.missing).items():
        said.append(portrait.missing(_titles(view, same), status, say))
    if found.alone:
        said.append(portrait.alone(_titles(view, found.alone), view.city.name, say))
    if nowhere := profile.absent(view, area):
        below = profile.parts(view, area)
        held = all(below and below[0].level in view.offer.held[indicator.id] for indicator in nowhere)
        titles = [view.title(indicator.id) for indicator in nowhere]
        said.append(portrait.absent(titles, view.level(area.level), view.level(below[0].level) if held else "", say))
    return said


def headlines(view: View, area: Area, rows: Sequence[Row]) -> None:
    """The headline figures as cards."""
    st.html(view.once("headlines", lambda: _headlines(view, area, rows), area.code))


def _headlines(view: View, area: Area, rows: Sequence[Row]) -> str:
    shown = profile.headlines(rows)
    levels = view.catalogue.levels[area.level].plural.get(view.words.lang)
    key = view.words.t("portrait.key", area=area.name, levels=levels, city=view.city.name)
    return cards.figures([_card(view, row) for row in shown], key if area.level != CITY else "")


def _card(view: View, row: Row) -> Card:
    say, own, indicator = view.words, row.own, row.indicator
    known = own.value is not None
    sign = portrait.SIGNS[row.stand or Stand.UNSURE] if row.stand or profile.untested(row) else ""
    stand = portrait.beside(own, row.city, row.stand, indicator, say, view.catalogue)
    why = "" if known else say.t(f"status.{say.reason(own)}.means")
    local = [say.t("map.mind", caveats=view.catalogue.caveats[key].title.get(say.lang)) for key in row.caveats]
    # What was counted has no margin to speak of.
    sure = how_sure(view, row) if own.low is not None or not verdicts.counted(indicator, view.catalogue) else ""
    provisional = say.t("sure.label.provisional") if own.provisional else ""
    converted = say.t("sure.label.converted") if own.converted else ""
    made = [say.period(own.period, own.grain), provisional, converted, _made(view, row), _held(view, row)]
    target = goals.on_strip(view, own)
    drawing = strip_of(view, row, target=target)
    goal = _goal(view, target) if target and drawing else ""
    return Card(
        say.head(indicator, view.catalogue),
        say.cell(own, indicator, view.catalogue),
        tuple(filter(None, [f"{sign} {stand}".strip(), uncertain(view, own), why, *local])),
        drawing,
        tuple(filter(None, [goal, *(" · ".join(filter(None, each)) for each in ([sure, _wijk(view, row)], made))])),
        weak=not known or own.status == Status.UNRELIABLE,
    )


def _held(view: View, row: Row) -> str:
    """For how many areas of the level there is a figure."""
    if row.own.level == CITY:
        return ""
    levels = view.catalogue.levels[row.own.level].plural.get(view.words.lang)
    return view.words.n("profile.strip", len(row.all), levels=levels)


def uncertain(view: View, figure: Figure) -> str:
    """That a figure is unreliable, and why; empty when it isn't."""
    if figure.status != Status.UNRELIABLE:
        return ""
    reason = view.words.unsure(view.catalogue.indicators[figure.indicator])
    return f"{view.words.status(figure.status)}: {reason}"


def _made(view: View, row: Row) -> str:
    """How a figure is made, and the first thing to mind about it."""
    how = made_how(view, row)
    caveat = next((caveat.title.get(view.words.lang) for caveat in view.caveats(row.indicator)), "")
    return " · ".join(filter(None, [how, caveat if caveat not in how else ""]))


def made_how(view: View, row: Row) -> str:
    """How a figure is made, in a word or two; empty where it was counted, which the word register doesn't explain."""
    method = row.indicator.method
    return view.words.t(f"method.{method}.short") if method != "register" else ""


def how_sure(view: View, row: Row) -> str:
    """Between which values the figure lies, or why there is no margin."""
    counted = verdicts.counted(row.indicator, view.catalogue)
    return portrait.sure(row.own, row.indicator, counted, view.words, view.catalogue)


def strip_of(view: View, row: Row, most: int = strip.WIDTH, target: Target | None = None) -> str:
    """All areas of the level on one line, with this one and the city, and the goal that holds for it."""
    if row.own.level == CITY or len(row.all) < 2 or not row.indicator.ranked:
        return ""
    # A city is no point on a line of counts: it would push all its parts to one end.
    city = row.city.value if row.city and row.indicator.kind != "count" else None
    low, high = row.own.low, row.own.high
    interval = (low, high) if low is not None and high is not None else None
    level = view.catalogue.levels[row.own.level]
    goal, aim = (_goal(view, target), target.value) if target else ("", None)
    spread = sentences.spread(row.all, level, row.indicator, view.words, view.catalogue)
    badge = view.words.badge(row.own, row.city)
    said = " ".join(filter(None, [view.words.worn(f"{row.sentence} {spread}", row.own, row.city), goal]))
    return strip.html(row.all, row.own.value, city, said, interval, most, aim, badge)


def _goal(view: View, target: Target) -> str:
    """What the mark of a goal on the strip is."""
    value = written(target, view.catalogue.indicators[target.indicator], view.words, view.catalogue)
    return view.words.t("goals.strip", value=value, year=target.year)


def _wijk(view: View, row: Row) -> str:
    """The same figure of the wijk around a buurt, where there is one."""
    if row.wijk is None:
        return ""
    value = view.words.figure(row.wijk, row.indicator, view.catalogue)
    return view.words.t("profile.wijk", level=view.level(row.wijk.level), name=row.wijk.name, value=value)
