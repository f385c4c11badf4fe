"""Which readings and hours are believed, rule by rule, on small readings by hand."""

from datetime import timedelta

import pyarrow as pa
import pytest

from buurtbeeld.sensors import rules
from tests.sensors.rolling import (
    BUURT,
    at,
    hourly,
    load,
    places,
    rejected,
    rolled,
    rows,
    write,
)

BEGIN = "2026-06-30T22:00"  # 1 July, 00:00 in the Netherlands
SENSOR = places(("feed", "s1", "air_sensor"))
QUIET = [20.0 + nr % 3 for nr in range(24)]


def minutes(quantity, begin, values, step=5, sensor="s1"):
    first = at(begin)
    return [(sensor, quantity, first + (nr + 1) * timedelta(minutes=step), value) for nr, value in enumerate(values)]


def hour(data_dir, begin, quantity="no2", sensor="s1"):
    (found,) = rows(data_dir, "reading_hour", f"hour = '{begin}' AND quantity = '{quantity}' AND sensor = '{sensor}'")
    return found


def reasons(data_dir, sensor="s1", quantity="no2"):
    return rows(data_dir, "reading_hour", f"sensor = '{sensor}' AND quantity = '{quantity}'", "{h: hour, r: reason}")


def test_an_ordinary_hour(tmp_path):
    write(tmp_path, "feed", minutes("no2", "2026-07-01T10:00", [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 41]))
    rolled(tmp_path, SENSOR)
    assert hour(tmp_path, "2026-07-01 10:00") == {
        "source": "feed",
        "sensor": "s1",
        "quantity": "no2",
        "hour": at("2026-07-01T10:00"),
        "day": at("2026-07-01").date(),
        "local_hour": 12,
        "median": 25.5,
        "p95": pytest.approx(34.95),
        "n": 12,
        "valid": 12,
        "valid_share": 1.0,
        "status": "ok",
        "reason": None,
        "first_at": at("2026-07-01T10:05"),
        "last_at": at("2026-07-01T11:00"),
        "last_value": 41.0,
        "last_reason": None,
        "is_simulated": False,
    }
    assert rejected(tmp_path) == []


@pytest.mark.parametrize("value", [1000.5, -5.5, float("nan"), float("inf"), float("-inf")])
def test_outside_its_range_it_is_no_measurement(tmp_path, value):
    write(tmp_path, "feed", minutes("no2", "2026-07-01T10:00", [20, 21, 22, value], 15))
    rolled(tmp_path, SENSOR)
    found = hour(tmp_path, "2026-07-01 10:00")
    assert (found["n"], found["valid"], found["median"], found["status"]) == (4, 3, 21.0, "ok")
    assert (found["last_at"], found["last_reason"]) == (at("2026-07-01T11:00"), "range")
    ((sensor, quantity, time, kept, reason),) = rejected(tmp_path)
    assert (sensor, quantity, time, reason) == ("s1", "no2", at("2026-07-01T11:00"), "range")
    assert kept == value or kept != kept


@pytest.mark.parametrize("value", [1000.0, -5.0])
def test_at_the_ends_of_its_range_it_is_one(tmp_path, value):
    write(tmp_path, "feed", minutes("no2", "2026-07-01T10:00", [value], 60))
    rolled(tmp_path, SENSOR)
    assert hour(tmp_path, "2026-07-01 10:00")["median"] == value


