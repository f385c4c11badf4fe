"""Choosing: what a list offers, and what a choice leaves of the choices before it."""

import pytest

from buurtbeeld.addresses import PAGES

OWN, TRENDS = (next(page for page in PAGES if page.segment == name) for name in ("eigen-gebied", "trends"))


@pytest.mark.parametrize(("page", "key"), [(TRENDS, "areas"), (OWN, "own")])
def test_no_list_offers_to_take_all_that_match(show, sample, page, key):
    (found,) = show(sample, page).multiselect
    assert (found.proto.select_all, found.key) == (0, key)


@pytest.mark.parametrize(("end", "kept"), [("2024", "2023"), ("2023", None), ("2022", None)])
def test_another_end_keeps_a_start_that_lies_before_it(show, sample, end, kept):
    app = show(sample, TRENDS, indicator="crimes", van="2023", periode="2025")
    app.selectbox(key="until").set_value(end).run()
    assert app.query_params["periode"] == end
    assert app.query_params.get("van") == kept
