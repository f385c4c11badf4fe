"""Scores of the Leefbaarometer: the newest archive, whatever its separator, with only the gemeente's own rows."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from loaders import LoadError, Same, leefbaarometer
from tests.loaders.conftest import one
from tests.publishers import towns
from tests.publishers.leefbaarometer import HEADER, YEARS, Leefbaarometer

TOWN = towns.small_town()


@pytest.fixture
def load(serving, loading):
    """A whole load from one publisher: `load(Leefbaarometer(TOWN))`."""
    return lambda publisher, town=TOWN: loading(leefbaarometer, serving(publisher), town)


def test_every_measurement_is_there_at_each_level(load):
    edition = one(load(Leefbaarometer(towns.small_town("GM0363"), TOWN)))
    rows = edition.table.to_pylist()
    assert edition.edition == "2024"
    assert Counter(row["area_code"][:2] for row in rows) == {"GM": 9, "WK": 27, "BU": 63}
    assert {row["period"] for row in rows} == {date(year, 1, 1) for year in YEARS}
    assert {row["edition"] for row in rows} == {2024}


@pytest.mark.parametrize(("separator", "decimal"), [(",", "."), (";", ","), ("\t", ".")])
def test_scores_are_numbers_however_they_are_written(load, separator, decimal):
    rows = one(load(Leefbaarometer(TOWN, separator=separator, decimal=decimal))).table.to_pylist()
    first = next(row for row in rows if row["area_code"] == "BU03440200")
    assert (first["lbm"], first["fys"], first["vrz"]) == (4.01, -0.01, -0.3)


def test_buurt_with_too_few_residents_has_no_row(load):
    codes = one(load(Leefbaarometer(TOWN, empty="BU03440100"))).table["area_code"].to_pylist()
    assert "BU03440100" not in codes and "BU03440200" in codes


def test_level_without_a_table_is_a_note(load, notes):
    codes = one(load(Leefbaarometer(TOWN, levels=("buurt",)))).table["area_code"].to_pylist()
    assert {code[:2] for code in codes} == {"BU"}
    assert notes == ["The archive of 2024 has no scores by gemeente.", "The archive of 2024 has no scores by wijk."]


def test_buurten_must_be_there(load):
    with pytest.raises(LoadError, match=r"should hold one leefbaarometer-scores\*buurt\*\.csv"):
        load(Leefbaarometer(TOWN, levels=("gemeente",)))


def test_newer_measurement_goes_first(load):
    edition = one(load(Leefbaarometer(TOWN, measurement=2026, years=(*YEARS, 2026))))
    assert (edition.edition, edition.attribution) == (
        "2026",
        "Bron: Leefbaarometer 3.0, meting 2026, ministerie van BZK",
    )


def test_live_check_finds_the_newest_year_and_reads_nothing(serving, task):
    server = serving(Leefbaarometer(TOWN))
    assert leefbaarometer.look(task(server, TOWN)).edition == "2024"
    assert server.sent == [404, 404, 206]
    assert server.bytes_sent < 1000


def test_no_archive_at_all_says_where_it_looked(load):
    with pytest.raises(LoadError, match=r"no measurement of 2023 to 2026 at .*/resources/"):
        load(Leefbaarometer(TOWN, measurement=2018))


def test_second_load_transfers_nothing(serving, loading):
    server = serving(Leefbaarometer(TOWN))
    first, again = (loading(leefbaarometer, server, TOWN) for _ in range(2))
    assert one(first).edition == "2024" and again == [Same("2024")]
    assert server.sent == [404, 404, 200, 404, 404, 304]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"header": (*HEADER[:5], "voorz", "won")}, "has no column vrz; it has"),
        ({"years": (2020, 2022)}, "should be of 2024; its newest scores are of 2022"),
        ({"decimal": "x"}, "has “4x000000” for a score of GM0344"),
    ],
)
def test_table_that_can_not_be_is_refused(load, words, said):
    with pytest.raises(LoadError, match=said):
        load(Leefbaarometer(TOWN, **words))


def test_gemeente_without_scores_is_refused(load):
    with pytest.raises(LoadError, match="has no scores of GM0999"):
        load(Leefbaarometer(TOWN), replace(TOWN, code="GM0999"))
