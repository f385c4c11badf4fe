"""Signals reach whoever has to know, once, and what doesn't reach them is kept with the reason."""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from threading import Event

import pytest

from buurtbeeld.catalogue import load
from buurtbeeld.sensors import deliver, targets
from buurtbeeld.sensors.deliver import Journal, turn
from buurtbeeld.settings import PROJECT, read
from tests.sensors.receivers import alert, certificate, drip, hang_up, mailing, place, publish, receiving, slow
from tests.sensors.rolled import HOUR, at

MINUTE = timedelta(minutes=1)
SLOW = (slow(1.5), drip)


class City:
    """A city with a mart, a file of signals and a clock."""

    def __init__(self, folder, receiver) -> None:
        self.folder = folder
        self.receiver = receiver
        self.now = at(2, 12)
        self.seconds = 10.0  # that a target is waited for
        self.environ = {"DATA_DIR": str(folder)}
        (folder / "city").mkdir()
        self.says(f'[targets.room]\nwebhook = "{receiver.address}/in"')
        self.has(alert())

    def says(self, text):
        (self.folder / "city" / "signals.toml").write_text(text, encoding="utf-8")

    def has(self, *alerts, places=None, built_at=None, **more):
        publish(self.folder, alerts, [place()] if places is None else places, built_at or self.now, **more)

    def deliver(self, **more):
        return turn(read(self.environ), self.environ, lambda: self.now, Event(), seconds=self.seconds, **more)

    def after(self, passed, **more):
        self.now += passed
        return self.deliver(**more)

    def kept(self, name):
        path = self.folder / "signals" / f"{name}.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


@pytest.fixture
def receiver():
    with receiving() as found:
        yield found


@pytest.fixture
def city(tmp_path, receiver):
    return City(tmp_path, receiver)


# --- what is told


def test_an_opening_is_told_once(city, receiver):
    city.says(f'base_url = "https://buurt.example.org"\n[targets.room]\nwebhook = "{receiver.address}/in"')
    assert city.deliver() is True
    assert city.after(5 * MINUTE) is True
    assert receiver.taken == [
        {
            "id": "a1-opened",
            "alert": "a1",
            "what": "opened",
            "title": "Signaal: Container bijna vol",
            "text": "Hoek 12 (Lombok): 85%, sinds 2 november 2026, 09:20. De grens is 80%.",
            "rule": "container_full",
            "source": "waste_fill",
            "sensor": "C1",
            "kind": "waste_container",
            "place": "Hoek 12 (Lombok)",
            "area": "BU03440111",
            "quantity": "fill",
            "unit": "percent",
            "value": 85.4,
            "threshold": 80.0,
            "opened_at": "2026-11-02T08:20:00Z",
            "closed_at": None,
            "link": "https://buurt.example.org/nu?taal=nl",
        }
    ]
    assert receiver.headers[0]["Idempotency-Key"] == "a1-opened"
    assert [(line["alert"], line["what"], line["target"]) for line in city.kept("delivered")] == [
        ("a1", "opened", "room")
    ]


def test_a_closing_is_told_once_to_who_heard_of_the_opening(city, receiver):
    city.deliver()
    city.has(alert(closed_at=at(2, 12, 3)))
    city.after(5 * MINUTE)
    city.after(5 * MINUTE)
    assert receiver.ids == ["a1-opened", "a1-closed"]
    assert receiver.taken[1]["title"] == "Voorbij: Container bijna vol"
    assert receiver.taken[1]["text"] == (
        "Hoek 12 (Lombok). Het duurde van 2 november 2026, 09:20 tot 2 november 2026, 13:03."
    )


def test_silence_is_told_with_the_last_message_and_in_english(city, receiver):
    city.says(f'language = "en"\n[targets.room]\nwebhook = "{receiver.address}/in"')
    city.has(alert("s", "silent", at(2, 6)))
    city.deliver()
    [told] = receiver.taken
    assert told["title"] == "Signal: Sensor says nothing"
    assert told["text"] == "Hoek 12 (Lombok): no message since 1 November 2026, 07:00."
    assert (told["value"], told["quantity"], told["threshold"], told["link"]) == (None, None, 24, None)


