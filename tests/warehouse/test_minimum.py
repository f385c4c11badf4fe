"""Figures of too few people: what is hidden, what is kept as unreliable, and what is counted when."""

from dataclasses import replace
from datetime import date

import pytest

from buurtbeeld.catalogue import load
from tests.warehouse.town import BUURTEN, OLDER, Row, Town, residents

FIRST, SECOND = BUURTEN[:2]
LONELY, INCOME = "Eenzaam_1", "GemiddeldInkomenPerInwoner_79"


@pytest.fixture
def asked(town: Town) -> Town:
    """The town with a model estimate of 2020 and 2024 and an income in every area."""
    own = load()
    names = ("loneliness", "income_per_resident")
    town.catalogue = replace(
        town.catalogue, indicators=town.catalogue.indicators | {n: own.indicators[n] for n in names}
    )
    for year in (2020, 2024):
        rows: dict[str, Row] = {code: {LONELY: 40.0} for code in residents()}
        town.figures(rows, year, source="rivm_health", period=date(year, 1, 1))
    return town


def with_residents(town: Town, year: int = 2024, **people: object) -> None:
    """Key figures of one year, 1,000 residents and an income in every area; `people` replaces their number."""
    town.outlines(edition=year)
    town.figures({code: row | {INCOME: 30, OLDER: 0} for code, row in residents(**people).items()}, year)


@pytest.mark.parametrize(("people", "status"), [(95, "too_few"), (100, "ok"), (0, "not_applicable")])
def test_a_model_estimate_of_fewer_than_100_residents_is_hidden(asked, people, status):
    with_residents(asked, **{FIRST: people})
    asked.build()
    assert asked.figure("loneliness") == (40 if status == "ok" else None, status)
    assert asked.figure("loneliness", SECOND) == (40, "ok")


def test_what_the_publisher_gives_below_its_own_minimum_is_kept_as_unreliable(asked):
    with_residents(asked, **{FIRST: 95})
    asked.build()
    assert asked.figure("income_per_resident") == (30_000, "unreliable")
    assert asked.figure("income_per_resident", SECOND) == (30_000, "ok")


@pytest.mark.parametrize(("received", "reason"), [(-99995, "later"), (None, "reason_unknown")])
def test_an_unknown_number_of_residents_is_a_reason_of_its_own(asked, received, reason):
    with_residents(asked, **{FIRST: received})
    asked.build()
    assert asked.figure("loneliness") == (None, reason)
    assert asked.figure("income_per_resident") == (30_000, "ok")  # its publisher knew


def test_of_a_year_without_a_number_the_nearest_year_counts(asked):
    with_residents(asked, 2023, **{FIRST: 20})
    with_residents(asked, 2024, **{FIRST: 2000})
    asked.build()
    assert asked.figure("loneliness", period="2020-01-01") == (None, "too_few")
    assert asked.figure("loneliness", period="2024-01-01") == (40, "ok")


def test_its_own_year_counts_also_where_that_has_no_number(asked):
    with_residents(asked, 2023)
    with_residents(asked, 2024, **{FIRST: -99995})
    asked.build()
    assert asked.figure("loneliness", period="2024-01-01") == (None, "later")
    assert asked.figure("loneliness", period="2020-01-01") == (40, "ok")


def test_what_is_hidden_keeps_no_margin(asked):
    with_residents(asked, **{FIRST: 20})
    asked.build()
    query = "SELECT low, high, n FROM figure WHERE indicator = 'loneliness' AND status = 'too_few'"
    assert set(asked.ask(query)) == {(None, None, None)}
