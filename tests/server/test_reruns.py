"""What a choice on the map's page costs on the way, for every figure, level and language: shapes never travel."""

import pytest

from buurtbeeld.catalogue import load
from buurtbeeld.texts import LANGUAGES
from tests.bench import reruns

LEVELS = ("wijk", "buurt")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_any_other_figure_costs_little(sample, lang):
    choices = [f"taal={lang}&indicator={name}&niveau={level}" for level in LEVELS for name in load().indicators]
    marked = "gebied=BU03440111,BU03440113,BU03440131,WK034401"
    with reruns.server("dashboard.py", {"DATA_DIR": str(sample)}) as (_, host):
        cost = reruns.walk(host, "kaart", [f"{choice}&{marked}" for choice in choices])
    assert len(cost) == len(choices)
    over = [
        (choice, size, own)
        for choice, (size, own) in zip(choices, cost, strict=True)
        if size > reruns.LIMIT_BYTES or own > reruns.LIMIT_MAP_BYTES
    ]
    assert over == []
