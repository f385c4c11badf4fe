"""What the page about an area of one's own shows: some buurten taken together, figure by figure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from buurtbeeld import queries
from buurtbeeld.catalogue import Figure, Indicator
from buurtbeeld.combining import PART_LEVEL, Combined, Reason, combined
from buurtbeeld.queries import Area
from buurtbeeld.statistics import combine
from buurtbeeld.statistics.dispersion import Dispersion
from buurtbeeld.texts import sentences
from buurtbeeld.texts.lists import joined, listed
from buurtbeeld.view import CITY, View, plain

NAMED = 3  # areas in a sentence; the others are counted
MANY = 1 / 3  # of the figures: a buurt that lacks so many keeps the rest from being seen


@dataclass(frozen=True)
class Row:
    """One indicator, newest period: the areas together, and the city."""

    indicator: Indicator
    period: date
    own: Combined
    city: Figure | None

    @property
    def caveats(self) -> tuple[str, ...]:
        """What to mind in this area only."""
        own, city = self.own.figure, self.city
        return self.indicator.minding(own.value if own else None, city.value if city else None)


def rows(view: View) -> tuple[Row, ...]:
    """Every indicator that is published per buurt, in the catalogue's order, for the chosen buurten together."""
    return view.once("own", lambda: _rows(view), view.choice.own)


def _rows(view: View) -> tuple[Row, ...]:
    codes, name = view.choice.own, view.words.t("own.name")

    def parts(indicator: str, period: date) -> tuple[Figure, ...]:
        every = _by_code(view, indicator, period)
        return tuple(every[code] for code in codes if code in every)

    made = []
    for id in view.catalogue.indicators:
        if periods := view.offer.held.get(id, {}).get(PART_LEVEL):
            indicator, period = view.catalogue.indicators[id], periods[-1]
            own = combined(indicator, period, name, parts, view.catalogue, lambda of: _noise(view, of))
            city = next(iter(view.mart.ask(queries.figures, id, CITY, period)), None)
            made.append(Row(indicator, period, own, city))
    return tuple(made)


def _by_code(view: View, indicator: str, period: date) -> dict[str, Figure]:
    """The figures of every buurt."""

    def make() -> dict[str, Figure]:
        return {figure.code: figure for figure in view.mart.ask(queries.figures, indicator, PART_LEVEL, period)}

    return view.mart.keep(("by code", indicator, period), make)


def _noise(view: View, indicator: str) -> Dispersion | None:
    return view.mart.ask(queries.noise, indicator, PART_LEVEL)


def figures(view: View) -> list[Figure]:
    """Every figure behind what is shown, for the note on sources."""
    return [figure for row in rows(view) if row.own.figure for figure in (row.own.figure, row.city) if figure]


def headline(view: View) -> str:
    """The area in a few sentences: its first figures that are known."""
    known = [
        row for row in rows(view) if row.indicator.headline and row.own.figure and row.own.figure.value is not None
    ]
    said = sentences.together([row.own.figure for row in known[:3] if row.own.figure], view.catalogue, view.words)
    return " ".join([said, *(told for row in known[:3] for told in _minded(view, row))])


def _minded(view: View, row: Row) -> list[str]:
    """What to mind about one figure in this area only, in sentences."""
    titles = [view.catalogue.caveats[key].title.get(view.words.lang) for key in row.caveats]
    return [view.words.t("mind.at", where=view.title(row.indicator.id), caveat=title) for title in titles]


def made_of(view: View) -> str:
    """Which buurten it is made of."""
    count = len(view.choice.own)
    return view.words.n("own.made_of", count, names=names(view, view.choice.own))


def names(view: View, codes: Sequence[str]) -> str:
    """Names of areas as running text; the first few of many."""
    say = view.words
    several = [view.offer.areas[code].name for code in codes]
    if len(several) > NAMED + 1:
        several = [*several[:NAMED], say.n("own.others", len(codes) - NAMED)]
    return listed(several, say)


def gaps(view: View) -> str:
    """Which buurten lack many figures, so that the whole lacks them too, and how many of all; empty where none does.

    That one sees more without them is only said where others remain.
    """
    made = [row.own for row in rows(view) if row.own.figure]
    lacking = Counter(code for own in made for code in own.lacking)
    most = [(code, count) for code, count in lacking.most_common(NAMED) if count >= len(made) * MANY]
    if not most or len(view.choice.own) < 2:
        return ""
    say = view.words
    total = say.number(len(made))
    named = [say.n("own.gap", count, name=view.offer.areas[code].name, total=total) for code, count in most]
    told = say.t("own.gaps", names=joined(named))
    others = set(view.choice.own) - {code for code, _ in most}
    return f"{told} {say.t('own.gaps.without')}" if others else told


def wijk(view: View) -> Area | None:
    """The wijk that the chosen buurten are exactly, where they are one."""
    areas = view.offer.areas
    whole = areas[view.choice.own[0]].parent_code if view.choice.own else None
    every = {area.code for area in areas.values() if area.level == PART_LEVEL and area.parent_code == whole}
    return areas.get(whole or "") if every == set(view.choice.own) else None


