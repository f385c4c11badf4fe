"""What the city says in city/signals.toml, and what is said back when it is wrong."""

import re

import pytest

from buurtbeeld.catalogue import Signal, load
from buurtbeeld.sensors import signals
from buurtbeeld.sensors.signals import SignalsError, Target, read
from buurtbeeld.settings import PROJECT

CATALOGUE = load()
NEW = """
[rules.garage_full]
kinds = ["parking_garage"]
quantity = "free"
when = "below"
threshold = 10
closes = 25
title = { nl = "Garage vol", en = "Car park full" }
description = { nl = "Er zijn bijna geen plekken meer.", en = "There are hardly any places left." }
"""


@pytest.fixture
def city(tmp_path):
    def written(text):
        (tmp_path / "signals.toml").write_text(text, encoding="utf-8")
        return read(tmp_path)

    return written


@pytest.fixture
def problems(city):
    def of(text):
        with pytest.raises(SignalsError) as error:
            city(text)
        assert all(problem.startswith("city/signals.toml") for problem in error.value.problems)
        return [problem.removeprefix("city/signals.toml").lstrip(", :") for problem in error.value.problems]

    return of


# --- the defaults


def test_the_threshold_of_no2_is_the_limit_that_the_catalogue_names():
    [limit] = [limit for limit in CATALOGUE.quantities["no2"].limits if (limit.over, limit.by) == ("hour", "eu")]
    rule = CATALOGUE.signals["no2_hour"]
    assert (rule.threshold, rule.when) == (limit.value, "above")
    assert all(CATALOGUE.sensor_kinds[kind].reference for kind in rule.kinds)


def test_a_container_opens_at_80_and_closes_below_70():
    rule = CATALOGUE.signals["container_full"]
    assert (rule.when, rule.threshold, rule.closes) == ("at_least", 80, 70)


def test_every_kind_that_stands_still_can_be_silent():
    still = [kind.id for kind in CATALOGUE.sensor_kinds.values() if not kind.moving]
    assert (list(CATALOGUE.signals["silent"].kinds), CATALOGUE.signals["silent"].silent) == (still, 24)


def test_without_a_file_the_defaults_hold_and_nothing_is_sent(tmp_path):
    found = read(tmp_path)
    assert (found.rules, found.targets, found.language) == (CATALOGUE.signals, {}, "nl")


# --- what a city can say


def test_a_rule_is_changed_by_the_keys_that_differ(city):
    found = city("[rules.container_full]\nthreshold = 90\ncloses = 60").rules
    assert (found["container_full"].threshold, found["container_full"].closes) == (90, 60)
    assert found["container_full"].title == CATALOGUE.signals["container_full"].title
    assert {id: rule for id, rule in found.items() if id != "container_full"} == {
        id: rule for id, rule in CATALOGUE.signals.items() if id != "container_full"
    }


def test_a_rule_can_be_off(city):
    found = city("[rules.silent]\non = false").rules
    assert [id for id, rule in found.items() if not rule.on] == ["silent"]


def test_a_rule_can_be_added(city):
    assert list(city(NEW).rules) == [*CATALOGUE.signals, "garage_full"]


def test_targets_and_a_server_for_mail(city):
    found = city(
        """language = "en"
        base_url = "https://buurtbeeld.example.org/"
        [mail]
        host = "mail.example.org"
        sender = "buurtbeeld@example.org"
        [targets.wijkteam]
        mail = "wijkteam@example.org"
        rules = ["container_full"]
        [targets.room]
        webhook = "https://room.example.org/in"
        headers = { Authorization = "SIGNALS_ROOM" }
        per_hour = 3
        """
    )
    assert (found.language, found.base_url, found.mail.port) == ("en", "https://buurtbeeld.example.org", 587)
    assert found.targets["wijkteam"].rules == ("container_full",)
    assert found.targets["room"].headers == {"Authorization": "SIGNALS_ROOM"}


def test_a_mark_that_an_editor_puts_first_is_no_mistake(tmp_path):
    (tmp_path / "signals.toml").write_bytes(b'\xef\xbb\xbflanguage = "en"')
    assert read(tmp_path).language == "en"


