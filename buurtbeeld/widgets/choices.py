"""Choosing: theme, figure, level, period, areas. Each choice is written to the address and read back from it.

So a click on the map, a name in the list and a link that somebody sent are the same act.
"""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from buurtbeeld import queries, selection
from buurtbeeld.catalogue import Way
from buurtbeeld.combining import MOST_PARTS, PART_LEVEL
from buurtbeeld.selection import period_id
from buurtbeeld.view import CITY, View


def pick_theme(view: View) -> None:
    """The group of figures."""
    say = view.words
    selection.bind("theme", view.choice.theme)
    st.selectbox(
        say.t("pick.theme"),
        list(view.offer.themes),
        format_func=lambda id: view.catalogue.themes[id].title.get(say.lang),
        key="theme",
        placeholder=say.t("pick.placeholder"),
        on_change=lambda: selection.change(thema=st.session_state.theme, indicator=None, periode=None, van=None),
    )


def pick_theme_page(view: View) -> None:
    """The group of figures, every one in sight."""
    say = view.words
    selection.bind("theme_page", view.choice.theme)
    st.pills(
        say.t("pick.theme"),
        list(view.offer.themes),
        required=True,
        format_func=lambda id: view.catalogue.themes[id].title.get(say.lang),
        key="theme_page",
        on_change=lambda: selection.change(thema=st.session_state.theme_page, indicator=None, periode=None, van=None),
    )


def pick_indicator(view: View) -> None:
    """One figure of the theme."""
    say = view.words
    selection.bind("indicator", view.choice.indicator)
    st.selectbox(
        say.t("pick.indicator"),
        view.offer.themes[view.choice.theme],
        format_func=view.title,
        key="indicator",
        placeholder=say.t("pick.placeholder"),
        on_change=lambda: selection.change(thema=None, indicator=st.session_state.indicator, periode=None, van=None),
    )


def pick_level(view: View) -> None:
    """Wijk or buurt, as far as the figure is published for it."""
    levels = [level for level in view.offer.held[view.choice.indicator] if level != CITY]
    selection.bind("level", view.choice.level)
    st.segmented_control(
        view.words.t("pick.level"),
        levels,
        required=True,
        format_func=lambda id: view.level(id).capitalize(),
        key="level",
        on_change=lambda: selection.change(niveau=st.session_state.level, periode=None, van=None),
    )


def pick_period(view: View) -> None:
    """The periods in which the figure has a value, newest first."""
    grain = view.indicator.grain
    periods = {period_id(p, grain): p for p in reversed(view.offer.held[view.choice.indicator][view.choice.level])}
    selection.bind("period", period_id(view.choice.period, grain))
    st.selectbox(
        view.words.t(f"pick.{grain}"),
        list(periods),
        format_func=lambda id: view.words.period(periods[id], grain),
        key="period",
        placeholder=view.words.t("pick.placeholder"),
        on_change=lambda: selection.change(periode=st.session_state.period, van=None),
    )


def pick_area(view: View, level: str | None, label: str) -> None:
    """An area by name, for who does not or can not click the map. level None: every area."""
    areas = [a.code for a in view.offer.areas.values() if level is None or a.level == level]
    selection.bind("area", view.choice.area if view.choice.area in areas else None)
    st.selectbox(
        label,
        areas,
        index=None,
        format_func=lambda code: area_label(view, code) if level is None else view.offer.areas[code].name,
        key="area",
        placeholder=view.words.t("pick.placeholder"),
        on_change=lambda: selection.change(gebied=st.session_state.area),
    )


def area_label(view: View, code: str) -> str:
    """An area so that it can be found: name, what it is, its most common postcode and older names."""
    return str(view.once("labels", lambda: _labels(view))[code])


def _labels(view: View) -> dict[str, str]:
    say = view.words
    known: dict[str, list[str]] = {}
    untold = {name.id for name in view.catalogue.names.values() if not name.told}
    for code, kind, name in view.mart.ask(queries.area_names):
        if kind not in untold:
            known.setdefault(code, []).append(say.t(f"area.{kind}", name=name))
    labels = {}
    for code, area in view.offer.areas.items():
        whole = view.offer.areas.get(area.parent_code or "")
        level = view.level(area.level)
        place = say.t("area.in", level=level, whole=whole.name) if whole and whole.level != CITY else level
        labels[code] = " · ".join([area.name, place, *known.get(code, [])])
    return labels


def pick_areas(view: View) -> None:
    """The areas whose lines are drawn."""
    selection.bind("areas", list(view.choice.areas))
    st.multiselect(
        view.words.t("pick.areas", count=selection.MOST_AREAS),
        list(view.offer.areas),
        format_func=lambda code: view.offer.areas[code].name,
        key="areas",
        max_selections=selection.MOST_AREAS,
        select_all=False,
        placeholder=view.words.t("pick.placeholder"),
        on_change=lambda: selection.change(gebied=",".join(st.session_state.areas) or None),
    )


