"""Serves the dashboard: `python -m tools.serve`. Builds the mart first when there is none."""

import os
import socket
import subprocess
import sys

from buurtbeeld.catalogue import CatalogueError, load
from buurtbeeld.settings import SettingsError, read


def main() -> int:
    """Hand this process over to Streamlit; comes back only when that is not possible, with the reason printed."""
    try:
        settings = read()
        load()  # a slip in the catalogue stops the start, not the first visitor
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
    if not settings.mart_link.exists():
        built = subprocess.run([sys.executable, "-m", "buurtbeeld.warehouse"]).returncode
        if built:
            return built
    host = f"[{settings.address}]" if ":" in settings.address else settings.address
    print(f"\n  Buurtbeeld: http://{host}:{settings.port}   (Ctrl+C stops it)\n", flush=True)
    options = {"server.headless": "true", "server.address": settings.address, "server.port": str(settings.port)}
    flags = [f"--{name}={value}" for name, value in options.items()]
    return os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", "dashboard.py", *flags])


if __name__ == "__main__":
    sys.exit(main())
