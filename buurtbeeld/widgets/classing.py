"""How the areas of a map are put in classes: choosing it, explaining it, and looking again in another way."""

from collections.abc import Sequence

import streamlit as st

from buurtbeeld import selection
from buurtbeeld.catalogue import Figure
from buurtbeeld.statistics.classes import CITY, CLASSES, SPLITS, moves
from buurtbeeld.view import View, plain
from buurtbeeld.widgets.frame import note


def classing(view: View, figures: Sequence[Figure]) -> None:
    """One press for another look at the same figures, the choice of class method, and what difference that makes."""
    say, choice = view.words, view.choice
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(say.t("again.button"), on_click=_look_again, args=(view,), key="again")
        # What is in it travels when somebody opens it.
        named = say.t("classes.picked", method=say.t(f"classes.{choice.method[0]}"))
        popover = st.popover(named, key="classing", on_change="rerun")
        if popover.open:
            with popover:
                _pick_method(view)
                _pick_count(view)
    if sentence := _difference(view, figures):
        note(plain(sentence))


def moved(view: View, figures: Sequence[Figure], code: str) -> str:
    """By how many other class methods an area gets another colour, in words; empty where that can't be said."""
    count = _moves(view, figures).get(code)
    if count is None:
        return ""
    others = view.words.number(len(SPLITS) - 1)
    return view.words.n("again.area", count, others=others) if count else view.words.t("again.area.same")


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
        return say.t("again.same", levels=levels)
    others, total = say.number(len(SPLITS) - 1), say.number(len(counts))
    return say.n("again.moving", moving, total=total, levels=levels, others=others)


def _moves(view: View, figures: Sequence[Figure]) -> dict[str, int]:
    """Per area with a value the number of other methods by which it moves; nothing to say of distances to the city."""
    choice = view.choice
    method, k = choice.method
    if method == CITY or choice.fixed:
        return {}

    def make() -> dict[str, int]:
        shown = {figure.code: figure.value for figure in figures if figure.value is not None}
        return dict(zip(shown, moves(list(shown.values()), method, k), strict=True))

    return view.once("moves", make, choice.indicator, choice.level, choice.period, choice.classes)
