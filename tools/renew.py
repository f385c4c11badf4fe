"""Keeps what is made up of now, beside a server: `python -m tools.renew PID`, until the process PID that began it ends.

Without it the page Nu of a server with a simulation would say "no message since" within some hours of its start.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from buurtbeeld.sensors.simulate import SimulateError, refresh
from buurtbeeld.settings import Settings, read

ANOTHER_IS_BUILDING = 3  # exit code of `python -m buurtbeeld.warehouse`
EVERY = timedelta(minutes=10)


def main(argv: list[str]) -> int:
    """Renew every ten minutes for as long as the parent of this process is the one named."""
    server, settings = int(argv[0]), read()

    def waited() -> bool:
        until = time.monotonic() + EVERY.total_seconds()
        while (lives := os.getppid() == server) and time.monotonic() < until:
            time.sleep(1)
        return lives

    renew(settings, waited)
    return 0


def renew(settings: Settings, waited: Callable[[], bool]) -> None:
    """Make up what is missing of now, and build a mart with it, for as long as `waited` says that it is wanted."""
    new, told = False, set[str]()
    while waited():
        new = made_up(settings, told) or new
        if new:
            # What it says of each mart is for whoever asks for one; what is wrong is told.
            command = [sys.executable, "-m", "buurtbeeld.warehouse"]
            new = subprocess.run(command, stdout=subprocess.DEVNULL).returncode == ANOTHER_IS_BUILDING


def made_up(settings: Settings, told: set[str]) -> bool:
    """Make up what sensors would send, where that is allowed and nothing real or recent is there; whether it was done.

    What is in the way of that stops nothing else, and is told unless it was: `told` gets it.
    """
    if not settings.simulate:
        return False
    try:
        return refresh(settings, datetime.now(UTC).replace(tzinfo=None)) > 0
    except (SimulateError, OSError, ValueError) as error:
        if str(error) not in told:
            print(error, file=sys.stderr)
        told.add(str(error))
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
