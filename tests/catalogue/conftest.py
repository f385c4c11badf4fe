"""A catalogue small enough to spoil: two indicators that are read, one that is derived from them."""

import shutil
from pathlib import Path

import pytest

import buurtbeeld.catalogue

OWN = Path(buurtbeeld.catalogue.__file__).parent

THEMES = """
[people]
title = { nl = "Inwoners", en = "Residents" }
description = { nl = "Wie er wonen.", en = "Who live there." }
"""
UNITS = """
[people]
pattern = { nl = "{n}", en = "{n}" }
word = { nl = "mensen", en = "people" }

[percent]
pattern = { nl = "{n}%", en = "{n}%" }
word = { nl = "procent", en = "percent" }
"""
LEVELS = """
[gemeente]
rank = 1
singular = { nl = "gemeente", en = "municipality" }
plural = { nl = "gemeenten", en = "municipalities" }

[buurt]
rank = 4
singular = { nl = "buurt", en = "neighbourhood" }
plural = { nl = "buurten", en = "neighbourhoods" }
"""
LICENCES = """
[cc0]
url = "https://creativecommons.org/publicdomain/zero/1.0/"
title = { nl = "Publiek domein", en = "Public domain" }
description = { nl = "Iedereen mag dit gebruiken.", en = "Anyone may use this." }
"""
CAVEATS = """
[rounded]
title = { nl = "afgerond", en = "rounded" }
description = { nl = "Dit getal is afgerond.", en = "This number is rounded." }
"""
MISSING = """
floor = -99990

[[code]]
value = -99995
status = "later"
description = { nl = "Komt later.", en = "Comes later." }
"""
INDICATORS = """
[residents]
theme = "people"
kind = "count"
unit = "people"
decimals = 0
direction = "neither"
method = "register"
levels = ["gemeente", "buurt"]
source = "cbs"
column = "AantalInwoners"
also = [{ source = "cbs_years", column = "Inwoners" }]
title = { nl = "Inwoners", en = "Residents" }
description = { nl = "Hoeveel mensen er wonen.", en = "How many people live there." }
sentence.nl = "In {period} woonden er {value} mensen in {area}."
sentence.en = "In {period}, {value} people lived in {area}."
caveats = ["rounded"]

[older]
theme = "people"
kind = "count"
unit = "people"
decimals = 0
direction = "neither"
method = "register"
levels = ["gemeente", "buurt"]
source = "cbs_ages"
column = "Ouderen"
title = { nl = "Ouderen", en = "Older people" }
description = { nl = "Hoeveel ouderen er wonen.", en = "How many older people live there." }
sentence.nl = "In {period} woonden er {value} ouderen in {area}."
sentence.en = "In {period}, {value} older people lived in {area}."

[older_share]
theme = "people"
kind = "share"
unit = "percent"
decimals = 1
direction = "neither"
method = "register"
levels = ["gemeente", "buurt"]
numerator = "older"
denominator = "residents"
factor = 100
minimum = { of = "residents", least = 50, whose = "ours" }
title = { nl = "Deel ouderen", en = "Share of older people" }
description = { nl = "Welk deel ouder is.", en = "What share is older." }
sentence.nl = "In {period} was {value} in {area} ouder."
sentence.en = "In {period}, {value} in {area} were older."
"""


NAMES = """
[postcode]
source = "cbs"
column = "Postcode"
pattern = "[1-9][0-9]{3}"
"""


PLACES = """
[school]
singular = { nl = "school", en = "school" }
plural = { nl = "scholen", en = "schools" }
"""


QUANTITIES = """
[dust]
unit = "people"
decimals = 0
title = { nl = "Stof", en = "Dust" }
short = { nl = "stof", en = "dust" }
low = 0
high = 100
"""


SENSOR_KINDS = """
[school]
group = "air"
quantities = ["dust"]
silent = 4
about = { nl = "Een sensor.", en = "A sensor." }
privacy = { nl = "Weet niets van mensen.", en = "Knows nothing of people." }
mind = { nl = "Meet alleen hier.", en = "Measures here only." }
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with a whole and valid catalogue of three indicators."""
    files = {
        "signals": "",
        "themes": THEMES,
        "units": UNITS,
        "levels": LEVELS,
        "licences": LICENCES,
        "caveats": CAVEATS,
        "missing": MISSING,
        "names": NAMES,
        "places": PLACES,
        "quantities": QUANTITIES,
        "sensor_kinds": SENSOR_KINDS,
        "indicators": INDICATORS,
    }
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project's own catalogue files."""
    for file in OWN.glob("*.toml"):
        shutil.copy(file, tmp_path)
    return tmp_path
