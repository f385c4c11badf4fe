"""Streamlit's page in the visitor's language: the same few bytes for every page, made once at start.

Streamlit's index page says that it is English, whatever the page holds, and calls itself Streamlit. The browser fetches
nothing from it but Streamlit's own files.
"""

import base64
import hashlib
import html
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from buurtbeeld.addresses import PAGES
from buurtbeeld.charts import style
from buurtbeeld.server.bodies import ASK_AGAIN, answer, pack
from buurtbeeld.server.plain import STREAMLIT, language, theme
from buurtbeeld.texts import LANGUAGES, words

# Without it the front end of /kaart looks for its server below /kaart first, in vain.
_WHERE = "window.__streamlit = { BACKEND_BASE_URL: window.location.origin };"
# Streamlit's first link skips what stands before the page. Our menu is on the page, and would be the next stop.
# So it leads to the heading after the menu, which a screen reader then reads, or to a field that stands before that.
_SKIP = """addEventListener("click", event => {
    const menu = event.target.closest("[data-testid=stSkipToContent]") && document.querySelector(".st-key-menu")
    if (!menu) return
    const after = each => menu.compareDocumentPosition(each) === Node.DOCUMENT_POSITION_FOLLOWING
    const first = [...document.querySelectorAll("main :is(h1,a,button,input)")].find(after)
    if (!first) return
    event.preventDefault()
    event.stopPropagation()
    if (first.matches("h1")) first.tabIndex = -1
    first.focus()
}, true)"""
# How large maps are drawn, by the width of the window; the last that fits counts. A map on a phone is made for one.
_ZOOMS = (
    ("min-width:1600px", 1.4),
    ("max-width:1225px", 0.88),
    ("max-width:1100px", 0.8),
    ("max-width:1000px", 0.7),
    ("max-width:900px", 0.63),
    ("max-width:820px", 0.58),
    ("max-width:700px", 0.52),
    ("max-width:640px", 0.68),
    ("max-width:540px", 0.52),
    ("max-width:420px", 0.38),
)
_PHONE_ZOOMS = (("min-width:0", 1), ("min-width:380px", 1.2), ("min-width:520px", 1.5))
# What no setting of Streamlit does: a table or chart wider than a phone scrolls by itself and not the page with it, one
# sees where the Tab key is, the buttons of a map lie on the map and not on what stands above it, and a link outside the
# menu looks like one, a long one goes on on the next line, and a field that is being filled in has one frame around it.
# A heading that is linked to needs no link of its own, whose name is English only. On paper there is nothing to scroll
# or to press: everything is there, and no card is cut in two.
_STYLE = (
    '[data-testid="stMarkdownContainer"]:has(table){overflow-x:auto}'
    ":is(a,button,summary,[tabindex]):focus-visible{outline:3px solid %(primaryColor)s!important;outline-offset:2px}"
    '[data-testid="stElementToolbar"]{top:.5rem!important;right:.5rem!important}'
    ".deck-tooltip{font-size:calc(16px/var(--map,1))!important;color:%(backgroundColor)s!important;"
    "background:%(textColor)s!important;max-width:14em}"
    # What a map says of an area may lie beyond its edge, over what stands beside and below it.
    "[data-testid=stDeckGlJsonChart]{z-index:2}[data-testid=stDeckGlJsonChart] div{overflow:visible!important}"
    # A finger that goes up or down over a map moves the page, as it does everywhere else.
    "[data-testid=stDeckGlJsonChart] *{touch-action:pan-y!important}"
    # A row of buttons goes on on the next line: what one has to scroll to sideways, one does not know of.
    ".stButtonGroup>:is([role=radiogroup],[role=group]){flex-wrap:wrap}"
    ".st-key-mapbar button{min-height:2rem;padding:.15rem .6rem}.st-key-play button{min-width:14rem}"
    "@media(min-width:768px){[data-testid=stMainBlockContainer]{padding-inline:2.5rem!important}}"
    ".deck-events-root:focus-visible{outline-offset:-3px!important}"
    # The captions of a radio button are too pale to read.
    '.stRadio [data-testid="stCaptionContainer"]{color:#4A5763!important;opacity:1!important}'
    # A map is as high as the server says, which knows no width: all of it is drawn larger on a large screen and smaller
    # on a small one, and so is what says how large its circles are.
    ":is(.sizes i,[data-testid=stElementContainer]:has(>div>[data-testid=stDeckGlJsonChart])){zoom:var(--map,1)}"
    # Not what is pressed: the button on a map keeps its 24 pixels where the map is drawn smaller.
    "[data-testid=stDeckGlJsonChart] [data-testid=stElementToolbar]{zoom:max(1,calc(1/var(--map,1)))}"
    + "".join(f"@media({width}){{:root{{--map:{zoom}}}}}" for width, zoom in _ZOOMS)
    + "".join(f"@media({width}){{:is(.phone,[class*=st-key-phone]){{--map:{zoom}}}}}" for width, zoom in _PHONE_ZOOMS)
    + "@media(max-width:640px){.deck-tooltip{transform:none!important;top:auto!important;bottom:0;max-width:none}}"
    ".stPageLink a p{text-decoration:underline}.st-key-menu .stPageLink a p,.st-key-links a p{text-decoration:none}"
    ".st-key-links .stPageLink a{line-height:1.5;padding:.3rem 0}"
    ".stPageLink:not(.st-key-menu *) span{white-space:normal}"
    ".st-key-links a strong{text-decoration:underline}"
    '[data-testid="stTextInputRootElement"]:focus-within{outline:3px solid %(primaryColor)s;outline-offset:2px}'
    '[data-testid="stTextInputField"]:focus-visible{outline:none!important}'
    ".stVegaLiteChart{overflow:auto hidden}"
    # A table that goes on outside the window has a shadow on that side.
    "@media screen{.wide,.apart,[data-testid=stMarkdownContainer]:has(table){background:"
    "linear-gradient(to right,%(backgroundColor)s 30%%,transparent) 0/3rem 100%% no-repeat local,"
    "linear-gradient(to left,%(backgroundColor)s 30%%,transparent) 100%%/3rem 100%% no-repeat local,"
    "linear-gradient(to right,#17212B38,transparent) 0/.9rem 100%% no-repeat scroll,"
    "linear-gradient(to left,#17212B38,transparent) 100%%/.9rem 100%% no-repeat scroll}}"
    # What goes to another comparison is a button, and means a link; a link that opens another tab says so.
    "[class*=st-key-compare] button p{text-decoration:underline}"
    '[data-testid=stMarkdownContainer] a[target=_blank]::after{content:" ↗"/" (%(newTab)s)"}'
    '[data-testid="stHeaderActionElements"]{display:none!important}'
    ".foot{margin:0;color:#4A5763;font-size:.875rem}.on-paper{display:none}"
    "@media print{"
    "@page{margin:12mm}html{font-size:12px!important}"
    "html,body,#root,.stApp,[data-testid=stAppViewContainer],[data-testid=stMain]"
    "{position:static!important;display:block!important;height:auto!important;overflow:visible!important}"
    "[data-testid=stMainBlockContainer]{padding:0!important}"
    ".wide,[data-testid=stMarkdownContainer]:has(table){overflow:visible!important}"
    ".stHorizontalBlock{display:flex!important}.stHorizontalBlock>*{break-inside:avoid}"
    ".stElementContainer:has(h1,h2,h3):not(:has(section)),h1,h2,h3,thead,caption{break-after:avoid}"
    "tr,img,section{break-inside:avoid}"
    ".st-key-menu,[data-testid=stSkipToContent],[data-testid=stElementToolbar],.stPageLink,.stSelectbox,.stMultiSelect,"
    ".stTextInput,.stButtonGroup,.stButton,.stPopover,.stCheckbox,"
    ".stDownloadButton,.stExpander,.stTabs,.stRadio,.stCode{display:none!important}"
    ".on-paper{display:block}"
    "}"
)


