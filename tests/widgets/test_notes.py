"""The table of a map: every area with its value or the reason, how sure it is, and what is uncertain."""

import pytest
from markdown_it import MarkdownIt

from buurtbeeld.catalogue import Status
from buurtbeeld.widgets.notes import rows
from tests.figures import HOSTILE, figure, mart_of, view_of

MARKDOWN = MarkdownIt("commonmark").enable("table")


@pytest.fixture(scope="module")
def mart(sample):
    return mart_of(sample)


def cells(table):
    """What a reader sees, row by row; of what is grey, the words and the mark of its colour."""
    tokens = MARKDOWN.parse(table)
    assert {tokens[0].type, tokens[-1].type} == {"table_open", "table_close"}
    found, row = [], []
    for token in tokens:
        if token.type == "inline":
            row.append("".join(part.content for part in token.children or ()).replace("\N{NO-BREAK SPACE}", " "))
        elif token.type == "tr_close":
            found.append(row)
            row = []
    return found


CRIME = [
    figure(34, Status.UNRELIABLE, code="a", name="Zuilen", low=20, high=55),
    figure(400, code="b", name="Abstede", low=350, high=440, provisional=True),
    figure(None, Status.TOO_FEW, code="c", name="Lombok"),
]


def test_every_area_has_its_value_its_interval_or_a_reason(mart):
    table = cells(rows(view_of(mart, indicator="crimes_per_1000"), CRIME))
    assert table == [
        ["Buurt", "Misdrijven per 1.000 inwoners", "Waarschijnlijk tussen"],
        ["Abstede", "400 (voorlopig)", "350 – 440"],
        ["Lombok", "te weinig mensen", ""],
        ["Zuilen", ":gray[34 (onzeker)]", "20 – 55"],
    ]


def test_the_order_by_value_ends_with_what_is_missing(mart):
    table = cells(rows(view_of(mart, indicator="crimes_per_1000", volgorde="waarde"), CRIME))
    assert [row[0] for row in table[1:]] == ["Abstede", "Zuilen", "Lombok"]


@pytest.mark.parametrize(
    ("id", "head"),
    [
        ("home_value", ["Neighbourhood", "Value of a home"]),
        ("good_health", ["Neighbourhood", "Good health (estimate)"]),
        ("residents", ["Neighbourhood", "Residents", "Certainly between"]),
    ],
)
def test_what_has_no_interval_has_no_column_for_it_and_an_estimate_says_so(mart, id, head):
    view = view_of(mart, indicator=id, taal="en")
    assert cells(rows(view, view.figures()))[0] == head


@pytest.mark.parametrize("name", [*HOSTILE, "a|b", "- a", "> a", "# a", "1. a", "```", "---", "a\n\nb", "    a", "|"])
def test_no_name_breaks_the_table(mart, name):
    one = [figure(1, code=code, name=name, low=1, high=2) for code in "abc"]
    table = cells(rows(view_of(mart, indicator="residents"), one))
    assert [len(row) for row in table] == [3] * 4
    assert [row[1:] for row in table[1:]] == [["1", "1 – 2"]] * 3