@pytest.mark.parametrize(
    ("source", "name", "kind", "quantity", "sent", "counts"),
    [
        ("waste_fill", "fill_pct", "waste_container", "fill", 104.0, 100),
        ("feed", "fill", "waste_container", "fill", 110.0, 100),
        ("feed", "fill", "waste_container", "fill", 110.5, None),
        ("feed", "fill", "waste_container", "fill", -0.5, None),
        ("samen_meten", "rh", "air_sensor", "humidity", 105.0, 100),
        ("samen_meten", "rh", "air_sensor", "humidity", 105.5, None),
        ("npr_parking", "vacantSpaces", "parking_garage", "free", -3.0, 0),
        ("feed", "free", "parking_garage", "free", -100.0, 0),
        ("feed", "free", "parking_garage", "free", -101.0, None),
    ],
)
def test_what_is_just_full_or_empty_counts_as_that_whichever_way_it_came(
    tmp_path, source, name, kind, quantity, sent, counts
):
    write(tmp_path, source, minutes(name, "2026-07-01T10:00", [sent], 60))
    rolled(tmp_path, places((source, "s1", kind)))
    found = hour(tmp_path, "2026-07-01 10:00", quantity)
    believed = ("ok", None, counts, counts, counts)
    doubted = ("not_measured", "range", None, None, sent)
    assert (found["status"], found["last_reason"], *(found[each] for each in ("median", "p95", "last_value"))) == (
        doubted if counts is None else believed
    )
    assert [row[3:] for row in rejected(tmp_path)] == ([(sent, "range")] if counts is None else [])


def test_what_is_tolerated_is_in_the_middle_as_what_it_counts_as(tmp_path):
    write(tmp_path, "feed", minutes("fill", "2026-07-01T10:00", [90, 110, 96, 108], 15))
    rolled(tmp_path, places(("feed", "s1", "waste_container")))
    found = hour(tmp_path, "2026-07-01 10:00", "fill")
    assert (found["n"], found["valid"], found["median"], found["p95"]) == (4, 4, 98, 100)


def test_a_sensor_in_fog_says_more_than_all_damp_there_is_and_its_dust_is_not_believed(tmp_path):
    fog = [101, 104.9, 100]
    write(tmp_path, "feed", hourly("s1", "pm25", BEGIN, [20, 21, 22]) + hourly("s1", "humidity", BEGIN, fog))
    rolled(tmp_path, SENSOR)
    assert [row["r"] for row in reasons(tmp_path, quantity="pm25")] == ["humid"] * 3
    assert [row["r"] for row in reasons(tmp_path, quantity="humidity")] == [None] * 3


def test_too_few_good_readings_make_an_hour_unreliable_and_none_make_it_unmeasured(tmp_path):
    write(tmp_path, "feed", minutes("no2", "2026-07-01T10:00", [20, 22, 5000, 5000, 5000, 5000, 5000, 5000], 15))
    rolled(tmp_path, SENSOR)
    half, none = hour(tmp_path, "2026-07-01 10:00"), hour(tmp_path, "2026-07-01 11:00")
    assert (half["status"], half["reason"], half["valid_share"], half["median"]) == ("unreliable", "range", 0.5, 21.0)
    assert (none["status"], none["reason"], none["valid_share"], none["median"]) == ("not_measured", "range", 0, None)
    assert (none["p95"], none["n"], none["last_value"]) == (None, 4, 5000)


def test_three_quarters_is_enough(tmp_path):
    write(tmp_path, "feed", minutes("no2", "2026-07-01T10:00", [20, 22, 24, 5000], 15))
    rolled(tmp_path, SENSOR)
    assert hour(tmp_path, "2026-07-01 10:00")["status"] == "ok"


def test_readings_that_should_have_come_count_too(tmp_path):
    quantities = load().quantities
    often = quantities | {"no2": quantities["no2"].model_copy(update={"per_hour": 4})}
    write(tmp_path, "feed", minutes("no2", "2026-07-01T10:00", [20, 22], 15))
    write(tmp_path, "feed", minutes("no2", "2026-07-02T10:00", [20, 22, 24], 15))
    rolled(tmp_path, SENSOR, often)
    found = hour(tmp_path, "2026-07-01 10:00")
    assert (found["status"], found["reason"], found["valid_share"]) == ("unreliable", "incomplete", 0.5)
    assert hour(tmp_path, "2026-07-02 10:00")["status"] == "ok"


