"""`python -m buurtbeeld.warehouse`: builds the mart and publishes it.

Exit code 0: built; 1: refused; 2: wrong settings or catalogue; 3: another build is working.
"""

import sys
import time

from buurtbeeld import settings
from buurtbeeld.catalogue import CatalogueError, load
from buurtbeeld.warehouse.build import BuildError, build
from buurtbeeld.warehouse.publish import Busy


def main() -> int:
    started = time.perf_counter()
    try:
        built = build(settings.read(), load())
    except (settings.SettingsError, CatalogueError) as error:
        print(error, file=sys.stderr)
        return 2
    except (BuildError, Busy) as error:
        print(f"{error}\nNothing was published; the dashboard shows what it showed.", file=sys.stderr)
        return 3 if isinstance(error, Busy) else 1
    kind = " (sample in part or whole)" if built.is_sample else ""
    print(
        f"Mart {built.id}{kind}: {built.areas} areas, {built.indicators} indicators, {built.figures} figures, "
        f"in {time.perf_counter() - started:.1f} s."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
