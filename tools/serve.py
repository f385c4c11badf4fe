"""Serves the dashboard: `python -m tools.serve`. Builds the mart first when there is none, or none that fits.

Where nothing real was read of a kind of sensor, readings are made up first, and a
process beside the server keeps them of now (SIMULATE=0: never).
"""

import hashlib
import os
import socket
import subprocess
import sys
import time

from buurtbeeld import __version__, queries
from buurtbeeld.catalogue import CITY_FILES, Catalogue, CatalogueError, load
from buurtbeeld.settings import Settings, SettingsError, read
from buurtbeeld.store import NoMart, Store
from tools.renew import ANOTHER_IS_BUILDING, made_up


def main() -> int:
    """Hand this process over to Streamlit; comes back only when that is not possible, with the reason printed."""
    try:
        settings = read()
        catalogue = load()  # a slip in it stops the start, not the first visitor
    except (SettingsError, CatalogueError) as error:
        print(error, file=sys.stderr)
        return 2
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    try:
        socket.create_server((settings.address, settings.port), family=family).close()
    except OSError as error:
        reason = str(error.strerror).split(" (")[0]  # what follows repeats the address
        print(f"Cannot listen on {settings.address}, port {settings.port}: {reason}.", file=sys.stderr)
        print(f"Another port: make run PORT={settings.port % 65535 + 1}", file=sys.stderr)
        return 1
    new = made_up(settings, set())
    while new or not (fits(settings, catalogue) and follows_the_city(settings)):
        built = subprocess.run([sys.executable, "-m", "buurtbeeld.warehouse"]).returncode
        if built not in (0, ANOTHER_IS_BUILDING):
            if not fits(settings, catalogue):
                return built
            break  # a slip in a file of the city takes nobody's figures away
        new = new and built != 0  # another build may have begun before these readings were there
        time.sleep(1 if built else 0)
    host = f"[{settings.address}]" if ":" in settings.address else settings.address
    print(f"\n  Buurtbeeld: http://{host}:{settings.port}   (Ctrl+C stops it)\n", flush=True)
    if settings.simulate:
        # In a session of its own: what ends the server with a key must not cut off a build. It sees the server end.
        subprocess.Popen([sys.executable, "-m", "tools.renew", str(os.getpid())], start_new_session=True)
    options = {"server.headless": "true", "server.address": settings.address, "server.port": str(settings.port)}
    flags = [f"--{name}={value}" for name, value in options.items()]
    return os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", "dashboard.py", *flags])


def fits(settings: Settings, catalogue: Catalogue) -> bool:
    """Whether the published mart is of this gemeente and was made by this version with this catalogue.

    A damaged one is left for a person to look at: the pages say what to do.
    """
    try:
        mart = Store(settings).current()
    except NoMart as error:
        return error.reason == "damaged"
    return mart.ask(queries.made_by) == (__version__, catalogue.fingerprint)


def follows_the_city(settings: Settings) -> bool:
    """Whether the published mart was made with the city's own files as they are now; a damaged one is left."""
    files = [settings.city_dir / name for name in CITY_FILES]
    try:
        now = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.exists()}
        return Store(settings).current().ask(queries.city_files) == now
    except NoMart:
        return True
    except OSError:
        return False  # the build says which file can't be read, and why


if __name__ == "__main__":
    sys.exit(main())
