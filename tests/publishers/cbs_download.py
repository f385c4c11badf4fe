"""CBS's files: which buurt each address lies in, in a ZIP per year. Postcodes and house numbers are made up."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping

from tests.publishers.server import Request, Response
from tests.publishers.towns import Town, buurten, postcode_of


class CbsDownload:
    """`years` are those it has a table of; `folders` says where that of a year is, "postcode" unless it says so.

    `lines` are further rows of the table; `header` its first line.
    """

    hosts = ("CBS_DOWNLOAD",)

    def __init__(
        self,
        *towns: Town,
        years: Iterable[int] = (2025,),
        folders: Mapping[int, str] | None = None,
        lines: Iterable[str] = (),
        header: str = "PC6;Huisnummer;Buurt{year};Wijk{year};Gemeente{year}",
    ) -> None:
        self.towns = towns
        self.years = tuple(years)
        self.folders = dict(folders or {})
        self.lines = tuple(lines)
        self.header = header

    def answer(self, host: str, request: Request) -> Response:
        for year in self.years:
            folder = self.folders.get(year, "postcode")
            if request.path == f"/{folder}/{year}-cbs-pc6huisnr{year}0801_buurt.zip":
                return Response(200, self.archive(year), "application/x-zip-compressed", tagged=True, ranged=True)
        return Response(404, b"<html><title>404 - File or directory not found.</title></html>", "text/html")

    def archive(self, year: int) -> bytes:
        """The ZIP of a year."""
        table = "\r\n".join((self.header.format(year=year), *self._addresses(), *self.lines))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as opened:
            for name, text in {
                f"pc6hnr{year}0801_gwb.csv": f"{table}\r\n",
                f"buurt_{year}.csv": "buurtcode;buurtnaam\r\n",
                f"gem_{year}.csv": "gemcode;gemeentenaam\r\n",
            }.items():
                opened.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)  # the same bytes every time
        return packed.getvalue()

    def _addresses(self) -> Iterator[str]:
        """Two houses in each buurt; the last postcode of a buurt lies in the next one too."""
        for owner in self.towns:
            for number, area in enumerate(buurten(owner)):
                places = f"{area.code[2:]};{area.parent[2:]};{owner.code[2:]}"
                for house, postcode in enumerate((postcode_of(number), postcode_of(number + 1)), start=1):
                    yield f"{postcode};{house};{places}"