@pytest.mark.parametrize(("hours", "ids"), [(23, ["a1-opened", "a1-closed"]), (25, [])])
def test_what_was_over_for_a_day_is_no_news(city, receiver, hours, ids):
    city.has(alert(closed_at=city.now - hours * HOUR, opened_at=at(1, 2)))
    city.deliver()
    city.after(5 * MINUTE)
    assert receiver.ids == ids


def test_a_closing_that_comes_late_is_told_to_who_knows_of_the_opening(city, receiver):
    city.deliver()
    city.has(alert(closed_at=at(2, 13)))
    city.after(60 * HOUR)
    assert receiver.ids == ["a1-opened", "a1-closed"]


@pytest.mark.parametrize(
    ("about", "of"),
    [
        ({"is_simulated": True}, {}),
        ({"is_sample": True}, {}),
        ({}, {"is_simulated": True}),
        ({}, {"is_sample": True}),
    ],
)
def test_nothing_simulated_and_no_sample_is_ever_told(city, receiver, about, of):
    city.has(alert(**about), alert("a2", sensor="C2"), places=[place(**of), place("C2", name=None)])
    city.deliver()
    assert receiver.ids == ["a2-opened"]
    city.has(alert(closed_at=at(2, 11), **about), places=[place(**of)])
    city.after(5 * MINUTE)
    assert receiver.ids == ["a2-opened"]


def test_a_sensor_at_home_is_not_named(city, receiver):
    city.has(
        alert("s", "silent", source="samen_meten", sensor="7"),
        alert("t", "silent", source="samen_meten", sensor="7", code=None),
        places=[place("7", "samen_meten", "air_sensor", "Tuin van Jansen")],
    )
    city.deliver()
    singular = load().places["air_sensor"].singular.nl.capitalize()
    assert [told["place"] for told in receiver.taken] == [f"{singular} (Lombok)", singular]
    assert "Jansen" not in json.dumps(receiver.taken)


def at_home(id, kind="air_sensor"):
    return {"places": [place(id, "samen_meten", kind, "Tuin van Jansen")]}


def test_a_sensor_at_home_has_the_same_code_in_every_message_and_its_id_in_none(city, receiver):
    about = {"source": "samen_meten", "sensor": "jansen-1"}
    for alerts in ([alert("s", "silent", **about)], [alert("s", "silent", closed_at=at(2, 12), **about)], []):
        city.has(*alerts, **at_home("jansen-1"))
        city.deliver()
        city.now += HOUR
    assert receiver.ids == ["s-opened", "s-closed", "s-withdrawn"]
    [code] = {told["sensor"] for told in receiver.taken}
    assert re.fullmatch("[0-9a-f]{12}", code)
    assert "jansen" not in json.dumps([receiver.taken, city.kept("delivered")]).lower()


def test_two_sensors_at_home_have_two_codes(city, receiver):
    ids = ("1", "2")
    city.has(
        *(alert(id, "silent", source="samen_meten", sensor=id) for id in ids),
        places=[place(id, "samen_meten", "air_sensor") for id in ids],
    )
    city.deliver()
    assert len({told["sensor"] for told in receiver.taken}) == 2


def test_a_station_keeps_its_id_and_its_name(city, receiver):
    city.has(alert("s", "silent", source="samen_meten", sensor="NL1"), **at_home("NL1", "air_station"))
    city.deliver()
    assert (receiver.taken[0]["sensor"], receiver.taken[0]["place"]) == ("NL1", "Tuin van Jansen (Lombok)")


def test_what_was_told_by_id_is_withdrawn_by_id(city, receiver):
    """Messages had the id of every sensor once."""
    about = {"source": "samen_meten", "sensor": "7"}
    city.has(alert("s", "silent", **about), **at_home("7"))
    city.deliver()
    path = city.folder / "signals" / "delivered.jsonl"
    [line] = city.kept("delivered")
    line["about"]["sensor"] = "7"
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    city.now += HOUR
    city.has(**at_home("7"))
    city.deliver()
    assert (receiver.ids[1], receiver.taken[1]["sensor"]) == ("s-withdrawn", "7")


