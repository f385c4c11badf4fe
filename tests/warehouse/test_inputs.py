"""Which files a build reads, and what is said of those that can't be read."""

import json
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from buurtbeeld.warehouse.inputs import InputError, find
from tests.marts import settings
from tests.warehouse.town import RESIDENTS, Town, residents, source

SAMPLE = {
    "pdok_areas",
    "cbs_key_figures",
    "cbs_gemeente_years",
    "police_crime",
    "rivm_health",
    "algorithm_register",
}
ROWS = {"GM0344": {RESIDENTS: 400_000}}


def used(town):
    """(source, edition, is_sample) of every input."""
    return [(item.source.id, item.edition, item.is_sample) for item in find(town.settings)]


def problems(town):
    with pytest.raises(InputError) as refused:
        find(town.settings)
    return "\n".join(refused.value.problems)


@pytest.fixture
def utrecht(tmp_path):
    return Town(tmp_path, "GM0344")


def test_without_raw_files_the_sample_is_read(utrecht):
    assert {id for id, _, is_sample in used(utrecht) if is_sample} == SAMPLE


def test_a_loaded_source_replaces_its_part_of_the_sample(utrecht):
    utrecht.figures(ROWS, edition=2025)
    assert [item for item in used(utrecht) if item[0] == "cbs_key_figures"] == [("cbs_key_figures", "2025", False)]
    assert {id for id, _, _ in used(utrecht)} == SAMPLE


def test_every_file_of_a_source_makes_way_when_it_is_loaded(utrecht):
    assert used(utrecht).count(("rivm_health", "2024", True)) == 2
    utrecht.figures({"GM0344": {"GoedErvarenGezondheid": 78}}, source="rivm_health")
    assert [item for item in used(utrecht) if item[0] == "rivm_health"] == [("rivm_health", "2024", False)]


def test_the_sample_is_only_for_its_own_gemeente(bare):
    assert used(bare) == []


def test_every_edition_counts_and_of_each_the_newest_copy(town):
    town.figures(residents(), edition=2025, stamp="20261101T000000Z")
    newest = town.figures(residents(), edition=2025, stamp="20261102T000000Z")
    assert [item.path for item in find(town.settings) if item.edition == "2025"] == [newest]
    assert [edition for id, edition, _ in used(town) if id == "cbs_key_figures"] == ["2024", "2025"]


def test_a_copy_for_another_gemeente_is_left_alone(town):
    town.figures(ROWS, stamp="20270101T000000Z", said={"gemeente": "GM0344"})
    assert [item.gemeente for item in find(town.settings)] == ["GM9999", "GM9999"]


def test_a_copy_that_names_no_gemeente_is_used(bare):
    bare.figures(residents(), said={"gemeente": None})
    assert used(bare) == [("cbs_key_figures", "2024", False)]


@pytest.mark.parametrize("name", ["notes.parquet", ".2025@20270101T000000Z.parquet.tmp", "2025@old.parquet"])
def test_files_with_other_names_are_left_alone(town, name):
    (town.settings.raw_dir / "cbs_key_figures" / name).write_bytes(b"nothing")
    assert len(used(town)) == 2


def test_a_time_is_utc_without_zone(bare):
    bare.figures(residents(), said={"retrieved_at": "2026-11-23T01:00:00+01:00"})
    assert [item.retrieved_at for item in find(bare.settings)] == [datetime(2026, 11, 23)]


def test_no_input_names_a_folder_of_this_machine(utrecht):
    utrecht.figures(ROWS)
    places = [item.place for item in find(utrecht.settings)]
    assert "raw/cbs_key_figures/2024@20261123T110000Z.parquet" in places and "sample/areas.csv" in places


def test_every_unreadable_file_is_told_with_what_to_do(bare):
    for path in (bare.outlines(), bare.figures(residents())):
        path.write_bytes(path.read_bytes()[:-5])
    told = problems(bare).splitlines()
    assert len(told) == 2 and all("can't be used" in line for line in told)
    assert told[0].endswith("Delete it, or load it again: `python -m loaders cbs_key_figures`.")


def test_an_older_unreadable_copy_is_no_problem(town):
    (town.settings.raw_dir / "cbs_key_figures" / "2024@20200101T000000Z.parquet").write_bytes(b"PAR1")
    assert len(used(town)) == 2


@pytest.mark.parametrize(
    "said",
    [
        {"source": "cbs_key_figures"},
        {"source": {"id": "cbs_key_figures"}},
        {"source": source("somebody_else").as_dict()},
        {"edition": "2019"},
        {"retrieved_at": "yesterday"},
        {"retrieved_at": 5},
        {"rows": None},
    ],
)
def test_a_file_that_says_something_impossible_of_itself_is_refused(bare, said):
    bare.figures(residents(), said=said)
    assert "can't be used" in problems(bare)


@pytest.mark.parametrize("metadata", [{}, {"buurtbeeld": "not json"}, {"buurtbeeld": "[]"}, {"buurtbeeld": "{}"}])
def test_a_file_that_does_not_explain_itself_is_refused(bare, metadata):
    path = bare.figures(residents())
    pq.write_table(pq.read_table(path).replace_schema_metadata(metadata), path)
    assert "can't be used" in problems(bare)


def test_outlines_have_a_year(bare):
    path = bare.outlines(said={"edition": "spring"})
    path.rename(path.with_name("spring@20261123T110000Z.parquet"))
    assert "can't be used: invalid literal" in problems(bare)


@pytest.mark.parametrize("lost", ["area_code", "period", "edition"])
def test_a_file_without_a_key_column_is_refused(bare, lost):
    path = bare.figures(residents())
    pq.write_table(pq.read_table(path).drop_columns([lost]), path)
    with pytest.raises(InputError, match=f"it should have one column {lost}"):
        find(bare.settings)[0].table()


def test_a_column_that_is_there_twice_is_refused(bare):
    path = bare.figures(residents())
    table = pq.read_table(path)
    pq.write_table(table.append_column("period", table["period"]), path)
    with pytest.raises(InputError, match="it should have one column period"):
        find(bare.settings)[0].table()


def test_folders_with_an_equals_sign_add_no_columns(tmp_path):
    town = Town(tmp_path / "place=here")
    town.figures(residents())
    assert "place" not in find(town.settings)[0].table().column_names


def test_the_sample_keeps_empty_cells_empty(tmp_path):
    [item] = [item for item in find(settings(tmp_path)) if item.source.id == "cbs_key_figures"]
    rows = {row["area_code"]: row for row in item.table().to_pylist()}
    assert rows["BU03440911"]["AantalInwoners"] is None and item.rows == len(rows) == 122


def test_a_spoilt_sample_is_told_in_a_sentence(tmp_path, monkeypatch):
    town = Town(tmp_path, "GM0344")
    monkeypatch.setattr(type(town.settings), "sample_dir", tmp_path)
    (tmp_path / "areas.csv").write_text("GM0344")
    (tmp_path / "sources.toml").write_text("[half")
    assert "sources.toml can't be used" in problems(town)


def test_provenance_of_a_file_is_what_its_metadata_says(bare):
    path = bare.figures(residents(), said={"is_simulated": True})
    [item] = find(bare.settings)
    said = json.loads(pq.read_schema(path).metadata[b"buurtbeeld"])
    assert (item.url, item.sha256, item.rows, item.is_simulated) == (said["url"], said["sha256"], 7, True)
    assert isinstance(item.table(), pa.Table) and item.source == source("cbs_key_figures")
