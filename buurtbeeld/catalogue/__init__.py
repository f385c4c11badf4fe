"""What every figure means: its words, unit, theme, caveats and where it comes from.

The meaning stands in the TOML files beside this module, so that someone who does not program can edit it; `load()`
reads them, checks everything at once and hands out frozen objects. Every layer may import this one; it imports none.
"""

from buurtbeeld.catalogue.city import CITY_FILES, CityProblem, Measure, Target
from buurtbeeld.catalogue.entry import Text
from buurtbeeld.catalogue.figure import BINDING, SHOWN, Figure, Status
from buurtbeeld.catalogue.model import (
    UNCOUNTED,
    WAYS,
    Also,
    Break,
    Catalogue,
    Caveat,
    Indicator,
    Level,
    Licence,
    Theme,
    Unit,
    Way,
)
from buurtbeeld.catalogue.problem import CatalogueError, Problem
from buurtbeeld.catalogue.read import load
from buurtbeeld.catalogue.sensing import Quantity, Reason, SensorKind, Signal
from buurtbeeld.catalogue.source import Source
from buurtbeeld.catalogue.wanted import Read, Wanted, base, match

__all__ = [
    "BINDING",
    "CITY_FILES",
    "SHOWN",
    "UNCOUNTED",
    "WAYS",
    "Also",
    "Break",
    "Catalogue",
    "CatalogueError",
    "Caveat",
    "CityProblem",
    "Figure",
    "Indicator",
    "Level",
    "Licence",
    "Measure",
    "Problem",
    "Quantity",
    "Read",
    "Reason",
    "SensorKind",
    "Signal",
    "Source",
    "Status",
    "Target",
    "Text",
    "Theme",
    "Unit",
    "Wanted",
    "Way",
    "base",
    "load",
    "match",
]
