"""A drawing as an image inside a page, because the front end takes drawings out of HTML."""

from html import escape
from urllib.parse import quote

SAFE = " =/:,'"


def html(body: str, width: int, height: int, text: str, kind: str = "") -> str:
    """The SVG elements of `body` as an image that is at most `width` pixels wide; `text` says the same.

    body: with ' around attributes, which need no escape here. kind: a class, for the CSS of the page.
    """
    drawing = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'>{body}</svg>"
    source, alt = f"data:image/svg+xml,{quote(drawing, safe=SAFE)}", escape(text, quote=True)
    name = f' class="{kind}"' if kind else ""
    return f'<img{name} src="{source}" alt="{alt}" style="width:100%;max-width:{width}px">'
