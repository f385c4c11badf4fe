"""What the city itself filled in: goals that its council set, beside the figures, and what was done.

A goal holds for the area it was set for. An area without one is put beside the goal of the whole city, and it says so;
never beside that of its wijk, because nobody set that for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from buurtbeeld import queries, verdicts
from buurtbeeld.catalogue import Figure, Indicator, Measure, Target
from buurtbeeld.charts import goals as chart
from buurtbeeld.charts.trend import Also
from buurtbeeld.queries import Area
from buurtbeeld.texts import goals as said
from buurtbeeld.view import View, plain

MOST_NUMBERED = 9  # measures in one chart; with more numbers the lines can't be seen


@dataclass(frozen=True)
class Goal:
    """The goal that an area is put beside, with the sentence that does so, and its other goals for that indicator."""

    indicator: Indicator
    target: Target
    sentence: str
    others: tuple[Target, ...]


def holding(targets: Iterable[Target], indicator: Indicator, area: str, city: str, since: int) -> Target | None:
    """The goal that holds for `area` (a code): its own, else that of the city; None where there is neither.

    Of several years the first from `since` on, else the last. A number of the whole city is no goal for a part of it.
    """
    mine = [target for target in targets if target.indicator == indicator.id]
    own = [target for target in mine if target.code == area]
    if not own and indicator.kind != "count":
        own = [target for target in mine if target.code == city]
    ahead = [target for target in own if target.year >= since]
    return min(ahead, key=_year) if ahead else max(own, key=_year, default=None)


def _year(target: Target) -> int:
    return target.year


def of_area(view: View, area: Area) -> tuple[Goal, ...]:
    """Every goal that holds for an area, in the catalogue's order; empty when the city filled in none."""
    return view.once("goals", lambda: _of_area(view, area), area.code)


def _of_area(view: View, area: Area) -> tuple[Goal, ...]:
    named = _named(view)
    found = (_goal(view, indicator, area) for id, indicator in view.catalogue.indicators.items() if id in named)
    return tuple(goal for goal in found if goal)


def _named(view: View) -> set[str]:
    """The indicators that a goal was set for."""
    return {target.indicator for target in view.mart.ask(queries.targets)}


def _goal(view: View, indicator: Indicator, area: Area) -> Goal | None:
    figure = _newest(view.mart.ask(queries.figures_of, (indicator.id,), (area.code,)))
    since = figure.period.year if figure else 0
    targets = view.mart.ask(queries.targets)
    target = holding(targets, indicator, area.code, view.city.code, since)
    if target is None:
        return None
    whose = None if target.code == area.code else view.city.name
    sentence = said.against(
        target, area.name, whose, figure, _band(view, figure), indicator, view.words, view.catalogue, _today(view)
    )
    own = (each for each in targets if each.indicator == indicator.id and each.code == area.code)
    return Goal(indicator, target, sentence, tuple(sorted((each for each in own if each != target), key=_year)))


def _today(view: View) -> int:
    """The year that pages speak from: that of the build, so that the same build says the same."""
    return view.mart.build.built_at.year


def _band(view: View, figure: Figure | None) -> tuple[float, float] | None:
    """Between which two values a figure surely lies; None when nobody knows, or there is no value."""
    if figure is None or figure.value is None:
        return None
    indicator = view.catalogue.indicators[figure.indicator]
    _, low, high = verdicts.sized(figure, indicator)
    return (low, high) if verdicts.sure(figure, indicator, view.catalogue) else None


def _newest(figures: Sequence[Figure]) -> Figure | None:
    """The newest figure with a value, else the newest that says why it has none."""
    return max(figures, key=lambda figure: (figure.value is not None, figure.period), default=None)


def against(view: View, area: Area) -> str:
    """An area beside the goals that hold for it, as Markdown: one line for each; empty when there are none."""
    say = view.words
    lines = []
    for goal in of_area(view, area):
        first = (
            f"- **{plain(goal.indicator.title.get(say.lang))}.** {plain(goal.sentence)} {_set_in(view, goal.target)}"
        )
        lines.append(" ".join([first, *(_other(view, area, goal.indicator, target) for target in goal.others)]))
    return "\n".join(lines)


def _other(view: View, area: Area, indicator: Indicator, target: Target) -> str:
    told = said.other(target, area.name, indicator, view.words, view.catalogue, _today(view))
    return f"{plain(told)} {_set_in(view, target)}"


def on_strip(view: View, figure: Figure) -> Target | None:
    """The goal that holds for the area of a figure, to stand among the figures; None where there is no value."""
    if figure.value is None or view.catalogue.indicators[figure.indicator].kind == "count":
        return None
    targets = view.mart.ask(queries.targets)
    indicator = view.catalogue.indicators[figure.indicator]
    return holding(targets, indicator, figure.code, view.city.code, figure.period.year)


def of_lines(view: View) -> str:
    """The chosen areas and the city beside the goal for the chosen indicator, as Markdown; empty when there is none."""
    return view.once("goals of lines", lambda: _of_lines(view), view.choice.indicator, view.choice.areas)


def _of_lines(view: View) -> str:
    lines = []
    for code in _drawn(view) if view.choice.indicator in _named(view) else ():
        area = view.offer.areas[code]
        goal = _goal(view, view.indicator, area)
        if goal:
            lines.append(f"- {plain(goal.sentence)} {_set_in(view, goal.target)}")
            lines += [f"- {_other(view, area, goal.indicator, target)}" for target in goal.others]
    return "\n".join(lines)


