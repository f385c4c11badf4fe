"""The parts that charts are made of."""

from buurtbeeld.charts.vega import chart, field, layer

ROWS = [{"x": 1}, {"x": 2}]


def test_a_field_has_the_type_behind_its_name():
    assert field("a:b:Q", title=None) == {"field": "a:b", "type": "quantitative", "title": None}
    assert [field(f"x:{kind}")["type"] for kind in "TN"] == ["temporal", "nominal"]


def test_the_end_of_a_bar_has_no_type_of_its_own():
    encoding = layer("rule", ROWS, {}, x="from:T", x2="to:T", y={"value": 3}, y2={"value": 9})["encoding"]
    assert encoding["x2"] == {"field": "to"} and encoding["x"]["type"] == "temporal" and encoding["y2"] == {"value": 9}


def test_layers_keep_their_rows_and_what_is_asked_wins():
    made = chart([layer("line", ROWS, {"clip": True})], 100, {"font": "Inter"}, title="T")
    assert made["layer"][0]["data"] == {"values": ROWS}
    assert made["layer"][0]["mark"] == {"type": "line", "aria": False, "clip": True}
    assert (made["height"], made["title"], made["config"]["font"]) == (100, "T", "Inter")
