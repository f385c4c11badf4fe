"""What stands below a picture: the same as a table, what the figure means, files, and where it is from."""

from collections.abc import Collection, Iterable, Sequence
from urllib.parse import urlencode

import streamlit as st

from buurtbeeld import own, queries, selection, verdicts
from buurtbeeld.catalogue import Figure, Status
from buurtbeeld.exports import tables
from buurtbeeld.selection import period_id
from buurtbeeld.texts import LANGUAGES, minima
from buurtbeeld.verdicts import Basis
from buurtbeeld.view import View, badges, cited, plain
from buurtbeeld.widgets.frame import note


def table(view: View, figures: Sequence[Figure], second: View | None = None, others: Sequence[Figure] = ()) -> None:
    """Every area of the map with its value, missing ones too, with the reason in words; by name or by value.

    second, others: of the map beside it, in a column of its own.
    """
    say, choice = view.words, view.choice
    if view.indicator.ranked:
        selection.bind("order", choice.order)
        st.segmented_control(
            say.t("table.order"),
            selection.ORDERS,
            required=True,
            format_func=lambda order: say.t(f"table.order.{order}"),
            key="order",
            on_change=lambda: selection.change(volgorde=st.session_state.order),
        )

    shown = [(each.choice.indicator, each.choice.period) for each in (view, *([second] if second else []))]
    st.markdown(view.once("table", lambda: rows(view, figures, second, others), choice.level, choice.order, *shown))
    found = {figure.status for figure in (*figures, *others)}
    if Status.UNRELIABLE in found:
        note(say.t("table.unreliable", reason=say.unsure(view.indicator)))
    if found & {Status.UNRELIABLE, Status.TOO_FEW}:
        note(view.method("few"))


def rows(view: View, figures: Sequence[Figure], second: View | None = None, others: Sequence[Figure] = ()) -> str:
    """The table of one or two maps as Markdown; with the ends of the interval, where any figure has one."""
    ordered = sorted(figures, key=lambda f: f.name.casefold())
    if view.choice.order == "waarde" and view.indicator.ranked:
        ordered.sort(key=lambda f: (f.value is None, -(f.value or 0)))
    head, columns = [view.level(view.choice.level).capitalize()], []
    for each, shown in [(view, figures), *([(second, others)] if second else [])]:
        say, indicator, catalogue = each.words, each.indicator, each.catalogue
        head.append(_head(each))
        columns.append((each, {figure.code: figure for figure in shown}, _value))
        if any(figure.low is not None for figure in shown):
            head.append(say.t(f"sure.column.{verdicts.basis(indicator, catalogue)}"))
            columns.append((each, {figure.code: figure for figure in shown}, _span))
    # No sign more than a table needs: there are a hundred rows, and each of them travels at every choice.
    lines = [map(plain, head), [":--", *["--:"] * len(columns)]]
    lines += [
        [plain(f.name), *(write(each, found[f.code]) if f.code in found else "" for each, found, write in columns)]
        for f in ordered
    ]
    return "\n".join("|".join(line) for line in lines)


def _head(view: View) -> str:
    """What stands above a column: the figure, and its period where the map beside it can be of another."""
    title = view.words.head(view.indicator, view.catalogue)
    if not view.choice.beside:
        return title
    period = view.words.period(view.choice.period, view.indicator.grain)
    return view.words.t("beside.title", title=title, period=period)


def _value(view: View, figure: Figure) -> str:
    text = plain(view.words.cell(figure, view.indicator, view.catalogue))
    return f":gray[{text}]" if figure.status == Status.UNRELIABLE else text


def _span(view: View, figure: Figure) -> str:
    ends = view.words.ends(figure, view.indicator, view.catalogue)
    return plain(view.words.t("sure.span", low=ends[0], high=ends[-1])) if ends else ""


def about(view: View) -> None:
    """What the figure is, how it is made, what to mind."""
    say, indicator = view.words, view.indicator
    lines = [plain(indicator.description.get(say.lang)), say.t(f"method.{indicator.method}")]
    if indicator.derived:
        lines.append(
            say.t(
                "method.derived",
                above=plain(view.title(indicator.numerator or "")),
                below=plain(view.title(indicator.denominator or "")),
            )
        )
    if indicator.minimum:
        lines.append(plain(minima.rule(indicator, say, view.catalogue)))
    if indicator.quantity:
        lines.append(view.method("sensors"))
    for other, twin in view.catalogue.twins_of(indicator.id).items():
        if other in view.offer.held:
            why, quoted = plain(twin.why.get(say.lang)), plain(view.title(twin.quote))
            lines.append(say.t("about.twin", other=plain(view.title(other)), why=why, quote=quoted))
    lines += [
        f"**{plain(caveat.title.get(say.lang))}.** {plain(caveat.description.get(say.lang))}"
        for caveat in view.caveats(indicator)
    ]
    if verdicts.basis(indicator, view.catalogue) != Basis.COUNTED:
        lines.append(view.method("sure"))
    st.markdown("\n".join(f"- {line}" for line in lines))


