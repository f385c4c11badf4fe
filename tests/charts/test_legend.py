"""The legend is a table: a head for each column, a name for each row, a number that can be read."""

import re

import pytest

from buurtbeeld.charts import legend, style
from buurtbeeld.maps import palettes
from buurtbeeld.maps.shading import Row
from tests.charts.test_strip import Tags
from tests.figures import HOSTILE

ROWS = (
    Row("100 of minder", "#D7E8A8", 4),
    Row("meer dan 100", "#0B1657", 8),
    Row("niet bekend", None, 1, "reason_unknown"),
)
HEAD = ("euro", "aantal buurten")


def made(rows=ROWS, caption="euro, aantal buurten", head=HEAD):
    return legend.html(rows, caption, head)


def text(html):
    return re.sub(r"<style>.*?</style>|<[^>]*>", "|", html)


def test_it_is_a_table_with_a_title_and_heads_for_columns_and_rows():
    tags = Tags(made()).found
    assert [tag for tag, _ in tags if tag in ("table", "caption", "thead", "tbody")] == [
        "table",
        "caption",
        "thead",
        "tbody",
    ]
    assert [attributes["scope"] for tag, attributes in tags if tag == "th"] == ["col", "col", "row", "row", "row"]


def test_every_row_reads_as_its_label_and_its_number():
    words = [word for word in text(made()).split("|") if word]
    assert words == ["euro, aantal buurten", *HEAD, "100 of minder", "4", "meer dan 100", "8", "niet bekend", "1"]


def swatches(html):
    return [attributes for tag, attributes in Tags(html).found if tag == "i"]


def test_colours_have_a_border():
    assert len(swatches(made())) == 3
    assert f"border:1px solid {palettes.EDGE}" in style.css()


def test_missing_is_hatched_by_its_reason():
    assert [swatch.get("class") for swatch in swatches(made())] == [None, None, "reason_unknown"]


@pytest.mark.parametrize("pattern", palettes.PATTERNS)
def test_every_hatch_of_the_map_is_drawn_in_the_legend(pattern):
    (rule,) = re.findall(rf"\.legend \.{pattern}{{([^}}]*)}}", style.css())
    assert palettes.HATCH in rule
    about = palettes.PATTERNS[pattern]
    angles = about.get("angles", [about["angle"]] if "angle" in about else [])
    assert re.findall(r"gradient\((\d+)deg", rule) == [str(angle) for angle in angles]
    assert rule.count("radial-gradient") == (about["type"] == "dots")


def test_every_hatch_looks_different():
    rules = re.findall(r"\.legend \.\w+{([^}]*)}", style.css())
    assert len(set(rules)) == len(palettes.PATTERNS)


def test_a_bar_is_as_long_as_its_number_and_never_too_short_to_see():
    widths = re.findall(r'"width:(\d+)%[;"]', made([*ROWS, Row("geen", "#FFFFFF", 0)]))
    assert widths == ["30", "60", "8", "8"]


@pytest.mark.parametrize("rows", [[], [Row("a", "#FFFFFF", 0)]])
def test_nothing_to_count_is_still_a_table(rows):
    assert [tag for tag, _ in Tags(made(rows)).found].count("tr") == 1 + len(rows)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_words(hostile):
    plain, attacked = made([Row("a", None, 1)], "b", ("c", "d")), made([Row(hostile, None, 1)], hostile, (hostile,) * 2)
    assert Tags(attacked).found == Tags(plain).found
