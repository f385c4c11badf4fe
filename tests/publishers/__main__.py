"""Serve `utrecht`, `small` or `big` until stopped."""

import sys
import threading
import time

from tests.publishers import Publishers, towns


def serve(name: str) -> None:
    """Print the settings that lead here, and serve."""
    chosen = {"utrecht": towns.utrecht, "small": towns.small_town, "big": towns.big_town}[name]()
    years, divisions = range(2013, time.gmtime().tm_year + 1), (2020, 2022, 2024)
    with Publishers(chosen, years=years, divisions=divisions) as publishers:
        words = [f"GEMEENTE={chosen.code}", *(f"{name}={url}" for name, url in publishers.environ.items())]
        sys.stdout.write(" ".join(words) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    serve(*sys.argv[1:] or ["utrecht"])
