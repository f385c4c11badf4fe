"""The benchmark runs; what it finds is for people to read."""

import re
import time
from datetime import date
from pathlib import Path

import duckdb
import numpy as np

from buurtbeeld import queries
from buurtbeeld.sensors import rollup
from buurtbeeld.settings import read
from buurtbeeld.store import Mart, Store
from tests.bench import __main__ as bench
from tests.bench import claims, country, national, points, rollups, search
from tests.bench.machine import machine, spent


def current(sample: Path) -> Mart:
    return Store(read({"DATA_DIR": str(sample)})).current()


def test_a_small_country_is_made_and_asked(tmp_path):
    size = national.Size(areas=430, indicators=6, years=3, plain=4)
    measured = national.run(tmp_path, size)
    assert (measured.ours.rows, measured.plain.rows) == (size.figures, 430 * 4 * 3)
    assert [asked.rows for asked in measured.asked] == [320, 12, 18, 320, 18, 6]
    assert re.search(r"map: .* 320 .* ms .* times faster, .* times less CPU\n", national.report(measured))


def test_a_search_is_measured_over_a_city_and_more(sample):
    measured = search.run(sample, country=300, times=1)
    assert [each.areas for each in measured] == [122, 422]
    assert re.search(r"   422 areas: .* ms of CPU a search, .* times as much\.$", search.report(measured))


def test_points_are_assigned_in_two_ways_with_equal_answers(tmp_path):
    measured = points.run(tmp_path, 20_000)
    assert (measured.points, measured.areas, measured.different) == (20_000, 111, 0)
    assert 5_000 < measured.inside < 15_000
    assert re.search(r"times faster, at 1/.* of the memory; 0 answers differ\.$", points.report(measured))


def test_the_machine_is_told():
    assert re.match(r"\d+ cores, .+ GB, .*\nPython 3\.\d+\.\d+, duckdb", machine())


def test_time_is_a_median():
    quick, slow = spent(lambda: None, lambda: time.sleep(0.02), times=3)
    assert quick.clock < 20 <= slow.clock and slow.cpu < 20


def test_a_part_that_is_not_there_is_told(capsys):
    assert bench.main(["nothing"]) == 2
    assert "There is no nothing; there are utrecht, national" in capsys.readouterr().err


def test_of_pages_without_a_change_at_most_a_twentieth_claims_one_and_a_large_change_is_found(sample):
    """The promise of docs/methods.md, at the noise that these years were measured to have."""
    seen = claims.series(current(sample))
    test, typical = claims.ours(seen.noise), float(np.mean(seen.pairs))
    noises: list[np.ndarray | float] = [*seen.pairs, seen.noise.at(seen.means)]
    for phi in noises:
        assert claims.false_pages(seen.means, phi, test, 500) <= 0.05
        assert claims.false_rates(seen, phi, 300) <= 0.05
    assert claims.found(seen.means, typical, test, 2.5, 200) >= 0.8
    assert claims.false_rounding(seen.means * 20, 50)[0] == 0
    assert claims.false_pages(seen.means, typical, claims.plain, 20) == 1  # the plain test always claims


def test_a_fall_is_found_too_but_less_often(sample):
    seen = claims.series(current(sample))
    test, typical = claims.ours(seen.noise), float(np.mean(seen.pairs))
    assert 0.5 < claims.found(seen.means, typical, test, 1 / 4, 100) < claims.found(seen.means, typical, test, 4, 100)


def test_fewer_claims_turn_back_than_with_the_plain_test(sample):
    judged = claims.claims(claims.series(current(sample)))
    back = [sum(pair[1] or 0 for pair in (each.plain for each in judged)), sum(each.ours[1] or 0 for each in judged)]
    assert back[1] < back[0] / 10
    assert "Called changed on the real series" in claims.report(claims.series(current(sample)), 5)


def test_a_country_is_utrecht_many_times_over(tmp_path):
    figures = country.make(tmp_path, 3)
    mart = current(tmp_path)
    areas = mart.ask(queries.areas)
    assert [sum(area.level == level for area in areas) for level in ("gemeente", "wijk", "buurt")] == [1, 30, 333]
    assert {area.parent_code for area in areas} <= {None, *(area.code for area in areas)}
    assert len(mart.ask(queries.figures, "crimes", "buurt", date(2024, 1, 1))) == 333
    assert figures > 40_000


def test_rollups_pandas_and_polars_make_the_same_hours(tmp_path):
    size = rollups.Size(sensors=4)
    for nr in range(3):
        rollups.draw_day(tmp_path, nr, size)
    rollups.roll(tmp_path, size)
    files = [str(path) for path in rollup.files(tmp_path)["reading_hour"]]
    with duckdb.connect() as con:
        query = "SELECT sensor, quantity, hour, n, valid, median, p95 FROM read_parquet(?) ORDER BY ALL"
        ours = con.execute(query, [files]).fetchall()
    assert len(ours) == 3 * 24 * 8 and any(valid < n for *_, n, valid, _, _ in ours)
    for theirs in (rollups.with_pandas(tmp_path, size), rollups.with_polars(tmp_path, size)):
        assert [row[:5] for row in theirs] == [row[:5] for row in ours]
        mine, other = (np.array([row[5:] for row in made], dtype=float) for made in (ours, theirs))
        np.testing.assert_allclose(other, mine, rtol=1e-12)


def test_rollups_are_measured_each_in_a_process_of_its_own(tmp_path):
    size = rollups.Size(days=1, few_days=1, sensors=2)
    rollups.draw(tmp_path, size)
    took = rollups.measured("rollup", tmp_path / "few", size, size.a_day)
    assert len(list((tmp_path / "few" / "rollups" / "hours").glob("*/*"))) == 1
    assert took.memory > 20 and took.rate > 0
    assert "\nOne day more takes 1/1 of the time of all days, 1/1 of their CPU.\n" in rollups.report([took] * 7)