def table(view: View) -> str:
    """Every figure that can be made as a Markdown table: period, the area with its range, the city."""
    return view.once("own table", lambda: _table(view), view.choice.own)


def _table(view: View) -> str:
    say = view.words
    head = [say.t("table.figure"), say.t("table.period"), say.t("own.column"), view.city.name]
    lines = [" | ".join(map(plain, head)), ":-- | :-- | --: | --:"]
    theme = ""
    for row in (row for row in rows(view) if row.own.figure):
        if row.indicator.theme != theme:
            theme = row.indicator.theme
            lines.append(f"**{plain(view.catalogue.themes[theme].title.get(say.lang))}** | | | ")
        city = say.cell(row.city, row.indicator, view.catalogue) if row.city else say.t("table.none")
        title, period = say.head(row.indicator, view.catalogue), say.period(row.period, row.indicator.grain)
        lines.append(" | ".join(map(plain, [title, period, _cell(view, row), city])))
    return "\n".join(f"| {line} |" for line in lines)


def _cell(view: View, row: Row) -> str:
    """The value with the range it lies in, or why there is none and where it lacks."""
    say, figure = view.words, row.own.figure
    assert figure
    written = say.cell(figure, row.indicator, view.catalogue)
    if figure.value is None:
        # Of one buurt it is plain which one lacks it.
        where = names(view, row.own.lacking) if len(view.choice.own) > 1 else ""
        return say.t("own.lacking", why=written, names=where) if where else written
    parts = [written]
    if figure.low is not None and figure.high is not None and figure.low != figure.high:
        low, high = say.ends(figure, row.indicator, view.catalogue)
        parts.append(say.t("sure.between", low=low, high=high))
    parts += [view.catalogue.caveats[key].title.get(say.lang) for key in row.caveats]
    return " · ".join(parts)


def refusals(view: View) -> str:
    """What can't be made for several areas, by reason, as a Markdown list; empty where everything can."""
    say = view.words
    titles: dict[Reason, list[str]] = {}
    for row in rows(view):
        if row.own.reason:
            titles.setdefault(row.own.reason, []).append(row.indicator.title.get(say.lang))
    lines = [f"**{plain(say.t(f'own.why.{why}'))}** {plain(joined(these))}" for why, these in titles.items()]
    return "\n".join(f"- {line}" for line in lines)


def how_sure(view: View) -> str:
    """How far rounding can take a number of residents of this many buurten; empty for one, or where none is shown."""
    shown = [row.indicator for row in rows(view) if row.own.figure and row.own.figure.value is not None]
    rounded = [indicator.rounding for indicator in shown if indicator.interval == "rounded" and indicator.rounding]
    if not rounded or len(view.choice.own) < 2:
        return ""
    base = max(rounded)
    whole = combine.total([1000] * len(view.choice.own), combine.at_random(base)).outward(0)
    likely, most = (view.words.number(end - whole.value) for end in (whole.high, whole.most))
    said = [view.words.t("own.rounding", base=view.words.number(base), most=most)]
    said += [view.words.t("own.rounding.likely", likely=likely)] if likely != most else []
    return " ".join(said)


def file(view: View) -> pa.Table:
    """Every figure as one row of a file: ids and numbers, no words. why: the reason there is none; areas: the parts.

    caveats: the keys of those that hold for this area only.
    """
    made = []
    for row in rows(view):
        figure = row.own.figure
        made.append(
            {
                "indicator": row.indicator.id,
                "period": row.period,
                "value": figure.value if figure else None,
                "low": figure.low if figure else None,
                "high": figure.high if figure else None,
                "least": row.own.least,
                "most": row.own.most,
                "n": figure.n if figure else None,
                "unit": row.indicator.unit,
                "status": str(figure.status) if figure else None,
                "provisional": bool(figure and figure.provisional),
                "edition": figure.edition if figure else None,
                "converted": bool(figure and figure.converted),
                "why": str(row.own.reason) if row.own.reason else None,
                "lacking": " ".join(row.own.lacking) or None,
                "caveats": " ".join(row.caveats) or None,
                "areas": " ".join(view.choice.own),
                "source": row.indicator.source,
                "is_sample": bool(figure and figure.is_sample),
                "is_simulated": bool(figure and figure.is_simulated),
            }
        )
    return pa.Table.from_pylist(made, schema=_FILE)


_FILE = pa.schema(
    [("indicator", pa.string()), ("period", pa.date32())]
    + [(name, pa.float64()) for name in ("value", "low", "high", "least", "most")]
    + [("n", pa.int64()), ("unit", pa.string()), ("status", pa.string())]
    + [("provisional", pa.bool_()), ("edition", pa.int64()), ("converted", pa.bool_())]
    + [(name, pa.string()) for name in ("why", "lacking", "caveats", "areas", "source")]
    + [(name, pa.bool_()) for name in ("is_sample", "is_simulated")]
)
