"""A sensor that two publishers have is left out once."""

import pyarrow as pa

from buurtbeeld.sensors.duplicates import without_twins

PLACES = pa.table({"id": ["1", "2", "3"], "same_as": ["LTD_10", "LTD_20", None]})


def test_sensor_that_is_among_the_others_is_left_out():
    assert without_twins(PLACES, {"LTD_10", "HLL_1"})["id"].to_pylist() == ["2", "3"]


def test_number_of_the_sensor_itself_says_nothing():
    assert without_twins(PLACES, {"LTD_1", "2"})["id"].to_pylist() == ["1", "2", "3"]


def test_without_others_every_sensor_stays():
    assert without_twins(PLACES, set()).equals(PLACES)