def _targets(view: View, codes: tuple[str, ...]) -> list[Target]:
    """The goals that were set for these areas themselves, for the chosen indicator."""
    targets = view.mart.ask(queries.targets)
    return [target for target in targets if target.indicator == view.choice.indicator and target.code in codes]


def _set_in(view: View, target: Target) -> str:
    return view.words.t("goals.document", document=link(target.document, target.link))


def link(words: str, address: str) -> str:
    """A link as Markdown; neither the words nor the address can mean more than that."""
    return f"[{plain(words)}]({quote(address, safe=':/?#@!&*+,;=%~')})"


def _drawn(view: View) -> tuple[str, ...]:
    """The areas that have a line: the chosen ones and the city, unless every part would lie on the floor below it."""
    chosen = view.choice.areas
    with_city = view.indicator.kind != "count" or not set(chosen) - {view.city.code}
    return tuple(dict.fromkeys((*chosen, view.city.code) if with_city else chosen))


def done(view: View, figures: Sequence[Figure]) -> tuple[tuple[Measure, ...], tuple[Measure, ...]]:
    """What was done in the chosen areas, the wijken they lie in and the city: (with a number in the chart, others).

    Numbers go to the newest `MOST_NUMBERED` of those on the axis of `figures`; both parts go from old to new.
    """
    mine = _measures_of(view, view.choice.areas)
    codes = _drawn(view)
    drawn = [figure for figure in figures if figure.code in codes]
    numbered = chart.seen(mine, drawn, view.indicator, view.catalogue, _targets(view, codes))[-MOST_NUMBERED:]
    return numbered, tuple(measure for measure in mine if measure not in numbered)


def _measures_of(view: View, codes: Sequence[str]) -> list[Measure]:
    """What was done in these areas, the wijken they lie in and the city, from old to new."""
    areas = [view.offer.areas[code] for code in (*codes, view.city.code)]
    around = {code for area in areas for code in (area.code, area.parent_code)}
    return [measure for measure in view.mart.ask(queries.measures) if measure.code in around]


def layers(view: View, figures: Sequence[Figure], height: int, characters: int) -> Also:
    """Goals and measures for the chart of the chosen lines; nothing when the city filled in none."""
    codes = _drawn(view)
    numbered, _ = done(view, figures)
    mine = [figure for figure in figures if figure.code in codes]
    names = {code: view.offer.areas[code].name for code in codes}
    return chart.layers(
        _targets(view, codes), numbered, mine, names, view.indicator, view.words, view.catalogue, height, characters
    )


def measures(view: View, figures: Sequence[Figure]) -> str:
    """What was done, as Markdown: numbered as in the chart, then the rest; empty when nothing was filled in."""
    numbered = bool(figures)
    return view.once("measures", lambda: _measures(view, figures), view.choice.indicator, view.choice.areas, numbered)


def _measures(view: View, figures: Sequence[Figure]) -> str:
    say = view.words
    numbered, others = done(view, figures)
    if not numbered and not others:
        return ""
    parts = [say.t("measures.intro")]
    if numbered:
        rows = (f"{number}. {_told(view, measure)}" for number, measure in enumerate(numbered, 1))
        parts += [say.t("measures.numbered"), "\n".join(rows)]
        parts += [say.t("measures.middle")] if chart.over_a_year(view.indicator, view.catalogue) else []
    if others:
        parts += [say.t("measures.others"), "\n".join(f"- {_told(view, measure)}" for measure in others)]
    return "\n\n".join([*parts, say.t("measures.proof")])


def measures_of(view: View, area: Area) -> str:
    """What was done in an area, the wijk it lies in and the city, as Markdown; empty when nothing was filled in."""
    say = view.words
    if not (mine := _measures_of(view, (area.code,))):
        return ""
    city = area.code == view.city.code
    intro = say.t("measures.everywhere") if city else say.t("measures.here", area=area.name)
    rows = "\n".join(f"- {_told(view, measure)}" for measure in reversed(mine))
    return "\n\n".join([plain(intro), rows, say.t("measures.proof")])


def _told(view: View, measure: Measure) -> str:
    area = _name(view, measure.code)
    return f"{link(measure.title, measure.link)}: {plain(area)}, {plain(said.when(measure, view.words))}"


def documents(view: View) -> str:
    """The decisions with their goals, and every measure, as Markdown and each with its link; or that there are none."""
    say, catalogue = view.words, view.catalogue
    goals: dict[tuple[str, str], list[str]] = {}
    for target in view.mart.ask(queries.targets):
        if (indicator := catalogue.indicators.get(target.indicator)) is None:
            continue
        value = said.written(target, indicator, say, catalogue)
        title, area = indicator.title.get(say.lang), _name(view, target.code)
        words = say.t("goals.listed", title=title, area=area, year=target.year, value=value)
        goals.setdefault((target.document, target.link), []).append(words)
    rows = (f"- {link(*document)}: {plain('; '.join(found))}" for document, found in goals.items())
    told = "\n".join(rows) if goals else say.t("goals.none")
    measures = view.mart.ask(queries.measures)
    if not measures:
        return f"{told}\n\n{say.t('measures.none')}"
    done = "\n".join(f"- {_told(view, measure)}" for measure in measures)
    return "\n\n".join([told, say.n("measures.count", len(measures)), done, say.t("measures.proof")])


def _name(view: View, code: str) -> str:
    """The name of an area; the code of one that was there in the past."""
    return view.offer.areas[code].name if code in view.offer.areas else code
