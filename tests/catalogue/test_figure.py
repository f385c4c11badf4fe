"""A figure travels whole, and a hidden one carries no number."""

from dataclasses import fields, replace
from datetime import date

import pytest

from buurtbeeld.catalogue import SHOWN, Figure, Status

FIGURE = Figure(
    code="BU03440111",
    name="Lange Elisabethstraat, Mariaplaats en omgeving",
    level="buurt",
    indicator="residents",
    period=date(2024, 1, 1),
    grain="year",
    value=5.0,
    low=None,
    high=None,
    n=None,
    unit="people",
    status=Status.OK,
    provisional=False,
    edition=2024,
    converted=False,
    source="cbs_key_figures",
    is_sample=True,
    is_simulated=False,
)


def test_fields_stand_in_the_order_of_the_view() -> None:
    order = "code name level indicator period grain value low high n unit status provisional edition converted source"
    assert [field.name for field in fields(Figure)] == [*order.split(), "is_sample", "is_simulated"]


def test_two_statuses_are_shown() -> None:
    assert {"ok", "unreliable"} == SHOWN
    assert len(Status) == 10


@pytest.mark.parametrize("status", [status for status in Status if status not in SHOWN])
def test_a_hidden_figure_has_no_number(status: Status) -> None:
    with pytest.raises(ValueError, match="must be None"):
        replace(FIGURE, status=status)
    assert replace(FIGURE, status=status, value=None).value is None


@pytest.mark.parametrize("key", ["low", "high", "n"])
def test_a_hidden_figure_has_no_interval_either(key: str) -> None:
    with pytest.raises(ValueError, match="must be None"):
        replace(FIGURE, status=Status.TOO_FEW, value=None, **{key: 3})  # type: ignore[arg-type]


def test_a_shown_figure_has_a_value() -> None:
    with pytest.raises(ValueError, match="Figure residents of BU03440111 in 2024-01-01 has status ok but no value"):
        replace(FIGURE, value=None)


def test_nan_is_not_a_value() -> None:
    with pytest.raises(ValueError, match="a missing number is None"):
        replace(FIGURE, value=float("nan"))


def test_zero_is_a_value() -> None:
    assert replace(FIGURE, value=0.0).value == 0