def pick_way(view: View, shown: Way) -> None:
    """How the lines are shown, as far as that means something for the figure. shown: the present way."""
    say, alone = view.words, view.choice.level == CITY
    ways = [way for way in view.indicator.ways if not (alone and way == "verschil")]
    if len(ways) == 1:
        return
    selection.bind("way", shown)
    st.segmented_control(
        say.t("pick.way"),
        ways,
        required=True,
        format_func=lambda way: say.t(f"way.{way}"),
        key="way",
        on_change=lambda: selection.change(weergave=st.session_state.way if st.session_state.way != ways[0] else None),
    )


def pick_own(view: View) -> None:
    """The buurten of an area of one's own: by name, a whole wijk at once, or all away."""
    say, areas = view.words, view.offer.areas
    level = view.catalogue.levels[PART_LEVEL].plural.get(say.lang)
    selection.bind("own", list(view.choice.own))
    st.multiselect(
        say.t("own.pick", levels=level, count=MOST_PARTS),
        [area.code for area in areas.values() if area.level == PART_LEVEL],
        format_func=lambda code: areas[code].name,
        key="own",
        max_selections=MOST_PARTS,
        select_all=False,
        placeholder=say.t("pick.placeholder"),
        wrap=True,
        on_change=lambda: change_own(st.session_state.own),
    )
    selection.bind("own_wijk", None)
    st.selectbox(
        say.t("own.pick.wijk"),
        [area.code for area in areas.values() if area.level == "wijk"],
        index=None,
        format_func=lambda code: areas[code].name,
        key="own_wijk",
        placeholder=say.t("pick.placeholder"),
        on_change=lambda: change_own([*view.choice.own, *_parts(view, st.session_state.own_wijk)]),
    )
    # Also where there is nothing to clear: a button that goes away takes the place of the keyboard with it.
    st.button(say.t("own.clear"), key="own_clear", on_click=lambda: change_own(()))


def change_own(codes: Sequence[str]) -> None:
    """Makes the area of one's own of `codes`."""
    selection.change(eigen=",".join(dict.fromkeys(codes)) or None)


def _parts(view: View, whole: str | None) -> list[str]:
    return [a.code for a in view.offer.areas.values() if a.level == PART_LEVEL and a.parent_code == whole]


def pick_span(view: View) -> None:
    """The two periods between which change is shown."""
    choice = view.choice
    periods = view.offer.held[choice.indicator][choice.level]
    assert choice.since
    before, after = st.columns(2)
    with before:
        _pick_end(view, "van", "since", choice.since, [period for period in periods if period < choice.period])
    with after:
        _pick_end(view, "periode", "until", choice.period, periods[1:])


def _pick_end(view: View, param: str, key: str, chosen: date, periods: Sequence[date]) -> None:
    grain = view.indicator.grain
    named = {period_id(period, grain): view.words.period(period, grain) for period in periods}
    selection.bind(key, period_id(chosen, grain))
    st.selectbox(
        view.words.t(f"pick.{key}"),
        list(named),
        format_func=lambda id: named[id],
        key=key,
        placeholder=view.words.t("pick.placeholder"),
        on_change=_span_changed,
        args=(param, key),
    )


def _span_changed(param: str, key: str) -> None:
    chosen = st.session_state[key]
    # A later period must stay later: an end that isn't lets go of the start.
    extra = {"van": None} if param == "periode" and selection.read().get("van", "") >= chosen else {}
    selection.change(**{param: chosen}, **extra)


def pick_reference(view: View) -> None:
    """The chosen area that the others are compared with: the first one in the address."""
    areas = list(view.choice.areas)
    selection.bind("reference", areas[0])
    st.segmented_control(
        view.words.t("pick.reference"),
        areas,
        required=True,
        format_func=lambda code: view.offer.areas[code].name,
        key="reference",
        on_change=_reference_changed,
        args=(areas,),
    )


def _reference_changed(areas: Sequence[str]) -> None:
    first = st.session_state.reference
    selection.change(gebied=",".join([first, *(area for area in areas if area != first)]))


def pick_against(view: View) -> None:
    """The figure that the chosen one is set against: any of all themes."""
    every = [id for ids in view.offer.themes.values() for id in ids]
    selection.bind("against", view.choice.against)
    st.selectbox(
        view.words.t("pick.against"),
        every,
        format_func=view.title,
        key="against",
        placeholder=view.words.t("pick.placeholder"),
        on_change=lambda: selection.change(tegen=st.session_state.against),
    )
