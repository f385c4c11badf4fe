"""What only shows after hours: a server that thousands of choices have been made on."""

import random
from pathlib import Path

import pytest

from buurtbeeld.addresses import PAGES
from buurtbeeld.catalogue import load
from tests.bench import reruns

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]

ROUND = 4_000  # choices; by then every answer that is kept has been replaced several times


def memory(pid):
    """Bytes that a process has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096


def test_a_server_does_not_grow_with_what_was_asked_of_it(sample):
    dice = random.Random(20261123)  # noqa: S311  choices, not secrets
    indicators = list(load().indicators)
    areas = [f"BU0344{wijk:02}{buurt:02}" for wijk in range(12) for buurt in range(60)]  # some exist, some don't

    def query():
        level = dice.choice(["wijk", "buurt"])
        return f"indicator={dice.choice(indicators)}&gebied={dice.choice(areas)}&niveau={level}"

    with reruns.server("dashboard.py", {"DATA_DIR": str(sample)}) as (pid, host):
        sizes = []
        for _ in range(3):
            for page in PAGES:
                reruns.walk(host, page.segment, [query() for _ in range(ROUND // len(PAGES))])
            sizes.append(memory(pid))
    print([f"{size / 1e6:.0f} MB" for size in sizes])
    assert sizes[2] < sizes[1] * 1.1
