"""Comparing: where to begin, two figures of all areas against each other, and the areas that look like one."""

import streamlit as st

from buurtbeeld import selection
from buurtbeeld.catalogue import Figure
from buurtbeeld.comparison import alike as likeness
from buurtbeeld.comparison import choosing, relation
from buurtbeeld.queries import Area
from buurtbeeld.view import View, plain
from buurtbeeld.widgets.choices import pick_against, pick_indicator, pick_level, pick_period, pick_theme
from buurtbeeld.widgets.frame import note


def beginnings(view: View) -> None:
    """An invitation to choose, and a few comparisons that make sense."""
    say = view.words
    st.markdown(say.t("differ.invitation" if not view.choice.areas else "differ.one"))
    with st.container(horizontal=True):
        for one, other in choosing.examples(view):
            both = say.t("differ.example", one=one.name, other=other.name)
            label = say.t("differ.with", area=other.name) if view.choice.areas else both
            _go(label, one, other)


def scatter(view: View) -> tuple[Figure, ...]:
    """Two figures of all areas against each other, in a picture, in words and as a table; gives what is shown."""
    say = view.words
    theme, topic, against, level, period = st.columns([2, 2.6, 2.6, 2.5, 1.3], vertical_alignment="bottom")
    with theme:
        pick_theme(view)
    with topic:
        pick_indicator(view)
    with against:
        pick_against(view)
    with level:
        pick_level(view)
    with period:
        pick_period(view)
    if reason := relation.why_not(view):
        st.markdown(plain(reason))
        return ()
    found = relation.relation(view)
    first, *more = relation.sentences(view, found)
    drawing, reading = st.columns([2, 1], gap="medium")
    with drawing:
        if found.points:
            spec = relation.spec(view, found)
            st.vega_lite_chart(spec, theme=None, width="stretch", alt=" ".join([first, *more]))
    with reading:
        st.markdown(f"**{plain(first)}**  \n{plain(' '.join(more))}")
        st.markdown(relation.minded(view, found))
        note("  \n".join([plain(relation.drawn(view, found)), view.method("relation")]))
    with st.expander(say.t("relation.table")):
        st.markdown(relation.table(view, found))
    return tuple(figure for figure in found.figures[0] if figure)


def alike(view: View, area: Area) -> tuple[Figure, ...]:
    """The areas that are most like `area`, each with the reason and the way on; gives the figures that decided."""
    say = view.words
    if reason := likeness.why_not(view, area):
        st.markdown(plain(reason))
        return ()
    st.markdown(plain(say.t("alike.how", titles=likeness.basis(view, area.level))))
    # Side by side, and the gap between two areas no larger than between lines: five areas are a list, not a page.
    with st.container(gap="xsmall"):
        for like in likeness.found(view, area):
            button, why = st.columns([1, 2], gap="xxsmall", vertical_alignment="center")
            with button:
                _go(say.t("differ.with", area=like.area.name), area, like.area)
            why.markdown(plain(likeness.sentence(view, like)))
    with st.expander(say.t("alike.table")):
        st.markdown(likeness.table(view, area))
    note(view.method("alike"))
    return likeness.figures(view, area)


def _go(label: str, one: Area, other: Area) -> None:
    """To another comparison. A button: Streamlit's link to the page one is on leaves the address as it was."""
    both = f"{one.code},{other.code}"
    # Without wrap a long name would stick out of a phone.
    st.button(
        label, key=f"compare {both}", type="tertiary", wrap=True, on_click=selection.change, kwargs={"gebied": both}
    )
