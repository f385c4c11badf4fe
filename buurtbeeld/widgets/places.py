"""Places on the map: which kind is shown, and for who doesn't see the map the same in words, with where it is from."""

import streamlit as st

from buurtbeeld import places, selection
from buurtbeeld.view import View, plain
from buurtbeeld.widgets.frame import note
from buurtbeeld.widgets.notes import cite

NONE = ""  # of the menu
WIDE = 420  # pixels of the menu, which holds a few words


def places_on_map(view: View) -> None:
    """The choice of a kind of place, and what is shown of it; nothing where the mart has no places."""
    if not view.offer.places:
        return
    _pick(view)
    if view.choice.places:
        st.markdown(places.told(view))
        _names(view)
        cite(view, {place.source for place in places.found(view)})


def _pick(view: View) -> None:
    say = view.words
    selection.bind("places", view.choice.places or NONE)
    st.selectbox(
        say.t("places.pick"),
        [NONE, *view.offer.places],
        format_func=lambda id: places.kind(view, id) if id else say.t("places.none"),
        key="places",
        width=WIDE,
        placeholder=say.t("pick.placeholder"),
        on_change=lambda: selection.change(plekken=st.session_state.places or None),
    )


def _names(view: View) -> None:
    say, code = view.words, view.choice.area
    if code is None:
        note(say.t("places.choose"))
    elif places.inside(view, code):
        # What is in an expander travels when somebody opens it; its name stays the same, or it would close.
        names = st.expander(say.t("places.list"), key="places_list", on_change="rerun")
        if names.open:
            with names:
                st.markdown(f"**{plain(view.offer.areas[code].name)}**\n\n{places.names(view, code)}")