def test_a_reading_far_from_the_middle_of_its_hour_is_a_spike(tmp_path):
    write(tmp_path, "feed", minutes("no2", "2026-07-01T10:00", [20, 20, 171, 170, 20, 20, 20, 21], 7))
    rolled(tmp_path, SENSOR)
    found = hour(tmp_path, "2026-07-01 10:00")
    assert (found["n"], found["valid"], found["p95"], found["status"]) == (8, 7, pytest.approx(125.3), "ok")
    assert rejected(tmp_path) == [("s1", "no2", at("2026-07-01T10:21"), 171.0, "spike")]


def test_of_fewer_than_five_nothing_is_a_spike(tmp_path):
    write(tmp_path, "feed", minutes("no2", "2026-07-01T10:00", [20, 20, 500, 20], 15))
    rolled(tmp_path, SENSOR)
    assert hour(tmp_path, "2026-07-01 10:00")["valid"] == 4


def test_what_is_outside_its_range_is_not_among_the_five(tmp_path):
    write(tmp_path, "feed", minutes("no2", "2026-07-01T10:00", [20, 20, 500, 20, 9999], 12))
    rolled(tmp_path, SENSOR)
    assert [row[-1] for row in rejected(tmp_path)] == ["range"]


@pytest.mark.parametrize("begin", ["2026-06-30T22:00", "2026-07-01T08:00", "2026-07-01T20:00"])
def test_an_hour_far_from_both_its_neighbours_is_a_spike_also_at_midnight(tmp_path, begin):
    """Of the second: its neighbours are in another local day, or in another day of UTC."""
    for shift in (0, 1, 2):
        first = at(begin) - timedelta(hours=shift)
        folder = tmp_path / str(shift)
        write(folder, "feed", hourly("s1", "no2", first.isoformat(), [20.0, 200.0, 21.0]))
        rolled(folder, SENSOR)
        found = [hour(folder, first + nr * timedelta(hours=1)) for nr in range(3)]
        assert [each["reason"] for each in found] == [None, "spike", None]
        assert (found[1]["status"], found[1]["median"], found[1]["last_reason"]) == ("not_measured", None, "spike")


@pytest.mark.parametrize(
    "values", [[20.0, 200.0, 190.0], [20.0, 200.0, None, 20.0], [20.0, 200.0], [20.0, 170.0, 20.0]]
)
def test_a_step_and_an_hour_without_a_neighbour_are_no_spike(tmp_path, values):
    write(tmp_path, "feed", hourly("s1", "no2", BEGIN, values))
    rolled(tmp_path, SENSOR)
    assert [row["r"] for row in reasons(tmp_path)] == [None] * len([value for value in values if value is not None])


def test_a_value_that_stays_the_same_is_stuck_from_the_twelfth_hour_on(tmp_path):
    write(tmp_path, "feed", hourly("s1", "no2", BEGIN, [20.0, *[21.0] * 15, 22.0, 21.0]))
    rolled(tmp_path, SENSOR)
    assert [row["r"] for row in reasons(tmp_path)] == [None] * 12 + ["stuck"] * 4 + [None] * 2


def test_stuck_is_known_over_midnight(tmp_path):
    write(tmp_path, "feed", hourly("s1", "no2", "2026-07-01T12:00", [21.0] * 24))
    rolled(tmp_path, SENSOR)
    assert [row["r"] for row in reasons(tmp_path)] == [None] * 11 + ["stuck"] * 13


def test_a_change_within_an_hour_is_a_change(tmp_path):
    change = [("s1", "no2", at(BEGIN) + timedelta(hours=5, minutes=30), 22.0)]
    write(tmp_path, "feed", hourly("s1", "no2", BEGIN, [21.0] * 17) + change)
    rolled(tmp_path, SENSOR)
    assert [row["r"] for row in reasons(tmp_path)] == [None] * 17


