"""The pages there are: address, file, key of their name. A page stands here, and so in the menu, when it exists."""

from typing import NamedTuple


class Page(NamedTuple):
    """One page: its segment of the address ("" is the start), its file in `pages/`, the key of its name in `texts/`."""

    segment: str
    file: str
    name: str


PAGES = (
    Page("", "start.py", "page.start"),
    Page("kaart", "kaart.py", "page.map"),
    Page("nu", "nu.py", "page.now"),
    Page("profiel", "profiel.py", "page.profile"),
    Page("trends", "trends.py", "page.trends"),
    Page("vergelijken", "vergelijken.py", "page.compare"),
    Page("eigen-gebied", "eigen_gebied.py", "page.own"),
    Page("verantwoording", "verantwoording.py", "page.sources"),
    Page("gegevens", "gegevens.py", "page.data"),
    Page("zoeken", "zoeken.py", "page.search"),
)