def share(view: View, every_period: bool = False) -> None:
    """The address of this very view, and its figures as a file: of the chosen period, or of every one."""
    st.markdown(view.words.t("share.link"))
    base, choice = (st.context.url or "").partition("?")[0], view.choice
    # Everything is named, also what happens to be the usual choice today: a newer year must not change this picture.
    period = period_id(choice.period, view.indicator.grain)
    whole = selection.address(indicator=choice.indicator, niveau=choice.level, periode=period, klassen=choice.classes)
    st.code(f"{base}?{urlencode(whole)}", language=None, wrap_lines=True)
    downloads(view, every_period)


def downloads(view: View, every_period: bool = False) -> None:
    """The chosen figures as files, from the API: the file of the page and that of a program can't differ."""
    say = view.words
    files = {kind: _file(view, kind, every_period) for kind in ("csv", "parquet", "json")}
    links = " · ".join(f"[{say.t(f'share.{kind}')}]({file})" for kind, file in files.items())
    st.markdown(f"{say.t('share.file')} {links}")
    if not every_period:
        note(say.t("share.says"))


def own_file(view: View) -> None:
    """The figures of an area of one's own as a file, each with the buurten it is made of."""
    data = view.once("own file", lambda: tables.as_csv(own.file(view)), view.choice.own)
    label, name = view.words.t("own.file"), f"buurtbeeld-{view.mart.build.id}.csv"
    st.download_button(label, data, name, "text/csv", key="own_file", on_click="ignore")


def addresses(view: View) -> None:
    """Examples of the API's addresses, made from what is chosen."""
    for path in (
        _file(view, "csv"),
        f"/api/v1/areas?level={view.choice.level}",
        "/api/v1/indicators",
        "/api/v1/sources",
    ):
        st.code(path, language=None, wrap_lines=True)
    st.markdown(f"[{view.words.t('data.api.docs')}](/api/v1/docs)")


def _file(view: View, kind: str, every_period: bool = False) -> str:
    choice = view.choice
    period = "all" if every_period else period_id(choice.period, view.indicator.grain)
    query = {"indicator": choice.indicator, "level": choice.level, "period": period, "format": kind}
    if kind == "parquet" and view.words.lang != LANGUAGES[0]:
        query["taal"] = view.words.lang  # of the sentence in it; the other files hold no words
    return f"/api/v1/figures?{urlencode(query)}"


def source_note(view: View, figures: Iterable[Figure]) -> None:
    """Source, edition and licence of the figures on the screen, with their badge and from when they are."""
    figures = tuple(figures)
    used = {figure.source for figure in figures}
    for indicator in {figure.indicator for figure in figures}:
        if view.catalogue.indicators[indicator].derived:
            used |= set(view.catalogue.sources_of(indicator))
    cite(view, used, {str(figure.edition) for figure in figures if figure.value is not None})


def cite(view: View, used: Collection[str], editions: Collection[str] = ()) -> None:
    """Source, licence and date of each source `used`, with its badge. editions: those that are shown of them."""
    say, lines = view.words, []
    for row in view.mart.ask(queries.sources):
        if row.id not in used:
            continue
        named = {name for edition, name in view.mart.ask(queries.named).get(row.id, {}).items() if edition in editions}
        # Few are named as they want to be; many by the first and the last of them, and each on /verantwoording.
        attribution = "; ".join(map(cited, sorted(named))) if 0 < len(named) < 3 else cited(row.attribution)
        licence = view.catalogue.licences[row.licence].title.get(say.lang)
        date = say.day(row.retrieved_at.date())
        # The sample was not fetched from its publishers: it is a copy that was gathered elsewhere.
        key = "source.line.sample" if row.is_sample else "source.line"
        line = say.t(key, attribution=plain(attribution), licence=plain(licence), date=date)
        lines.append(line + badges(view.words, row))
    # Two sources of one publisher may say the very same.
    note("  \n".join(dict.fromkeys(lines)))
