"""The benchmark runs; what it finds is for people to read."""

import re
import time

from tests.bench import __main__ as bench
from tests.bench import national, search
from tests.bench.machine import machine, spent


def test_a_small_country_is_made_and_asked(tmp_path):
    size = national.Size(areas=430, indicators=6, years=3, plain=4)
    measured = national.run(tmp_path, size)
    assert (measured.ours.rows, measured.plain.rows) == (size.figures, 430 * 4 * 3)
    assert [asked.rows for asked in measured.asked] == [320, 12, 18, 320, 18, 60]
    assert re.search(r"map: .* 320 .* ms .* times faster, .* times less CPU\n", national.report(measured))


def test_a_search_is_measured_over_a_city_and_more(sample):
    measured = search.run(sample, country=300, times=1)
    assert [each.areas for each in measured] == [122, 422]
    assert re.search(r"   422 areas: .* ms of CPU a search, .* times as much\.$", search.report(measured))


def test_the_machine_is_told():
    assert re.match(r"\d+ cores, .+ GB, .*\nPython 3\.\d+\.\d+, duckdb", machine())


def test_time_is_a_median():
    quick, slow = spent(lambda: None, lambda: time.sleep(0.02), times=3)
    assert quick.clock < 20 <= slow.clock and slow.cpu < 20


def test_a_part_that_is_not_there_is_told(capsys):
    assert bench.main(["nothing"]) == 2
    assert "There is no nothing; there are utrecht, national" in capsys.readouterr().err