def test_missing_hours_neither_end_a_stuck_value_nor_make_one(tmp_path):
    values = [21.0 if nr % 3 else None for nr in range(24)]  # the twelfth is 17 hours after the first
    write(tmp_path, "feed", hourly("s1", "no2", BEGIN, values))
    seldom = [21.0 if nr % 2 else None for nr in range(48)]  # the twelfth is 22 hours after the first
    write(tmp_path, "seldom", hourly("s1", "no2", BEGIN, seldom))
    both = places(("feed", "s1", "air_sensor"), ("seldom", "s1", "air_sensor"))
    rolled(tmp_path, both)
    found = rows(tmp_path, "reading_hour", "source = 'feed'")
    assert [row["reason"] for row in found] == [None] * 11 + ["stuck"] * 5
    assert rows(tmp_path, "reading_hour", "source = 'seldom' AND reason IS NOT NULL") == []


def test_a_particle_sensor_in_damp_air_is_not_believed(tmp_path):
    write(tmp_path, "feed", hourly("s1", "pm25", BEGIN, [8, 9, 10]) + hourly("s1", "humidity", BEGIN, [90, 91, 70]))
    rolled(tmp_path, SENSOR)
    assert [row["r"] for row in reasons(tmp_path, quantity="pm25")] == [None, "humid", None]
    found = hour(tmp_path, "2026-06-30 23:00", "pm25")
    assert (found["status"], found["median"], found["valid"], found["last_reason"]) == (
        "not_measured",
        None,
        0,
        "humid",
    )
    assert hour(tmp_path, "2026-06-30 23:00", "humidity")["status"] == "ok"


def test_a_sensor_without_humidity_has_that_of_the_city(tmp_path):
    damp = [("a", 95), ("b", 92), ("c", 60), ("far", 10), ("far2", 10)]
    write(tmp_path, "feed", hourly("s1", "pm25", BEGIN, [8]))
    write(
        tmp_path,
        "feed",
        [row for id, value in damp for row in hourly(id, "humidity", BEGIN, [value])],
        stamp="b",
        batch=True,
    )
    inside = places(*[("feed", id, "air_sensor") for id in ("s1", "a", "b", "c")])
    outside = places(*[("feed", id, "air_sensor") for id in ("far", "far2")], codes=[None])
    rolled(tmp_path, pa.concat_tables([inside, outside]))
    assert [row["r"] for row in reasons(tmp_path, quantity="pm25")] == ["humid"]


def test_what_is_simulated_says_nothing_of_what_is_real(tmp_path):
    """Neither that the air is damp nor that a sensor is beside the others."""
    write(tmp_path, "feed", hourly("s1", "pm25", BEGIN, [80 + nr % 3 for nr in range(24)]))
    drawn = [row for id in "abcd" for row in hourly(id, "pm25", BEGIN, QUIET) + hourly(id, "humidity", BEGIN, [95])]
    write(tmp_path, "simulated_air_sensor", drawn, simulated=True)
    kinds = [("feed", "s1", "air_sensor"), *[("simulated_air_sensor", id, "air_sensor") for id in "abcd"]]
    rolled(tmp_path, places(*kinds))
    assert {row["r"] for row in reasons(tmp_path, quantity="pm25")} == {None}
    assert [row["r"] for row in reasons(tmp_path, "a", "pm25")] == ["humid"] + [None] * 23


def test_unknown_humidity_is_no_reason(tmp_path):
    write(tmp_path, "feed", hourly("s1", "pm25", BEGIN, [8]) + hourly("s1", "humidity", BEGIN, [180]))
    rolled(tmp_path, SENSOR)
    assert [row["r"] for row in reasons(tmp_path, quantity="pm25")] == [None]


