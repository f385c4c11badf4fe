"""The frame around every page: its name, the menu, the language, and where the figures are from."""

import streamlit as st

from buurtbeeld import selection
from buurtbeeld.addresses import PAGES
from buurtbeeld.texts import words
from buurtbeeld.widgets import footer, header, readable

say = words(selection.language(selection.read()))
pages = {
    page.segment: st.Page(page.file, title=say.t(page.name), url_path=page.segment or None, default=not page.segment)
    for page in PAGES
}
chosen = st.navigation(list(pages.values()), position="hidden")
st.set_page_config(page_title=f"{chosen.title} · {say.t('site.name')}", layout="wide")
header(say, pages, chosen.url_path)
with readable(say):
    chosen.run()
footer(say)
