"""Where every figure is from: sources, licences, dates, what to mind. All of it from the mart."""

import streamlit as st

from buurtbeeld import goals, sources, widgets
from buurtbeeld.store import shared
from buurtbeeld.texts.methods import methods

view = widgets.opened()
say = view.words
build = view.mart.build

st.title(say.t("sources.title"), anchor=False)
st.markdown(say.t("sources.intro"))
if build.is_sample:
    st.info(say.t("sources.sample"))

st.header(say.t("sources.list"), anchor=False)
loads = shared().loads()
for source in sources.listed(view):
    with st.container(border=True):
        st.markdown(sources.described(view, source))
        if sources.editions(view, source):
            with st.expander(say.t("sources.editions")):
                st.markdown(sources.editions(view, source))
        if said := sources.loaded(view, source, loads.get(source.id)):
            widgets.note(said)

st.header(say.t("sources.not"), anchor=False)
st.markdown(say.t("sources.not.household"))
st.markdown(say.t("sources.not.scan"))

st.header(say.t("lists.title"), anchor=False)
st.markdown(say.t("lists.intro"))
widgets.browse(view)

st.header(say.t("sources.figures"), anchor=False)
st.markdown(sources.figures(view))

st.header(say.t("goals.sources"), anchor=False)
st.markdown(goals.documents(view))

st.header(say.t("sources.methods"), anchor=False)
for method in methods(say.lang):
    st.subheader(method.title, anchor=method.id)
    st.markdown(method.text)

st.header(say.t("sources.caveats"), anchor=False)
st.markdown(sources.caveats(view))

st.header(say.t("sources.statuses"), anchor=False)
st.markdown(sources.statuses(view))

widgets.note(say.t("sources.build", id=build.id, at=say.moment(build.built_at), version=build.app_version))
