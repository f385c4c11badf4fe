"""Readings of sensors become hours, days and figures of areas; what is not there is said to be so."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from buurtbeeld.catalogue import load
from buurtbeeld.queries import RHYTHM_DAYS
from buurtbeeld.sensors import rollup, storage, switch, topics
from buurtbeeld.sensors.landing import About, Landing
from buurtbeeld.warehouse import inputs
from buurtbeeld.warehouse.build import is_current
from buurtbeeld.warehouse.inputs import InputError
from buurtbeeld.warehouse.sensors import HOURS_KEPT
from tests.sensed import Measured
from tests.warehouse.town import BUURTEN

READING = pa.schema(
    [
        ("sensor", pa.string()),
        ("quantity", pa.string()),
        ("time", pa.timestamp("us")),
        ("value", pa.float64()),
        ("unit", pa.string()),
    ]
)
SENSED = ("pm25_day", "pm25_month", "no2_stations_day", "parking_day", "bikes_day", "fill_day")
WEST, EAST, WIJK, GEMEENTE = BUURTEN[0], BUURTEN[2], "WK999901", "GM9999"
FIRST = date(2026, 11, 20)  # a Friday; the town is built on Monday the 23rd


@pytest.fixture
def measured(town):
    """The town, with a catalogue that has figures of sensors, and the middle of each buurt."""
    own = load().indicators
    town.catalogue = replace(town.catalogue, indicators=town.catalogue.indicators | {id: own[id] for id in SENSED})
    town.build()
    town.middle = {code: (lon, lat) for code, lon, lat in town.ask("SELECT code, lon, lat FROM area")}
    return town


def places(town, source, kind, where, **said):
    """Sensors by the buurt that each stands in; None is far away."""
    rows = [
        dict(
            zip(("id", "kind", "name", "lon", "lat"), (id, kind, id, *town.middle.get(code, (6.5, 53.2))), strict=True)
        )
        for id, code in where.items()
    ]
    town.write(source, "places", pa.Table.from_pylist(rows), shape="point", said=said)


def readings(town, source, values, days=(FIRST,), stamp="20261123T110000Z", **said):
    """Hourly readings, by their ends, of local days: (sensor, quantity) → their median, or a function of the hour."""
    for day in days:
        begin = datetime(day.year, day.month, day.day) - timedelta(hours=1)  # winter: midnight here is 23:00 UTC
        rows = [
            {"sensor": sensor, "quantity": quantity, "time": begin + timedelta(hours=hour + 1), "value": float(value)}
            for (sensor, quantity), what in values.items()
            for hour in range(24)
            if (value := what(hour) if callable(what) else what + hour % 3 - 1) is not None
        ]
        by_day: dict[date, list[dict[str, object]]] = {}
        for row in rows:
            by_day.setdefault((row["time"] - timedelta(microseconds=1)).date(), []).append(row | {"unit": None})
        for edition, found in by_day.items():
            kept = town.settings.raw_dir / source / f"{edition}@{stamp}.parquet"
            before = pq.read_table(kept).to_pylist() if kept.exists() else []
            table = pa.Table.from_pylist(before + found, schema=READING)
            town.write(source, edition.isoformat(), table, shape="reading", stamp=stamp, said=said)


def figure(town, indicator, code, period=FIRST):
    [found] = town.ask(
        "SELECT value, n, status, source, is_simulated FROM figure "
        f"WHERE (indicator, code, period) = ('{indicator}', '{code}', '{period}')"
    )
    return found


def three(town, source="samen_meten"):
    places(town, source, "air_sensor", {"a": WEST, "b": WEST, "c": WEST, "d": EAST, "far": None})
    readings(town, source, {(id, "pm25_kal"): value for id, value in zip("abcd", (8, 10, 14, 20), strict=True)})


def test_an_area_has_the_median_of_its_sensors_when_there_are_three(measured):
    three(measured)
    measured.build()
    assert figure(measured, "pm25_day", WEST) == (10.0, 3, "ok", "samen_meten", False)
    assert figure(measured, "pm25_day", EAST)[1:3] == (1, "unreliable")
    assert figure(measured, "pm25_day", BUURTEN[1])[:3] == (None, None, "not_measured")
    assert figure(measured, "pm25_day", WIJK)[1:3] == (3, "ok")


def test_every_area_has_a_row_for_every_day_that_anybody_measured(measured):
    three(measured)
    measured.build()
    assert measured.ask("SELECT DISTINCT period, count(*) FROM figure WHERE indicator = 'pm25_day' GROUP BY 1") == [
        (FIRST, 7)
    ]


def test_a_month_that_is_not_over_is_provisional_and_one_day_of_twenty_two_is_too_little(measured):
    three(measured)
    measured.build()
    rows = measured.ask(
        f"SELECT period, status, provisional FROM figure WHERE indicator = 'pm25_month' AND code = '{WEST}'"
    )
    assert rows == [(date(2026, 11, 1), "unreliable", True)]


def test_a_month_tells_how_many_sensors_every_day_it_is_of_had_at_least(measured):
    """Not the most of any day, which few of the days may have had; nor what days had that are not in the value."""
    where = {"a": WEST, "b": WEST, "c": WEST, "extra": WEST}
    places(measured, "samen_meten", "air_sensor", where)
    days = [date(2026, 11, number) for number in range(1, 21)]
    readings(measured, "samen_meten", {("a", "pm25_kal"): 8, ("b", "pm25_kal"): 10, ("c", "pm25_kal"): 14}, days)
    readings(measured, "samen_meten", {("extra", "pm25_kal"): 12}, days[4:5])
    readings(measured, "samen_meten", {("a", "pm25_kal"): 8}, [date(2026, 11, 22)])
    measured.build()
    assert figure(measured, "pm25_day", WEST, days[4])[1:3] == (4, "ok")
    assert figure(measured, "pm25_day", WEST, date(2026, 11, 22))[1:3] == (1, "unreliable")
    assert figure(measured, "pm25_month", WEST, date(2026, 11, 1))[:3] == (10.0, 3, "ok")


def test_a_month_without_a_day_that_is_ok_tells_the_fewest_sensors_of_the_others(measured):
    places(measured, "samen_meten", "air_sensor", {"a": WEST, "b": WEST})
    readings(measured, "samen_meten", {("a", "pm25_kal"): 8}, [FIRST, date(2026, 11, 10)])
    readings(measured, "samen_meten", {("b", "pm25_kal"): 10}, [FIRST])
    measured.build()
    assert figure(measured, "pm25_month", WEST, date(2026, 11, 1))[1:3] == (1, "unreliable")


def test_a_week_is_made_of_no_more_whole_weeks_than_a_mart_holds_hours_of():
    assert HOURS_KEPT.days // 7 * 7 == RHYTHM_DAYS


def test_the_day_that_is_not_over_has_no_figure(measured):
    three(measured)
    readings(measured, "samen_meten", {("a", "pm25_kal"): 8}, days=(date(2026, 11, 23),))
    measured.build()
    periods = measured.ask("SELECT DISTINCT period FROM figure WHERE indicator = 'pm25_day' ORDER BY 1")
    assert (date(2026, 11, 23),) not in periods


def test_stations_are_of_the_gemeente_alone_and_never_among_sensors(measured):
    three(measured)
    places(measured, "luchtmeetnet", "air_station", {"NL1": WEST, "NL2": EAST, "NL3": None})
    station = {(id, name): value for id, value in (("NL1", 20), ("NL2", 30), ("NL3", 90)) for name in ("NO2", "PM25")}
    readings(measured, "luchtmeetnet", station)
    measured.build()
    assert figure(measured, "no2_stations_day", GEMEENTE) == (25.0, 2, "ok", "luchtmeetnet", False)
    assert figure(measured, "pm25_day", WEST)[:2] == (10.0, 3)
    assert measured.ask("SELECT DISTINCT level FROM figure WHERE indicator = 'no2_stations_day'") == [("gemeente",)]
    assert measured.ask("SELECT id FROM sensor WHERE is_reference ORDER BY id") == [("NL1",), ("NL2",), ("NL3",)]


def test_a_sensor_outside_the_gemeente_is_in_no_area(measured):
    three(measured)
    readings(measured, "samen_meten", {("far", "pm25_kal"): 12})
    measured.build()
    assert measured.ask("SELECT code FROM sensor WHERE id = 'far'") == [(None,)]
    assert figure(measured, "pm25_day", GEMEENTE)[1] == 4


def test_what_is_counted_without_a_place_is_a_sensor_without_one(measured):
    readings(measured, "stallingsnet", {("Plein", "totalPlaces"): 1000, ("Plein", "occupiedPlaces"): 500})
    measured.build()
    assert measured.ask("SELECT id, kind, code, lon FROM sensor") == [("Plein", "bicycle_parking", None, None)]
    [(last, share)] = measured.ask(
        "SELECT max(last_at), max(median) FROM reading_hour WHERE quantity = 'bike_occupancy'"
    )
    assert (last, round(share)) == (datetime(2026, 11, 20, 23), 50)


@pytest.mark.parametrize(
    ("source", "kind", "names"),
    [
        ("stallingsnet", "bicycle_parking", {"totalPlaces": 1000, "occupiedPlaces": 500}),
        ("city_bins", "waste_container", {"fill": 40}),
    ],
)
def test_a_place_that_is_known_of_one_hides_none_of_the_others(measured, source, kind, names):
    places(measured, source, kind, {"Knoop": WEST})
    readings(measured, source, {(id, name): value for id in ("Knoop", "Plein") for name, value in names.items()})
    measured.build()
    assert measured.ask("SELECT id, kind, name, code, last_at IS NOT NULL FROM sensor ORDER BY id") == [
        ("Knoop", kind, "Knoop", WEST, True),
        ("Plein", kind, "Plein", None, True),
    ]
    hours = "SELECT sensor, count(*) FILTER (status = 'ok') > 20 FROM reading_hour GROUP BY 1 ORDER BY 1"
    assert measured.ask(hours) == [("Knoop", True), ("Plein", True)]
    codes = "SELECT DISTINCT code, sensors FROM area_hour ORDER BY 1"
    assert measured.ask(codes) == [(WEST, 1), (GEMEENTE, 1), (WIJK, 1)]


def test_what_has_no_place_is_of_the_kind_of_all_that_have_one(measured):
    places(measured, "own_stations", "air_station", {"first": WEST})
    readings(measured, "own_stations", {(id, "no2"): 30 for id in ("first", "second")})
    measured.build()
    found = measured.ask("SELECT id, kind, is_reference FROM sensor ORDER BY id")
    assert found == [("first", "air_station", True), ("second", "air_station", True)]


def test_of_places_of_several_kinds_the_readings_tell_what_has_none(measured):
    places(measured, "npr_parking", "park_and_ride", {"P+R": WEST})
    kept = next(measured.settings.raw_dir.glob("npr_parking/places@*"))
    both = pa.concat_tables([pq.read_table(kept)] * 2).to_pylist()
    both[1] |= {"id": "Garage", "kind": "parking_garage"}
    measured.write("npr_parking", "places", pa.Table.from_pylist(both), shape="point")
    readings(measured, "npr_parking", {(id, "vacantSpaces"): 30 for id in ("P+R", "Garage", "Other")})
    measured.build()
    assert measured.ask("SELECT id, kind, code FROM sensor ORDER BY id") == [
        ("Garage", "parking_garage", WEST),
        ("Other", "parking_garage", None),
        ("P+R", "park_and_ride", WEST),
    ]


def test_what_another_source_has_is_not_there_again_as_something_without_a_place(measured):
    three(measured)
    twins = [
        {"id": id, "kind": "air_sensor", "name": id, "lon": 5.0, "lat": 52.0, "same_as": same}
        for id, same in (("77", "a"), ("78", None))
    ]
    measured.write("sensor_community", "places", pa.Table.from_pylist(twins), shape="point")
    readings(measured, "sensor_community", {(id, "P2"): 9 for id in ("77", "78")})
    measured.build()
    assert measured.ask("SELECT id FROM sensor WHERE source = 'sensor_community'") == [("78",)]
    assert measured.ask("SELECT DISTINCT sensor FROM reading_day WHERE source = 'sensor_community'") == [("78",)]


def test_what_a_former_simulation_made_up_of_more_sensors_is_not_there(measured):
    places(measured, "simulated_air_sensor", "air_sensor", {"a": WEST}, is_simulated=True)
    readings(measured, "simulated_air_sensor", {(id, "pm25"): 9 for id in "ab"}, is_simulated=True)
    measured.build()
    assert measured.ask("SELECT id FROM sensor") == [("a",)]


def test_points_of_a_source_without_readings_are_no_sensors(measured):
    places(measured, "utrecht_waste_containers", "waste_container", {"c1": WEST})
    measured.build()
    assert measured.ask("SELECT * FROM sensor") == []


def test_the_source_is_of_its_newest_readings(measured):
    three(measured)
    measured.build()
    [(edition, at)] = measured.ask("SELECT edition, retrieved_at FROM source WHERE id = 'samen_meten'")
    assert (edition, at) == ("2026-11-20", datetime(2026, 11, 23, 11))


def test_a_new_reading_makes_the_mart_out_of_date(measured):
    three(measured)
    now = datetime.now(UTC) - timedelta(minutes=10)
    measured.build(now)
    assert is_current(measured.settings, measured.catalogue)
    readings(measured, "samen_meten", {("a", "pm25_kal"): 9}, days=(date(2026, 11, 10),))
    assert not is_current(measured.settings, measured.catalogue)
    measured.build(now + timedelta(minutes=1))
    assert is_current(measured.settings, measured.catalogue)


@pytest.mark.parametrize("moment", ["update", "files"], ids=["before rollups", "after rollups"])
def test_late_readings_that_land_while_a_mart_is_made_are_in_it_or_in_the_next(measured, monkeypatch, moment):
    """They are of a day of before, so the newest file of the source does not tell."""
    three(measured)
    now, real = datetime.now(UTC) - timedelta(minutes=10), getattr(rollup, moment)

    def late(*given, **more):
        readings(measured, "samen_meten", {("a", "pm25_kal"): 9}, days=(date(2026, 11, 10),))
        return real(*given, **more)

    with monkeypatch.context() as patched:
        patched.setattr(rollup, moment, late)
        measured.build(now)
    assert not is_current(measured.settings, measured.catalogue)
    measured.build(now + timedelta(minutes=1))
    assert measured.ask("SELECT min(day) FROM reading_day") == [(date(2026, 11, 10),)]
    assert is_current(measured.settings, measured.catalogue)


def test_files_that_never_stand_still_are_told_as_a_problem(measured, monkeypatch):
    three(measured)
    measured.build(datetime.now(UTC))

    def restless(folder):
        raise storage.StorageError(f"The files in {folder} were replaced.")

    monkeypatch.setattr(storage, "listing", restless)
    with pytest.raises(InputError, match=r"samen_meten were replaced"):
        is_current(measured.settings, measured.catalogue)
    assert "samen_meten were replaced" in measured.problems()


def test_hours_of_long_ago_are_not_in_the_mart_and_their_days_are(measured):
    three(measured)
    long_ago = date(2026, 1, 15)
    readings(measured, "samen_meten", {("a", "pm25_kal"): 9}, days=(long_ago,))
    measured.build()
    assert measured.ask("SELECT min(day) FROM reading_hour") == [(FIRST,)]
    assert measured.ask("SELECT min(day) FROM reading_day") == [(long_ago,)]


def test_figures_of_simulated_sensors_say_so(measured):
    three(measured, "simulated_air_sensor")
    for path in measured.settings.raw_dir.glob("simulated_air_sensor/*.parquet"):
        path.unlink()
    names = {(id, "pm25"): value for id, value in zip("abc", (8, 10, 14), strict=True)}
    places(measured, "simulated_air_sensor", "air_sensor", {"a": WEST, "b": WEST, "c": WEST}, is_simulated=True)
    readings(measured, "simulated_air_sensor", names, is_simulated=True)
    measured.build()
    assert figure(measured, "pm25_day", WEST) == (10.0, 3, "ok", "simulated_air_sensor", True)


def test_what_is_simulated_goes_on_in_no_series_of_real_figures(measured):
    """Car parks and P+R have one figure: of a real one and a simulated other it would be both."""
    before = FIRST - timedelta(days=1)
    for kind in ("parking_garage", "park_and_ride"):
        made = {(f"{kind}-{n}", name): size for n in range(3) for name, size in (("free", 40), ("places", 100))}
        where = {sensor: WEST for sensor, _ in made}
        places(measured, f"simulated_{kind}", kind, where, is_simulated=True)
        readings(measured, f"simulated_{kind}", made, (before, FIRST), is_simulated=True)
    measured.build()
    assert figure(measured, "parking_day", WEST, before)[1:] == (6, "ok", "simulated_park_and_ride", True)
    real = {("vacantSpaces", 20), ("parkingCapacity", 100)}
    places(measured, "npr_parking", "parking_garage", {"x": WEST, "y": WEST, "z": WEST})
    readings(measured, "npr_parking", {(id, name): size for id in "xyz" for name, size in real})
    measured.build(datetime(2026, 11, 23, 13, tzinfo=UTC))
    assert figure(measured, "parking_day", WEST)[1:] == (3, "ok", "npr_parking", False)
    said = "SELECT DISTINCT period, source, is_simulated FROM figure WHERE indicator = 'parking_day'"
    assert measured.ask(said) == [(FIRST, "npr_parking", False)]
    assert measured.ask("SELECT DISTINCT source FROM sensor") == [("npr_parking",)]


def test_a_mart_with_sensors_is_out_of_date_after_an_hour_for_silence_is_news_too(measured):
    now = datetime.now(UTC)
    measured.build(now - timedelta(hours=2))
    assert is_current(measured.settings, measured.catalogue)
    three(measured)
    measured.build(now - timedelta(minutes=30))
    assert is_current(measured.settings, measured.catalogue)
    measured.build(now - timedelta(minutes=61))
    assert not is_current(measured.settings, measured.catalogue)


def test_a_sensor_that_says_nothing_for_a_day_has_an_alert(measured):
    three(measured)
    measured.build()
    alerts = measured.ask("SELECT sensor, rule, code, opened_at, closed_at FROM alert ORDER BY sensor")
    since = datetime(2026, 11, 21, 23)
    assert alerts == [(id, "silent", WEST if id != "d" else EAST, since, None) for id in "abcd"]


MQTT = """
broker = "broker.example.org"
[feeds.bins]
title = "Containers"
publisher = "Gemeente Voorbeeld"
page = "https://example.org"
licence = "cc0"
attribution = "Bron: Gemeente Voorbeeld"
openness = "rows"
kind = "waste_container"
topic = "bins/{sensor}"
format = "json"
time = "at"
lon = "x"
lat = "y"
quantities = { v = { id = "fill", scale = 100 } }
"""


def test_an_overfull_container_over_mqtt_is_full_and_opens_its_alert(measured):
    measured.settings.city_dir.mkdir(exist_ok=True)
    (measured.settings.city_dir / topics.FILE).write_text(MQTT, encoding="utf-8")
    [feed] = topics.read(measured.settings.city_dir).feeds
    lon, lat = measured.middle[WEST]
    arrived, batch = datetime(2026, 11, 23, 9, tzinfo=UTC), topics.Batch()
    for hour in (6, 7, 8):
        said = {"v": 1.04, "at": f"2026-11-23T{hour:02}:30:00Z", "x": lon, "y": lat}
        feed.read({"sensor": "c1"}, json.dumps(said).encode(), round(arrived.timestamp() * 1e6), batch)
    about = About(source=feed.source, url="mqtt://broker.example.org:1883", gemeente=GEMEENTE, kind=feed.kind)
    with Landing(measured.settings.raw_dir, about, clock=lambda: arrived) as landing:
        landing.land(batch.table(feed.schema))
        landing.keep_places(feed.placed(batch.places))
    measured.build()
    asked = "SELECT DISTINCT median, last_value, status, reason FROM reading_hour WHERE sensor = 'c1'"
    assert measured.ask(asked) == [(100, 100, "ok", None)]
    assert measured.ask("SELECT rule, sensor, value FROM alert") == [("container_full", "c1", 100)]


def test_an_alert_of_a_sensor_that_is_silent_for_longer_than_a_mart_holds_hours_stays_open(measured):
    three(measured)
    asked = "SELECT id, rule, sensor, code, opened_at, closed_at FROM alert ORDER BY sensor"
    measured.build(datetime(2027, 1, 20, tzinfo=UTC))
    before = measured.ask(asked)
    folder = measured.settings.data_dir / "rollups" / "alert"
    stepped = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    measured.build(datetime(2027, 3, 1, tzinfo=UTC))
    assert measured.ask("SELECT count(*) FROM reading_hour") == [(0,)]
    assert measured.ask(asked) == before and [row[2] for row in before] == list("abcd")
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == stepped


def test_a_slip_in_the_citys_signals_stops_the_build_with_a_sentence(measured):
    three(measured)
    measured.settings.city_dir.mkdir(exist_ok=True)
    (measured.settings.city_dir / "signals.toml").write_text("[rules.silent]\nsilent = -1\n", encoding="utf-8")
    assert "signals.toml" in measured.problems()


def test_what_is_counted_without_a_place_is_there_though_the_newest_file_does_not_name_it(measured):
    readings(measured, "stallingsnet", {("Plein", "freePlaces"): 5}, days=(date(2026, 11, 18),))
    readings(measured, "stallingsnet", {("Knoop", "freePlaces"): 5})
    measured.build()
    assert measured.ask("SELECT id, kind FROM sensor ORDER BY id") == [
        ("Knoop", "bicycle_parking"),
        ("Plein", "bicycle_parking"),
    ]


def test_a_feed_without_places_says_itself_of_which_kind_it_is(measured):
    readings(measured, "own_stations", {("pole", "no2"): 30}, kind="air_station")
    measured.build()
    assert measured.ask("SELECT id, kind, is_reference FROM sensor") == [("pole", "air_station", True)]


def test_a_sensor_that_its_publisher_forgot_stays_in_the_figures_of_when_it_measured(measured):
    three(measured)
    measured.build()
    before = figure(measured, "pm25_day", WEST)
    places(measured, "samen_meten", "air_sensor", {"d": EAST})
    measured.build(datetime(2026, 11, 23, 13, tzinfo=UTC))
    assert figure(measured, "pm25_day", WEST) == before == (10.0, 3, "ok", "samen_meten", False)
    assert ("a", WEST) in measured.ask("SELECT id, code FROM sensor")
    measured.build(datetime(2027, 3, 1, tzinfo=UTC))
    assert figure(measured, "pm25_day", WEST) == before
    assert measured.ask("SELECT id FROM sensor") == [("d",)]
    assert measured.ask("SELECT sensor FROM alert") == [("d",)]


def test_where_a_sensor_stood_is_remembered_while_its_source_is_away(measured):
    three(measured)
    measured.build()
    raw = measured.settings.raw_dir
    (raw / "samen_meten").rename(raw.parent / "away")
    readings(measured, "stallingsnet", {("Plein", "freePlaces"): 5})
    measured.build(datetime(2026, 11, 23, 13, tzinfo=UTC))
    (raw.parent / "away").rename(raw / "samen_meten")
    places(measured, "samen_meten", "air_sensor", {"d": EAST})
    measured.build(datetime(2026, 11, 23, 14, tzinfo=UTC))
    assert figure(measured, "pm25_day", WEST) == (10.0, 3, "ok", "samen_meten", False)


def test_a_new_sensor_makes_only_the_days_anew_that_it_measured_on(measured):
    three(measured)
    readings(measured, "samen_meten", {("a", "pm25_kal"): 9}, days=(date(2026, 11, 10),))
    measured.build()
    files = {path.name for path in (measured.settings.data_dir / "rollups" / "area_day").iterdir()}
    places(measured, "samen_meten", "air_sensor", {"a": WEST, "b": WEST, "c": WEST, "d": EAST, "e": EAST, "far": None})
    readings(measured, "samen_meten", {("e", "pm25_kal"): 9}, days=(date(2026, 11, 22),))
    measured.build(datetime(2026, 11, 23, 13, tzinfo=UTC))
    now = {path.name for path in (measured.settings.data_dir / "rollups" / "area_day").iterdir()}
    # Its first hour is of the day of UTC before, which reaches into two local days.
    assert {name[:10] for name in now - files} == {"2026-11-21", "2026-11-22", "2026-11-23"}
    assert {name[:10] for name in now & files} == {"2026-11-09", "2026-11-10", "2026-11-11", "2026-11-19", "2026-11-20"}


def test_a_day_on_which_nothing_is_believed_is_a_day_without_a_figure_and_not_left_out(measured):
    three(measured)
    damp = {(id, "rh"): 95 for id in "abcd"}
    other = date(FIRST.year, FIRST.month, FIRST.day + 1)
    readings(measured, "samen_meten", {(id, "pm25_kal"): 10 for id in "abcd"} | damp, days=(other,))
    measured.build()
    rows = measured.ask(
        f"SELECT period, value, n, status FROM figure WHERE (indicator, code) = ('pm25_day', '{WEST}') ORDER BY 1"
    )
    assert rows == [(FIRST, 10.0, 3, "ok"), (other, None, None, "not_measured")]
    assert measured.ask(f"SELECT DISTINCT reason FROM reading_day WHERE (day, quantity) = ('{other}', 'pm25')") == [
        ("humid",)
    ]


def say_openness(town, source, openness):
    """Every file of a source says how much of it may be passed on."""
    for path in (town.settings.raw_dir / source).iterdir():
        table = pq.read_table(path)
        said = json.loads(table.schema.metadata[b"buurtbeeld"])
        said["source"]["openness"] = openness
        pq.write_table(table.replace_schema_metadata({"buurtbeeld": json.dumps(said)}), path)


def stations(town, source, value):
    """Two official stations that measure NO2."""
    names = [f"{source}-{number}" for number in (1, 2)]
    places(town, source, "air_station", dict(zip(names, (WEST, EAST), strict=True)))
    readings(town, source, {(name, "NO2" if source == "luchtmeetnet" else "no2"): value for name in names})


@pytest.mark.parametrize(("openness", "made"), [("rows", True), ("aggregate", True), ("none", False)])
def test_of_what_nobody_may_have_no_figure_is_made(measured, openness, made):
    three(measured)
    stations(measured, "luchtmeetnet", 20)
    for source in ("samen_meten", "luchtmeetnet"):
        say_openness(measured, source, openness)
    measured.build()
    assert bool(measured.ask("FROM area_day")) == made
    for indicator in ("pm25_day", "no2_stations_day"):
        found = measured.ask(f"SELECT value FROM figure WHERE indicator = '{indicator}' AND value IS NOT NULL")
        assert bool(found) == made
    assert measured.ask("SELECT count(*) FROM sensor") == [(7,)]


def test_what_nobody_may_have_is_not_in_the_figures_of_others_nor_named_by_them(measured):
    """Also when it is the source that an indicator is first of all read from."""
    three(measured)
    places(measured, "own_sensors", "air_sensor", {"x": WEST, "y": WEST, "z": WEST})
    readings(measured, "own_sensors", {(id, "pm25"): 12 for id in "xyz"})
    stations(measured, "luchtmeetnet", 20)
    stations(measured, "own_stations", 60)
    for source in ("samen_meten", "luchtmeetnet"):
        say_openness(measured, source, "none")
    measured.build()
    assert figure(measured, "pm25_day", WEST) == (12.0, 3, "ok", "own_sensors", False)
    assert figure(measured, "no2_stations_day", GEMEENTE) == (60.0, 2, "ok", "own_stations", False)


@pytest.mark.parametrize("where", [switch, inputs], ids=["simulation", "sources"])
def test_what_is_merged_while_it_is_looked_at_is_not_taken_for_gone(measured, monkeypatch, where):
    rows = [("a", "pm25", datetime(2026, 11, 20, 12), 9.0)]
    [copy] = Measured(measured.settings.data_dir).readings("feed", rows, kind="air_sensor")
    paths = [copy.with_name(f"2026-11-20@2026112{number}T110000Z.parquet") for number in (1, 2)]
    copy.rename(paths[0])
    looks = []

    def looked(path, look):
        if path.parent == copy.parent:
            looks.append(path)
        if looks == paths[:1]:
            paths[0].rename(paths[1])
        return look(path)

    name = "said" if where is switch else "describe"
    monkeypatch.setattr(where, name, partial(looked, look=getattr(where, name)))
    if where is switch:
        assert [each.has_reading for each in switch.held(measured.settings.raw_dir, "GM9999")] == [True]
    else:
        found = {item.source.id: item.path for item in inputs._readings(measured.settings.raw_dir, "GM9999")}
        assert found == {"feed": paths[1]}
    assert looks == paths[:1] + paths[1:] * (len(looks) - 1)
