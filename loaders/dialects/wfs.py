"""WFS 2.0 as MapServer speaks it: features as GeoJSON, counted off page by page.

`CQL_FILTER` is not looked at, without a word: the whole country comes. So what is wanted is said in the standard's own
XML, and whoever asks checks every feature all the same. Without `srsName` the coordinates are metres. A page may be
shorter than what was asked though there is more, so pages are asked until one is empty.
"""

import re
from collections.abc import Iterator

from loaders.dialects.ogc_features import Feature, features
from loaders.http import Http

PAGE = 1000
MAX_PAGES = 100


def type_names(http: Http, host: str, path: str, *, label: str) -> list[str]:
    """The types of feature that a service has, such as "wijkenbuurten:buurten".

    Raises NotThereError when there is no such service, LoadError when it names none.
    """
    answer = http.get(host, path, {"service": "WFS", "request": "GetCapabilities", "version": "2.0.0"}, label=label)
    # By pattern: a whole reader of XML would also follow what a hostile document tells it to.
    found = re.findall(r"<(?:\w+:)?FeatureType>\s*<(?:\w+:)?Name>\s*([^<\s]+)\s*<", answer.text())
    if not found:
        raise answer.problem("names no types of feature")
    return found


def pages(
    http: Http, host: str, path: str, type_name: str, name: str, value: str, *, label: str
) -> Iterator[list[Feature]]:
    """The features of a type whose property `name` is `value`, page by page, in longitude and latitude.

    Raises LoadError for a page that can't be, and when there is no end to them.
    """
    before: list[Feature] = []
    start = 0
    for _ in range(MAX_PAGES):
        answer = http.get(host, path, _get_feature(type_name, name, value, start), label=label)
        found = features(answer)
        if not found:
            return
        if found == before:
            raise answer.problem("sends the same page again and again")
        yield found
        before = found
        start += len(found)
    raise answer.problem("leads from page to page without end")


def _get_feature(type_name: str, name: str, value: str, start: int) -> dict[str, str]:
    equal = f"<ValueReference>{name}</ValueReference><Literal>{value}</Literal>"
    return {
        "service": "WFS",
        "version": "2.0.0",
        "request": "GetFeature",
        "typeNames": type_name,
        "outputFormat": "application/json",
        "srsName": "urn:ogc:def:crs:EPSG::4326",
        "count": str(PAGE),
        "startIndex": str(start),
        "filter": f"<Filter><PropertyIsEqualTo>{equal}</PropertyIsEqualTo></Filter>",
    }
