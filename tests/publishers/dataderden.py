"""StatLine for others than CBS: the crimes of the police and the health of RIVM, at dataderden.cbs.nl.

Keys of kinds are padded to 6 and those of areas to 10. Every number is made up, of the place of an area in the town.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from tests.publishers import statline
from tests.publishers.server import Request, Response
from tests.publishers.towns import Town

Row = dict[str, Any]
YEARLY = "Geregistreerde misdrijven; soort misdrijf, wijk, buurt, jaarcijfers"
MONTHLY = "Geregistreerde misdrijven; soort misdrijf, wijk, buurt, maandcijfers"
KINDS = {
    "0.0.0": "Totaal misdrijven",
    "1.1.0": "Diefstal en inbraak, totaal",
    "1.1.1": "Diefstal/inbraak woning",
    "1.1.2": "Diefstal/inbraak box/garage/schuur",
    "2.2.1": "Vernieling cq. zaakbeschadiging",
}
SUMS = {"0.0.0": ("1.1.1", "1.1.2", "2.2.1"), "1.1.0": ("1.1.1", "1.1.2")}
OTHERS = ({"Identifier": "47024NED", "Title": "Geregistreerde overlast; soort overlast, wijk, buurt, maandcijfers"},)
ADULTS = "20300"
AGES = {ADULTS: "18 jaar of ouder", "53115": "18 tot 65 jaar", "80200": "65 jaar of ouder"}
MARGINS = {"MW00000": "Waarde", "MOG0095": "Ondergrens 95%-interval", "MBG0095": "Bovengrens 95%-interval"}
# Names of figures as RIVM gave them, by the year of the borders of their table; there they have numbers behind them.
# Those of 2020 are of a recorded export, of the others those that public code reads.
HEALTH = {
    2020: """
        ErvarenGezondheidGoedZeerGoed VoldoetAanBeweegrichtlijn WekelijkseSporters Ondergewicht NormaalGewicht
        Overgewicht ErnstigOvergewicht Roker VoldoetAanAlcoholRichtlijn Drinker ZwareDrinker OvermatigeDrinker
        EenOfMeerLangdurigeAandoeningen BeperktVanwegeGezondheid ErnstigBeperktVanwegeGezondheid
        LangdurigeZiekteEnBeperkt EenOfMeerLichamelijkeBeperkingen BeperkingInHoren BeperkingInZien BeperkingInBewegen
        MatigHoogRisicoOpAngstOfDepressie HoogRisicoOpAngstOfDepressie HeelVeelStressInAfgelopen4Weken
        MatigVeelRegieOverEigenLeven Eenzaam ErnstigZeerErnstigEenzaam EmotioneelEenzaam SociaalEenzaam Mantelzorger
        Vrijwilligerswerk LopenEnOfFietsenNaarSchoolOfWerk LopenNaarSchoolOfWerk FietsenNaarSchoolOfWerk
        ErnstigeGeluidhinderDoorBuren MoeiteMetRondkomen
    """,
    2022: """
        ErvarenGezondheidGoedZeerGoed VoldoetAanBeweegrichtlijn WekelijkseSporters Ondergewicht NormaalGewicht
        Overgewicht ErnstigOvergewicht Roker VoldoetAanAlcoholRichtlijn Drinker ZwareDrinker OvermatigeDrinker
        EenOfMeerLangdurigeAandoeningen BeperktVanwegeGezondheid ErnstigBeperktVanwegeGezondheid
        LangdurigErnstigBeperkt PsychischeKlachten ZeerLageVeerkracht ZeerHogeVeerkracht MistEmotioneleSteun
        SuicideGedachtenLaatste12Maanden HoogRisicoOpAngstOfDepressie HeelVeelStressInAfgelopen4Weken Eenzaam
        ErnstigZeerErnstigEenzaam EmotioneelEenzaam SociaalEenzaam Mantelzorger Vrijwilligerswerk MoeiteMetRondkomen
    """,
    2024: """
        GoedErvarenGezondheid EenOfMeerLangdurigeAandoeningen LangdurigBeperkt HoogRisicoAngststoornisOfDepressie
        HeelVeelStressAfg4Weken LageVeerkracht MatigVeelRegieOverHetEigenLeven Eenzaam SterkEenzaam EmotioneelEenzaam
        SociaalEenzaam KrijgtSteunVanAnderen Mantelzorger Vrijwilligerswerk MoeiteMetRondkomen Overgewicht
        ErnstigOvergewichtObesitas RooktTabak OvermatigDrinken VoldoetAanDeBeweegrichtlijn TevredenMetDeWoning
        TevredenMetDeWoonomgeving
    """,
}
MEASURED = (2012, 2016, 2020, 2022, 2024)


class Dataderden:
    """Crimes of `years` and `months` ("2026MM09"), and health on the borders of `divisions`.

    `withheld` are the crimes that an area doesn't tell: (code, kind). `status` says of a period what its list says.
    `modified`, by the id of a table, is when that was.
    """

    hosts = ("CBS_DERDEN",)

    def __init__(
        self,
        *towns: Town,
        years: Iterable[int] = (2024, 2025),
        months: Iterable[str] = ("2026MM08", "2026MM09"),
        divisions: Iterable[int] = (2022, 2024),
        withheld: Iterable[tuple[str, str]] = (),
        borders: str = "Indeling van 1 januari 2025.",
        status: dict[str, str] | None = None,
        most_rows: int = 10_000,
    ) -> None:
        self.towns = towns
        self.years = [f"{year}JJ00" for year in years]
        self.months = list(months)
        self.divisions = list(divisions)
        self.withheld = frozenset(withheld)
        self.borders = borders
        self.status = status or {}
        self.most_rows = most_rows
        self._rows: dict[str, list[Row]] = {}
        self.modified = {"47018NED": "2026-03-02T02:00:00", "47022NED": "2026-11-02T02:00:00"}

    def answer(self, host: str, request: Request) -> Response:
        named = [table for table in self._tables() if self._asked(table, request)]
        return statline.answer(request, named, OTHERS, self.most_rows)

    def _asked(self, table: statline.Table, request: Request) -> bool:
        """In the catalogue of its publisher, or by its id."""
        whose = "RIVM" if table.title.startswith("Gezondheid") else "Politie"
        return whose in request.query.get("$filter", whose) or "Catalog eq" not in request.query["$filter"]

    def _tables(self) -> Iterator[statline.Table]:
        # The list of the months' periods holds years too, as the police have it.
        yield self._crimes("47018NED", YEARLY, self.years)
        yield self._crimes("47022NED", MONTHLY, [*self.months, *sorted({f"{month[:4]}JJ00" for month in self.months})])
        for year in self.divisions:
            yield self._health(f"501{year % 100}NED", year)

    def _crimes(self, id: str, title: str, periods: Sequence[str]) -> statline.Table:
        return statline.Table(
            id=id,
            title=title,
            said={"Modified": self.modified[id], "Description": self.borders},
            properties=[
                {"ID": 0, "Type": "Dimension", "Key": "SoortMisdrijf", "Title": "Soort misdrijf"},
                {"ID": 1, "Type": "GeoDetail", "Key": "WijkenEnBuurten", "Title": "Wijken en buurten"},
                {"ID": 2, "Type": "TimeDimension", "Key": "Perioden", "Title": "Perioden"},
                _topic(3, "GeregistreerdeMisdrijven_1", "Geregistreerde misdrijven", "aantal", "Long"),
                _topic(4, "Gemeentenaam_2", "Gemeentenaam", "", "String"),
                _topic(5, "SoortRegio_3", "Soort regio", "", "String"),
            ],
            keys={
                "SoortMisdrijf": [{"Key": f"{kind:<6}", "Title": words} for kind, words in KINDS.items()],
                "Perioden": [{"Key": period, "Status": self.status.get(period)} for period in periods],
            },
            rows=self._once(id, lambda: self._recorded(periods)),
        )

    def _once(self, id: str, make: Callable[[], Iterable[Row]]) -> list[Row]:
        """The rows of a table, made up when it is first asked."""
        if id not in self._rows:
            self._rows[id] = list(make())
        return self._rows[id]

    def _recorded(self, periods: Sequence[str]) -> Iterator[Row]:
        for town, code, level, place in _areas(self.towns):
            for period in periods:
                for kind in KINDS:
                    yield {
                        "SoortMisdrijf": f"{kind:<6}",
                        "WijkenEnBuurten": f"{code:<10}",
                        "Perioden": period,
                        "GeregistreerdeMisdrijven_1": None if (code, kind) in self.withheld else crimes(place, kind),
                        "Gemeentenaam_2": town.name,
                        "SoortRegio_3": level.title(),
                    }

    def _health(self, id: str, division: int) -> statline.Table:
        measured = [year for year in MEASURED if year <= division]
        topics = [_topic(number, name, name, "%", "Double") for number, name in enumerate(figures(division), start=7)]
        words = [
            _topic(4 + n, name, name[:-2], "", "String") for n, name in enumerate(("Gemeentenaam_1", "SoortRegio_2"))
        ]
        return statline.Table(
            id=id,
            title=f"Gezondheid per wijk en buurt; {'/'.join(map(str, measured))} (indeling {division})",
            said={"Modified": self.modified.get(id, f"{division + 1}-06-01T02:00:00")},
            properties=[
                {"ID": 0, "Type": "Dimension", "Key": "Leeftijd", "Title": "Leeftijd"},
                {"ID": 1, "Type": "Dimension", "Key": "Marges", "Title": "Marges"},
                {"ID": 2, "Type": "GeoDetail", "Key": "WijkenEnBuurten", "Title": "Wijken en buurten"},
                {"ID": 3, "Type": "TimeDimension", "Key": "Perioden", "Title": "Perioden"},
                *words,
                *topics,
            ],
            keys={
                "Leeftijd": [{"Key": f"{age:<10}", "Title": words} for age, words in AGES.items()],
                "Marges": [{"Key": f"{margin:<8}", "Title": words} for margin, words in MARGINS.items()],
                "Perioden": [{"Key": f"{year}JJ00"} for year in measured],
            },
            rows=self._once(id, lambda: self._estimated(division, measured)),
        )

    def _estimated(self, division: int, measured: Sequence[int]) -> Iterator[Row]:
        for town, code, level, place in _areas(self.towns):
            for year in measured:
                for older, age in enumerate(AGES if year == division else [ADULTS]):
                    for bound, margin in zip((0.0, -2.5, 2.5), MARGINS, strict=True):
                        yield {
                            "Leeftijd": f"{age:<10}",
                            "Marges": f"{margin:<8}",
                            "WijkenEnBuurten": f"{code:<10}",
                            "Perioden": f"{year}JJ00",
                            "Gemeentenaam_1": f"{town.name:<40}",
                            "SoortRegio_2": f"{level.title():<10}",
                        } | {
                            name: share(place, older, number, division) + bound
                            for number, name in enumerate(figures(division))
                        }


def crimes(place: int, kind: str) -> int:
    """The made-up crimes of an area; the totals are those of their parts."""
    if kind in SUMS:
        return sum(crimes(place, part) for part in SUMS[kind])
    return place + int(kind.replace(".", "")) % 7


def figures(division: int) -> list[str]:
    """The columns with figures of a table of health."""
    return [f"{name}_{number}" for number, name in enumerate(HEALTH[division].split(), start=4)]


def share(place: int, older: int, number: int, division: int) -> float:
    """The made-up percentage of an area; another on other borders, since series are calculated again."""
    return 10.0 + place % 20 + 10 * older + number + (division % 10) / 10


def _areas(towns: Iterable[Town]) -> Iterator[tuple[Town, str, str, int]]:
    for town in towns:
        for place, area in enumerate(area for area in town.areas if area.water == "NEE"):
            yield town, area.code, area.level, place


def _topic(number: int, key: str, title: str, unit: str, datatype: str) -> Row:
    return {"ID": number, "Type": "Topic", "Key": key, "Title": title, "Unit": unit, "Datatype": datatype}
