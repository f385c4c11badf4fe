"""The project's own catalogue: whole, used, bilingual, readable and true to the sample."""

import csv
import inspect
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from buurtbeeld.catalogue import Indicator, Text, load
from buurtbeeld.statistics import similarity
from loaders import discover

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
CATALOGUE = load()
INDICATORS = pytest.mark.parametrize("indicator", CATALOGUE.indicators.values(), ids=lambda each: each.id)
RELIED_ON = {
    "residents",
    "residents_65plus_share",
    "home_value",
    "income_per_resident",
    "crimes",
    "crimes_per_1000",
    "good_health",
}
LONGEST_SENTENCE = 26
SAME_IN_BOTH = {"km", "ha", "percent", "kwh", "m3", "ug_m3", "celsius"}
"""Units whose pattern is the same in Dutch and English."""


def texts() -> Iterator[tuple[str, Text]]:
    """Every text a visitor can read, with a name that leads to it."""
    for file in ("themes", "caveats", "licences", "indicators"):
        for id_, entry in getattr(CATALOGUE, file).items():
            yield f"{file}.{id_}.title", entry.title
            yield f"{file}.{id_}.description", entry.description
    for indicator in CATALOGUE.indicators.values():
        yield f"indicators.{indicator.id}.sentence", indicator.sentence
        for each in indicator.breaks:
            yield f"indicators.{indicator.id}.breaks.{each.period}", each.note
    for level in CATALOGUE.levels.values():
        yield f"levels.{level.id}.plural", level.plural


def test_there_is_an_indicator_for_every_figure_of_the_sample() -> None:
    for file, said in tomllib.loads((SAMPLE / "sources.toml").read_text(encoding="utf-8")).items():
        if said["shape"] == "area":
            read = {name for each in CATALOGUE.read_from(said["id"]) for name in each.wanted.names}
            read |= {name.column for name in CATALOGUE.names.values() if name.source == said["id"] and name.column}
            with (SAMPLE / f"{file}.csv").open(encoding="utf-8") as rows:
                columns = next(csv.reader(rows))
            assert set(columns) - read == {"area_code", "period", "edition"}


def test_what_outsiders_rely_on_is_there_and_a_load_without_it_is_refused() -> None:
    assert {id for id, each in CATALOGUE.indicators.items() if each.relied_on} == RELIED_ON
    assert CATALOGUE.relied_on() == RELIED_ON | {"residents_65plus"}


def test_a_buurt_has_more_than_a_hundred_figures_of_cbs_in_more_than_ten_themes() -> None:
    found = [each for each in CATALOGUE.indicators.values() if "buurt" in each.levels]
    assert len([each for each in found if each.source == "cbs_key_figures"]) > 100
    assert len({each.theme for each in found}) > 10


@pytest.mark.parametrize("level", ["gemeente", "wijk", "buurt"])
def test_the_profile_shows_five_to_eight_figures_one_per_theme(level: str) -> None:
    shown = {each.theme for each in CATALOGUE.indicators.values() if each.headline and level in each.levels}
    assert 5 <= len(shown) <= 8
    # How large an area is stands in its first sentences. Others are a click away: more than eight figures nobody reads.
    without = {"space", "safety", "households", "origin", "energy", "work", "education", "care", "mobility"}
    without |= {"air"}  # measured now, which has a page of its own
    assert set(CATALOGUE.themes) - shown <= without


def test_enough_figures_tell_whether_areas_are_alike() -> None:
    alike = [indicator for indicator in CATALOGUE.indicators.values() if indicator.alike]
    assert len(alike) > similarity.FEWEST
    assert {indicator.theme for indicator in alike} == {"people", "households", "housing", "space"}


