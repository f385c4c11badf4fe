"""A period is written as short as its grain allows, and anything else is none."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld.server import periods


@pytest.mark.parametrize("grain", ["year", "month", "day"])
@given(day=st.dates())
def test_what_is_written_is_read_back(grain, day):
    first = day.replace(**{"year": {"month": 1, "day": 1}, "month": {"day": 1}, "day": {}}[grain])
    assert periods.read(periods.write(first, grain)) == first


@pytest.mark.parametrize(
    "text", ["", "24", "02024", "2024-", "2024-1", "2024-02-30", "2024-01-01T00:00", "٢٠٢٤", "2024\n", "0000"]
)
def test_what_is_no_period_is_none(text):
    assert periods.read(text) is None


@given(st.text())
def test_no_text_breaks_it(text):
    assert periods.read(text) is None or isinstance(periods.read(text), date)
