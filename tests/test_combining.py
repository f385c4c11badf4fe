"""Several areas as one figure: the right weight, the reason of what is missing, and nothing made up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld import queries
from buurtbeeld.catalogue import SHOWN, UNCOUNTED, Figure, Status, load
from buurtbeeld.combining import CODE, PART_LEVEL, Combined, Reason, combined
from buurtbeeld.statistics.dispersion import Dispersion
from tests.figures import figure, mart_of, offer_of

CATALOGUE = load()
YEAR = date(2024, 1, 1)
NOISE = Dispersion(2.0, 0.1, 3.0)

Given = dict[str, Sequence[float | Status]]


def together(indicator: str, noise: Dispersion | None = NOISE, /, **given: Sequence[float | Status]) -> Combined:
    """`indicator` of areas 1, 2, …, whose figures of each indicator are `given`: a value, or the status of none."""

    def parts(id: str, _period: date) -> list[Figure]:
        return [part(id, place, value) for place, value in enumerate(given.get(id, ()))]

    def known(id: str, _period: date) -> list[Figure]:
        entry = CATALOGUE.indicators[id]
        if id == indicator and id not in given and entry.derived:
            return [part(id, place, 1.0) for place in range(len(next(iter(given.values()))))]
        return parts(id, _period)

    return combined(CATALOGUE.indicators[indicator], YEAR, "Samen", known, CATALOGUE, lambda _: noise)


def part(id: str, place: int, value: float | Status) -> Figure:
    code, unit = f"BU0344{place:04}", CATALOGUE.indicators[id].unit
    if isinstance(value, Status) and value not in SHOWN:
        return figure(None, value, code=code, indicator=id, unit=unit)
    status = value if isinstance(value, Status) else Status.OK
    return figure(7.0 if isinstance(value, Status) else value, status, code=code, indicator=id, unit=unit)


def value(made: Combined) -> float | None:
    assert made.figure
    return made.figure.value


def status(made: Combined) -> Status:
    assert made.figure
    return made.figure.status


# --- what can be combined


def test_counts_add_up_with_the_error_of_their_rounding():
    made = together("residents", residents=[1000, 2000, 25])
    assert value(made) == 3025 and made.figure
    assert (made.figure.low, made.figure.high) == (3015, 3035)  # 1.96 · 2.5 · √3 + 1 = 9.5
    assert (made.least, made.most) == (3013, 3037)
    assert (made.figure.code, made.figure.name, made.figure.n) == (CODE, "Samen", None)


def test_a_share_of_our_own_is_made_anew_from_both_sums():
    """10% of 100 and 50% of 900 is 46%."""
    made = together("residents_65plus_share", residents_65plus=[10, 450], residents=[100, 900])
    assert value(made) == 46


def test_a_small_buurt_counts_in_a_share_though_it_has_none_of_its_own():
    """40 residents are too few for a share, but with 960 others they are not."""
    assert value(together("residents_65plus_share", residents_65plus=[20, 100], residents=[40, 960])) == 12
    assert status(together("residents_65plus_share", residents_65plus=[5, 10], residents=[20, 25])) == "too_few"


def test_a_mean_is_weighted_by_what_it_is_a_mean_of():
    made = together("household_size", household_size=[1.0, 3.0], households=[3000, 1000])
    assert value(made) == 1.5
    assert value(together("income_per_resident", income_per_resident=[20_000, 60_000], residents=[900, 100])) == 24_000
    assert value(together("population_density", population_density=[0, 1000], land_area=[300, 100])) == 250


def test_what_nobody_is_counted_for_weighs_nothing():
    given: Given = {"household_size": [Status.REASON_UNKNOWN, 2.0, 3.0], "households": [0, 1000, 1000]}
    assert value(together("household_size", **given)) == 2.5
    given["households"] = [Status.NOT_APPLICABLE, 1000, 1000]
    assert value(together("household_size", **given)) == 2.5


def test_crimes_add_up_with_the_margin_of_the_sum():
    made = together("crimes", crimes=[50, 70])
    assert value(made) == 120 and made.figure and made.figure.low and made.figure.high
    assert made.figure.low < 98 < 144 < made.figure.high  # the margins of chance alone
    assert made.least is None
    plain = together("crimes", None, crimes=[50, 70]).figure
    assert plain and plain.value == 120 and plain.low is None


def test_a_rate_needs_enough_people_together_and_is_unreliable_when_its_range_is_wider_than_itself():
    assert value(together("crimes_per_1000", crimes=[20, 30], residents=[300, 700])) == 50
    assert status(together("crimes_per_1000", crimes=[2, 3], residents=[100, 200])) == "too_few"
    assert status(together("crimes_per_1000", crimes=[1, 1], residents=[300, 700])) == "unreliable"


@pytest.mark.parametrize("id", [id for id, each in CATALOGUE.indicators.items()])
def test_one_area_is_its_own_figure(id):
    own = part(id, 1, 50.0)
    made = combined(CATALOGUE.indicators[id], YEAR, "Samen", lambda *_: [own], CATALOGUE, lambda _: None)
    assert made == Combined(own)


# --- what can't


@pytest.mark.parametrize(
    ("id", "reason"),
    [
        ("home_value", Reason.HOMES),
        ("owner_occupied_share", Reason.HOMES),
        ("good_health", Reason.ADULTS),
        ("address_density", Reason.ADDRESSES),
        ("urbanity_class", Reason.CLASS),
    ],
)
def test_what_can_not_be_combined_says_why_and_gives_no_number(id, reason):
    assert together(id, **{id: [1, 3], "residents": [100, 100]}) == Combined(None, reason=reason)


def test_without_its_weight_of_that_year_a_mean_is_not_made():
    assert together("household_size", household_size=[1, 3]).reason is Reason.PERIOD
    assert together("residents_65plus_share", residents_65plus=[1, 3]).reason is Reason.PERIOD


def test_every_weight_that_is_not_counted_has_a_reason():
    assert set(UNCOUNTED) <= set(Reason)


def test_every_figure_of_the_catalogue_is_made_or_refused():
    for id, indicator in CATALOGUE.indicators.items():
        needed = {id, indicator.weight, indicator.numerator, indicator.denominator}
        made = together(id, **{each: [500, 900] for each in CATALOGUE.indicators if each in needed})
        assert (made.figure is None) != (made.reason is None), id


# --- what is missing


@pytest.mark.parametrize("missing", [each for each in Status if each not in SHOWN and each != "not_applicable"])
@pytest.mark.parametrize("id", ["residents", "crimes", "household_size", "residents_65plus_share", "crimes_per_1000"])
def test_where_one_part_is_missing_the_whole_is_missing_for_that_reason(id, missing):
    whole: Given = {name: [600, 700, 800] for name in ("residents", "residents_65plus", "households", "crimes")}
    whole["household_size"] = [2, 2, 2]
    for name in {id, CATALOGUE.indicators[id].numerator, CATALOGUE.indicators[id].denominator} & set(whole):
        made = together(id, **whole | {name: [600, missing, 800]})
        assert made.figure and made.figure.status == missing
        assert made.lacking == ("BU03440001",)
        numbers = (made.figure.value, made.figure.low, made.figure.high, made.figure.n, made.least, made.most)
        assert numbers == (None,) * 6


def test_what_is_hidden_is_told_before_what_is_merely_missing():
    assert status(together("residents", residents=[Status.LATER, Status.SECRET, 5])) == "secret"
    assert status(together("residents", residents=[Status.SECRET, Status.WITHHELD, 5])) == "withheld"
    given: Given = {"residents_65plus": [Status.LATER, 5], "residents": [Status.SECRET, 50]}
    assert status(together("residents_65plus_share", **given)) == "secret"


def test_what_can_not_occur_in_one_part_is_not_missed():
    made = together("crimes", crimes=[Status.NOT_APPLICABLE, 70])
    assert value(made) == 70 and made.lacking == ()
    assert status(together("crimes", crimes=[Status.NOT_APPLICABLE] * 2)) == "not_applicable"


def test_of_nobody_there_is_no_mean_and_no_share():
    assert status(together("household_size", household_size=[2, 2], households=[0, 0])) == "not_applicable"
    given: Given = {"residents_65plus": [0, 0], "residents": [0, 0]}
    assert status(together("residents_65plus_share", **given)) == "not_applicable"


def test_a_published_0_may_be_up_to_four_people():
    """5 and 0 residents at 1 and 20 km: of 1 and 4 people it is 16.2, and each distance was rounded."""
    made = together("distance_gp", distance_gp=[1.0, 20.0, 1.0], residents=[5, 0, 5])
    assert value(made) == 1 and made.most == pytest.approx((2 * 1 + 4 * 20) / 6 + 0.05, abs=0.1)
    made = together("distance_gp", distance_gp=[1.0, Status.REASON_UNKNOWN], residents=[500, 0])
    assert value(made) == 1 and (made.least, made.most) == (None, None)


def test_a_mean_of_too_few_together_is_not_made():
    assert status(together("distance_gp", distance_gp=[1.0, 2.0], residents=[5, 0])) == "too_few"
    assert value(together("distance_gp", distance_gp=[1.0, 2.0], residents=[5, 5])) == 1.5


def test_what_the_publisher_gives_of_few_is_reliable_for_enough_together():
    def income(*residents: float) -> Combined:
        return together("income_per_resident", income_per_resident=[Status.UNRELIABLE] * 2, residents=residents)

    assert status(income(60, 60)) == "ok"
    assert status(income(40, 40)) == "unreliable"


def test_what_is_unreliable_stays_so():
    assert status(together("crimes", crimes=[Status.UNRELIABLE, 70])) == "unreliable"


def test_what_holds_of_one_part_holds_of_the_whole():
    own = [replace(part("residents", i, 10.0), provisional=i == 1, is_simulated=i == 2) for i in range(3)]
    made = combined(CATALOGUE.indicators["residents"], YEAR, "", lambda *_: own, CATALOGUE, lambda _: None).figure
    assert made and made.provisional and made.is_simulated and made.is_sample


@given(st.lists(st.sampled_from([*Status, *range(0, 2000, 35)]), min_size=2, max_size=8), st.data())
def test_a_number_is_never_made_from_a_part_that_has_none(values, data):
    id = data.draw(st.sampled_from(["residents", "crimes", "household_size", "income_per_resident", "land_area"]))
    weight = CATALOGUE.indicators[id].weight
    others = {weight: [1000] * len(values)} if weight else {}
    made = together(id, **{id: values} | others)
    assert made.figure
    hidden = [each for each in values if isinstance(each, Status) and each not in {*SHOWN, Status.NOT_APPLICABLE}]
    if hidden:
        assert made.figure.value is None and made.figure.status in hidden
    elif CATALOGUE.indicators[id].kind == "count" and made.figure.value is not None:
        numbers = [each for each in values if not isinstance(each, Status)]
        assert made.figure.value == sum(numbers) + 7 * sum(values.count(each) for each in SHOWN)


# --- against what the publisher says of the whole


def test_the_wijken_are_found_again_from_their_buurten(sample):
    """Where every buurt has a figure, the range holds the wijk's own published one, rounded as it is."""
    mart = mart_of(sample)
    offer = offer_of(mart, CATALOGUE)
    tried = found = 0
    for id, levels in offer.held.items():
        indicator = CATALOGUE.indicators[id]
        if "wijk" not in levels or PART_LEVEL not in levels:
            continue
        for whole in mart.ask(queries.figures, id, "wijk", levels[PART_LEVEL][-1]):
            codes = {area.code for area in offer.areas.values() if area.parent_code == whole.code}

            def parts(of: str, period: date, codes: set[str] = codes) -> list[Figure]:
                return [f for f in mart.ask(queries.figures, of, PART_LEVEL, period) if f.code in codes]

            period = levels[PART_LEVEL][-1]
            made = combined(indicator, period, "", parts, CATALOGUE, lambda of: mart.ask(queries.noise, of, PART_LEVEL))
            if made.figure is None or made.figure.value is None or whole.value is None:
                continue
            tried += 1
            # The wijk's own number was rounded too.
            slack = (indicator.rounding or 0) if indicator.interval == "rounded" else indicator.step
            assert made.least is not None and made.most is not None
            assert made.least - slack <= whole.value <= made.most + slack, (id, whole.code, made, whole.value)
            assert made.figure.low is not None and made.figure.high is not None
            found += made.figure.low - slack <= whole.value <= made.figure.high + slack
    assert tried > 100
    assert found / tried > 0.95


def test_the_income_of_the_city_is_found_again_from_its_wijken(sample):
    """Weighted by residents of this year, though it is of people in private households in the year of the income."""
    mart, indicator = mart_of(sample), CATALOGUE.indicators["income_per_resident"]
    made = combined(
        indicator, YEAR, "", lambda of, period: mart.ask(queries.figures, of, "wijk", period), CATALOGUE, lambda _: None
    ).figure
    [city] = mart.ask(queries.figures, indicator.id, "gemeente", YEAR)
    assert made and made.value == pytest.approx(city.value, abs=50)
