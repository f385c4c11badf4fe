"""What a choice on the map's page costs on the way: little, for shapes never travel in a message."""

import pytest

from buurtbeeld.catalogue import load

pytestmark = pytest.mark.browser

RERUN = 24_000  # bytes over the websocket after a choice
MAP = 2_000  # bytes of the map's own message


@pytest.mark.parametrize(("first", "indicator"), [("crimes", "crimes_per_1000"), ("crimes_per_1000", "crimes")])
def test_another_figure_costs_little(visit, first, indicator):
    visitor = visit(f"/kaart?indicator={first}&gebied=BU03440113")
    before = len(visitor.frames)
    with visitor.page.expect_response(f"**/nl/buurt/{indicator}/**"):
        visitor.choose(visitor.picker("pick.indicator"), load().indicators[indicator].title.get("nl"))
    visitor.settle()
    received, decks = visitor.frames[before:], visitor.decks(before)
    assert len(decks) == 1 and len(decks[0]) <= MAP
    assert max(map(len, received)) < RERUN and sum(map(len, received)) <= RERUN
    assert b'"coordinates"' not in b"".join(received)


def test_the_map_of_change_is_as_small_with_every_area_marked(visit):
    areas = "BU03440111,BU03440113,BU03440131,WK034401"
    visitor = visit(f"/trends?indicator=crimes&gebied={areas}")
    assert visitor.decks() and max(map(len, visitor.decks())) <= MAP
