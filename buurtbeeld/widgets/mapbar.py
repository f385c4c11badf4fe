"""What stands below a map: another look at the same figures, a second map beside it, and the periods in turn."""

import time
from collections.abc import Sequence
from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from buurtbeeld import selection
from buurtbeeld.catalogue import Figure, Status
from buurtbeeld.selection import Selection, period_id
from buurtbeeld.statistics.classes import CITY, CLASSES, SPLITS, moves
from buurtbeeld.view import View, plain
from buurtbeeld.widgets.drawings import nudge
from buurtbeeld.widgets.frame import note

STEP_S = 2.5  # how long a period is shown


def map_bar(view: View, figures: Sequence[Figure]) -> None:
    """One press for another look, the choice of classes and of a second map, play; and what classes do to the map."""
    say, choice = view.words, view.choice
    with _bar():
        _zoom_buttons(view)
        if _classed(view):
            st.button(say.t("again.button"), on_click=_look_again, args=(view,), key="again")
        # What is in a popover or an expander travels when somebody opens it.
        second = st.popover(say.t("beside.button"), key="second", on_change="rerun")
        if second.open:
            with second:
                _pick_second(view)
        if len(_periods(view)) > 1:
            _play(view)
    if _classed(view):
        picked = say.t("classes.picked", method=say.t(f"classes.{choice.method[0]}"))
        note(plain(f"{picked} {_difference(view, figures)}".strip()))
        # Its name stays the same: what changes its name is made anew, closed, and without the keyboard's place in it.
        classes = st.expander(say.t("classes.button"), key="classing", on_change="rerun")
        if classes.open:
            with classes:
                _pick_method(view)
                _pick_count(view)
                note(view.method("classes"))


def zoom_bar(view: View) -> None:
    """Below a map of which nothing else can be changed: in, out, and the whole city."""
    with _bar():
        _zoom_buttons(view)


def _bar() -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="center", key="mapbar")


def _zoom_buttons(view: View) -> None:
    for name, steps in (("in", 1), ("out", -1), ("city", -selection.MOST_ZOOM)):
        most = name == "in" and view.choice.zoom == selection.MOST_ZOOM
        st.button(view.words.t(f"zoom.{name}"), key=name, on_click=_zoom, args=(view.choice, steps), disabled=most)


def _classed(view: View) -> bool:
    """Whether there is a way of classing to choose: a figure that is itself a class has its own."""
    return view.indicator.kind != "class"


def _zoom(choice: Selection, steps: int) -> None:
    nudge()
    selection.change(zoom=selection.zoomed(choice, steps))


def moved(view: View, figures: Sequence[Figure], code: str) -> str:
    """By how many other class methods an area gets another colour, in words; empty where that can't be said."""
    count = _moves(view, figures).get(code)
    if count is None:
        return ""
    others = view.words.number(len(SPLITS) - 1)
    told = view.words.n("again.area", count, others=others) if count else view.words.t("again.area.same")
    return view.words.worn(told, *figures)


def _look_again(view: View) -> None:
    selection.change(**selection.look_again(view.choice, view.offer, view.catalogue))


def _pick_method(view: View) -> None:
    say, choice = view.words, view.choice
    able = selection.methods(view.offer, view.catalogue, choice.indicator, choice.period)
    method, k = choice.method
    selection.bind("method", method)
    st.radio(
        say.t("classes.method"),
        able,
        format_func=lambda method: say.t(f"classes.{method}"),
        captions=[say.t(f"classes.{method}.why") for method in able],
        key="method",
        on_change=lambda: _change(view, st.session_state.method, k),
    )


def _pick_count(view: View) -> None:
    method, k = view.choice.method
    selection.bind("classes", k)
    st.segmented_control(
        view.words.t("classes.count"),
        list(CLASSES),
        required=True,
        format_func=str,
        key="classes",
        on_change=lambda: _change(view, method, st.session_state.classes),
    )


