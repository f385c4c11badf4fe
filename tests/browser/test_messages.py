"""What a choice on the map's page costs on the way: little, for shapes never travel in a message."""

import pytest

from buurtbeeld.catalogue import load
from tests.bench.reruns import LIMIT_BYTES, LIMIT_MAP_BYTES

pytestmark = pytest.mark.browser


def test_another_figure_costs_little(visit):
    visitor = visit("/kaart?indicator=crimes&gebied=BU03440131")
    for indicator in ("crimes_per_1000", "crimes"):
        before = len(visitor.frames)
        visitor.choose(visitor.picker("pick.indicator"), load().indicators[indicator].title.get("nl"))
        visitor.wait_for_params(indicator=indicator)
        visitor.wait_for_map(before)
        received, decks = visitor.frames[before:], visitor.decks(before)
        assert sum(map(len, received)) <= LIMIT_BYTES
        assert [len(deck) for deck in decks if len(deck) > LIMIT_MAP_BYTES] == [] and len(decks) == 1
        assert b'"coordinates"' not in b"".join(received)


def test_the_map_of_change_is_as_small_with_every_area_marked(visit):
    areas = "BU03440111,BU03440113,BU03440131,WK034401"
    visitor = visit(f"/trends?indicator=crimes&gebied={areas}")
    assert [len(deck) for deck in visitor.decks() if len(deck) > LIMIT_MAP_BYTES] == []
