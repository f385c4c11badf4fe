"""The simulator: the same options give the same values, nothing real is in it, and it can be told from what is real."""

import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from buurtbeeld.catalogue import load
from buurtbeeld.charts import rhythm
from buurtbeeld.sensors import simulate
from buurtbeeld.sensors.invented import KINDS, draw, weather
from buurtbeeld.sensors.landing import READING
from buurtbeeld.sensors.simulate import Plan, main
from buurtbeeld.sensors.switch import Held, counting, held, switched_off
from buurtbeeld.settings import read
from buurtbeeld.warehouse.inputs import describe, find

NOW = datetime(2026, 3, 12, 10, 20, 30)  # UTC without zone, as readings are
DAY = 20_523  # since 1970: 11 March 2026


def run(folder: Path, *options: str, now: datetime = NOW) -> int:
    return main(options, environ={"DATA_DIR": str(folder)}, now=lambda: now)


def told(folder: Path, question: str) -> list[tuple[Any, ...]]:
    """The answer of DuckDB over `reading`, all that is in `folder`, the newest copy of each day."""
    newest = {}
    for path in sorted(folder.glob("raw/*/[0-9]*@*.parquet")):
        newest[path.parent.name, path.name.partition("@")[0]] = str(path)
    with duckdb.connect() as database:
        reading = database.read_parquet(list(newest.values()))  # noqa: F841  # DuckDB finds it by name
        return database.sql(question).fetchall()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    assert run(folder, "--days", "15") == 0
    return folder


def everything(folder: Path) -> list[tuple[Any, ...]]:
    return told(folder, "SELECT * FROM reading ORDER BY ALL")


def test_the_same_options_give_the_same_values(made, tmp_path):
    run(tmp_path / "again", "--days", "15")
    run(tmp_path / "other", "--days", "15", "--seed", "2")
    assert everything(tmp_path / "again") == everything(made)
    assert everything(tmp_path / "other") != everything(made)
    sha = [json.loads(pq.read_schema(path).metadata[b"buurtbeeld"])["sha256"] for path in made.glob("raw/*/2026-03-0*")]
    again = tmp_path.glob("again/raw/*/2026-03-0*")
    assert sorted(sha) == sorted(json.loads(pq.read_schema(path).metadata[b"buurtbeeld"])["sha256"] for path in again)


def test_a_shorter_or_later_run_and_fewer_sensors_change_no_value(made, tmp_path):
    run(tmp_path, "--days", "2", "--sensors", "air_sensor=6", "--kinds", "air_sensor", now=NOW + timedelta(hours=2))
    part = set(everything(tmp_path))
    before = [row for row in part if row[2] <= NOW]
    assert before and len(before) < len(part)
    assert set(before) <= set(everything(made))


def test_what_is_made_is_what_the_contract_says(made):
    catalogue = load()
    for folder in sorted((made / "raw").iterdir()):
        kind = folder.name.removeprefix("simulated_")
        allowed = catalogue.sensor_kinds[kind].quantities
        for path in folder.iterdir():
            item = describe(path)
            assert item.is_simulated and not item.is_sample and item.gemeente == "GM0344"
            assert item.source.id == folder.name and "imulatie" in item.source.title + item.source.publisher
            assert item.source.licence in catalogue.licences
            table = pq.ParquetFile(path).read()
            assert item.rows == table.num_rows
            if path.name.startswith("places@"):
                assert item.source.shape == "point" and set(table["kind"].to_pylist()) == {kind}
                continue
            assert item.source.shape == "reading"
            assert table.schema.remove_metadata() == READING
            assert set(table["quantity"].to_pylist()) <= set(allowed)
            day = datetime.combine(date.fromisoformat(item.edition), datetime.min.time())
            times = table["time"].to_pylist()
            assert all(day < time <= min(day + timedelta(days=1), NOW) for time in times)
            assert not table["value"].null_count and np.isfinite(table["value"].to_numpy()).all()
    assert set(KINDS) <= set(catalogue.sensor_kinds)


def test_no_reading_is_there_twice_and_hours_are_whole(made):
    assert told(made, "SELECT 1 FROM reading GROUP BY sensor, quantity, time HAVING count(*) > 1") == []
    assert told(made, "SELECT 1 FROM reading WHERE sensor LIKE '%air%' AND date_trunc('hour', time) <> time") == []
    [(last,)] = told(made, "SELECT max(time) FROM reading WHERE sensor LIKE '%air_station%'")
    assert last == NOW.replace(minute=0, second=0)