@pytest.mark.parametrize("openness", ["aggregate", "none"])
def test_of_what_not_everybody_may_have_nothing_is_told(city, receiver, openness):
    city.has(alert(), openness=openness)
    city.deliver()
    city.has(alert())
    city.after(5 * MINUTE)
    assert receiver.ids == ["a1-opened"]
    city.now += HOUR
    city.has(openness=openness)
    city.deliver()
    assert receiver.ids == ["a1-opened"]


def test_a_target_hears_of_its_own_rules_only(city, receiver):
    room = f'webhook = "{receiver.address}/'
    city.says(f'[targets.a]\n{room}a"\nrules = ["silent"]\n[targets.b]\n{room}b"\n[rules.no2_hour]\non = false')
    city.has(alert(), alert("s", "silent"), alert("n", "no2_hour"), alert("gone", "no_such_rule"))
    city.deliver()
    assert Counter(receiver.paths) == {"/a": 1, "/b": 2}
    assert receiver.ids[0] == "s-opened"


# --- what turns out otherwise


def test_an_alert_that_never_was_is_withdrawn_once(city, receiver):
    city.deliver()
    city.now += HOUR
    city.has()
    city.deliver()
    city.after(5 * MINUTE)
    assert receiver.ids == ["a1-opened", "a1-withdrawn"]
    told = receiver.taken[1]
    assert (told["title"], told["place"]) == ("Ingetrokken: Container bijna vol", "Hoek 12 (Lombok)")
    assert told["text"].startswith("Hoek 12 (Lombok). Wij meldden dit vanaf 2 november 2026, 09:20.")


def test_one_that_comes_back_is_told_again_under_another_id(city, receiver):
    city.deliver()
    for alerts in ([], [alert()], []):
        city.now += HOUR
        city.has(*alerts)
        city.deliver()
    assert receiver.ids == ["a1-opened", "a1-withdrawn", "a1-opened-2", "a1-withdrawn-2"]


def test_one_that_is_still_open_after_all_opens_again(city, receiver):
    city.deliver()
    for closed_at in (at(2, 12, 30), None, at(2, 14)):
        city.now += HOUR
        city.has(alert(closed_at=closed_at))
        city.deliver()
    assert receiver.ids == ["a1-opened", "a1-closed", "a1-opened-2", "a1-closed-2"]


@pytest.mark.parametrize("of", [{"built_at": at(2, 11)}, {"places": []}, {"places": [place(is_simulated=True)]}])
def test_a_mart_that_knows_less_withdraws_nothing(city, receiver, of):
    city.deliver()
    city.now += HOUR
    city.has(**of)
    city.deliver()
    assert receiver.ids == ["a1-opened"]


def test_what_was_long_ago_is_not_withdrawn(city, receiver):
    city.deliver()
    city.now += 40 * 24 * HOUR
    city.has()
    city.deliver()
    assert receiver.ids == ["a1-opened"]


# --- targets that don't take it


