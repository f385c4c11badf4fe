"""Leefbaarometer: a ZIP per measurement, with a table per level. Every score is made up, from the place of its area."""

import io
import zipfile
from collections.abc import Iterable, Iterator

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town

YEARS = (2002, 2008, 2012, 2014, 2016, 2018, 2020, 2022, 2024)
TABLES = {"gemeente": ("gemeenten", "gm_code"), "wijk": ("wijken", "wk_code"), "buurt": ("buurten", "bu_code")}
HEADER = ("jaar", "lbm", "fys", "onv", "soc", "vrz", "won")


class Leefbaarometer:
    """`measurement` is the year there is an archive of, with scores of each of `years`; `levels` have a table.

    `separator` and `decimal` are how it writes; `empty` is a buurt with too few residents, which has no row.
    """

    hosts = ("LEEFBAAROMETER",)

    def __init__(
        self,
        *towns: Town,
        measurement: int = 2024,
        years: Iterable[int] = YEARS,
        levels: Iterable[str] = TABLES,
        separator: str = ",",
        decimal: str = ".",
        empty: str = "",
        header: tuple[str, ...] = HEADER,
    ) -> None:
        self.towns = towns
        self.measurement = measurement
        self.years = tuple(years)
        self.levels = tuple(levels)
        self.separator = separator
        self.decimal = decimal
        self.empty = empty
        self.header = header

    def answer(self, host: str, request: Request) -> Response:
        if request.path != f"/resources/open-data-leefbaarometer-meting-{self.measurement}.zip":
            return Response(404, b"<html><title>Pagina niet gevonden</title></html>", "text/html")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as opened:
            folder = f"Leefbaarometer 3.0 - Meting {self.measurement} - open data"
            for level in self.levels:
                plural, code = TABLES[level]
                lines = [self.separator.join((code, *self.header)), *self._lines(level)]
                name = f"{folder}/Leefbaarometer-scores {plural} {min(self.years)}-{max(self.years)}.csv"
                opened.writestr(zipfile.ZipInfo(name), "\n".join(lines), zipfile.ZIP_DEFLATED)
            opened.writestr(zipfile.ZipInfo(f"{folder}/Leefbaarometer-ontwikkeling buurten.csv"), "bu_code,jaren\n")
        return Response(200, packed.getvalue(), "application/zip", tagged=True, ranged=True)

    def _lines(self, level: str) -> Iterator[str]:
        for owner in self.towns:
            for number, area in enumerate(area for area in owner.areas if area.level == level and area.water == "NEE"):
                for year in self.years:
                    if area.code != self.empty:
                        scores = (4 + number / 100, -0.01 * number, 0.0, 0.02, -0.3, 0.1)
                        texts = (f"{score:.6f}".replace(".", self.decimal) for score in scores)
                        yield self.separator.join((area.code, str(year), *texts))