def test_names_say_that_it_is_a_simulation_and_places_lie_in_buurten(made):
    buurten = simulate.outlines(read({"DATA_DIR": str(made)}))
    whole = shapely.union_all(buurten)
    for path in made.glob("raw/*/places@*.parquet"):
        rows = pq.ParquetFile(path).read().to_pylist()
        assert all(row["name"].startswith("SIM ") and row["id"].startswith("simulated-") for row in rows)
        assert len({row["id"] for row in rows}) == len(rows)
        assert all(shapely.intersects_xy(whole, row["lon"], row["lat"]) for row in rows)


def test_some_buurten_have_enough_air_sensors_and_some_have_none(made):
    [path] = made.glob("raw/simulated_air_sensor/places@*.parquet")
    points = pq.ParquetFile(path).read()
    buurten = simulate.outlines(read({"DATA_DIR": str(made)}))
    inside = [shapely.contains_xy(each, points["lon"].to_numpy(), points["lat"].to_numpy()).sum() for each in buurten]
    assert sum(count >= 3 for count in inside) >= 5
    assert sum(count == 0 for count in inside) >= 20


def test_traffic_has_peaks_on_working_days(made):
    [(peak, night, sunday)] = told(
        made,
        "SELECT avg(value) FILTER (hour(time) IN (8, 17) AND dayofweek(time) BETWEEN 1 AND 5),"
        " avg(value) FILTER (hour(time) IN (2, 3, 4)),"
        " avg(value) FILTER (hour(time) IN (8, 17) AND dayofweek(time) = 0)"
        " FROM reading WHERE quantity = 'no2' AND value > 0",
    )
    assert peak > 1.5 * night and peak > sunday


def test_damp_air_is_counted_as_dust_by_what_is_not_calibrated(made):
    ratios = told(
        made,
        "SELECT median(raw.value / fine.value) FILTER (damp.value > 90), median(raw.value / fine.value)"
        " FILTER (damp.value < 70) FROM reading raw JOIN reading fine USING (sensor, time) JOIN reading damp"
        " USING (sensor, time) WHERE raw.quantity = 'pm25_raw' AND fine.quantity = 'pm25' AND fine.value > 0"
        " AND damp.quantity = 'humidity'",
    )
    assert ratios[0][0] > 1.5 * ratios[0][1]


def test_containers_fill_and_are_emptied(made):
    steps = told(
        made,
        "SELECT value - lag(value) OVER (PARTITION BY sensor ORDER BY time) AS step FROM reading"
        " WHERE quantity = 'fill' AND value NOT IN (140, 100) QUALIFY step IS NOT NULL",
    )
    up, down = [step for (step,) in steps if step > 0], [step for (step,) in steps if step < 0]
    assert len(up) > 3 * len(down) > 0
    assert np.median(down) < -30


def test_faults_are_there(made):
    """What the rules of quality look for: out of range, spikes, a stuck value, and sensors that fell silent."""
    [(spikes, beyond)] = told(
        made,
        "SELECT count(*) FILTER (value BETWEEN 150 AND 900), count(*) FILTER (value > 1000)"
        " FROM reading WHERE quantity = 'pm25'",
    )
    assert spikes and beyond
    stuck = told(
        made,
        "SELECT sensor, value, count(*) FROM reading WHERE quantity = 'pm25' GROUP BY ALL HAVING count(*) >= 24"
        " AND datediff('hour', min(time), max(time)) < 48",
    )
    assert stuck
    ended = told(
        made, "SELECT sensor FROM reading WHERE quantity = 'fill' GROUP BY sensor HAVING max(time) < '2026-03-11'"
    )
    assert 0 < len(ended) < 30
    drift = [KINDS["air_sensor"].day(1, "air_sensor", np.arange(1, 2001), DAY)]
    assert np.quantile(drift[0].value[drift[0].quantity == 0], 0.995) > 3 * np.median(
        drift[0].value[drift[0].quantity == 0]
    )


def test_places_that_are_free_stay_within_those_there_are(made):
    rows = told(
        made,
        "SELECT free.value, places.value FROM reading free JOIN reading places USING (sensor, time)"
        " WHERE free.quantity = 'free' AND places.quantity = 'places' AND free.value >= 0 AND places.value >= 0",
    )
    assert rows and all(free <= places for free, places in rows)


