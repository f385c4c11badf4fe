"""Nothing simulated escapes without its badge: on a page, in a drawing, on a map, in a file, from the API.

Every figure is simulated in two marts that differ in their values alone. What a page shows differently over the one
than over the other was made of them, so all of that has to wear the badge.
"""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from streamlit.testing.v1 import AppTest

from buurtbeeld.addresses import PAGES, Page
from buurtbeeld.texts import LANGUAGES
from tests import marts

BADGES = {"nl": "SIMULATIE", "en": "SIMULATED"}
OWN = "BU03440131,BU03440132,BU03440911"
BUURT = "BU03440131"
VIEWS = (
    {},
    {"gebied": BUURT, "eigen": OWN, "indicator": "good_health"},
    {"gebied": "WK034401", "indicator": "residents", "niveau": "wijk"},
    {"gebied": f"{BUURT},BU03440611,GM0344", "indicator": "crimes", "vanaf": "2021"},
    {"gebied": f"{BUURT},GM0344", "indicator": "crimes_per_1000", "manier": "index"},
    {"gebied": f"{BUURT},GM0344", "indicator": "good_health", "manier": "verschil", "tegen": "home_value"},
)
LEGEND = re.compile(r'<table class="legend">.*?</table>', re.DOTALL)
FILE = 'url: "/mock/media/'  # of a file to download, which has a column for it
both_languages = pytest.mark.parametrize("lang", LANGUAGES)
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.segment or "start")
every_view = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.get("indicator", "plain"))


@pytest.fixture(scope="module")
def made_up(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two DATA_DIRs in which every figure is simulated, with other values in each."""
    folders = []
    # By area and by period, so that what compares two of either differs too.
    for times in ("1", "(0.8 + area_id % 7 / 50 + year(period) % 5 / 60)"):
        folder = marts.own(sample, tmp_path_factory.mktemp("made_up"))
        marts.simulated(folder, times)
        folders.append(folder)
    return folders[0], folders[1]


def pieces(app: AppTest) -> Iterator[str]:
    """What stands on a page, in pieces that may be read apart: a line, a row of a table, a card, a drawing."""
    for element in elements(app._tree):
        proto = getattr(element, "proto", None)
        if proto is None:
            continue
        spec = getattr(proto, "spec", None) or getattr(proto, "json", None)
        if spec:
            yield str(spec)
            continue
        body = str(getattr(proto, "body", "") or proto)
        for drawing in re.findall(r'src="data:image/svg\+xml,([^"]*)"', body):
            yield unquote(drawing)
        body = re.sub(r'src="data:image[^"]*"', "", body)
        # The rows of a legend are read below its title.
        yield from re.findall(LEGEND, body)
        body = re.sub(LEGEND, "", body)
        # Rows of another table wear it each, and so do cards, small charts and sentences.
        for piece in re.split(r"\n|<tr|</tr>|<section|</section>|<figure|</figure>|<li|</li>", body):
            yield html.unescape(piece)


def elements(block) -> Iterator[object]:
    for child in getattr(block, "children", {}).values():
        yield child
        yield from elements(child)


def seen(show, folder: Path, page: Page, lang: str, view: dict) -> list[str]:
    app = show(folder, page, taal=lang, **view)
    assert not app.exception and not app.error
    return list(pieces(app))


@both_languages
@every_page
def test_what_is_made_of_simulated_figures_says_so(show, made_up, page, lang):
    one, other = ([seen(show, folder, page, lang, view) for view in VIEWS] for folder in made_up)
    escaped = [
        piece
        for mine, others in zip(one, other, strict=True)
        for piece in mine
        if piece not in set(others) and BADGES[lang] not in piece and not piece.startswith(FILE)
    ]
    assert not escaped, "\n".join(escaped)