def test_a_reference_station_knows_no_damp_no_drift_and_is_in_no_area(tmp_path):
    write(tmp_path, "feed", hourly("ref", "pm25", BEGIN, [80 + nr % 3 for nr in range(24)]))
    cheap = [row for id in "abcd" for row in hourly(id, "pm25", BEGIN, QUIET)]
    damp = [row for id in "abcd" for row in hourly(id, "humidity", BEGIN, [95])]
    write(tmp_path, "feed", cheap + damp, stamp="b", batch=True)
    kinds = [("feed", "ref", "air_station"), *[("feed", id, "air_sensor") for id in "abcd"]]
    rolled(tmp_path, places(*kinds))
    assert {row["r"] for row in reasons(tmp_path, "ref", "pm25")} == {None}
    assert len(reasons(tmp_path, "a", "pm25")) == 24
    assert max(rows(tmp_path, "area_hour", "quantity = 'pm25' AND sensors > 0", "median")) == 22
    assert max(rows(tmp_path, "area_hour", "quantity = 'pm25'", "sensors")) == 4


def test_a_sensor_beside_all_others_for_most_of_a_day_drifts(tmp_path):
    high = [value * 4 if nr < 13 else value for nr, value in enumerate(QUIET)]
    less = [value * 4 if nr < 12 else value for nr, value in enumerate(QUIET)]
    cheap = [row for id in "abc" for row in hourly(id, "no2", BEGIN, QUIET)]
    write(tmp_path, "feed", cheap + hourly("high", "no2", BEGIN, high) + hourly("less", "no2", BEGIN, less))
    rolled(tmp_path, places(*[("feed", id, "air_sensor") for id in ("a", "b", "c", "high", "less")]))
    assert {row["r"] for row in reasons(tmp_path, "high")} == {"drift"}
    assert {row["r"] for row in reasons(tmp_path, "less")} == {None}
    assert {row["r"] for row in reasons(tmp_path, "a")} == {None}
    (found,) = rows(tmp_path, "reading_day", "sensor = 'high'")
    assert (found["status"], found["reason"], found["median"]) == ("not_measured", "drift", None)


@pytest.mark.parametrize("others", ["ab", "abc"])
def test_of_two_others_nobody_can_tell_who_is_right(tmp_path, others):
    readings = [row for id in others for row in hourly(id, "no2", BEGIN, QUIET)]
    write(tmp_path, "feed", readings + hourly("high", "no2", BEGIN, [value * 5 for value in QUIET]))
    rolled(tmp_path, places(*[("feed", id, "air_sensor") for id in (*others, "high")]))
    assert {row["r"] for row in reasons(tmp_path, "high")} == ({"drift"} if len(others) > 2 else {None})


def test_far_apart_in_part_but_near_in_micrograms_is_no_drift(tmp_path):
    readings = [row for id in "abc" for row in hourly(id, "no2", BEGIN, [2.0 + nr % 3 for nr in range(24)])]
    write(tmp_path, "feed", readings + hourly("high", "no2", BEGIN, QUIET))
    rolled(tmp_path, places(*[("feed", id, "air_sensor") for id in ("a", "b", "c", "high")]))
    assert {row["r"] for row in reasons(tmp_path, "high")} == {None}


def test_a_day_that_has_just_begun_tells_no_drift(tmp_path):
    readings = [row for id in "abc" for row in hourly(id, "no2", BEGIN, QUIET[:5])]
    write(tmp_path, "feed", readings + hourly("high", "no2", BEGIN, [value * 5 for value in QUIET[:5]]))
    rolled(tmp_path, places(*[("feed", id, "air_sensor") for id in ("a", "b", "c", "high")]))
    assert {row["r"] for row in reasons(tmp_path, "high")} == {None}


