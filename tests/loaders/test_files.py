"""Files of publishers: tables whatever their separator, archives that don't grow without bound."""

import io
import zipfile

import pytest

from loaders import LoadError, files


@pytest.fixture
def archive(tmp_path):
    """An archive of `name=text`: `archive({"a.csv": "…"})`."""

    def make(contents):
        path = tmp_path / "some.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
            for name, text in contents.items():
                opened.writestr(name, text)
        return path

    return make


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_separator_is_found_out(separator):
    text = f'code{separator}naam\nA1{separator}"een{separator}twee"\n'
    assert files.table(text, "It") == [{"code": "A1", "naam": f"een{separator}twee"}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "It is no table"),
        ("<html><title>Onderhoud</title></html>", "It is no table.*Onderhoud"),
        ("a;a\n1;2\n", "It is no table"),
        ("a;b\n1;2\n1;2;3\n", "It: line 3 has 3 cells, and its first line 2"),
        ('a;b\n1;"2\n', "can't be read as a table"),
    ],
)
def test_what_is_no_table_is_refused(text, said):
    with pytest.raises(LoadError, match=said):
        files.table(text, "It")


def test_rows_are_read_one_by_one():
    rows = files.rows(io.StringIO("a;b\n1;2\n3\n"), "It")
    assert next(rows) == {"a": "1", "b": "2"}


def test_the_one_file_that_fits_is_read(archive):
    with files.member(archive({"map/Scores Buurten.csv": "a;b", "lees.txt": "x"}), "*buurten*.csv") as file:
        assert file.read() == b"a;b"


def test_names_are_those_that_fit(archive):
    path = archive({"map/Scores Buurten.csv": "a;b", "map/Scores Wijken.csv": "a;b", "lees.txt": "x"})
    assert files.names(path, "scores*.csv") == ["map/Scores Buurten.csv", "map/Scores Wijken.csv"]
    assert files.names(path, "*.xlsx") == []


def test_names_of_half_an_archive_are_refused(archive):
    path = archive({"a.csv": "a;b"})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(LoadError, match="can't be unpacked"):
        files.names(path, "*.csv")


@pytest.mark.parametrize("contents", [{"lees.txt": "x"}, {"a buurten.csv": "", "b buurten.csv": ""}])
def test_none_or_two_files_that_fit_are_refused(archive, contents):
    with (
        pytest.raises(LoadError, match=r"some\.zip should hold one \*buurten\*\.csv; it holds"),
        files.member(archive(contents), "*buurten*.csv"),
    ):
        pass


def test_archive_that_would_unpack_without_end_is_refused(archive):
    with (
        pytest.raises(LoadError, match="would unpack to 30,000,000 bytes"),
        files.member(archive({"a.csv": " " * 30_000_000}), "*.csv"),
    ):
        pass


def test_half_an_archive_is_refused(archive):
    path = archive({"a.csv": "a;b"})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(LoadError, match="can't be unpacked"), files.member(path, "*.csv"):
        pass


def test_damage_inside_an_archive_is_noticed(archive):
    path = archive({"a.csv": "".join(map(str, range(10_000)))})
    spoilt = bytearray(path.read_bytes())
    spoilt[2000] ^= 255
    path.write_bytes(spoilt)
    with pytest.raises(LoadError, match="can't be unpacked"), files.member(path, "*.csv") as file:
        file.read()
