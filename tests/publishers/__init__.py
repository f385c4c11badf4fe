"""Every publisher on this machine: servers that speak their dialects, quirks and failures included.

with Publishers(small_town()) as publishers:
    main([], environ=publishers.environ | {...})

python -m tests.publishers utrecht     serves all of them until stopped; prints the settings to use
"""

from collections.abc import Iterable, Mapping, Sequence

from tests.publishers.algorithm_register import AlgorithmRegister
from tests.publishers.cbs import Cbs
from tests.publishers.cbs_download import CbsDownload
from tests.publishers.dataderden import Dataderden
from tests.publishers.duo import Duo
from tests.publishers.knmi import Knmi
from tests.publishers.leefbaarometer import Leefbaarometer
from tests.publishers.luchtmeetnet import Luchtmeetnet
from tests.publishers.npr import Npr
from tests.publishers.pdok import Pdok
from tests.publishers.rdw import Rdw
from tests.publishers.samen_meten import SamenMeten
from tests.publishers.sensor_community import SensorCommunity
from tests.publishers.server import Publisher, Server
from tests.publishers.stallingsnet import Stallingsnet
from tests.publishers.swing import Swing
from tests.publishers.towns import Town
from tests.publishers.utrecht_geo import UtrechtArcGis, UtrechtGeoServer
from tests.publishers.utrecht_portaal import REGISTERS, UtrechtPortal


class Publishers(Server):
    """All of them, about the same towns."""

    def __init__(
        self,
        *towns: Town,
        years: Iterable[int] = (2024,),
        late: Mapping[int, Iterable[str]] | None = None,
        most_features: int = 1000,
        most_rows: int = 10_000,
        tables: Mapping[int, str] | None = None,
        divisions: Iterable[int] = (2024,),
    ) -> None:
        years = tuple(years)
        super().__init__(
            Pdok(*towns, years=years, most_features=most_features),
            Cbs(*towns, years=years, late=late, most_rows=most_rows, tables=tables),
            Dataderden(*towns, divisions=divisions),
            *_of_all(towns),
        )


def everybody(town: Town, years: Iterable[int] = (2025, 2026)) -> Server:
    """Every publisher there is, about one gemeente."""
    years = tuple(years)
    return Server(Pdok(town, years=years), Cbs(town, years=years), Dataderden(town), *_of_all([town]))


def _of_all(towns: Sequence[Town]) -> list[Publisher]:
    """Publishers that have nothing to choose; who measures, or is a town's own, is of the first."""
    town = towns[0]
    return [
        CbsDownload(*towns),
        Leefbaarometer(*towns),
        Duo(*towns),
        Rdw(*towns),
        Npr(*towns),
        Knmi(town),
        Luchtmeetnet(town),
        SamenMeten(town),
        SensorCommunity(town),
        Stallingsnet(),
        AlgorithmRegister(town),
        Swing(town),
        UtrechtPortal(town, REGISTERS),
        UtrechtGeoServer(town),
        UtrechtArcGis(town),
    ]