def test_what_is_not_calibrated_has_numbers_and_is_in_no_area(tmp_path):
    write(tmp_path, "feed", [row for id in "abc" for row in hourly(id, "pm25_raw", BEGIN, QUIET)])
    rolled(tmp_path, places(*[("feed", id, "air_sensor") for id in "abc"]))
    found = hour(tmp_path, "2026-06-30 22:00", "pm25_raw", "a")
    assert (found["status"], found["reason"], found["median"]) == ("unreliable", "uncalibrated", 20)
    assert (found["last_reason"], found["valid_share"]) == (None, 1)
    assert rows(tmp_path, "area_hour") == []
    assert {(row["status"], row["reason"]) for row in rows(tmp_path, "reading_day")} == {
        ("not_measured", "uncalibrated")
    }


@pytest.mark.parametrize(
    ("stars", "status", "reason", "last"),
    [
        ((5, 3, 3, 3), "ok", None, None),
        ((5, 3, 3, 2), "ok", None, "stars"),
        ((5, 3, 2, 1), "unreliable", "stars", "stars"),
        ((1, 1, 5, 5), "unreliable", "stars", None),
    ],
)
def test_readings_with_few_stars_are_not_relied_on(tmp_path, stars, status, reason, last):
    readings = minutes("no2", "2026-07-01T10:00", [20, 21, 22, 23], 15)
    write(tmp_path, "feed", [(*row, many) for row, many in zip(readings, stars, strict=True)])
    rolled(tmp_path, SENSOR)
    found = hour(tmp_path, "2026-07-01 10:00")
    assert (found["status"], found["reason"], found["median"], found["valid"]) == (status, reason, 21.5, 4)
    assert found["last_reason"] == last


def test_a_fill_that_is_sent_when_it_changes_makes_a_day_of_one_hour(tmp_path):
    write(tmp_path, "feed", hourly("s1", "fill", "2026-07-01T10:00", [40.0]) + hourly("s2", "fill", BEGIN, [400.0]))
    rolled(tmp_path, places(("feed", "s1", "waste_container"), ("feed", "s2", "waste_container")))
    good, bad = rows(tmp_path, "reading_day")
    assert (good["status"], good["reason"], good["median"], good["hours"]) == ("ok", None, 40, 1)
    assert (bad["status"], bad["reason"], bad["median"], bad["hours"]) == ("not_measured", "range", None, 0)


def test_in_an_hour_of_an_area_a_container_has_what_it_said_last(tmp_path):
    said = {"s1": ("2026-06-30T20:00", 90.0), "s2": ("2026-07-01T06:00", 40.0), "s3": ("2026-07-01T08:00", 20.0)}
    readings = [row for id, (begin, value) in said.items() for row in hourly(id, "fill", begin, [value])]
    broken = hourly("s3", "fill", "2026-07-01T11:00", [400.0])
    write(tmp_path, "feed", readings + broken)
    rolled(tmp_path, places(*[("feed", id, "waste_container") for id in said]))
    found = rows(tmp_path, "area_hour", f"code = '{BUURT}'", "{h: hour, m: median, n: sensors, s: status::VARCHAR}")
    hours = {row["h"]: (row["m"], row["n"], row["s"]) for row in found}
    assert hours[at("2026-06-30T22:00")] == (90, 1, "unreliable")  # said on the day before
    assert hours[at("2026-07-01T07:00")] == (65, 2, "unreliable")
    assert hours[at("2026-07-01T09:00")] == (40, 3, "ok")
    assert hours[at("2026-07-01T11:00")] == (65, 2, "unreliable")  # what can't be is not stood by, nor what was before
    assert hours[at("2026-07-01T15:00")] == (40, 3, "ok")  # nineteen hours after s1
    assert hours[at("2026-07-01T16:00")] == (30, 2, "unreliable")
    # Of a sensor itself only what it said is known.
    assert len(rows(tmp_path, "reading_hour", "sensor = 's1'")) == 1


def parking(**values):
    return [row for quantity, value in values.items() for row in minutes(quantity, "2026-07-01T10:00", value, 20)]


GARAGE = places(("feed", "s1", "parking_garage"))
BICYCLES = places(("feed", "s1", "bicycle_parking"))


