"""An area of one's own: buurten put together, by click or from a list, and their figures as one."""

import streamlit as st

from buurtbeeld import own, widgets
from buurtbeeld.view import plain

view = widgets.opened("eigen", "many_own", "zoom")
say = view.words

st.title(say.t("own.title"), anchor=False)
st.markdown(say.t("own.intro"))
drawing, choosing = st.columns([2, 1], gap="medium")
with drawing:
    widgets.own_map(view)
    widgets.zoom_bar(view)
with choosing:
    widgets.pick_own(view)
    if view.choice.own:
        st.markdown(plain(f"{own.made_of(view)} {own.headline(view)}"))
        if len(view.choice.own) == 1:
            st.markdown(say.t("own.one"))
        if gaps := own.gaps(view):
            st.markdown(plain(gaps))
        if whole := own.wijk(view):
            st.markdown(say.t("own.wijk", name=plain(whole.name)))
            widgets.link("profiel", say.t("go.profile"), gebied=whole.code)

if view.choice.own:
    st.header(say.t("own.figures"), anchor=False)
    st.markdown(own.table(view))
    widgets.note(" ".join(filter(None, [plain(own.how_sure(view)), view.method("own")])))
    if refusals := own.refusals(view):
        st.subheader(say.t("own.refused"), anchor=False)
        st.markdown(refusals)
    widgets.own_file(view)
    widgets.source_note(view, own.figures(view))
