"""What the environment may say, and what is said back when it is wrong."""

from pathlib import Path

import pytest

from buurtbeeld.settings import HOSTS, PROJECT, SETTINGS, SettingsError, main, read


def problems(**environ):
    with pytest.raises(SettingsError) as caught:
        read(environ)
    return caught.value.problems


def test_an_empty_environment_is_utrecht_on_this_machine():
    settings = read({})
    assert (settings.gemeente, settings.address, settings.port) == ("GM0344", "127.0.0.1", 8501)
    assert settings.data_dir == PROJECT / "data"
    assert settings.answers_url is settings.evidence_url is settings.rollup_scheduler is settings.chromium is None


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "nl"),
        ({"LANG": "C.UTF-8"}, "nl"),
        ({"LANG": "de_DE.UTF-8"}, "nl"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "EN"}, "en"),
        ({"LC_MESSAGES": "nl_NL.UTF-8", "LANG": "en_GB.UTF-8"}, "nl"),
        ({"LC_ALL": "C", "LC_MESSAGES": "en_GB.UTF-8"}, "nl"),
        ({"LC_ALL": "en_GB.UTF-8", "LC_MESSAGES": "nl_NL.UTF-8"}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale_and_else_dutch(environ, language):
    assert read(environ).language == language


def test_a_city_can_switch_the_simulation_off():
    assert read({}).simulate and not read({"SIMULATE": "0"}).simulate


def test_an_empty_value_means_the_default():
    assert read({"PORT": "", "BASE_URL_PDOK": " "}) == read({})


def test_every_problem_is_reported_at_once():
    found = problems(PORT="eighty", GEMEENTE="0344", BASE_URL_PDOK="pdok")
    assert [sentence.split()[0] for sentence in found] == ["PORT", "GEMEENTE", "BASE_URL_PDOK"]


def test_a_problem_names_the_value_and_what_is_allowed():
    assert problems(PORT="70000") == ("PORT is '70000', but must be a whole number from 1 to 65535.",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIMULATE", "no"),
        ("PORT", "0"),
        ("PORT", "-1"),
        ("PORT", "8501.0"),
        ("ADDRESS", "127.0.0.300"),
        ("ADDRESS", "http://127.0.0.1"),
        ("ADDRESS", "127.0.0.1:8501"),
        ("GEMEENTE", "gm0344"),
        ("GEMEENTE", "GM0344'"),
        ("DATA_DIR", __file__),
        ("DATA_DIR", f"{__file__}/below"),
        ("DATA_DIR", "s3://bucket/data"),
        ("ANSWERS_URL", "answers.db"),
        ("EVIDENCE_URL", "mysql://host/evidence"),
        ("ROLLUP_SCHEDULER", "host:8786"),
        ("ROLLUP_SCHEDULER", "tcp://host"),
        ("CHROMIUM", "/no/such/browser"),
        ("BASE_URL_PDOK", "ftp://host"),
        ("BASE_URL_PDOK", "http://"),
        ("BASE_URL_PDOK", "http://host?x=1"),
        ("BASE_URL_PDOK", "http://host:port"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(name, value):
    (sentence,) = problems(**{name: value})
    assert sentence.startswith(f"{name} is {value!r}, but must be ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADDRESS", "0.0.0.0"),  # noqa: S104  an address to be read, not to listen on
        ("ADDRESS", "::1"),
        ("ADDRESS", "localhost"),
        ("ANSWERS_URL", "sqlite:///answers.db"),
        ("EVIDENCE_URL", "postgresql+psycopg://someone@host/evidence"),
        ("ROLLUP_SCHEDULER", "tcp://host:8786"),
    ],
)
def test_a_value_that_can_be_used_is_kept_as_it_is(name, value):
    assert getattr(read({name: value}), name.lower()) == value


def test_a_misspelt_host_is_refused():
    (sentence,) = problems(BASE_URL_PDOC="http://127.0.0.1:1")
    assert "BASE_URL_PDOC" in sentence
    assert "PDOK" in sentence


def test_a_base_address_loses_its_last_slash():
    assert read({"BASE_URL_PDOK": "http://127.0.0.1:8000/"}).base_urls["PDOK"] == "http://127.0.0.1:8000"


def test_every_host_has_a_base_address():
    assert set(read({}).base_urls) == {host for host, _, _ in HOSTS}


def test_a_password_is_not_repeated():
    (sentence,) = problems(ANSWERS_URL="postgres://someone:geheim@host/answers")
    assert "geheim" not in sentence


def test_a_relative_data_dir_starts_at_the_project(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert read({"DATA_DIR": "elsewhere"}).raw_dir == PROJECT / "elsewhere" / "raw"


def test_the_sample_stays_where_it_is(tmp_path):
    settings = read({"DATA_DIR": str(tmp_path)})
    assert settings.mart_link == tmp_path / "dashboard.duckdb"
    assert settings.marts_dir == tmp_path / "marts"
    assert settings.sample_dir == Path(__file__).parent.parent / "data" / "sample"


def test_every_setting_is_printed_with_its_help(capsys):
    main()
    printed = capsys.readouterr().out
    assert all(f"{setting.name} " in printed and setting.help in printed for setting in SETTINGS)