@pytest.mark.parametrize(
    ("kind", "share", "sent", "median", "p95", "last"),
    [
        (GARAGE, "occupancy", {"free": [50, 40, 30], "places": [200, 200, 200]}, 80, 84.5, 85),
        (BICYCLES, "bike_occupancy", {"bike_taken": [50, 60, 90], "bike_places": [200, 200, 200]}, 30, 43.5, 45),
        (
            BICYCLES,
            "bike_occupancy",
            {"bike_taken": [50, 60, 90], "bike_free": [0, 0, 0], "bike_places": [200, 200, 200]},
            30,
            43.5,
            45,
        ),
    ],
)
def test_how_many_places_are_taken_is_made_of_what_is_sent(tmp_path, kind, share, sent, median, p95, last):
    write(tmp_path, "feed", parking(**sent))
    rolled(tmp_path, kind)
    found = hour(tmp_path, "2026-07-01 10:00", share)
    assert (found["median"], found["n"], found["status"]) == (median, 3, "ok")
    assert (found["p95"], found["last_value"]) == (pytest.approx(p95), last)


@pytest.mark.parametrize(
    "sent", [{"free": [5]}, {"free": [5], "places": [0]}, {"places": [100]}, {"free": [-109], "places": [10]}]
)
def test_without_a_part_or_the_whole_there_is_no_share(tmp_path, sent):
    write(tmp_path, "feed", parking(**sent))
    rolled(tmp_path, GARAGE)
    assert rows(tmp_path, "reading_hour", "quantity = 'occupancy'") == []


def test_a_share_that_can_not_be_is_not_measured(tmp_path):
    write(tmp_path, "feed", parking(free=[900], places=[100]))
    rolled(tmp_path, GARAGE)
    found = hour(tmp_path, "2026-07-01 10:00", "occupancy")
    assert (found["status"], found["reason"], found["median"], found["last_reason"]) == (
        "not_measured",
        "range",
        None,
        "range",
    )


def test_a_share_that_is_sent_is_not_received(tmp_path):
    write(tmp_path, "feed", parking(occupancy=[50]))
    rolled(tmp_path, GARAGE)
    assert rows(tmp_path, "reading_hour") == []


def test_a_source_calls_quantities_as_the_catalogue_says_and_else_by_their_id():
    quantities = load().quantities.values()
    called = {name: quantity.id for name, (quantity, _) in rules.names(quantities, "samen_meten").items()}
    assert (called["pm25_kal"], called["pm25"], called["rh"], called["o3"]) == ("pm25", "pm25_raw", "humidity", "o3")
    assert rules.names(quantities, "snuffelfiets")["pm10"][0].id == "pm10_raw"
    assert rules.names(quantities, "a_feed")["pm10"][0].id == "pm10"
    assert "occupancy" not in rules.names(quantities, "a_feed")


def test_no_source_calls_a_quantity_by_two_names():
    """Two readings of one moment would be two hours."""
    for quantity in load().quantities.values():
        sources = [name.source for name in quantity.read]
        assert len(sources) == len(set(sources)), quantity.id


def test_names_and_scales_of_a_publisher(tmp_path):
    quantities = load().quantities
    read = type(quantities["no2"].read[0])
    mine = quantities | {"no2": quantities["no2"].model_copy(update={"read": (read("feed", "NO2 in mg", 1000.0),)})}
    write(tmp_path, "feed", minutes("NO2 in mg", "2026-07-01T10:00", [0.02, 0.03, 2.0, 0.025], 15))
    write(tmp_path, "feed", minutes("no2", "2026-07-01T10:00", [7], 60), stamp="b", batch=True)
    rolled(tmp_path, SENSOR, mine)
    found = hour(tmp_path, "2026-07-01 10:00")
    assert (found["n"], found["valid"], found["median"]) == (4, 3, pytest.approx(25))
    assert rejected(tmp_path) == [("s1", "no2", at("2026-07-01T10:45"), 2000.0, "range")]
