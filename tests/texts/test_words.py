"""Numbers, dates and words as each language writes them."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbeeld.catalogue import Status, load
from buurtbeeld.texts import words
from tests.figures import HIDDEN, HOSTILE, figure, indicator

NL, EN = words("nl"), words("en")


@pytest.mark.parametrize(
    ("value", "decimals", "dutch", "english"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (374238, 0, "374.238", "374,238"),
        (1234567.891, 2, "1.234.567,89", "1,234,567.89"),
        (999, 0, "999", "999"),
        (0.5, 1, "0,5", "0.5"),
        (7, 2, "7,00", "7.00"),
        (0, 0, "0", "0"),
        (-0.0, 1, "0,0", "0.0"),
        (-0.04, 1, "0,0", "0.0"),
        (-1234.5, 1, "−1.234,5", "−1,234.5"),
        (1e15, 0, "1.000.000.000.000.000", "1,000,000,000,000,000"),
    ],
)
def test_numbers(value, decimals, dutch, english):
    assert (NL.number(value, decimals), EN.number(value, decimals)) == (dutch, english)


@given(st.floats(-1e12, 1e12), st.integers(0, 3))
def test_both_languages_write_the_same_number(value, decimals):
    dutch, english = NL.number(value, decimals), EN.number(value, decimals)
    assert dutch.translate(str.maketrans(".,", ",.")) == english
    read = float(english.replace(",", "").replace("−", "-"))
    assert read == pytest.approx(value, abs=0.51 * 10**-decimals)
    assert "-" not in dutch and not dutch.startswith("−0,000")


@pytest.mark.parametrize(
    ("id", "value", "dutch", "english"),
    [
        ("home_value", 451000, "€\u00a0451.000", "€451,000"),
        ("good_health", 78.64, "78,6%", "78.6%"),
        ("distance_gp", 0.7, "0,7\u00a0km", "0.7\u00a0km"),
        ("crimes_per_1000", 67.4, "67\u00a0per 1.000 inwoners", "67\u00a0per 1,000 residents"),
        ("residents", 374238, "374.238", "374,238"),
    ],
)
def test_a_value_has_its_unit(id, value, dutch, english):
    assert NL.quantity(value, indicator(id), load()) == dutch
    assert EN.quantity(value, indicator(id), load()) == english


@pytest.mark.parametrize("status", HIDDEN)
def test_a_missing_figure_is_a_reason_and_no_number(status):
    for say in (NL, EN):
        said = say.figure(figure(None, status), indicator(), load())
        assert said == say.status(status)
        assert not any(sign.isdigit() for sign in said)


@pytest.mark.parametrize(
    ("own", "dutch", "english"),
    [
        (figure(0.0), "€\u00a00", "€0"),
        (figure(0.0, Status.UNRELIABLE), "€\u00a00 (onzeker)", "€0 (uncertain)"),
        (figure(5.0, provisional=True), "€\u00a05 (voorlopig)", "€5 (provisional)"),
        (
            figure(5.0, Status.UNRELIABLE, provisional=True),
            "€\u00a05 (onzeker, voorlopig)",
            "€5 (uncertain, provisional)",
        ),
    ],
)
def test_zero_is_a_figure_and_what_is_the_matter_with_a_figure_stands_behind_it(own, dutch, english):
    assert (NL.figure(own, indicator(), load()), EN.figure(own, indicator(), load())) == (dutch, english)
    assert NL.cell(own, indicator(), load()) == dutch


@pytest.mark.parametrize("say", [NL, EN], ids=["nl", "en"])
@pytest.mark.parametrize("id", load().indicators)
def test_no_line_breaks_between_a_number_and_its_unit(id, say):
    for value in (7, 1234.5, -3):
        number, written = say.number(value, indicator(id).decimals), say.quantity(value, indicator(id), load())
        before, _, behind = written.partition(number)
        assert not before.endswith(" ") and not behind.startswith(" ")


@pytest.mark.parametrize(
    ("day", "grain", "dutch", "english"),
    [
        (date(2024, 1, 1), "year", "2024", "2024"),
        (date(2024, 3, 1), "month", "maart 2024", "March 2024"),
        (date(2024, 3, 5), "day", "5 maart 2024", "5 March 2024"),
        (date(2024, 12, 30), "year", "2024", "2024"),  # in the first week of 2025, but not of that year
    ],
)
def test_periods(day, grain, dutch, english):
    assert (NL.period(day, grain), EN.period(day, grain)) == (dutch, english)


@pytest.mark.parametrize(
    ("utc", "clock"),
    [
        ("2024-01-15T12:00", "15 januari 2024, 13:00"),
        ("2024-07-15T12:00", "15 juli 2024, 14:00"),
        ("2024-12-31T23:30", "1 januari 2025, 00:30"),
        ("2024-03-31T00:59", "31 maart 2024, 01:59"),  # the clock goes forward
        ("2024-03-31T01:00", "31 maart 2024, 03:00"),
        ("2024-10-27T00:59", "27 oktober 2024, 02:59"),  # and back
        ("2024-10-27T01:00", "27 oktober 2024, 02:00"),
    ],
)
def test_a_moment_is_what_a_clock_in_the_netherlands_shows(utc, clock):
    assert NL.moment(datetime.fromisoformat(utc)) == clock


def test_a_moment_in_english():
    assert EN.moment(datetime(2024, 7, 15, 12, 5)) == "15 July 2024, 14:05"


@pytest.mark.parametrize(
    ("count", "dutch"), [(1, "Van 1 buurt "), (2, "Van 2 buurten "), (0, "Van 0 buurten "), (1234, "Van 1.234 ")]
)
def test_one_and_many(count, dutch):
    assert NL.n("sentence.missing.some", count, level="buurt", levels="buurten", reason="x").startswith(dutch)


@pytest.mark.parametrize("value", [*HOSTILE, "{0}", "{value.__class__}", "%s", "{"])
def test_a_value_is_filled_in_as_it_is(value):
    assert NL.t("ignored.gebied", value=value) == f"Dit gebied kennen we niet: {value}."


@pytest.mark.parametrize("key", ["nosuch", "", "sentence.missing.some.plural", "Language"])
def test_an_unknown_key_is_a_mistake_and_no_text(key):
    with pytest.raises(KeyError):
        NL.t(key)
    with pytest.raises(KeyError):
        NL.n(key, 2)


@pytest.mark.parametrize("lang", ["de", "", "NL", "../nl"])
def test_another_language_is_refused(lang):
    with pytest.raises(KeyError):
        words(lang)


@pytest.mark.parametrize(
    ("name", "head", "cell"),
    [
        ("home_value", "Waarde van een woning", "€\u00a01.234"),
        ("good_health", "Goede gezondheid (schatting)", "1.234,0%"),
        ("residents", "Inwoners", "1.234"),
        ("crimes_per_1000", "Misdrijven per 1.000 inwoners", "1.234"),
        ("address_density", "Adressen in de omgeving (adressen per vierkante kilometer)", "1.234"),
    ],
)
def test_a_unit_of_words_stands_in_the_head_of_a_column_and_a_sign_at_each_figure(name, head, cell):
    one = load().indicators[name]
    assert (NL.head(one, load()), NL.cell(figure(1234.0, Status.OK), one, load())) == (head, cell)
    assert NL.cell(figure(None, Status.TOO_FEW), one, load()) == NL.status(Status.TOO_FEW)


def test_an_interval_is_written_in_the_unit_of_its_figure():
    share = indicator("residents_65plus_share")
    assert NL.interval(figure(12, low=9, high=15), share, load()) == "tussen 9% en 15%"
    assert EN.interval(figure(12, low=9, high=15), share, load()) == "between 9% and 15%"
    assert NL.interval(figure(12), share, load()) == ""
    rate = indicator("crimes_per_1000")
    assert NL.interval(figure(34, low=20, high=55), rate, load()) == "tussen 20 en 55\u00a0per 1.000 inwoners"
    assert NL.ends(figure(34, low=20, high=55), rate, load()) == ("20", "55")
    assert NL.ends(figure(34), rate, load()) == ()


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_sentence_that_ends_in_a_name_with_a_full_stop_has_one(lang):
    say = words(lang)
    told = say.n("own.made_of", 1, names="Lombok e.o.")
    assert told.endswith(" Lombok e.o.")
    assert say.t("trend.without", areas="Lombok e.o.").endswith(" Lombok e.o.")
    assert say.fill("Wacht... {name}.", name="Wijk C") == "Wacht... Wijk C."


def test_two_full_stops_inside_what_somebody_wrote_stay():
    assert words("nl").fill("{cell} is geen getal.", cell="'1..5'") == "'1..5' is geen getal."


@pytest.mark.parametrize(
    ("value", "nl", "en"), [(1_062_000.0, "1062000", "1062000"), (0.25, "0,25", "0.25"), (-3.0, "-3", "-3")]
)
def test_a_plain_number_can_be_typed_into_a_cell(value, nl, en):
    assert (words("nl").plain(value), words("en").plain(value)) == (nl, en)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (figure(0.3, low=0.0, high=0.9), "minder dan 1%"),
        (figure(0.0, low=0.0, high=0.9), "minder dan 1%"),
        (figure(0.0, low=0.0, high=0.0), "0%"),
        (figure(0.0), "0%"),
        (figure(0.6, low=0.1, high=0.9), "1%"),
    ],
)
def test_a_share_that_may_be_more_than_nothing_is_not_written_as_nothing(own, said):
    about = indicator("residents_65plus_share"), load()
    assert (NL.figure(own, *about), NL.cell(own, *about), NL.amount(own, *about)) == (said,) * 3
