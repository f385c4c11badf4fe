"""The server: Streamlit's pages, the maps they draw, the read-only API and health, as one ASGI app.

`streamlit run dashboard.py` serves it.
"""

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from buurtbeeld import api
from buurtbeeld.server import assets, guard, health, log, maps, pages, plain
from buurtbeeld.store import shared

store = shared()

routes = [
    *pages.routes(),
    *assets.routes(),
    *maps.routes(store),
    *health.routes(store),
    Route(api.BASE, api.with_slash),
    Mount(api.BASE, api.application(store)),
]

# From the outside in.
middleware = [
    Middleware(guard.Headers, headers=guard.security(pages.inline_scripts(pages.shell(pages.index(), "nl")))),
    Middleware(log.Log),
    Middleware(guard.StaticFiles, folder=plain.STREAMLIT / "static"),
    Middleware(guard.Gate, routes=routes),
]

log.start()

# With `pages/frame.py` as its script Streamlit doesn't take `pages/` for its old way of having several pages.
app = st.App("pages/frame.py", routes=routes, middleware=middleware, exception_handlers=plain.HANDLERS)