def test_the_clock_is_that_of_the_netherlands_on_the_night_it_is_set():
    begin = 20_541 * 24  # 29 March 2026, 00:00 UTC: 01:00 in the Netherlands, and two hours later it is 04:00
    assert weather(1, begin, 3).clock.tolist() == [1.5, 3.5, 4.5]


def test_draws_are_even_and_apart():
    drawn = draw(3, "test", np.arange(100_000))
    assert abs(drawn.mean() - 0.5) < 0.01 and abs(np.histogram(drawn, 10)[0] - 10_000).max() < 400
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.02
    assert abs(np.corrcoef(drawn, draw(4, "test", np.arange(100_000)))[0, 1]) < 0.02


def test_what_is_as_it_was_is_not_written_again(tmp_path, capsys):
    run(tmp_path, "--days", "3", "--kinds", "air_station")
    before = sorted(path.name for path in tmp_path.rglob("*.parquet"))
    main(
        ["--days", "3", "--kinds", "air_station", "--until", NOW.isoformat()],
        environ={"DATA_DIR": str(tmp_path)},
        now=lambda: NOW + timedelta(days=1),
    )
    assert sorted(path.name for path in tmp_path.rglob("*.parquet")) == before
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 simulated readings up to 2026-03-12 10:20 UTC")


def test_a_day_that_has_just_begun_is_not_written_before_it_has_a_reading(tmp_path):
    midnight = NOW.replace(hour=0, minute=5)
    run(tmp_path, "--days", "2", "--kinds", "air_station", now=midnight)
    assert {path.name.partition("@")[0] for path in tmp_path.rglob("*.parquet")} == {"places", "2026-03-11"}
    [(last,)] = told(tmp_path, "SELECT max(time) FROM reading")
    assert last == midnight.replace(minute=0, second=0)


def test_following_adds_what_came_and_keeps_two_copies_of_a_day(tmp_path):
    times = iter([NOW + timedelta(hours=hours) for hours in range(60) for _ in range(2)])
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 8:
            raise KeyboardInterrupt

    options = ["--follow", "--every", "7", "--days", "1", "--kinds", "air_station"]
    assert main(options, environ={"DATA_DIR": str(tmp_path)}, now=lambda: next(times), sleep=sleep) == 0
    assert slept == [7.0] * 8
    assert len(list(tmp_path.glob("raw/*/2026-03-12@*.parquet"))) == 2
    [(last,)] = told(tmp_path, "SELECT max(time) FROM reading")
    assert last > NOW + timedelta(hours=5)


def test_following_is_stopped_without_a_word_of_complaint(tmp_path):
    command = [sys.executable, "-m", "buurtbeeld.sensors.simulate", "--follow", "--days", "1", "--kinds", "air_station"]
    with subprocess.Popen(
        command, env={"DATA_DIR": str(tmp_path), "PATH": ""}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and "simulated readings" in process.stdout.readline()
        process.terminate()
        _, complaint = process.communicate(timeout=30)
    assert (process.returncode, complaint) == (0, "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--kinds", "air_square"], "'air_square' is no kind that can be simulated; there are air_station"),
        (["--sensors", "air_sensor"], "'air_sensor' must be a kind, = and a number, such as air_sensor=60"),
        (["--sensors", "lamp=3"], "'lamp' is no kind that can be simulated"),
        (["--sensors", "air_sensor=-3"], "'-3' must be a whole number from 0 to 10000000"),
        (["--days", "0"], "'0' must be a whole number from 1 to 4000"),
        (["--seed", "x"], "'x' must be a whole number"),
        (["--until", "yesterday"], "'yesterday' must be a time such as 2026-11-28T12:00"),
        (["--until", "0001-01-01"], "'0001-01-01' must be a time"),
        (["--every", "nan"], "'nan' must be a number of seconds"),
        (["--colour"], "Unrecognized arguments: --colour"),
    ],
)
def test_an_option_that_cannot_be_used_is_one_sentence(tmp_path, capsys, options, said):
    assert run(tmp_path, *options) == 2
    complaint = capsys.readouterr().err
    assert said in complaint and complaint.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_settings_that_cannot_be_used_are_told(capsys):
    assert main([], environ={"GEMEENTE": "Utrecht"}) == 2
    assert "GEMEENTE is 'Utrecht'" in capsys.readouterr().err


