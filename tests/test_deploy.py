"""The files in deploy/ start what there is: their commands are taken at their word."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from loaders import __main__ as loaders
from loaders.refresh import interval

DEPLOY = Path(__file__).parent.parent / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


def read(name: str, pattern: str) -> str:
    """What `pattern` finds in a file of deploy/."""
    return str(re.findall(pattern, (DEPLOY / name).read_text(encoding="utf-8"), re.MULTILINE)[0])


def commands() -> dict[str, list[str]]:
    """File → the words that it starts."""
    found = {unit.name: shlex.split(read(unit.name, r"^ExecStart=(.*)$")) for unit in UNITS}
    lists = {"compose.yaml": r"command: \[(.*)\]", "Dockerfile": r"^CMD \[(.*)\]"}
    return found | {name: re.findall(r'"([^"]+)"', read(name, pattern)) for name, pattern in lists.items()}


@pytest.mark.parametrize(("name", "words"), commands().items())
def test_what_is_started_is_there(name, words):
    assert words[0].endswith(".venv/bin/python") and words[1] == "-m"
    module = DEPLOY.parent / words[2].replace(".", "/")
    assert module.with_suffix(".py").exists() or (module / "__main__.py").exists(), name


def test_the_refresher_understands_how_it_is_started():
    started = [words[3:] for words in commands().values() if words[2] == "loaders"]
    assert len(started) == 2
    for words in started:
        assert loaders._parser({}).parse_args(words).every == interval("10m")


def test_what_the_units_may_write_is_where_the_data_is():
    for unit in UNITS:
        text = unit.read_text()
        assert "ReadWritePaths=/opt/buurtbeeld/data" in text and "WorkingDirectory=/opt/buurtbeeld" in text


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze: apt-get install systemd")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_the_unit(unit, tmp_path):
    # The program and the user are those of the server; here only the words of systemd are looked at.
    text = re.sub(r"^(ExecStart|User|WorkingDirectory)=.*$", "", unit.read_text(), flags=re.MULTILINE)
    copy = tmp_path / unit.name
    copy.write_text(text.replace("[Service]", "[Service]\nExecStart=/bin/true"), encoding="utf-8")
    said = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False)
    assert not [line for line in said.stderr.splitlines() if unit.name in line], said.stderr
