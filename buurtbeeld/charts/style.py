"""How a legend and a hidden heading look: CSS that stands once in the page, and not in every message."""

from collections.abc import Sequence

from buurtbeeld.charts import histogram
from buurtbeeld.charts.legend import CAPTION, HIDDEN
from buurtbeeld.maps import palettes


def css() -> str:
    """The CSS of every legend, with a class for each hatch of the map, and of what is there for the ear only."""
    hatches = "".join(f".legend .{pattern}{{{_hatch(pattern)}}}" for pattern in palettes.PATTERNS)
    return (
        ".legend{border-collapse:collapse;width:100%;font-size:.95rem;line-height:1.3;margin-top:.3rem}"
        f".legend caption{{{CAPTION}}}"
        f".legend thead{{{HIDDEN}}}"
        ".legend tbody th{text-align:left;font-weight:400;padding:.15rem .8rem .15rem 0}"
        ".legend td{width:43%;padding:.15rem 0;white-space:nowrap}"
        ".legend i{display:inline-block;vertical-align:middle;height:1.1rem;margin-right:.5rem;box-sizing:border-box;"
        f"border:1px solid {palettes.EDGE}}}"
        ".legend i[class]{min-width:2rem}"  # a hatch needs some room to be known by
        f"{hatches}.spoken{{{HIDDEN}}}"
        f".spread{{position:relative;max-width:{histogram.WIDTH}px;font-size:.875rem;line-height:1.3}}"
        ".spread img{display:block}.spread b{position:absolute;top:0;font-weight:400}"
        ".spread p{display:flex;justify-content:space-between;margin:0;font-size:inherit}"
        f".sizes{{{CAPTION};margin:0}}"
        ".sizes i{display:inline-block;vertical-align:middle;box-sizing:border-box;border-radius:50%;"
        f"margin:.3rem .3rem .3rem 0;border:1px solid {palettes.OUTLINE};background:{palettes.GROUND}}}"
        ".sizes i:not(:first-of-type){margin-left:1rem}"
    )


def _hatch(pattern: str) -> str:
    about = palettes.PATTERNS[pattern]
    if about["type"] == "dots":
        radius, period = about["radius"], 2 * about["radius"] + about["gap"]
        dots = f"radial-gradient({palettes.HATCH} {radius}px,transparent {radius + 0.5}px)"
        return f"background-image:{dots};background-size:{period}px {period}px"
    angles = about["angles"] if about["type"] == "cross-hatch" else [about["angle"]]
    return "background-image:" + ",".join(_lines(angle, about["strokeWidth"], about["gap"]) for angle in angles)


def _lines(angle: float, width: float, gaps: float | Sequence[float]) -> str:
    """Lines at `angle` degrees clockwise from a horizontal one, with one gap between them or two in turn."""
    stops, at = [], 0.0
    for gap in gaps if isinstance(gaps, Sequence) else [gaps]:
        stops.append(f"{palettes.HATCH} {at:g}px {at + width:g}px,transparent {at + width:g}px {at + width + gap:g}px")
        at += width + gap
    return f"repeating-linear-gradient({angle:g}deg,{','.join(stops)})"