@pytest.mark.parametrize(
    ("file", "key"),
    [("themes", "theme"), ("units", "unit"), ("caveats", "caveats")],
    ids=["themes", "units", "caveats"],
)
def test_nothing_is_declared_that_no_indicator_uses(file: str, key: str) -> None:
    used = {"border_changed"}  # of any figure that was converted to other borders: caveat.sql
    used |= {quantity.unit for quantity in CATALOGUE.quantities.values()}
    for indicator in CATALOGUE.indicators.values():
        value = getattr(indicator, key)
        used |= {value} if isinstance(value, str) else set(value)
        used |= {local.key for local in indicator.local_caveats}
    idle = [id_ for id_ in getattr(CATALOGUE, file) if id_ not in used]
    assert not idle, f"{file}.toml declares {', '.join(idle)}, which no indicator uses: name it there or take it out."


@INDICATORS
def test_a_figure_that_is_no_count_has_a_rule_for_small_numbers(indicator: Indicator) -> None:
    assert (indicator.minimum is None) == (indicator.kind in ("count", "class"))
    assert not indicator.derived or indicator.least >= 50


@INDICATORS
def test_a_model_estimate_needs_100_residents_by_a_rule_of_ours(indicator: Indicator) -> None:
    assert indicator.method != "model" or indicator.minimum == ("residents", 100, "ours")


@INDICATORS
def test_a_model_estimate_says_so(indicator: Indicator) -> None:
    modelled = indicator.method == "model"
    assert modelled == ("model_estimate" in indicator.caveats)
    assert modelled == ("naar schatting" in indicator.sentence.nl)
    assert modelled == ("estimated" in indicator.sentence.en)


@INDICATORS
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_sentence_reads_on_when_filled_in(indicator: Indicator, lang: str) -> None:
    value = CATALOGUE.units[indicator.unit].pattern.get(lang).format(n="12")
    sentence = indicator.sentence.get(lang).format(period="2024", area="Lombok-Oost", value=value)
    assert re.match(r"[A-Z].*\w\)?\.$", sentence)
    assert value in sentence and "Lombok-Oost" in sentence
    # Two numbers beside each other read as one: "In 2024 12 people".
    assert not re.search(r"2024 (€ ?)?12", sentence)
    noun = {"nl": r"inwoners .*inwoners", "en": r"residents .*residents"}[lang]
    assert not re.search(noun, sentence)


def test_dutch_and_english_differ() -> None:
    same = [name for name, text in texts() if text.nl == text.en]
    assert not same, f"{', '.join(same)} have the same words in both languages."


def test_sentences_are_short() -> None:
    long = [name for name, text in texts() if max(len(text.nl.split()), len(text.en.split())) > LONGEST_SENTENCE]
    assert not long, f"{', '.join(long)} have more than {LONGEST_SENTENCE} words."


def test_units_differ_where_they_have_words() -> None:
    for unit in CATALOGUE.units.values():
        same = unit.pattern.nl == unit.pattern.en
        assert same == (unit.pattern.nl == "{n}" or unit.id in SAME_IN_BOTH), unit.id


def test_search_words_lead_to_what_they_mean() -> None:
    def having(key: str, word: str) -> set[str]:
        return {each.id for each in CATALOGUE.indicators.values() if word in getattr(each, key)}

    assert having("synonyms", "huisarts") == {"distance_gp"}
    assert having("synonyms", "WOZ") == {"home_value"}
    # There is no figure on these alone, and the search says so.
    assert having("contains", "inbraak") == {"crimes", "crimes_per_1000"}
    assert having("related", "armoede") == {"income_per_resident", "hard_to_make_ends_meet"}
    assert having("related", "schulden") == {"hard_to_make_ends_meet"}


@INDICATORS
def test_every_indicator_has_other_words_in_both_languages_together(indicator: Indicator) -> None:
    assert len(indicator.synonyms) >= 2


def test_where_people_come_from_is_told_with_care() -> None:
    origin = [each for each in CATALOGUE.indicators.values() if each.theme == "origin"]
    assert origin and all(each.caveats[:2] == ("origin_what", "origin_not") for each in origin)
    assert {(each.direction, each.alike, each.headline) for each in origin} == {("neither", False, False)}


def test_a_figure_that_was_made_from_origin_says_so() -> None:
    made = [each for each in CATALOGUE.indicators.values() if each.source == "leefbaarometer"]
    assert made and all({"signal_only", "origin_until_2022"} <= set(each.caveats) for each in made)
    assert {each.direction for each in made} == {"neither"}


