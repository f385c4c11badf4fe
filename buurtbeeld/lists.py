"""Lists that others keep, such as registers: what stands in them, found by words, and what is about a theme.

Only titles, dates and links are shown; what they say of it is for who keeps the list. An entry is about a theme when
its title mentions one of the words of that theme (`themes.toml`), which is how a reader would look, and is said so.
"""

from collections.abc import Sequence

from buurtbeeld import queries
from buurtbeeld.queries import Entry
from buurtbeeld.search.folding import fold
from buurtbeeld.view import View, plain

SHOWN = 50
BESIDE = 10


def kept(view: View) -> dict[str, str]:
    """The lists of this mart: source → title."""
    there = {entry.source for entry in view.mart.ask(queries.entries)}
    return {row.id: row.title for row in view.mart.ask(queries.sources) if row.id in there}


def found(view: View, asked: str, source: str | None) -> tuple[Entry, ...]:
    """Entries with every word that was asked somewhere in their title, of one list or of all; the newest first."""
    words = fold(asked)
    entries = [entry for entry in view.mart.ask(queries.entries) if source in (None, entry.source)]
    titles = view.once("folded titles", lambda: {e: " ".join(fold(e.title)) for e in view.mart.ask(queries.entries)})
    return _newest([entry for entry in entries if all(word in titles[entry] for word in words)])


def beside(view: View, theme: str) -> tuple[Entry, ...]:
    """Entries whose title mentions a word of a theme, the newest first."""
    mentions = view.catalogue.themes[theme].mentions
    return view.once("beside", lambda: _newest(_mentioning(view, mentions)), theme)


def mentioning(view: View, mentions: tuple[str, ...]) -> tuple[Entry, ...]:
    """Entries whose title has a word that begins with one of `mentions`, the newest first."""
    return view.once("mentioning", lambda: _newest(_mentioning(view, mentions)), mentions)


def _mentioning(view: View, mentions: Sequence[str]) -> list[Entry]:
    stems = ["".join(fold(mention)) for mention in mentions]
    return [
        entry
        for entry in view.mart.ask(queries.entries)
        if any(word.startswith(stem) for word in fold(entry.title) for stem in stems)
    ]


def _newest(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda e: (e.date is None, -(e.date.toordinal() if e.date else 0), e.title, e.id)))


def lines(view: View, entries: Sequence[Entry], most: int, *, named: bool) -> str:
    """Entries as a list in Markdown: link, date where it has one, licence, and with `named` of which list it is."""
    say, titles = view.words, kept(view)
    rows = []
    for entry in entries[:most]:
        said = [
            say.t("lists.of", date=say.day(entry.date)) if entry.date else say.t("lists.undated"),
            entry.licence or "",
            titles[entry.source] if named else "",
        ]
        title = plain(entry.title)
        link = f"[{title}]({entry.link})" if entry.link else title
        rows.append(f"- {link} · {' · '.join(plain(part) for part in said if part)}")
    return "\n".join(rows)
