"""The bar of the map: what it offers of which figure, and that nothing goes on by itself."""

import re

import pytest

from buurtbeeld.addresses import PAGES
from buurtbeeld.texts import words

MAP, TRENDS, OWN = (
    next(page for page in PAGES if page.segment == segment) for segment in ("kaart", "trends", "eigen-gebied")
)
NL = words("nl")


def labels(app):
    return [button.label for button in app.button]


def said(app):
    return " ".join(markdown.value for markdown in app.markdown).replace("\\", "")


def test_a_figure_that_is_a_class_offers_no_other_classes_and_says_what_they_mean(show, sample):
    app = show(sample, MAP, indicator="urbanity_class", gebied="BU03440131")
    assert NL.t("again.button") not in labels(app) and [each.label for each in app.expander] == []
    assert NL.t("again.area.same") not in said(app)
    [legend] = [each.proto.body for each in app.get("html") if "<caption>" in each.proto.body]
    assert "klasse 1 (zeer stedelijk) tot klasse 5 (niet stedelijk), aantal buurten" in legend


def test_a_unit_of_words_stands_once_in_a_legend(show, sample):
    app = show(sample, MAP, indicator="crimes_per_1000")
    [legend] = [each.proto.body for each in app.get("html") if "<caption>" in each.proto.body]
    seen = re.sub("<[^>]*>", "|", legend).replace("\N{NO-BREAK SPACE}", " ")
    assert "per 1.000 inwoners, aantal buurten" in seen
    assert re.findall(r"\d per 1", seen) == []


def test_another_way_of_classing_is_named_and_its_button_is_not(show, sample):
    one, other = (show(sample, MAP, klassen=method) for method in ("rounded", "equal"))
    for app, method in ((one, "rounded"), (other, "equal")):
        assert NL.t("classes.picked", method=NL.t(f"classes.{method}")) in said(app)
        assert [each.label for each in app.expander] == [NL.t("classes.button")]


@pytest.mark.parametrize(("asked", "zoom", "pressed", "then"), [("1", "1", "in", "2"), (None, None, "out", None)])
@pytest.mark.parametrize("page", [MAP, TRENDS, OWN], ids=lambda page: page.segment)
def test_a_button_writes_its_step_into_the_address(show, sample, page, asked, zoom, pressed, then):
    app = show(sample, page, indicator="crimes", **({"zoom": asked} if asked else {}))
    app.button(key=pressed).click().run()
    assert app.query_params.get("zoom") in (then, [then])


def test_a_second_map_of_another_period_says_so(show, sample):
    app = show(sample, MAP, indicator="crimes", periode="2025", naast="good_health")
    assert NL.t("beside.other", asked="2025", period="2024") in said(app)
    assert NL.t("beside.other", asked="2024", period="2024") not in said(
        show(sample, MAP, indicator="crimes", periode="2024", naast="good_health")
    )


def test_what_changed_is_one_step_away_with_the_same_choice(show, sample):
    def links(**params):
        return [link.proto for link in show(sample, MAP, **params).get("page_link")]

    [link] = [link for link in links(indicator="crimes", gebied="BU03440131") if link.label == NL.t("change.title")]
    assert (link.page, link.query_string) == ("trends", "indicator=crimes&gebied=BU03440131")
    assert NL.t("change.title") not in [link.label for link in links(indicator="home_value")]


def test_periods_that_are_shown_in_turn_stop_when_one_leaves(show, sample):
    app = show(sample, MAP, indicator="crimes")
    app.button(key="play").click().run()
    assert NL.t("play.pause") in labels(app)
    app.switch_page(TRENDS.file).run()
    app.switch_page(MAP.file).run()
    assert NL.t("play.pause") not in labels(app)