def test_no_name_of_a_column_means_two_figures_of_a_source() -> None:
    wanted = [(each.source, part) for each in CATALOGUE.indicators.values() for part in each.columns.values()]
    names = [(source, name, part.group) for source, part in wanted for name in part.names]
    assert len(names) == len(set(names))


COUNTED = [(each.id, each.source, kind) for each in CATALOGUE.indicators.values() for kind in each.counts]


@pytest.mark.parametrize(("id", "source", "kind"), COUNTED)
def test_places_that_are_counted_are_of_a_kind_that_their_loader_gives(id: str, source: str, kind: str) -> None:
    loader = discover()[source]
    assert loader.source.shape == "point" and loader.source.openness == "rows"
    assert f'"{kind}"' in Path(inspect.getfile(loader.fetch)).read_text(encoding="utf-8")
    assert "registered_places" in CATALOGUE.indicators[id].caveats


def test_crimes_per_resident_carries_its_warnings() -> None:
    indicator = CATALOGUE.indicators["crimes_per_1000"]
    assert (indicator.display, indicator.least, indicator.factor) == ("circles", 500, 1000)
    assert indicator.caveats[0] == "many_visitors"
    assert CATALOGUE.caveats["many_visitors"].title.nl == "veel bezoekers"


def test_a_figure_that_may_be_of_an_earlier_year_says_so_first() -> None:
    may = [each for each in CATALOGUE.indicators.values() if "earlier_year" in each.caveats]
    assert may and all(each.caveats[0] == "earlier_year" for each in may)
    assert all(each.sentence.nl.startswith("Volgens de cijfers van {period} ") for each in may)


def test_the_ways_to_show_a_series_are_those_that_mean_something() -> None:
    ways = {kind: CATALOGUE.indicators[id_].ways for kind, id_ in (
        ("count", "crimes"), ("rate", "crimes_per_1000"), ("mean", "home_value"), ("share", "good_health"),
        ("class", "urbanity_class"),
    )}  # fmt: skip
    assert all(found[0] == "waarde" for found in ways.values())
    assert {kind for kind, found in ways.items() if "index" in found} == {"count", "rate", "mean"}
    assert {kind for kind, found in ways.items() if "verschil" in found} == {"rate", "mean", "share"}


def test_a_derived_figure_has_the_breaks_of_its_parts() -> None:
    base = CATALOGUE.indicators["home_value"]
    early, late = (base.breaks[0].model_copy(update={"period": date(year, 1, 1)}) for year in (2015, 2021))
    parts = {
        "crimes": CATALOGUE.indicators["crimes"].model_copy(update={"breaks": (late,)}),
        "residents": CATALOGUE.indicators["residents"].model_copy(update={"breaks": (early, late)}),
    }
    catalogue = replace(CATALOGUE, indicators=CATALOGUE.indicators | parts)
    assert catalogue.breaks_of("crimes_per_1000") == (early, late)
    assert CATALOGUE.breaks_of("crimes_per_1000") == ()


def test_every_break_names_the_page_of_the_publisher_that_tells_of_it() -> None:
    links = [each.link for indicator in CATALOGUE.indicators.values() for each in indicator.breaks]
    assert links and all(re.match(r"https://(www\.)?(cbs|rivm|politie|utrecht)\.nl/", link) for link in links)


def test_what_the_publisher_can_tell_apart() -> None:
    steps = {
        id: CATALOGUE.indicators[id].step for id in ("home_value", "income_per_resident", "distance_gp", "land_area")
    }
    assert steps == {"home_value": 1000, "income_per_resident": 100, "distance_gp": 0.1, "land_area": 1}


def test_a_twin_is_known_on_both_sides_with_which_of_the_two_to_quote():
    catalogue = load()
    pairs = [(each.id, each.twin.of) for each in catalogue.indicators.values() if each.twin]
    assert pairs
    for one, other in pairs:
        assert catalogue.twins_of(one)[other] is catalogue.twins_of(other)[one]
    assert catalogue.twins_of("home_value") == {}