def test_a_gemeente_without_outlines_is_told(tmp_path, capsys):
    assert main([], environ={"DATA_DIR": str(tmp_path), "GEMEENTE": "GM0363"}) == 1
    assert "There are no outlines of GM0363" in capsys.readouterr().err


def test_loaded_outlines_go_before_the_sample(tmp_path):
    folder = tmp_path / "raw" / "somewhere"
    folder.mkdir(parents=True)
    box = shapely.box(4.9, 52.3, 4.91, 52.31)
    said = {"source": {"shape": "outline"}, "gemeente": "GM0363"}
    table = pa.table({"code": ["BU03630000", "GM0363"], "geometry": [box.wkb, box.wkb]})
    pq.write_table(
        table.replace_schema_metadata({"buurtbeeld": json.dumps(said)}), folder / "2025@20260101T000000Z.parquet"
    )
    settings = read({"DATA_DIR": str(tmp_path), "GEMEENTE": "GM0363"})
    assert simulate.outlines(settings) == [box]
    simulate.simulate(settings, Plan({"waste_container": 5}, 1, 1, NOW), NOW)
    [path] = tmp_path.glob("raw/simulated_waste_container/places@*.parquet")
    assert shapely.contains_xy(box, pq.read_table(path)["lon"].to_numpy(), pq.read_table(path)["lat"].to_numpy()).all()


def test_a_disk_that_does_not_take_it_is_one_sentence_and_nothing_half(tmp_path, capsys, monkeypatch):
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert run(tmp_path) == 1
    complaint = capsys.readouterr().err
    assert "could not be written (No space left on device). Make room" in complaint and complaint.count("\n") == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_mart_reads_the_places_and_of_the_readings_the_newest_file(made):
    found = [item for item in find(read({"DATA_DIR": str(made)})) if item.is_simulated]
    assert sum(item.edition == "places" for item in found) == len(KINDS)
    assert sum(item.source.shape == "reading" for item in found) == len(KINDS)


def test_a_city_that_switched_the_simulation_off_has_none_in_its_mart(made):
    settings = read({"DATA_DIR": str(made), "SIMULATE": "0"})
    assert [item for item in find(settings) if item.is_simulated] == []


def test_what_is_new_enough_is_left_and_what_is_old_is_made_again(tmp_path):
    settings = read({"DATA_DIR": str(tmp_path)})
    assert simulate.refresh(settings, NOW) > 100_000
    assert simulate.newest(settings.raw_dir / "simulated_air_station", "GM0344") == NOW.replace(minute=0, second=0)
    before = sorted(tmp_path.rglob("*.parquet"))
    assert simulate.refresh(settings, NOW + timedelta(minutes=20)) == 0
    assert sorted(tmp_path.rglob("*.parquet")) == before
    # Of the days before, nothing is written again.
    assert 0 < simulate.refresh(settings, NOW + timedelta(hours=3)) < 20_000


def test_what_is_made_up_by_itself_fills_a_week_but_for_what_faults_take_away(tmp_path):
    settings = read({"DATA_DIR": str(tmp_path)})
    simulate.refresh(settings, NOW)
    files = str(tmp_path / "raw" / "simulated_air_station" / "*-*-*@*.parquet")
    query = """SELECT avg((hours >= ?)::INTEGER) FROM (
                   SELECT count(DISTINCT time) AS hours FROM read_parquet(?) WHERE quantity = 'no2'
                   GROUP BY sensor, dayofweek(time), hour(time))"""
    with duckdb.connect() as con:
        [(filled,)] = con.execute(query, [rhythm.LEAST, files]).fetchall()
    assert filled > 0.9


def test_nothing_is_made_up_of_a_kind_of_which_something_real_was_read(tmp_path):
    settings = read({"DATA_DIR": str(tmp_path)})
    real(tmp_path / "raw" / "city_feed", "2026-03-12@20260312T102030Z.parquet", 1)
    simulate.refresh(settings, NOW)
    made = {path.name for path in (tmp_path / "raw").iterdir()}
    assert "simulated_waste_container" not in made and len(made) == len(KINDS)


