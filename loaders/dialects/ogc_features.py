"""OGC API Features: a publisher's collections of features, page after page by `next` links.

A page holds 10 features unless more is asked, and what is more than the server's own maximum is cut without a word; no
answer says how many there are in all. So the links are followed to the end, always. The coordinates are longitude and
latitude unless the header `Content-Crs` says otherwise.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from loaders.http import Answer, Http

PAGE = 1000
MAX_PAGES = 100

Feature = dict[str, Any]


def pages(
    http: Http, host: str, collection: str, params: Mapping[str, str], *, label: str, limit: int = PAGE
) -> Iterator[list[Feature]]:
    """The features of a collection, page by page, as published.

    collection: its path, up to its name. params: what is asked of it; an unknown one is refused with 400. Raises
    RefusedError for that, NotThereError when there is no such collection, LoadError for a page that can't be.
    """
    asked = {"f": "json", **params, "limit": str(limit)}
    answer = http.get(host, f"{collection}/items", asked, label=label)
    seen = set()
    while True:
        crs = answer.headers.get("content-crs", "")
        if crs and "CRS84" not in crs:
            raise answer.problem(f"sent coordinates in {crs}, not in longitude and latitude (CRS84)")
        page = answer.json()
        found = features(answer)
        if page.get("numberReturned", len(found)) != len(found):
            raise answer.problem(f"says it sent {page['numberReturned']} features, and sent {len(found)}")
        yield found
        links = [link for link in _links(page) if link.get("rel") == "next"]
        if not links:
            return
        seen.add(answer.url)
        answer = http.follow(answer, str(links[0].get("href")), label=label)
        if answer.url in seen or len(seen) >= MAX_PAGES:
            raise answer.problem("leads from page to page without end")


def updated(http: Http, host: str, collection: str, *, label: str) -> str:
    """When the publisher says that a collection was last updated, "" when he doesn't: it is no part of the standard.

    Raises NotThereError when there is no such collection.
    """
    links = _links(http.get(host, collection, {"f": "json"}, label=label).json())
    return next((str(link["updated"]) for link in links if link.get("rel") == "self" and link.get("updated")), "")


def features(answer: Answer) -> list[Feature]:
    """The features of a GeoJSON answer. Raises LoadError when it is none."""
    found = answer.json().get("features")
    if not isinstance(found, list) or not all(_is_feature(feature) for feature in found):
        raise answer.problem("sent JSON without features")
    return found


def _links(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [link for link in document.get("links") or [] if isinstance(link, dict)]


def _is_feature(feature: object) -> bool:
    return isinstance(feature, dict) and isinstance(feature.get("properties"), dict)
