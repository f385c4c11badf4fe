"""FIWARE NGSI-v2 and NGSI-LD: entities in pages, their attributes plain or wrapped up (“normalized”).

No answer says how many there are in all. A server may give fewer than asked, and a file behind the same address all of
them each time. So pages are asked for until one brings nothing new.
"""

from collections.abc import Callable, Iterator
from typing import Any

from loaders.http import Answer

PAGE, MAX_PAGES = 1000, 50  # a thousand is the most that NGSI-v2 allows

Entity = dict[str, Any]


def entities(ask: Callable[[dict[str, str]], Answer]) -> Iterator[Entity]:
    """Every entity once; `ask` gives the answer to the options of one page.

    Raises LoadError for what is no list of entities with an id, and for pages without end.
    """
    seen: set[str] = set()
    for _ in range(MAX_PAGES):
        answer = ask({"limit": str(PAGE), "offset": str(len(seen))})
        rows = answer.rows()
        if any("id" not in row for row in rows):
            raise answer.problem("sent an entity without an id")
        new = {str(row["id"]): row for row in rows if str(row["id"]) not in seen}
        if not new:
            return
        yield from new.values()
        seen |= new.keys()
    raise answer.problem("leads from page to page without end")


def plain(attribute: Any) -> Any:
    """The value of an attribute, wrapped up or not; a time may be wrapped up twice."""
    for wrap in ("value", "@value"):
        if isinstance(attribute, dict) and wrap in attribute:
            attribute = attribute[wrap]
    return attribute


def observed(entity: Entity, name: str) -> Any:
    """When an attribute was measured: beside itself, or beside it in the entity; None when neither says it."""
    attribute = entity.get(name)
    own = attribute.get("observedAt") if isinstance(attribute, dict) else None
    return own or plain(entity.get("dateObserved")) or plain(entity.get("dateModified"))
