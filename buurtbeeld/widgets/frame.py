"""Around every page: opening the mart, the menu, the other language, and a clear sentence when it can't be drawn."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from datetime import datetime
from functools import cache
from html import escape
from urllib.parse import urlencode

import streamlit as st

from buurtbeeld import queries, selection
from buurtbeeld.addresses import PAGES
from buurtbeeld.catalogue import load
from buurtbeeld.store import NoMart, shared
from buurtbeeld.texts import HOME, LANGUAGES, Words, words
from buurtbeeld.view import View, plain

LANGUAGE, REPEATED = "taal", "ignored.repeated"


def opened(*used: str, mapped: bool = True) -> View:
    """The published mart and what the address asks of it. Raises NoMart when there is nothing to read.

    used: what of the address this page goes by, as in the notices of a choice; nothing is said of the rest. None
    named is all. mapped: whether it shows only figures that there can be a map of.
    """
    params = selection.read()
    say = words(selection.language(params))
    catalogue = load()
    mart = shared().current()
    offer = mart.keep(
        ("offer",),
        lambda: selection.offer(
            mart.ask(queries.held),
            mart.ask(queries.areas),
            catalogue,
            mart.ask(queries.place_kinds),
            mart.ask(queries.sensor_kinds),
        ),
    )
    if not offer.themes:
        raise NoMart("empty", mart.path)
    offer = offer if mapped else offer.whole
    choice = selection.choose(params, offer, catalogue)
    if notices := told((*selection.repeated(), *choice.notices), used):
        st.info("  \n".join(say.t(key, value=plain(value)) for key, value in notices))
    return View(mart, catalogue, offer, choice, say)


def told(notices: Sequence[tuple[str, str]], used: Sequence[str]) -> list[tuple[str, str]]:
    """The notices that matter on a page that goes by `used` and by the language; all of them where nothing is named."""
    kept = (*used, LANGUAGE)
    return [
        (key, value)
        for key, value in notices
        if not used or (value if key == REPEATED else key.removeprefix("ignored.")) in kept
    ]


def titled(say: Words, page: str, *names: str) -> None:
    """What the tab of the browser says: what the page is about, the page by the key of its name, and the site."""
    st.set_page_config(page_title=" · ".join([*names, say.t(page), say.t("site.name")]))


@contextmanager
def readable(say: Words) -> Iterator[None]:
    """A page that can't be drawn says so in the visitor's words; what went wrong goes to the log, not to the screen."""
    try:
        yield
    except NoMart as error:
        st.title(say.t("nomart.title"), anchor=False)
        st.warning(say.t(f"nomart.{error.reason}"))
    except Exception:
        logging.getLogger(__name__).exception("A page could not be drawn.")
        st.title(say.t("error.title"), anchor=False)
        st.error(say.t("error.text"))


def all_pages(say: Words) -> dict[str, st.Page]:
    """Every page by its segment of the address, for one rerun: Streamlit notes in a page whether it is its turn."""
    return {segment: copy(page) for segment, page in _made(say.lang).items()}


@cache
def _made(lang: str) -> dict[str, st.Page]:
    # Streamlit looks the file of each new page up on disk: for all of them a tenth of what the map's page costs.
    return {
        page.segment: st.Page(
            page.file, title=words(lang).t(page.name), url_path=page.segment or None, default=not page.segment
        )
        for page in PAGES
    }


# The pages of this rerun. A link by Page costs a fifth of one by file name, which is looked up on disk each time.
_pages: ContextVar[Mapping[str, st.Page]] = ContextVar("pages")


def header(say: Words, pages: Mapping[str, st.Page], here: str) -> None:
    """The menu, and the same place in the other language. pages: by segment of the address."""
    _pages.set(pages)
    if here != "kaart":
        # Periods that were played in turn don't go on by themselves when one comes back.
        st.session_state.pop("playing", None)
    other = next(lang for lang in LANGUAGES if lang != say.lang)
    kept = selection.address()
    with st.container(horizontal=True, vertical_alignment="center", key="menu"):
        for page in pages.values():
            st.page_link(page, query_params=kept)
        query = urlencode(selection.address(taal=other if other != LANGUAGES[0] else None))
        # A real link, so that the server sends the page anew with the right language in <html lang>.
        href = escape(f"/{here}?{query}" if query else f"/{here}", quote=True)
        st.html(
            f'<a href="{href}" lang="{other}" hreflang="{other}" target="_self" '
            f'style="color:inherit;font-size:0.875rem">{words(other).t("site.language")}</a>'
        )


def footer(say: Words) -> None:
    """What this is, and what it does not do; on paper also where and when it was seen."""
    query = urlencode(selection.address())
    address = (st.context.url or "").partition("?")[0] + (f"?{query}" if query else "")
    seen = say.t("print.seen", address=address, day=say.day(datetime.now(HOME).date()))
    st.html(f'<p class="foot">{escape(say.t("footer.what"))}</p><p class="foot on-paper">{escape(seen)}</p>')


def note(text: str) -> None:
    """Small text, as Markdown. Streamlit's own caption is too pale to read: less than 4.5:1."""
    st.markdown("  \n".join(f":small[:gray[{line}]]" for line in text.split("  \n")))


def link(page: str, label: str, **changes: str | None) -> None:
    """A link to another page that keeps the visitor's language and choice."""
    st.page_link(_pages.get()[page], label=label, query_params=selection.address(**changes))
