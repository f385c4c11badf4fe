"""Reading a folder of catalogue files: what comes out, and that nothing is read twice or left half-read."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from buurtbeeld.catalogue import Also, CatalogueError, Source, load, rules

NEW_ENTRY = """
[land_per_resident]
theme = "space"
kind = "mean"
unit = "ha"
decimals = 3
direction = "neither"
method = "register"
levels = ["gemeente", "wijk", "buurt"]
numerator = "land_area"
denominator = "residents"
minimum = { of = "residents", least = 50, whose = "ours" }
title.nl = "Land per inwoner"
title.en = "Land per resident"
description.nl = "Hoeveel hectare land er is voor elke inwoner."
description.en = "How many hectares of land there are for each resident."
sentence.nl = "In {period} was er in {area} {value} land per inwoner."
sentence.en = "In {period} there was {value} of land per resident in {area}."
"""


def test_entries_keep_the_order_of_the_file(small: Path) -> None:
    catalogue = load(small)
    assert list(catalogue.indicators) == ["residents", "older", "older_share"]
    assert list(catalogue.levels) == ["gemeente", "buurt"]


def test_what_is_left_out_has_its_default(small: Path) -> None:
    residents, share = load(small).indicators["residents"], load(small).indicators["older_share"]
    assert (residents.grain, residents.scale, residents.factor, residents.headline) == ("year", 1, 1, False)
    assert residents.also == (Also("cbs_years", "Inwoners", 1),)
    assert (residents.display, share.display) == ("circles", "areas")
    assert (residents.derived, share.derived) == (False, True)


def test_the_source_of_a_derived_indicator_is_that_of_its_numerator(small: Path) -> None:
    assert load(small).indicators["older_share"].source == "cbs_ages"


def test_every_source_behind_a_derived_indicator_is_named(small: Path) -> None:
    assert load(small).sources_of("older_share") == ("cbs_ages", "cbs", "cbs_years")
    assert load(small).sources_of("residents") == ("cbs", "cbs_years")


def test_derivations_come_after_their_parts(small: Path) -> None:
    file = small / "indicators.toml"
    text = file.read_text(encoding="utf-8")
    of_share = NEW_ENTRY.replace('"space"', '"people"').replace('"ha"', '"people"').replace(', "wijk"', "")
    file.write_text(of_share.replace('"land_area"', '"older_share"') + text, encoding="utf-8")
    assert [each.id for each in load(small).derivations()] == ["older_share", "land_per_resident"]


def test_one_more_entry_is_one_more_indicator(copy: Path) -> None:
    before = len(load(copy).indicators)
    with (copy / "indicators.toml").open("a", encoding="utf-8") as file:
        file.write(NEW_ENTRY)
    assert len(load(copy).indicators) == before + 1
    assert load(copy).indicators["land_per_resident"].source == "cbs_key_figures"


def test_the_own_catalogue_is_read_once() -> None:
    assert load() is load()


def test_another_folder_is_read_anew(small: Path) -> None:
    assert load(small) is not load(small)


def test_entries_and_catalogue_are_frozen(small: Path) -> None:
    catalogue = load(small)
    with pytest.raises(ValidationError):
        catalogue.themes["people"].title.nl = "Anders"
    with pytest.raises(FrozenInstanceError):
        catalogue.themes = {}  # type: ignore[misc]


def test_text_knows_two_languages(small: Path) -> None:
    title = load(small).themes["people"].title
    assert (title.get("nl"), title.get("en")) == ("Inwoners", "Residents")
    with pytest.raises(KeyError):
        title.get("de")


def test_a_source_with_an_unknown_licence_is_refused(small: Path) -> None:
    source = Source(
        id="cbs",
        publisher="CBS",
        title="Cijfers",
        page="https://www.cbs.nl",
        licence="cc-by-4.0",
        attribution="Bron: CBS",
        shape="area",
        openness="rows",
        refreshed="yearly",
    )
    assert load().check_source(source) == []
    assert load(small).check_source(source) == ["Source 'cbs' names licence 'cc-by-4.0'; licences.toml has cc0."]


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x), max_leaves=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from(["theme", "unit", "kind", "levels", "display", "numerator", "title", "rank"]), junk=JSON)
def test_rules_survive_any_value(key: str, junk: object) -> None:
    entry = {"kind": "count", "numerator": "a", key: junk}
    tables = {file: {"a": entry, "b": junk} for file in ("indicators", "levels", "units", "themes")}
    assert all(str(problem) for problem in rules.check(tables))  # type: ignore[arg-type]


def test_an_empty_folder_says_which_files_are_needed(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError) as error:
        load(tmp_path)
    assert {problem.file for problem in error.value.problems} == {
        f"{name}.toml"
        for name in (
            *("indicators", "themes", "caveats", "licences", "levels", "units", "names", "places", "missing"),
            *("quantities", "sensor_kinds", "signals"),
        )
    }
