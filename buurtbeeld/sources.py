"""The account of where figures are from, as Markdown: sources, figures, caveats, statuses."""

import re
from datetime import date

from buurtbeeld import queries
from buurtbeeld.catalogue import SHOWN, Status
from buurtbeeld.loads import Load
from buurtbeeld.queries import SourceRow
from buurtbeeld.texts import Words, minima
from buurtbeeld.view import View, badges, cited, plain

FEW = 3  # editions that are named in one line


def listed(view: View) -> tuple[SourceRow, ...]:
    """Every source behind this mart."""
    return view.mart.ask(queries.sources)


def described(view: View, row: SourceRow) -> str:
    """One source: who, what, from when, under which licence, and whether it is a sample."""
    return view.once("source", lambda: _described(view, row), row)


def loaded(view: View, row: SourceRow, load: Load | None) -> str:
    """What came of the last load of a source, as Markdown; empty when nobody ever loaded it."""
    if load is None:
        return ""
    say = view.words
    if not load.failed:
        return say.t("sources.checked", date=say.moment(load.at))
    return say.t(f"sources.load.{load.outcome}", date=say.moment(load.at), kept=say.day(row.retrieved_at.date()))


def _described(view: View, row: SourceRow) -> str:
    say, licence = view.words, view.catalogue.licences[row.licence]
    each = dict.fromkeys(map(cited, view.mart.ask(queries.named)[row.id].values()))
    attribution = cited(row.attribution) if len(each) > FEW else "; ".join(each)
    lines = [
        f"**{plain(row.title)}**{badges(say, row)}",
        say.t("sources.publisher", publisher=plain(row.publisher)),
        _when(view, row),
        say.t("sources.licence", title=plain(licence.title.get(say.lang)), url=licence.url),
        say.t("source.cited", attribution=plain(attribution)),
        f"[{say.t('sources.page')}]({row.url})",
    ]
    return "  \n".join(lines)


def _when(view: View, row: SourceRow) -> str:
    """Of which years its figures and its borders are, and when it was fetched or, for a sample, copied."""
    say = view.words
    said = []
    if span := view.mart.ask(queries.spans).get(row.id):
        first, last = (say.period(day, "year") for day in span)
        said.append(say.t("sources.span" if first == last else "sources.span.years", first=first, last=last))
    said += _edition(say, row.edition)
    fetched = "sources.copied" if row.is_sample else "sources.fetched"
    said.append(say.t(fetched, date=say.day(row.retrieved_at.date())))
    return " · ".join(said)


def _edition(say: Words, edition: str) -> list[str]:
    """Of which years its borders are, or of which day a list is; nothing for what has neither, such as places."""
    years = edition.split(", ")
    if all(re.fullmatch(r"\d{4}(-\d{4})?", each) for each in years):
        first, last = years[0], years[-1]
        if len(years) > 2 and int(last) - int(first) == len(years) - 1:
            return [say.t("sources.borders.years", first=first, last=last)]
        return [say.t("sources.borders", edition=edition)]
    try:
        return [say.t("sources.asof", date=say.day(date.fromisoformat(edition)))]
    except ValueError:
        return []


def editions(view: View, row: SourceRow) -> str:
    """How each edition of a source wants to be named, as a list in Markdown; empty where one line has room for them."""
    found = dict.fromkeys(map(cited, view.mart.ask(queries.named)[row.id].values()))
    return "\n".join(f"- {plain(name)}" for name in found) if len(found) > FEW else ""


def figures(view: View) -> str:
    """Every figure by theme: its source, its method, its newest period, and of how many it has to be."""
    return view.once("all figures", lambda: _figures(view))


def _figures(view: View) -> str:
    say = view.words
    titles = {row.id: row.title for row in listed(view)}
    head = [say.t(f"sources.column.{name}") for name in ("figure", "method", "source", "newest", "minimum")]
    lines = [" | ".join(head), ":-- | :-- | :-- | :-- | :--"]
    for theme, indicators in view.offer.every.items():
        lines.append(f"**{plain(view.catalogue.themes[theme].title.get(say.lang))}** | | | | ")
        for id in indicators:
            indicator = view.catalogue.indicators[id]
            newest = max(periods[-1] for periods in view.offer.held[id].values())
            cells = [
                view.title(id),
                say.t(f"method.{indicator.method}.short"),
                titles.get(indicator.source, indicator.source),
                say.period(newest, indicator.grain),
                minima.cell(indicator, say, view.catalogue),
            ]
            lines.append(" | ".join(map(plain, cells)))
    return "\n".join(f"| {line} |" for line in lines)


def caveats(view: View) -> str:
    """What to mind: each caveat that a figure of this mart carries, with its one sentence."""
    return view.once("all caveats", lambda: _caveats(view))


def _caveats(view: View) -> str:
    say = view.words
    used = {caveat.id for id in view.offer.held for caveat in view.caveats(view.catalogue.indicators[id])}
    listed = [caveat for key, caveat in view.catalogue.caveats.items() if key in used]
    return "\n".join(f"- **{plain(c.title.get(say.lang))}.** {plain(c.description.get(say.lang))}" for c in listed)


def statuses(view: View) -> str:
    """Why a figure may be missing: every status of a missing figure with its words."""
    return view.once("all statuses", lambda: _statuses(view))


def _statuses(view: View) -> str:
    say = view.words
    missing, how = [status for status in Status if status not in SHOWN], view.method("withheld")
    lines = [f"- **{plain(say.status(s))}**: {plain(say.t(f'status.{s}.means'))}" for s in missing]
    lines[missing.index(Status.WITHHELD)] += f" {how}"
    return "\n".join(lines)
