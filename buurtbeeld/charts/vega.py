"""Charts in Vega-Lite's own words: layers of rows, marks and encodings, as plain dicts.

Written with Altair the same charts took four times as long as the rest of their page (docs/decisions/27). The tests
hold each of them to Altair's schema.
"""

from collections.abc import Sequence
from typing import Any

Part = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"  # a name, which nobody fetches
FONT = "Source Sans, sans-serif"
_TYPES = {"Q": "quantitative", "T": "temporal", "N": "nominal"}


def field(named: str, **more: Any) -> Part:
    """An encoding: `value:Q` is the field `value`, a quantity; T is a day or time, N a name."""
    name, _, kind = named.rpartition(":")
    return {"field": name, "type": _TYPES[kind], **more}


def layer(mark: str, rows: Sequence[Part], look: Part, **encoded: str | Part) -> Part:
    """One mark for each of `rows`. encoded: channel → an encoding, or the field it shows as `field` reads it.

    Hidden from readers of screens: the chart as a whole has a text of its own.
    """
    encoding = {channel: field(each) if isinstance(each, str) else each for channel, each in encoded.items()}
    # Only where one ends is what the other channel says: its type is that of the first.
    for end in ("x2", "y2"):
        if "field" in encoding.get(end, ()):
            del encoding[end]["type"]
    return {"data": {"values": list(rows)}, "mark": {"type": mark, "aria": False, **look}, "encoding": encoding}


def chart(layers: Sequence[Part], height: int, config: Part, **more: Any) -> Part:
    """A chart as wide as its place, of layers on the same scales.

    Rows stay with their layer: of rows with a name Streamlit makes Arrow tables, which costs more than all else.
    """
    return {
        "$schema": SCHEMA,
        "layer": list(layers),
        "height": height,
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 5, "top": 8, "bottom": 5, "right": 5},
        "config": {"view": {"stroke": None}, "font": FONT, **config},
        **more,
    }
