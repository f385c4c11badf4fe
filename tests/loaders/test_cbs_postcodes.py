"""Postcodes and their buurten from CBS's file of addresses: streamed, without house numbers, only of the gemeente."""

import io
import zipfile
from dataclasses import replace

import pytest

from loaders import LoadError, Same, cbs_postcodes
from tests.loaders.conftest import one
from tests.publishers import towns
from tests.publishers.cbs_download import CbsDownload
from tests.publishers.towns import postcode_of

TOWN = towns.small_town()


@pytest.fixture
def load(serving, loading):
    """A whole load from one publisher: `load(CbsDownload(TOWN))`."""
    return lambda publisher, town=TOWN: loading(cbs_postcodes, serving(publisher), town)


def test_a_postcode_has_a_row_for_each_of_its_buurten(load):
    edition = one(load(CbsDownload(TOWN)))
    rows = edition.table.to_pylist()
    assert (edition.edition, len(rows)) == ("2025", 14)
    assert [row["area_code"] for row in rows if row["name"] == postcode_of(1)] == ["BU03440100", "BU03440200"]


def test_house_numbers_are_not_kept(load):
    assert one(load(CbsDownload(TOWN))).table.column_names == ["area_code", "name"]


def test_other_gemeenten_are_left_out(load):
    other = towns.small_town("GM0363")
    assert one(load(CbsDownload(other, TOWN))).table.num_rows == 14


def test_codes_may_hold_letters(load):
    town = towns.town("GM0363", wijken=2, buurten=3, letters=True)
    assert "BU0363A100" in one(load(CbsDownload(town), town)).table["area_code"].to_pylist()


def test_codes_that_were_taken_for_numbers_get_their_zeros_back(load):
    edition = one(load(CbsDownload(TOWN, lines=["3599 ZZ;1;3440100;34401;344"])))
    assert {"area_code": "BU03440100", "name": "3599ZZ"} in edition.table.to_pylist()


def test_newest_year_is_found_in_either_folder(load):
    edition = one(load(CbsDownload(TOWN, years=(2023,), folders={2023: "maatwerk"})))
    assert edition.edition == "2023"
    assert edition.url.endswith("/maatwerk/2023-cbs-pc6huisnr20230801_buurt.zip")


def test_live_check_finds_the_newest_year(serving, task):
    assert cbs_postcodes.look(task(serving(CbsDownload(TOWN)), TOWN)).edition == "2025"


def test_no_file_at_all_says_where_it_looked(load):
    with pytest.raises(LoadError, match=r"no postcodes of 2023 to 2026 at .*/postcode/.*where the file is now"):
        load(CbsDownload(TOWN, years=(2016,)))


def test_second_load_transfers_nothing(serving, loading):
    server = serving(CbsDownload(TOWN))
    first, again = (loading(cbs_postcodes, server, TOWN) for _ in range(2))
    assert one(first).edition == "2025" and again == [Same("2025")]
    assert server.sent == [404, 404, 200, 404, 404, 304]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            {"header": "Postcode;Huisnummer;Buurt{year};Wijk{year};Gemeente{year}"},
            "one column of postcode; it has Postcode",
        ),
        ({"header": "PC6;Huisnummer;Buurt2019;Wijk2019;Gemeente2019"}, "should be of 2025, and is of 2019"),
        ({"lines": ["35AB;1;03440100;034401;0344"]}, "has “35AB” for a postcode"),
        ({"lines": ["3500AB;1;03440100"]}, "line 16 has 3 cells"),
    ],
)
def test_table_that_can_not_be_is_refused(load, words, said):
    with pytest.raises(LoadError, match=said):
        load(CbsDownload(TOWN, **words))


def test_rows_of_no_buurt_of_the_gemeente_are_refused(load):
    with pytest.raises(LoadError, match=r"rows of “BU03630000”, which is not GM0344"):
        load(CbsDownload(TOWN, lines=["3599ZZ;1;03630000;036300;0344"]))


def test_gemeente_without_an_address_is_refused(load):
    with pytest.raises(LoadError, match="has no address in GM0999"):
        load(CbsDownload(TOWN), replace(TOWN, code="GM0999"))


def test_archive_without_the_table_is_refused(serving, loading):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr("leesmij.txt", "elders")
    server = serving(CbsDownload(TOWN))
    server.fault("2025-cbs", lambda response: replace(response, body=packed.getvalue()))
    with pytest.raises(LoadError, match=r"should hold one pc6hnr\*\.csv; it holds leesmij\.txt"):
        loading(cbs_postcodes, server, TOWN)