def index() -> str:
    """The page that Streamlit serves for every address."""
    return (STREAMLIT / "index.html").read_text(encoding="utf-8")


def shell(index: str, lang: str) -> str:
    """Streamlit's page with our language, title, icon and words for a browser without script.

    Raises ValueError when the page is not as we know it: after an update of Streamlit this is the place to look.
    """
    t = words(lang).t
    # Icons are looked for from the page's own address, so this one starts at the root.
    icon = '<link rel="icon" href="/assets/favicon.svg" type="image/svg+xml" />'
    script = f"<script>{_WHERE}\n{_SKIP}</script>"
    for known, ours in (
        (r'<html lang="en">', f'<html lang="{lang}">'),
        (r"<title>Streamlit</title>", f"<title>{html.escape(t('site.name'))}</title>"),
        (r'<link rel="shortcut icon"[^>]*>', icon),
        # In its place: a link to a way to drive the pages by program, which is closed here.
        (r'<!--(?:(?!-->).)*agent API(?:(?!-->).)*-->\s*<link rel="service-desc"[^>]*>', script),
        (r"</head>", f"<style>{_STYLE % (theme() | {'newTab': t('site.tab')})}{style.css()}</style></head>"),
        (r"<noscript>.*?</noscript>", f"<noscript>{_without_script(lang)}</noscript>"),
    ):
        index, count = re.subn(known, ours.replace("\\", r"\\"), index, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"Streamlit's index page has {count} times {known!r}, where one was expected")
    return index


def inline_scripts(page: str) -> tuple[str, ...]:
    """What the content security policy must name for the scripts inside a page: 'sha256-…', quotes included."""
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    return tuple(f"'sha256-{digest}'" for digest in digests)


def routes() -> list[Route]:
    """One route for every page; which page it is, Streamlit reads from the address."""
    shells = {lang: pack(shell(index(), lang).encode(), "text/html") for lang in LANGUAGES}

    async def serve(request: Request) -> Response:
        return answer(request, shells[language(request)], ASK_AGAIN)

    return [Route(f"/{page.segment}", serve) for page in PAGES]


def _without_script(lang: str) -> str:
    t = words(lang).t
    text, link = html.escape(t("server.noscript")), html.escape(t("server.noscript.api"))
    return f'<p>{text}</p><p><a href="/api/v1/docs?taal={lang}">{link}</a></p>'
