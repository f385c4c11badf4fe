"""The parts that charts are made of."""

from buurtbeeld.charts.vega import chart, field, layer

ROWS = [{"x": 1}, {"x": 2}]


def test_a_field_has_the_type_behind_its_name():
    assert field("a:b:Q", title=None) == {"field": "a:b", "type": "quantitative", "title": None}
    assert [field(f"x:{kind}")["type"] for kind in "TN"] == ["temporal", "nominal"]


def test_the_end_of_a_bar_has_no_type_of_its_own():
    encoding = layer("rule", ROWS, {}, x="from:T", x2="to:T", y={"value": 3}, y2={"value": 9})["encoding"]
    assert encoding["x2"] == {"field": "to"} and encoding["x"]["type"] == "temporal" and encoding["y2"] == {"value": 9}


def test_rows_that_two_layers_draw_travel_once_and_equal_rows_stay_apart():
    made = chart([layer("line", ROWS, {}), layer("text", ROWS, {}), layer("point", list(ROWS), {})], 100, {})
    names = [each["data"]["name"] for each in made["layer"]]
    assert names[0] == names[1] != names[2]
    assert made["datasets"] == {names[0]: ROWS, names[2]: ROWS}
