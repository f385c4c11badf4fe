"""The frame around every page: its name, the menu, the language, and where the figures are from."""

import streamlit as st

from buurtbeeld import selection
from buurtbeeld.texts import words
from buurtbeeld.widgets import all_pages, footer, header, readable

say = words(selection.language(selection.read()))
pages = all_pages(say)
chosen = st.navigation(list(pages.values()), position="hidden")
st.set_page_config(page_title=f"{chosen.title} · {say.t('site.name')}", layout="wide")
header(say, pages, chosen.url_path)
with readable(say):
    chosen.run()
footer(say)
