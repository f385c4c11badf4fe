"""Nothing of a ride gets out: held against a slow and plain attacker's reckoning, and against attacks by name."""

import math
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import chain, pairwise
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buurtbeeld.statistics import rides
from buurtbeeld.statistics.rides import CUT_DISTANCE, CUT_TIME, GAP, LEAST, SQUARE, STANDS, STILL, hours, releasable

DAY = datetime(2026, 6, 1, 8)
LAT, LON = 52.09, 5.12
EAST, NORTH = 1 / (111_195 * math.cos(math.radians(LAT))), 1 / 111_195  # degrees in a metre
HOME = LON, LAT


def ride(start=HOME, seconds=1200, speed=5.0, every=12, begin=0.0, heading=(1, 0)):
    """Readings of one ride: (seconds since `DAY`, longitude, latitude)."""
    return [
        (
            begin + passed,
            start[0] + heading[0] * speed * passed * EAST,
            start[1] + heading[1] * speed * passed * NORTH,
        )
        for passed in range(0, seconds + 1, every)
    ]


def measured(number, passed):
    """What the device of this number in a list of them measures by default."""
    return number + passed * 7 % 11 / 2


def told(by_device, values=None, **words):
    """`hours` of {device: readings}."""
    flat = [(device, *each) for device, readings in by_device.items() for each in readings]
    device, passed, lon, lat = zip(*flat, strict=True) if flat else ((),) * 4
    number = {name: float(n) for n, name in enumerate(by_device)}
    time = np.array([DAY + timedelta(seconds=each) for each in passed], dtype="datetime64[us]")
    values = values or [measured(number[name], at) for name, at, _, _ in flat]
    return hours(device, time, lon, lat, {"dust": values}, **words)


def squares(found):
    return {
        (str(quantity), hour.item(), int(east), int(north)): float(value)
        for quantity, hour, east, north, value in zip(*found[:5], strict=True)
    }


def metres(one, other):
    """As on a globe, by the haversine formula."""
    (lon1, lat1), (lon2, lat2) = (map(math.radians, each) for each in (one, other))
    a = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * 6_371_000 * math.asin(math.sqrt(a))


def left_by(readings):
    """What may count of one device's readings, one by one, from the text of the rules alone."""
    if not readings:
        return []
    readings = sorted(readings)
    parted: list[list[tuple[float, float, float]]] = []
    for each in readings:
        last = parted[-1][-1] if parted else None
        if last is None or each[0] - last[0] > GAP or metres(each[1:], last[1:]) > 60 / 3.6 * (each[0] - last[0]) + 100:
            parted.append([])
        parted[-1].append(each)
    ends, moving = [], []
    for part in parted:
        stands = [False] * len(part)
        for i, each in enumerate(part):
            j = next((j for j in range(i, len(part)) if part[j][0] - each[0] >= STILL), None)
            if j is not None and metres(each[1:], part[j][1:]) < STANDS:
                stands[i : j + 1] = [True] * (j + 1 - i)
        piece = [part[0]]
        for (before, now), each in zip(pairwise(stands), part[1:], strict=True):
            if before != now:
                ends += [piece[0], piece[-1]]
                moving += [] if before else [piece]
                piece = []
            piece.append(each)
        ends += [piece[0], piece[-1]]
        moving += [] if stands[-1] else [piece]
    return [
        each
        for piece in moving
        for each in piece
        if each[0] - piece[0][0] > CUT_TIME
        and piece[-1][0] - each[0] > CUT_TIME
        and all(metres(each[1:], end[1:]) > CUT_DISTANCE for end in ends)
    ]