def test_the_guide_is_true(city, tmp_path):
    guide = (PROJECT / "docs" / "signals.md").read_text(encoding="utf-8")
    rules, targets = re.findall(r"^```toml\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    found = city(rules + targets)
    assert (found.rules["garage_full"].when, list(found.targets)) == ("below", ["wijkteam", "meldkamer"])
    assert set(re.findall(r"^\| `(\w+)` \| .* \| .* \|$", guide, re.MULTILINE)) == set(CATALOGUE.signals)
    tables = {name for row in re.findall(r"^\| (`.*?) \|", guide, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert {name for kind in (Signal, Target) for name in kind.model_fields if name != "id"} <= tables


# --- what it can't


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[rules", "It can't be read as TOML"),
        ('language = "fr"', "language: 'fr' is not allowed; choose 'nl' or 'en'."),
        ("tagets = 1", "tagets: This key is unknown; look for a typing error."),
        ("targets = 1", "targets: It must be tables, each beginning with [targets.<its id>]."),
        ("rules.silent = 1", "rules.silent: It must be a table that begins with [rules.silent]."),
        ('rules.silent.id = "x"', "rules.silent.id: The id is the table's name; leave this key out."),
        ("[rules.silent]\nhours = 3", "rules.silent.hours: This key is unknown; look for a typing error."),
        ('[rules.silent]\nsilent = "3"', "rules.silent.silent: It must be a whole number without quotation marks."),
        ("[rules.silent]\nsilent = 0", "rules.silent.silent: 0 is not allowed; it must be 1 or more."),
        ("[rules.silent]\nthreshold = 3", "rules.silent: A signal has quantity, when, threshold and closes, or else"),
        ("[rules.container_full]\ncloses = 85", "rules.container_full: Closes (85) lies beyond the threshold (80)."),
        ("[rules.container_full]\nthreshold = 101", "rules.container_full.threshold: 101 is not between 0 and 100"),
        ('[rules.container_full]\nkinds = ["bin"]', "rules.container_full.kinds: 'bin' is not in sensor_kinds.toml"),
        (
            '[rules.container_full]\nkinds = ["air_station"]',
            "rules.container_full.quantity: 'air_station' does not measure 'fill'; it measures no2,",
        ),
        ('[rules.silent]\nkinds = ["air_square"]', "rules.silent.kinds: 'air_square' moves, so where it measures"),
        (
            '[rules.silent]\ntitle = { nl = "Geen\\nbericht", en = "No message" }',
            "rules.silent.title.nl: A title is one line; take the line break out.",
        ),
        (
            '[rules.silent]\ntitle = { nl = "Geen bericht", en = "No\\u2028message" }',
            "rules.silent.title.en: A title is one line; take the line break out.",
        ),
        ("[targets.a]", "targets.a: A target has one of webhook, webhook_from and mail."),
        ('[targets.A]\nmail = "a@b.nl"', "targets.A: 'A' has the wrong form; it must match"),
        ('[targets.a]\nmail = "a@example.org"', "targets.a.mail: There is no server to send it with; add a table"),
        ('[targets.a]\nmail = "Jan <a@b.nl>"', "targets.a.mail: It must be one mail address, without a name before"),
        ('[targets.a]\nwebhook = "http://a.example.org"', "targets.a.webhook: It must begin with https://; http:// is"),
        ('[targets.a]\nwebhook = "ftp://a.example.org"', "targets.a.webhook: It must be an address that begins with"),
        ('[targets.a]\nwebhook = "https://a:b@c.nl"', "targets.a.webhook: It must not hold a name and password"),
        ('[targets.a]\nwebhook = "https://c.nl:x"', "targets.a.webhook: It must be an address that begins with"),
        (
            '[targets.a]\nwebhook = "https://c.nl"\nrules = ["x"]',
            "targets.a.rules: There is no rule 'x'; there are container_full, no2_hour, silent.",
        ),
        ('[mail]\nhost = "h"\nsender = "a@b.nl"\nuser = "u"', "mail: User and password_from go together."),
        ('base_url = "buurtbeeld.nl"', "base_url: It must be the address of the dashboard, beginning with https://"),
    ],
)
def test_a_mistake_is_told_with_its_place(problems, text, said):
    found = problems(text)
    assert len(found) == 1 and found[0].startswith(said), found


def test_all_mistakes_are_told_at_once(problems):
    text = 'language = "fr"\n[rules.other]\nsilent = 0\n[targets.a]\nrules = ["x"]\nmail = "x"\n[mail]\nhost = "h"'
    assert [problem.partition(":")[0] for problem in problems(text)] == [
        "language", "mail.sender", "rules.other.kinds", "rules.other.silent", "rules.other.title",
        "rules.other.description", "targets.a.mail",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        '[targets.a]\nwebhook = "https://a.example.org"\nheaders = { Authorization = "Bearer s3cret" }',
        '[targets.a]\nwebhook_from = "https://hooks.example.org/s3cret"',
        '[targets.a]\nwebhook = "http://hooks.example.org/s3cret"',
        '[targets.a]\nwebhook = "https://me:s3cret@hooks.example.org/"',
        '[mail]\nhost = "h"\nsender = "a@b.nl"\nuser = "u"\npassword_from = "s3cret"',
        '[mail]\nhost = "h"\nsender = "a@b.nl"\nuser = "u"\npassword = "s3cret"',
        '[targets.a]\nmail = "s3cret"',
    ],
)
def test_a_secret_in_the_wrong_place_is_not_repeated(problems, text):
    assert "s3cret" not in "".join(problems(text))


def test_the_command_prints_what_holds(tmp_path, monkeypatch, capsys):
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "signals.toml").write_text(f"{NEW}\n[rules.silent]\non = false", encoding="utf-8")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert signals.main() == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said] == [*CATALOGUE.signals, "garage_full"]
    assert said[2].split() == ["silent", "off"]
    assert "fill is at least 80 for 2 hours" in said[0]


def test_the_command_says_what_is_wrong(tmp_path, monkeypatch, capsys):
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "signals.toml").write_text("x = 1", encoding="utf-8")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert signals.main() == 1
    assert capsys.readouterr().err == "city/signals.toml, x: This key is unknown; look for a typing error.\n"
