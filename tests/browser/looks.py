"""What a page looks like to a machine: its words, what axe finds, what sticks out. Script runs in the page itself."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import axe_playwright_python
from playwright.sync_api import Page

TARGET = 24  # pixels; what is smaller is hard to hit with a finger or a hand that trembles (WCAG 2.5.8)


class Theirs(NamedTuple):
    """Something that Streamlit does and that we can't mend. `what`: a rule of axe, or words."""

    what: str
    selector: str
    reason: str


class Breach(NamedTuple):
    """Something that axe finds serious or critical. `theirs`: the number in the table of what is Streamlit's, or -1."""

    rule: str
    html: str
    why: str
    theirs: int

    def __str__(self) -> str:
        return f"{self.rule}: {self.html}\n    {self.why}"


@cache
def axe() -> str:
    """The script of axe-core."""
    return next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")


def breaches(page: Page, theirs: Iterable[Theirs] = (), within: str | None = None) -> list[Breach]:
    """What axe finds serious or critical on the page, or `within` what a selector finds."""
    page.evaluate(axe())
    found = page.evaluate(_AXE, [within, [entry._asdict() for entry in theirs]])
    return [Breach(**one) for one in found]


def words_on(page: Page) -> list[str]:
    """Every text that a visitor sees or hears, in the language that the page says it is in. Code is no language."""
    return list(page.evaluate(_WORDS))


def sticking_out(page: Page) -> list[str]:
    """What does not fit the width of the window, unless it scrolls inside itself; a row of buttons may not."""
    return list(page.evaluate(_STICKING_OUT))


def buttons_on_pictures(page: Page) -> list[float]:
    """The shortest side of each button on a map or chart, in pixels of the screen; rounded, as browsers do it."""
    return list(page.locator("[data-testid=stElementToolbar] button").evaluate_all(_SHORTEST))


def having(texts: Iterable[str], words: Iterable[str]) -> list[str]:
    """The texts that have one of these words."""
    any_word = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
    return [text for text in texts if any_word.search(text)]


_AXE = """async ([within, theirs]) => {
    const found = await axe.run(within || document, {resultTypes: ["violations"], elementRef: true})
    return found.violations.filter(rule => ["serious", "critical"].includes(rule.impact)).flatMap(
        rule => rule.nodes.map(node => ({
            rule: rule.id,
            html: node.html.slice(0, 120),
            why: node.failureSummary.split("\\n").slice(1).join(" ").trim(),
            theirs: theirs.findIndex(entry => entry.what === rule.id && node.element.closest(entry.selector)),
        })))
}"""

_WORDS = """() => {
    const language = document.documentElement.lang
    const foreign = element => {
        const told = element.closest("[lang]")
        return told && told.lang !== language
    }
    const names = ["aria-label", "aria-description", "aria-roledescription", "title", "placeholder", "alt"]
    const found = new Set()
    const seen = element => element.checkVisibility({visibilityProperty: true}) && !foreign(element)
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement
        if (!parent.closest("script, style, code, pre, [aria-hidden=true]") && seen(parent))
            found.add(walker.currentNode.textContent.trim())
    }
    for (const element of document.body.querySelectorAll("*"))
        if (seen(element) && !element.closest("[aria-hidden=true]"))
            for (const name of names)
                if (element.hasAttribute(name)) found.add(element.getAttribute(name))
    return [...found].filter(Boolean)
}"""

_SHORTEST = """buttons => buttons.map(button => {
    const box = button.getBoundingClientRect()
    return Math.round(10 * Math.min(box.width, box.height)) / 10
})"""

_STICKING_OUT = """() => {
    const width = document.documentElement.clientWidth
    const main = document.querySelector("main")
    const found = []
    for (let box = main; box; box = box.parentElement)
        if (box.scrollWidth > box.clientWidth + 1) found.push(`${box.tagName} is ${box.scrollWidth} wide, of ${width}`)
    const scrolls = element => {
        for (let box = element.parentElement; box && box !== main; box = box.parentElement)
            if (!box.matches("[role=radiogroup], [role=group]") &&
                ["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return true
        return false
    }
    for (const element of main.querySelectorAll("*")) {
        const box = element.getBoundingClientRect()
        const speaks = element.matches("a, button, input, img, svg, canvas") ||
            [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.textContent.trim())
        if (speaks && box.width > 1 && box.height > 1 && element.checkVisibility({visibilityProperty: true}) &&
            (box.right > width + 1 || box.left < -1) && !scrolls(element))
            found.push(`${element.tagName} "${(element.innerText || element.outerHTML).slice(0, 60)}" to ${box.right}`)
    }
    return found
}"""
