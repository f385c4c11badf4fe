"""Days of weather from one text: the nearest station that measures enough, tenths as they are, blanks as nothing."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from loaders import LoadError, knmi_daily
from loaders.knmi_daily import fetch, look, read
from tests.loaders.conftest import NOW
from tests.publishers import faults, towns
from tests.publishers.knmi import Knmi

TOWN = towns.small_town()


def by_name(editions):
    return {edition.edition: edition for edition in editions}


def values(edition):
    return {row["quantity"]: row["value"] for row in edition.table.to_pylist()}


def test_nearest_station_that_measures_enough_is_the_place(serving, task):
    (place,) = by_name(fetch(task(serving(Knmi(TOWN)), TOWN)))["places"].table.to_pylist()
    assert (place["id"], place["kind"], place["name"]) == ("902", "weather_station", "Veld 902")


def test_days_of_the_last_week_as_published_with_their_units(serving, task):
    editions = by_name(fetch(task(serving(Knmi(TOWN)), TOWN)))
    assert list(editions) == ["places", *(f"2026-11-{day}" for day in range(16, 23))]
    rows = {row["quantity"]: row for row in editions["2026-11-21"].table.to_pylist()}
    assert {name: (row["value"], row["unit"]) for name, row in rows.items()} == {
        "DDVEC": (290, "graden"),
        "FG": (33, "0.1 m/s"),
        "TG": (21, "0.1 graden Celsius"),
        "TN": (-18, "0.1 graden Celsius"),
        "TX": (64, "0.1 graden Celsius"),
        "RH": (-1, "0.1 mm"),
        "UG": (89, "procenten"),
    }
    assert rows["TG"]["time"] == datetime(2026, 11, 22)


def test_blank_is_no_reading(serving, task):
    editions = by_name(fetch(task(serving(Knmi(TOWN)), TOWN)))
    assert "TN" not in values(editions["2026-11-20"]) and "TN" in values(editions["2026-11-21"])


def test_later_load_asks_once_and_gives_what_was_revised(serving, loading):
    server = serving(Knmi(TOWN))
    loading(knmi_daily, server, TOWN)
    server.asked.clear()
    server.fault("daggegevens", lambda response: replace(response, body=response.body.replace(b"   21,", b"  -21,")))
    editions = by_name(loading(knmi_daily, server, TOWN, NOW + timedelta(hours=1)))
    assert len(server.asked) == 1
    assert (values(editions["2026-11-21"])["TG"], values(editions["2026-11-20"])["TG"]) == (-21, 20)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (faults.maintenance, "it has no line that begins with"),
        (faults.half, "cells under|should have a time|No station"),
        (lambda r: replace(r, body=r.body.replace(b"# STN,YYYYMMDD", b"# STN,DATUM")), "it has no line that begins"),
        (lambda r: replace(r, body=r.body.replace(b"   UG", b"   XX")), "No station of KNMI has FG, TG, UG"),
        (lambda r: replace(r, body=r.body.replace(b"  902,2026", b"  902,veel")), "should have a time"),
        (lambda r: replace(r, body=r.body.replace(b"   64", b"   ja")), "TX in .* should be a number"),
    ],
)
def test_answer_that_can_not_be_is_refused(serving, task, fault, said):
    server = serving(Knmi(TOWN))
    server.fault("daggegevens", fault)
    with pytest.raises(LoadError, match=said):
        fetch(task(server, TOWN))


def test_recorded_file_of_one_station_is_read(realdata):
    path = realdata / "knmi_cabauw_348" / "etmgeg_348_2019_2026.txt"
    days = read(path.read_text(encoding="utf-8"), path.name)
    assert len(days.rows) == 2733
    station, day, first = days.rows[0]
    assert (station, day, first["TG"], first["DDVEC"], "NG" in first) == ("348", date(2019, 1, 1), 74, 297, False)
    assert days.rows[1][2]["RH"] == -1
    assert {name: days.units[name] for name in ("DDVEC", "FG", "TG", "RH", "UG", "Q")} == {
        "DDVEC": "graden",
        "FG": "0.1 m/s",
        "TG": "0.1 graden Celsius",
        "RH": "0.1 mm",
        "UG": "procenten",
        "Q": "J/cm2",
    }


def test_look_counts_values_by_column(serving, task):
    server = serving(Knmi(TOWN))
    seen = look(task(server, TOWN))
    assert (seen.counts["FG"], seen.counts["UG"], len(server.asked)) == (9, 6, 1)