def test_nothing_is_made_up_beside_what_areas_have_a_real_figure_of(tmp_path):
    settings = read({"DATA_DIR": str(tmp_path)})
    real(tmp_path / "raw" / "city_feed", "2026-03-12@20260312T102030Z.parquet", 1, "parking_garage")
    simulate.refresh(settings, NOW)
    made = {path.name for path in (tmp_path / "raw").iterdir()}
    assert not PARKING & made and len(made) == len(KINDS) - 1


def real(folder: Path, name: str, rows: int, kind: str = "waste_container") -> None:
    """A source of one sensor with readings in the file `name`, which says how many there are."""
    place = pa.table({"id": ["a"], "kind": [kind], "name": ["a"], "lon": [5.1], "lat": [52.1]})
    for path, table, count in (
        ("places@20260312T102030Z.parquet", place, 1),
        (name, READING.empty_table(), rows),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shape = "point" if path.startswith("places@") else "reading"
        said = {"gemeente": "GM0344", "is_simulated": False, "rows": count, "source": {"shape": shape}}
        pq.write_table(table.replace_schema_metadata({"buurtbeeld": json.dumps(said)}), folder / path)


REAL = Held("luchtmeetnet", False, frozenset({"air_station"}), True)
SILENT = Held("npr_parking", False, frozenset({"parking_garage", "park_and_ride"}), False)
PARKING = {"simulated_parking_garage", "simulated_park_and_ride"}
MADE = [Held(f"simulated_{kind}", True, frozenset({kind}), True) for kind in sorted(KINDS)]


def test_without_a_real_reading_every_simulation_counts():
    assert counting([*MADE, SILENT]) == {each.source for each in MADE}


def test_one_real_reading_of_a_kind_switches_its_simulation_off():
    assert counting([*MADE, SILENT, REAL]) == {each.source for each in MADE} - {"simulated_air_station"}
    assert counting([*MADE, SILENT._replace(has_reading=True)]) == {each.source for each in MADE} - PARKING


@pytest.mark.parametrize("kind", ["parking_garage", "park_and_ride"])
def test_what_areas_have_one_figure_of_is_all_simulated_or_all_real(kind):
    real = Held("npr_parking", False, frozenset({kind}), True)
    assert counting([*MADE, real]) == {each.source for each in MADE} - PARKING
    assert switched_off([*MADE, real]) == {"parking_garage", "park_and_ride"}


def test_figures_of_stations_are_others_than_those_of_sensors():
    assert switched_off([REAL]) == {"air_station"}
    assert switched_off([REAL._replace(kinds=frozenset({"air_sensor"}))]) == {"air_sensor"}


def test_a_kind_that_nobody_knows_switches_nothing_else_off():
    assert switched_off([REAL._replace(kinds=frozenset({"parking_facility"}))]) == {"parking_facility"}


def test_no_two_kinds_of_one_figure_are_switched_apart():
    """Whatever the catalogue says next: of what areas have figures of, the kinds go together."""
    catalogue = load()
    for quantity in (each for each in catalogue.quantities.values() if each.least is not None):
        together = {
            kind.id for kind in catalogue.sensor_kinds.values() if quantity.id in kind.quantities and not kind.reference
        }
        for kind in together:
            assert together <= switched_off([REAL._replace(kinds=frozenset({kind}))])


def test_a_simulation_switches_nothing_off():
    assert switched_off(MADE) == frozenset() and counting([]) == frozenset()


def test_what_is_held_is_found_on_disk(made, tmp_path):
    assert held(made / "raw", "GM0344") == MADE
    assert held(made / "raw", "GM0363") == [] == held(tmp_path / "raw", "GM0344")


@pytest.mark.parametrize("name", ["2026-03-12@20260312T102030Z.parquet", "2026-03-12/20260312T102030Z-1.parquet"])
def test_a_real_reading_is_found_as_a_day_and_as_a_piece_of_a_stream(tmp_path, name):
    folder = tmp_path / "raw" / "city_feed"
    real(folder, name, 0)
    [found] = held(tmp_path / "raw", "GM0344")
    assert found == Held("city_feed", False, frozenset({"waste_container"}), False)
    real(folder, name, 1)
    assert held(tmp_path / "raw", "GM0344") == [found._replace(has_reading=True)]
    (folder / name).write_bytes(b"damaged")
    assert not held(tmp_path / "raw", "GM0344")[0].has_reading
