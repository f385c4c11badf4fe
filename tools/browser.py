"""Prints the path of a Chromium or Chrome that runs, and installs one when there is none. Messages go to stderr.

In this order: the one that CHROMIUM names, one on this machine, Debian's package when this user may install, the
download of Playwright. A browser counts when it tells its version: on some systems `chromium-browser` is a stub that
only says how to install one.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Without a font Chromium draws boxes for letters, and tests that measure text mean nothing.
DEBIAN = ("chromium", "fonts-liberation")

HELP = """There is no Chromium or Chrome here, and none could be installed. Do one of these, then call make again:
  on Debian or Ubuntu, as an administrator:  apt-get update && apt-get install chromium fonts-liberation
  on another system:                         install Chromium or Google Chrome the usual way
  when it is there, but not found:           CHROMIUM=/path/to/chromium make test"""


def runs(browser: str | Path) -> bool:
    """Whether this program says that it is Chromium or Chrome."""
    try:
        said = subprocess.run([str(browser), "--version"], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0 and b"chrom" in said.stdout.lower()


def installed() -> str | None:
    """A browser that is on this machine."""
    found = [path for name in NAMES if (path := shutil.which(name))]
    return next((browser for browser in (*found, *PLACES) if runs(browser)), None)


def from_debian() -> str | None:
    """Debian's own, when this user may install packages without a password."""
    if not shutil.which("apt-get"):
        return None
    sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if sudo and not (shutil.which("sudo") and succeeds([*sudo, "true"])):
        return None
    print("Installing Debian's chromium, for the browser tests.", file=sys.stderr, flush=True)
    environment = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive"]
    apt = [*environment, "apt-get", "--quiet", "--option", "DPkg::Lock::Timeout=300", "--option", "Acquire::Retries=3"]
    # The update may fail for one list of several; whether the packages are to be had is for the installation to say.
    subprocess.run([*apt, "update"], stdout=sys.stderr)
    subprocess.run([*apt, "install", "--yes", "--no-install-recommends", *DEBIAN], stdout=sys.stderr)
    return installed()


def from_playwright() -> str | None:
    """The one that Playwright keeps for itself, downloaded when it isn't there yet."""
    from playwright.sync_api import sync_playwright  # in .venv only after `environment.py dev`

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if not runs(path):
        print("Downloading Playwright's Chromium, for the browser tests.", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], stdout=sys.stderr)
    return path if runs(path) else None


def succeeds(command: list[str]) -> bool:
    """Whether a command succeeds; what it prints is of no interest."""
    return subprocess.run(command, capture_output=True).returncode == 0


def main() -> int:
    """Print the path; 1 and what to do when there is no browser."""
    if named := os.environ.get("CHROMIUM"):
        browser = shutil.which(named)
        if not (browser and runs(browser)):
            print(f"CHROMIUM is {named!r}, but that is no browser that runs here.", file=sys.stderr)
            return 1
    else:
        browser = installed() or from_debian() or from_playwright()
    if not browser:
        print(HELP, file=sys.stderr)
        return 1
    print(browser)
    return 0


if __name__ == "__main__":
    sys.exit(main())