def _pick_second(view: View) -> None:
    """Another figure at this level, for a map beside the first; none takes it away."""
    able = [
        id
        for indicators in view.offer.themes.values()
        for id in indicators
        if view.choice.level in view.offer.held[id] and id != view.choice.indicator
    ]
    chosen = view.choice.beside if view.choice.beside in able else None
    selection.bind("beside", chosen)
    st.selectbox(
        view.words.t("beside.pick"),
        able,
        index=None,
        format_func=lambda id: f"{view.theme(id)}: {view.title(id)}",
        key="beside",
        placeholder=view.words.t("pick.placeholder"),
        on_change=lambda: selection.change(naast=st.session_state.beside),
    )


def _play(view: View) -> None:
    """A button that shows one period after another, and is the way to pause; and whether classes are those of all."""
    say, choice = view.words, view.choice
    grain = view.indicator.grain
    playing = st.session_state.get("playing") == _figure(view)
    st.button(
        say.t("play.pause") if playing else say.t(f"play.{grain}"),
        icon=":material/pause:" if playing else ":material/play_arrow:",
        on_click=_pause if playing else _begin,
        args=() if playing else (view,),
        key="play",
    )
    selection.bind("fixed", choice.fixed)
    st.checkbox(
        say.t("play.fixed"),
        key="fixed",
        on_change=lambda: selection.change(vast=selection.YES[0] if st.session_state.fixed else None),
    )
    if playing:
        _next_after_a_while(view, time.monotonic())


def _begin(view: View) -> None:
    """From the first period when the last one is shown; in classes that mean the same in every period."""
    first, *_, last = _periods(view)
    st.session_state.playing = _figure(view)
    start = first if view.choice.period == last else view.choice.period
    selection.change(periode=period_id(start, view.indicator.grain), vast=selection.YES[0], van=None)


def _pause() -> None:
    st.session_state.pop("playing", None)


@st.fragment(run_every=STEP_S)
def _next_after_a_while(view: View, drawn_at: float) -> None:
    """Shows the next period, and stops after the last one: nothing moves for ever, and nothing moves unasked."""
    if time.monotonic() - drawn_at < STEP_S / 2:
        return  # the run that draws this period
    periods = _periods(view)
    following = periods[min(periods.index(view.choice.period) + 1, len(periods) - 1)]
    if following == periods[-1]:
        _pause()
    selection.change(periode=period_id(following, view.indicator.grain))
    st.rerun()


def _figure(view: View) -> tuple[str, str]:
    """What is played: another figure or level stops it."""
    return view.choice.indicator, view.choice.level


def _periods(view: View) -> tuple[date, ...]:
    return view.offer.held[view.choice.indicator][view.choice.level]


def _change(view: View, method: str, k: int) -> None:
    selection.change(klassen=selection.as_classes(method, k, view.choice.level, view.offer))


def _difference(view: View, figures: Sequence[Figure]) -> str:
    """How many areas get another colour by at least one of the other methods."""
    counts = _moves(view, figures)
    if not counts:
        return ""
    say, moving = view.words, sum(count > 0 for count in counts.values())
    levels = view.catalogue.levels[view.choice.level].plural.get(say.lang)
    if not moving:
        return say.worn(say.t("again.same", levels=levels), *figures)
    others, total = say.number(len(SPLITS) - 1), say.number(len(counts))
    return say.worn(say.n("again.moving", moving, total=total, levels=levels, others=others), *figures)


def _moves(view: View, figures: Sequence[Figure]) -> dict[str, int]:
    """Per area with a value the number of other methods by which it moves; nothing to say of distances to the city."""
    choice = view.choice
    method, k = choice.method
    if method == CITY or choice.fixed or not _classed(view):
        return {}
    if all(figure.status != Status.OK for figure in figures):
        return {}  # none is in a class of the legend

    def make() -> dict[str, int]:
        shown = {figure.code: figure.value for figure in figures if figure.value is not None}
        return dict(zip(shown, moves(list(shown.values()), method, k), strict=True))

    return view.mart.keep(("moves", choice.indicator, choice.level, choice.period, choice.classes), make)