def waiting(city):
    return json.loads((city.folder / "signals" / "waiting.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("does", [500, 503, 408, 429, hang_up, *SLOW])
def test_what_a_target_does_not_take_now_waits_and_comes_later(city, receiver, does):
    receiver.script = [does]
    city.seconds = 0.3 if does in SLOW else 10.0
    assert city.deliver() is False
    assert (receiver.taken, city.kept("delivered"), city.kept("undelivered")) == ([], [], [])
    city.seconds = 10.0
    city.after(2 * MINUTE)
    assert receiver.ids == ["a1-opened"]


def test_a_target_that_is_not_there_is_told_when_it_is(city, receiver, capsys):
    city.says('[targets.room]\nwebhook = "http://127.0.0.1:9/in"')
    assert city.deliver() is False
    assert capsys.readouterr().out == "room: 0 delivered, 1 waiting, 0 refused. It could not be reached.\n"
    city.says(f'[targets.room]\nwebhook = "{receiver.address}/in"')
    city.after(2 * MINUTE)
    assert receiver.ids == ["a1-opened"]


def test_a_target_is_left_alone_for_longer_after_each_failure(city, receiver):
    receiver.script = [500] * 60
    tried = []
    for minute in range(34):
        before = len(receiver.paths)
        city.after(MINUTE)
        if len(receiver.paths) > before:
            tried.append(minute)
    assert tried == [0, 1, 3, 7, 15, 31]
    assert city.now < datetime.fromisoformat(waiting(city)["until"]["room"]) == at(2, 12, 32) + 32 * MINUTE


@pytest.mark.parametrize("form", ["seconds", "moment"])
def test_a_target_that_asks_to_come_back_later_gets_what_it_asks(city, receiver, form):
    later = format_datetime((city.now + 20 * MINUTE).replace(tzinfo=UTC), usegmt=True) if form == "moment" else "1200"
    receiver.script = [(429, ("Retry-After", later))]
    city.deliver()
    city.after(19 * MINUTE)
    assert len(receiver.paths) == 1
    city.after(2 * MINUTE)
    assert receiver.ids == ["a1-opened"]


@pytest.mark.parametrize("later", ["soon", "-5", "9" * 400])
def test_whatever_it_asks_it_is_a_day_at_most(city, receiver, later):
    receiver.script = [(503, ("Retry-After", later))]
    city.deliver()
    city.after(25 * HOUR)
    assert receiver.ids == ["a1-opened"]


def test_a_clock_that_was_set_back_does_not_silence_a_target(city, receiver):
    receiver.script = [500]
    city.now += 90 * 24 * HOUR
    city.deliver()
    city.after(-90 * 24 * HOUR)
    assert receiver.ids == ["a1-opened"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 302])
def test_a_refusal_is_kept_with_its_reason_and_not_tried_again(city, receiver, status):
    receiver.script = [status]
    assert city.deliver() is False
    city.after(5 * HOUR)
    assert (len(receiver.paths), receiver.taken) == (1, [])
    [line] = city.kept("undelivered")
    assert (line["target"], line["alert"], line["reason"]) == ("room", "a1", f"It answered {status}.")


def test_of_a_refused_opening_no_closing_is_told(city, receiver):
    receiver.script = [410]
    city.deliver()
    city.has(alert(closed_at=at(2, 13)))
    city.after(2 * HOUR)
    assert receiver.taken == []


def test_one_refusal_does_not_keep_the_others(city, receiver):
    city.has(alert("a"), alert("b"), alert("c"))
    receiver.script = [200, 422, 200]
    city.deliver()
    assert receiver.ids == ["a-opened", "c-opened"]


def test_after_ten_attempts_it_is_given_up(city, receiver):
    receiver.script = [500] * 10
    for _ in range(12):
        city.after(61 * MINUTE)
    assert len(receiver.paths) == 10
    [line] = city.kept("undelivered")
    assert line["reason"] == "It answered 500. It was tried 10 times."


def test_one_that_always_fails_does_not_keep_the_others_waiting(city, receiver):
    city.has(alert("a", opened_at=at(2, 6)), alert("b", opened_at=at(2, 7)))
    receiver.script = [500]
    city.deliver()
    receiver.script = [200, 500]
    city.after(2 * MINUTE)
    assert receiver.ids == ["b-opened"]


def test_what_was_given_up_can_be_tried_again(city, receiver):
    city.has(alert("a"), alert("b"), alert("c"))
    receiver.script = [410, 410, 410]
    city.deliver()
    receiver.script = [200, 410, 200]
    city.after(3 * 24 * HOUR, retry=True)
    assert receiver.ids == ["a-opened", "c-opened"]
    assert [line["id"] for line in city.kept("undelivered")] == ["b-opened"]
    assert city.after(HOUR) is True
    city.after(HOUR, retry=True)
    assert receiver.ids == ["a-opened", "c-opened", "b-opened"]
    assert city.kept("undelivered") == []
    city.has(alert("a", closed_at=at(6)), alert("b"), alert("c"))
    city.after(HOUR)
    assert receiver.ids[3:] == ["a-closed"]


def test_secrets_go_nowhere_else(city, receiver, capsys):
    city.environ["ROOM"] = "Bearer s3cret"
    says = '[targets.room]\nwebhook = "{}/in"\nheaders = {{ Authorization = "ROOM" }}'
    city.says(says.format(receiver.address))
    with receiving() as other:
        receiver.script = [(307, ("Location", f"{other.address}/in"))]
        city.deliver()
        assert (other.paths, receiver.headers[0]["Authorization"]) == ([], "Bearer s3cret")
    [line] = city.kept("undelivered")
    assert line["reason"].startswith("It sends on to another address")
    written = "".join(path.read_text() for path in (city.folder / "signals").iterdir())
    said = capsys.readouterr()
    assert "s3cret" not in written + said.out + said.err


def test_it_is_sent_on_within_the_same_host(city, receiver):
    receiver.script = [(308, ("Location", "/elsewhere"))]
    city.deliver()
    assert (receiver.paths, receiver.ids) == (["/in", "/elsewhere"], ["a1-opened"])


def test_it_is_not_sent_on_for_ever(city, receiver):
    receiver.script = [(308, ("Location", "/in"))] * 9
    city.deliver()
    assert len(receiver.paths) == 4
    assert city.kept("undelivered")[0]["reason"] == "It sends on again and again."


@pytest.mark.parametrize("value", ["line\nbreak", "\N{SNOWMAN}"])
def test_a_secret_that_is_no_header_is_refused_without_a_word_of_it(city, receiver, value, capsys):
    city.environ["ROOM"] = value
    city.says(f'[targets.room]\nwebhook = "{receiver.address}/in"\nheaders = {{ Authorization = "ROOM" }}')
    city.deliver()
    assert len(city.kept("undelivered")) == 1
    said = capsys.readouterr()
    assert value not in said.out + said.err


def test_a_target_without_its_secret_is_left_out_and_the_others_are_told(city, receiver, capsys):
    room = f'webhook = "{receiver.address}/'
    city.environ["HOOK"] = "http://example.org/s3cret"
    city.says(
        f'[targets.a]\n{room}a"\nheaders = {{ Authorization = "ROOM" }}\n[targets.b]\n{room}b"\n'
        '[targets.c]\nwebhook_from = "HOOK"'
    )
    assert city.deliver() is False
    assert receiver.paths == ["/b"]
    assert capsys.readouterr().err.splitlines() == [
        "Target a is left out; the environment has no ROOM.",
        "Target c is left out; of HOOK: It must begin with https://; http:// is only for an address of this machine.",
    ]


def test_an_address_can_be_a_secret(city, receiver):
    city.environ["HOOK"] = f"{receiver.address}/s3cret"
    city.says('[targets.c]\nwebhook_from = "HOOK"')
    city.deliver()
    assert receiver.paths == ["/s3cret"]
    assert "s3cret" not in json.dumps(city.kept("delivered"))


# --- no flood


def test_more_than_so_many_an_hour_come_together(city, receiver):
    city.says(f'[targets.room]\nwebhook = "{receiver.address}/in"\nper_hour = 3')
    first = [alert(f"a{n:02}") for n in range(15)]
    city.has(*first)
    city.deliver()
    *alone, summary = receiver.taken
    assert [told["id"] for told in alone] == ["a00-opened", "a01-opened", "a02-opened"]
    assert (summary["what"], summary["title"]) == ("summary", "Nog 12 signalen")
    assert [told["id"] for told in summary["signals"]] == [f"a{n:02}-opened" for n in range(3, 15)]
    assert len(city.kept("delivered")) == 15
    city.has(*first, alert("late"))
    for _ in range(5):
        city.after(10 * MINUTE)
    assert len(receiver.taken) == 4
    city.after(11 * MINUTE)
    assert receiver.ids[4:] == ["late-opened"]


def test_one_more_is_also_a_summary_so_that_it_does_not_come_every_turn(city, receiver):
    city.says(f'[targets.room]\nwebhook = "{receiver.address}/in"\nper_hour = 1')
    alerts = []
    for n in range(6):
        alerts.append(alert(f"a{n}"))
        city.has(*alerts)
        city.after(5 * MINUTE)
    assert [told["what"] for told in receiver.taken] == ["opened", "summary"]
    assert receiver.taken[1]["title"] == "Nog 1 signaal"


def test_a_summary_that_is_refused_is_kept_one_by_one(city, receiver):
    city.says(f'[targets.room]\nwebhook = "{receiver.address}/in"\nper_hour = 1')
    city.has(*(alert(f"a{n}") for n in range(4)))
    receiver.script = [200, 413]
    city.deliver()
    assert [line["id"] for line in city.kept("undelivered")] == ["a1-opened", "a2-opened", "a3-opened"]


# --- kills, damage, others at work

ONCE = """
import sys
from buurtbeeld.sensors import deliver
sys.exit(deliver.main([], {"DATA_DIR": sys.argv[1]}))
"""


def started(city, *arguments):
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=PROJECT, env={**os.environ, "DATA_DIR": str(city.folder)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_a_kill_between_sending_and_writing_is_told_again_under_the_same_id(city, receiver):
    def killed(_):
        process.kill()
        process.wait()
        return 200

    city.now = datetime.now(UTC).replace(tzinfo=None)
    city.has(alert(opened_at=city.now))
    receiver.script = [(killed,)]
    process = started(city, "-c", ONCE, str(city.folder))
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    city.deliver()
    city.after(5 * MINUTE)
    assert [headers["Idempotency-Key"] for headers in receiver.headers] == ["a1-opened"] * 2


def test_kills_at_any_moment_lose_nothing_and_tell_little_twice(city, receiver):
    city.now = datetime.now(UTC).replace(tzinfo=None)
    city.says(f'[targets.room]\nwebhook = "{receiver.address}/in"\nper_hour = 1000')
    city.has(*(alert(f"a{n:02}", opened_at=city.now) for n in range(60)))
    for goal in (7, 25, 40):
        process = started(city, "-c", ONCE, str(city.folder))
        while len(receiver.taken) < goal:
            assert process.poll() is None, "it was done before it could be killed"
            time.sleep(0.001)
        process.kill()
        process.communicate()
    city.deliver()
    assert city.after(5 * MINUTE) is True
    told = Counter(receiver.ids)
    assert set(told) == {f"a{n:02}-opened" for n in range(60)}
    assert sum(told.values()) <= 60 + 3
    assert Counter(line["id"] for line in city.kept("delivered")) == dict.fromkeys(told, 1)


def test_half_a_line_is_no_line(city, receiver):
    city.has(alert("a"), alert("b"))
    city.deliver()
    path = city.folder / "signals" / "delivered.jsonl"
    path.write_bytes(path.read_bytes()[:-30])
    city.after(5 * MINUTE)
    assert receiver.ids == ["a-opened", "b-opened", "b-opened"]
    assert [line["id"] for line in city.kept("delivered")] == ["a-opened", "b-opened"]


@pytest.mark.parametrize("line", [b"nonsense", b"[]", b"{}", b"\xff"])
def test_a_damaged_line_is_told_and_nothing_is_sent(city, receiver, capsys, line):
    city.deliver()
    path = city.folder / "signals" / "delivered.jsonl"
    path.write_bytes(path.read_bytes() + line + b"\n")
    assert city.after(5 * MINUTE) is False
    assert f"Line 2 of {path} can't be read." in capsys.readouterr().err
    assert len(receiver.paths) == 1


def test_a_list_of_waiting_that_is_damaged_is_made_anew(city, receiver):
    (city.folder / "signals").mkdir()
    (city.folder / "signals" / "waiting.json").write_text('{"attempts": 3}')
    city.deliver()
    assert receiver.ids == ["a1-opened"]


def test_two_at_once_are_one(city, receiver, capsys):
    with deliver.alone(city.folder / "signals"):
        assert city.deliver() is False
    assert "Another process is delivering" in capsys.readouterr().err
    assert receiver.paths == []


def test_what_can_not_be_written_down_is_not_sent(city, receiver, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(deliver, "_replace", full)
    assert city.deliver() is False
    assert receiver.paths == []
    assert "can't be written down (No space left on device)" in capsys.readouterr().err


def test_without_a_mart_it_says_what_to_do(city, capsys):
    (city.folder / "dashboard.duckdb").unlink()
    assert city.deliver() is False
    assert "Make it: `make mart`." in capsys.readouterr().err


def test_a_mistake_in_the_file_is_told_and_nothing_is_sent(city, receiver, capsys):
    city.says(f'[targets.room]\nwebhook = "{receiver.address}/in"\ntimes = 3')
    assert city.deliver() is False
    assert capsys.readouterr().err == (
        "city/signals.toml, targets.room.times: This key is unknown; look for a typing error.\n"
    )
    assert receiver.paths == []


def test_without_targets_there_is_nothing_to_do(city, capsys):
    city.says("")
    assert city.deliver() is True
    assert "There is nobody to tell" in capsys.readouterr().out


# --- the command


def test_it_runs_until_it_is_asked_to_stop(city, receiver):
    city.has(alert(opened_at=datetime.now(UTC).replace(tzinfo=None)))
    process = started(city, "-m", "buurtbeeld.sensors.deliver", "--every", "1m")
    while not receiver.taken and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate()
    assert (process.returncode, out, err) == (0, "room: 1 delivered, 0 waiting, 0 refused.\n", "")
    assert receiver.ids == ["a1-opened"]


@pytest.mark.parametrize(("text", "seconds"), [("5m", 300), ("1h", 3600), ("2d", 172_800)])
def test_a_time_is_a_number_and_a_letter(text, seconds):
    assert deliver.interval(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "0m", "-5m", "30s", "5 m", "1.5h"])
def test_another_time_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError, match="no time of a minute or more"):
        deliver.interval(text)


def test_retrying_for_ever_is_refused(capsys):
    with pytest.raises(SystemExit):
        deliver.main(["--every", "5m", "--retry"], {})
    assert "--retry is done once" in capsys.readouterr().err


def test_wrong_settings_are_told(capsys):
    assert deliver.main([], {"PORT": "x"}) == 1
    assert "PORT is 'x'" in capsys.readouterr().err


def test_a_journal_that_is_not_there_is_empty(tmp_path):
    journal = Journal(tmp_path / "j.jsonl")
    assert journal.lines == []
    line = dict.fromkeys(["id", "alert", "what", "target", "at", "built_at", "about"], "é")
    journal.add([line, line])
    assert Journal(tmp_path / "j.jsonl").lines == journal.lines == [line, line]


# --- mail

MAIL = """
[mail]
host = "127.0.0.1"
port = {port}
sender = "buurtbeeld@example.org"
{more}
[targets.team]
mail = "team@example.org"
"""
SIGNED = 'user = "buurtbeeld"\npassword_from = "MAIL"'


def test_a_mail_has_the_words_and_the_same_id_each_time(city):
    with mailing() as (post, port):
        city.says('base_url = "https://buurt.example.org"' + MAIL.format(port=port, more=""))
        city.deliver()
        city.after(5 * MINUTE)
    [envelope] = post.letters
    assert (envelope.mail_from, envelope.rcpt_tos) == ("buurtbeeld@example.org", ["team@example.org"])
    letter = message_from_bytes(envelope.content, policy=policy.default)
    assert letter["Subject"] == "Signaal: Container bijna vol"
    assert (letter["Message-ID"], letter["Auto-Submitted"]) == ("<a1-opened@example.org>", "auto-generated")
    assert letter["Date"] == "Mon, 02 Nov 2026 12:00:00 +0000"
    assert letter.get_content().splitlines() == [
        "Hoek 12 (Lombok): 85%, sinds 2 november 2026, 09:20. De grens is 80%.",
        "",
        "Wat er nu gemeten wordt: https://buurt.example.org/nu?taal=nl",
        "",
        "Dit bericht is automatisch. Het komt van een sensor, en niemand heeft het eerst bekeken.",
    ]


def test_a_summary_by_mail_lists_them(city):
    with mailing() as (post, port):
        city.says(MAIL.format(port=port, more="") + "per_hour = 1")
        city.has(*(alert(f"a{n}") for n in range(3)))
        city.deliver()
    letter = message_from_bytes(post.letters[1].content, policy=policy.default)
    assert letter["Subject"] == "Nog 2 signalen"
    assert letter.get_content().count("- Signaal: Container bijna vol. Hoek 12 (Lombok): 85%") == 2


@pytest.fixture(scope="module")
def trusted(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("certificate"))


def test_a_password_is_only_shown_to_a_server_with_a_certificate(city, trusted, monkeypatch, capsys):
    city.environ["MAIL"] = "s3cret"
    with mailing(trusted, "s3cret") as (post, port):
        city.says(MAIL.format(port=port, more=SIGNED))
        assert city.deliver() is False  # nobody vouches for it
        assert "Its certificate is not trusted" in capsys.readouterr().out
        assert post.letters == []
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        city.after(2 * MINUTE)
        assert len(post.letters) == 1


def test_a_server_without_starttls_never_sees_the_password(city, capsys):
    city.environ["MAIL"] = "s3cret"
    with mailing() as (post, port):
        city.says(MAIL.format(port=port, more=SIGNED))
        assert city.deliver() is False
    assert (post.letters, city.kept("undelivered")) == ([], [])
    assert "It doesn't offer STARTTLS" in capsys.readouterr().out


def test_a_wrong_password_is_a_refusal(city, trusted, monkeypatch, capsys):
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    city.environ["MAIL"] = "wr0ng"
    with mailing(trusted, "s3cret") as (_, port):
        city.says(MAIL.format(port=port, more=SIGNED))
        city.deliver()
    assert [line["reason"] for line in city.kept("undelivered")] == ["It answered 535."]
    assert "wr0ng" not in capsys.readouterr().out


@pytest.mark.parametrize("password", ["caf\N{LATIN SMALL LETTER E WITH ACUTE}", "5\N{EURO SIGN}"])
def test_a_password_that_can_not_be_sent_is_a_refusal_and_the_others_are_told(
    city, receiver, trusted, monkeypatch, capsys, password
):
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    city.environ["MAIL"] = password
    with mailing(trusted, "s3cret") as (_, port):
        city.says(MAIL.format(port=port, more=SIGNED) + f'[targets.room]\nwebhook = "{receiver.address}/in"')
        assert city.deliver() is False
    assert [line["target"] for line in city.kept("undelivered")] == ["team"]
    assert [line["target"] for line in city.kept("delivered")] == ["room"]
    said = capsys.readouterr()
    assert "can't be sent" in said.out and password not in said.out + said.err


def test_a_message_with_a_line_break_in_its_title_is_refused_and_the_others_are_told(city, receiver):
    """A rule can't have one, but a message that was kept before is sent again as it was."""
    with mailing() as (post, port):
        city.says(MAIL.format(port=port, more=""))
        city.has(alert("a1"), alert("a2"))
        post.rcpt = "550 Nobody of that name"
        city.deliver()
        first, second = city.kept("undelivered")
        first["about"]["title"] = "Two\nlines"
        text = "".join(json.dumps(line) + "\n" for line in (first, second))
        (city.folder / "signals" / "undelivered.jsonl").write_text(text, encoding="utf-8")
        post.rcpt = None
        assert city.after(2 * MINUTE, retry=True) is False
        assert len(post.letters) == 1
    assert [line["id"] for line in city.kept("undelivered")] == [first["id"]]


@pytest.mark.parametrize("at_which", ["rcpt", "data"])
def test_a_mail_server_can_refuse_now_or_for_good(city, at_which):
    with mailing() as (post, port):
        city.says(MAIL.format(port=port, more=""))
        setattr(post, at_which, "451 Come back later")
        city.deliver()
        assert (post.letters, city.kept("undelivered")) == ([], [])
        setattr(post, at_which, "550 Nobody of that name")
        city.after(2 * MINUTE)
        assert [line["reason"] for line in city.kept("undelivered")] == ["It answered 550."]
        setattr(post, at_which, None)
        city.after(2 * MINUTE, retry=True)
        assert len(post.letters) == 1


def test_a_mail_server_that_is_not_there_is_waited_for(city, capsys):
    city.says(MAIL.format(port=9, more=""))
    assert city.deliver() is False
    assert "1 waiting, 0 refused. It could not be reached" in capsys.readouterr().out


def test_a_target_is_told_of_nothing_after_the_stop(city, receiver):
    stop = Event()
    stop.set()
    turn(read(city.environ), city.environ, lambda: city.now, stop)
    assert receiver.paths == []


def test_the_time_that_a_target_has_is_bounded():
    assert 2 * targets.SECONDS <= 30
    assert set(load().signals) == {"container_full", "no2_hour", "silent"}