def expected(by_device):
    """The squares by the rules, in plain loops."""
    there: dict[tuple[object, ...], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for number, (device, readings) in enumerate(by_device.items()):
        for passed, lon, lat in left_by(readings):
            end = DAY + timedelta(hours=math.ceil(passed / 3600))
            square = "dust", end, math.floor(lon / SQUARE[0]), math.floor(lat / SQUARE[1])
            there[square][device].append(measured(number, passed))
    return {
        square: median(median(values) for values in devices.values())
        for square, devices in there.items()
        if len(devices) >= LEAST
    }


places = st.tuples(st.integers(-8, 8), st.integers(-8, 8)).map(
    lambda at: (LON + at[0] * 130 * EAST, LAT + at[1] * 130 * NORTH)
)
some_rides = st.builds(
    ride,
    places,
    seconds=st.integers(0, 1500),
    speed=st.sampled_from([0.0, 0.5, 2.0, 4.0, 5.5, 9.0, 30.0]),
    every=st.sampled_from([12, 60, 115, 130]),
    begin=st.integers(0, 7000).map(float),
    heading=st.sampled_from([(1, 0), (-1, 0), (0, 1), (0.7, -0.7)]),
)
together = st.builds(
    ride,  # one of some that meet
    st.integers(0, 9).map(lambda at: (LON - (1500 + 40 * at) * EAST, LAT)),
    seconds=st.sampled_from([900, 1200]),
    begin=st.integers(0, 600).map(float),
)
devices = st.one_of(
    together, together, together, st.lists(st.one_of(together, some_rides), max_size=3).map(lambda all: [*chain(*all)])
)
days_out = st.lists(devices, min_size=4, max_size=9).map(
    lambda each: {f"bike{n}": readings for n, readings in enumerate(each)}
)


@given(days_out)
@settings(max_examples=80, deadline=None)
def test_what_gets_out_is_what_the_rules_say(by_device):
    assert squares(told(by_device)) == expected(by_device)


def five(more=0, **words):
    """Devices that cross the same squares, each from a start of its own beyond them."""
    return {f"bike{n}": ride((LON - (2000 + 40 * n) * EAST, LAT), **words) for n in range(5 + more)}


def test_five_that_pass_through_a_square_are_told_and_four_are_not():
    assert len(squares(told(five()))) > 3
    four = dict(list(five().items())[:4])
    assert squares(told(four)) == {} and told(four).few > 3


@given(days_out, st.integers(0, 8))
@settings(max_examples=50, deadline=None)
def test_a_device_more_can_only_add_squares_that_have_five_then(by_device, which):
    """With four, a fifth is the difference between nothing and a median of five."""
    without = {name: each for n, (name, each) in enumerate(by_device.items()) if n != which}
    fewer, more = squares(told(without)), squares(told(by_device))
    assert fewer.keys() <= more.keys()
    for square in more.keys() - fewer.keys():
        devices = [
            name
            for name, readings in by_device.items()
            if any(
                (math.ceil(at / 3600), math.floor(lon / SQUARE[0]), math.floor(lat / SQUARE[1]))
                == ((square[1] - DAY) / timedelta(hours=1), *square[2:])
                for at, lon, lat in left_by(readings)
            )
        ]
        assert len(devices) == LEAST


@given(days_out, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_what_was_measured_near_an_end_has_no_influence(by_device, random):
    flat = [(name, each) for name, readings in by_device.items() for each in readings]
    left = {(name, each) for name, readings in by_device.items() for each in left_by(readings)}
    same = [1.0 if each in left else random.choice([1e9, -1e9, math.nan]) for each in flat]
    assert set(squares(told(by_device, same)).values()) <= {1.0}
    assert squares(told(by_device, same)).keys() == squares(told(by_device)).keys()


@given(days_out, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_order_names_and_chunks_make_no_difference(by_device, random):
    usual = squares(told(by_device))
    flat = [(number, *each) for number, readings in enumerate(by_device.values()) for each in readings]
    random.shuffle(flat)
    others = random.sample(range(10**6), len(by_device))
    device, passed, lon, lat = zip(*flat, strict=True) if flat else ((),) * 4
    time = np.array([DAY + timedelta(seconds=each) for each in passed], dtype="datetime64[us]")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rides, "_CHUNK", random.choice([1, 50, 300]))
        values = {"dust": list(map(measured, device, passed))}
        renamed = hours([others[each] for each in device], time, lon, lat, values)
    assert squares(renamed) == usual


def test_squares_near_a_home_say_nothing_of_who_lives_there():
    """Whatever those who live there measured, they don't count near it, also when they come by another time."""
    dwellers = {f"home{n}": ride() + ride((LON - 3000 * EAST, LAT), begin=9000, seconds=1500) for n in range(5)}
    assert all(metres(HOME, each[1:]) > CUT_DISTANCE for each in left_by(dwellers["home0"]))
    devices = five() | dwellers
    number = {name: float(n) for n, name in enumerate(devices)}
    wild = [
        1e6 if name[:4] == "home" and metres(HOME, place) <= 300 else measured(number[name], passed)
        for name, (passed, *place) in _flat(devices)
    ]
    assert squares(told(devices, wild)) == squares(told(devices))


def _flat(by_device):
    return [(name, each) for name, readings in by_device.items() for each in readings]


def test_a_short_ride_leaves_nothing():
    for seconds in (0, 12, 60, 120):
        found = told({f"bike{n}": ride(seconds=seconds) for n in range(9)})
        assert squares(found) == {} and found.cut == 9 * (seconds // 12 + 1)


def test_a_loop_that_comes_by_its_own_start_does_not_count_there():
    out = ride(seconds=600)
    back = [(1200 - at, lon, lat) for at, lon, lat in reversed(out)]
    on = [(1200 + at, lon, lat) for at, lon, lat in ride(seconds=600, heading=(-1, 0))][1:]
    loops = {f"bike{n}": [*out, *back[1:], *on] for n in range(6)}
    for _, _, east, north in squares(told(loops)):
        corners = [((east + a) * SQUARE[0], (north + b) * SQUARE[1]) for a in (0, 1) for b in (0, 1)]
        assert max(metres(HOME, corner) for corner in corners) > CUT_DISTANCE


@pytest.mark.parametrize("stay", [200, 400, 3000])
def test_a_stay_on_the_way_is_an_end(stay):
    """Devices that send on while they stand, such as indoors, with a place that wanders by some tens of metres."""
    there = ride(seconds=600)
    random = np.random.default_rng(stay)
    still = [
        (600 + at, there[-1][1] + random.uniform(-30, 30) * EAST, LAT + random.uniform(-30, 30) * NORTH)
        for at in range(12, stay, 12)
    ]
    on = [(600 + stay + at, lon, lat) for at, lon, lat in ride(there[-1][1:], seconds=600)]
    assert left_by([*there, *still, *on])
    found = told({f"bike{n}": [*there, *still, *on] for n in range(5)})
    assert found.cut == 5 * (len(there) + len(still) + len(on) - len(left_by([*there, *still, *on])))
    assert all(metres(each[1:], there[-1][1:]) > CUT_DISTANCE - 60 for each in left_by([*there, *still, *on]))


def test_one_device_with_many_readings_has_the_weight_of_one():
    devices = five()
    devices["bike4"] = ride((LON - 2160 * EAST, LAT), every=1)
    assert set(squares(told(devices, [float(name[-1]) for name, _ in _flat(devices)])).values()) == {2.0}


def test_no_ride_counts_in_its_first_and_last_two_minutes_and_three_hundred_metres():
    """The numbers that are promised, once more."""
    fast = {f"bike{n}": ride((LON - 6000 * EAST, LAT), speed=10.0) for n in range(5)}
    at = [each[0] for _, each in _flat(fast)]
    early = [1.0 if seconds <= 120 or seconds >= 1080 else math.nan for seconds in at]
    assert squares(told(fast, early)) == {}
    slow = {f"bike{n}": ride((LON - 3000 * EAST, LAT), speed=1.5, seconds=3000) for n in range(5)}
    near = [1.0 if each[0] * 1.5 < 300 or each[0] * 1.5 > 4200 else math.nan for _, each in _flat(slow)]
    assert squares(told(slow, near)) == {} and squares(told(slow)) != {}


def test_who_strolls_about_for_an_hour_is_not_under_way():
    stroll = {f"bike{n}": ride((LON - 1000 * EAST, LAT), speed=0.5, seconds=3600) for n in range(6)}
    assert squares(told(stroll)) == {} and told(stroll).few == 0


def test_five_for_one_quantity_are_not_five_for_another():
    flat = _flat(five())
    device = [name for name, _ in flat]
    time = np.array([DAY + timedelta(seconds=each[0]) for _, each in flat], dtype="datetime64[us]")
    lon, lat = [each[1] for _, each in flat], [each[2] for _, each in flat]
    values = {"heat": [1.0] * len(flat), "dust": [math.nan if name == "bike0" else 1.0 for name in device]}
    assert set(hours(device, time, lon, lat, values).quantity) == {"heat"}


def test_a_place_that_jumps_is_an_end():
    """A first place may be a kilometre off; the ride then begins where it jumps to."""
    jumping = {
        name: [(at, lon, lat - 0.05 if at < 300 else lat) for at, lon, lat in each] for name, each in five().items()
    }
    after = [each for each in left_by(jumping["bike0"]) if each[0] >= 300]
    assert min(each[0] for each in after) > 300 + CUT_TIME
    assert squares(told(jumping)) == expected(jumping)


def test_one_number_for_two_devices_is_not_believed_anywhere():
    """They are in two places at once, so it jumps to and fro and every reading is near an end."""
    twice = {name: [*each, *((at + 6, lon, lat + 0.05) for at, lon, lat in each)] for name, each in five().items()}
    assert squares(told(twice)) == {}


def test_what_has_no_time_or_place_does_not_exist():
    usual = five()
    broken = {
        name: [*each, (600.5, math.nan, LAT), (600.6, LON, math.inf), (600.7, 200.0, LAT), (600.8, LON, -91.0)]
        for name, each in usual.items()
    }
    assert squares(told(broken)) == squares(told(usual))
    flat = _flat(usual)
    time = np.array([DAY + timedelta(seconds=each[0]) for _, each in flat] + ["NaT"], dtype="datetime64[us]")
    lon, lat = ([*(each[part] for _, each in flat), place] for part, place in ((1, LON), (2, LAT)))
    with_nat = hours([*(name for name, _ in flat), "bike0"], time, lon, lat, {"dust": [1.0] * len(time)})
    assert squares(with_nat).keys() == squares(told(usual)).keys()


def test_what_does_not_count_still_says_where_a_ride_begins():
    """A border is no end of a ride: beyond it is cut nothing."""
    flat = _flat(five())
    inside = [each[1] > LON for _, each in flat]
    found, whole = squares(told(five(), counted=inside)), squares(told(five()))
    beyond = {square: value for square, value in found.items() if square[2] > math.floor(LON / SQUARE[0])}
    assert beyond and beyond.items() <= whole.items()
    assert min(east for *_, east, _ in found) == math.floor(LON / SQUARE[0])


def test_nothing_at_all_gives_nothing():
    assert squares(told({})) == {} and told({})[5:] == (0, 0)
    assert squares(hours([1], [np.datetime64("NaT")], [5.0], [52.0], {})) == {}


def test_what_gets_out_names_no_device_place_or_moment():
    found = told({f"1000000000000{n}": ride((LON - (2000 + 40 * n) * EAST, LAT), begin=7.25) for n in range(6)})
    assert found._fields == ("quantity", "hour", "east", "north", "median", "cut", "few")
    assert found.east.dtype == found.north.dtype == np.int64
    assert all(hour.astype("M8[h]") == hour for hour in found.hour)
    assert "1000000000000" not in repr(found)


def test_what_is_measured_on_the_hour_ends_the_one_before():
    at_ten = {f"bike{n}": ride((LON - 3000 * EAST, LAT), begin=7200 - 600.0) for n in range(5)}
    values = [1.0 if each[0] == 7200 else math.nan for _, each in _flat(at_ten)]
    assert {square[1] for square in squares(told(at_ten, values))} == {datetime(2026, 6, 1, 10)}


@pytest.mark.parametrize(
    ("now", "last"), [(datetime(2026, 3, 30, 5, 59), date(2026, 3, 28)), (datetime(2026, 3, 30, 6), date(2026, 3, 29))]
)
def test_a_day_is_released_six_hours_after_it_is_over(now, last):
    assert releasable(now) == last
