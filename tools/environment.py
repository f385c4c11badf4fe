"""Makes .venv and fills it: `environment.py [dev] [duckdb2]`, with nothing but the standard library.

    (always)  requirements.txt
    dev       requirements-dev.txt, for the tests
    duckdb2   a DuckDB 2 in a folder beside the pinned one, to run tests on

.venv/stamp.json says what is in it: the Python, and per part a hash of what was asked for. It is taken away before a
change and written after it, so a .venv without a stamp was left half done, and is made anew. When nothing is to be
done, nothing is run but one Python that says its version, and no network is needed.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
# Relative: main() goes to the project's folder, whatever it is called.
VENV = Path(".venv")
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "stamp.json"
LOCK = Path(".venv.lock")
DUCKDB2 = VENV / "duckdb2"
DUCKDB2_VERSION = "2.0.0"

TAG = "import sys, sysconfig; print(sys.implementation.cache_tag, sysconfig.get_platform())"


class Failed(Exception):
    """A step went wrong; the text is a sentence for the person at the keyboard."""


@contextlib.contextmanager
def alone() -> Iterator[int]:
    """Hold the lock of the set-up; yields its file descriptor. Waits for a set-up that is at work."""
    with LOCK.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is at work here; waiting for it.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


class Environment:
    """The .venv, and the changes that can be made to it by whoever holds the lock."""

    def __init__(self, lock: int) -> None:
        self.lock = lock
        self.uv = shutil.which("uv")

    def run(self, *command: str | Path) -> bool:
        """Whether a command succeeds. It keeps the lock: this process may be killed while pip still writes."""
        return subprocess.run([str(part) for part in command], pass_fds=[self.lock]).returncode == 0

    def stamp(self) -> dict[str, str]:
        """What .venv holds; empty when it isn't there, was left half done, or doesn't run."""
        try:
            stamp: dict[str, str] = json.loads(STAMP.read_text())
        except (OSError, ValueError):
            return {}
        wanted = os.environ.get("PYTHON")
        right = stamp.get("python") == tag(PYTHON) and (not wanted or stamp["python"] == tag(wanted))
        return stamp if right else {}

    @contextlib.contextmanager
    def change(self, stamp: dict[str, str]) -> Iterator[None]:
        """Around a change that, when it comes to its end, leaves .venv as `stamp` says."""
        before, held = self.listing(), STAMP.read_text() if STAMP.exists() else None
        STAMP.unlink(missing_ok=True)
        try:
            yield
        except BaseException:
            # A change that failed before it began, such as a download without network, spoils nothing.
            if held and self.listing() == before:
                STAMP.write_text(held)
            raise
        new = STAMP.with_suffix(".new")
        new.write_text(json.dumps(stamp, indent=1))
        os.replace(new, STAMP)

    def listing(self) -> set[Path]:
        """What is installed, by name."""
        return {*VENV.glob("lib/*/site-packages/*"), *VENV.glob("bin/*"), *DUCKDB2.glob("*")}

    def make(self) -> dict[str, str]:
        """Make an empty .venv in place of what is there."""
        shutil.rmtree(VENV, ignore_errors=True)
        # Without a wish, the Python below this one, which may itself be in the .venv that was just removed.
        base = os.environ.get("PYTHON") or getattr(sys, "_base_executable", None) or sys.executable
        print(f"Making .venv with {base} ({tag(base)}).", flush=True)
        # Not with uv, unless this Python lacks ensurepip: a .venv with pip in it can do without uv later on.
        made = self.run(base, "-m", "venv", VENV)
        if not made and self.uv:
            made = self.run(self.uv, "venv", "--quiet", "--clear", "--python", base, VENV)
        if not made:
            raise Failed("The virtual environment .venv could not be made. On Debian: apt-get install python3-venv")
        stamp = {"python": tag(PYTHON)}
        with self.change(stamp):
            pass
        return stamp

    def install(self, *what: str | Path) -> None:
        """Install with uv when it is there and gets through, else with pip."""
        if self.uv and self.run(self.uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", PYTHON, *what):
            return
        # uv doesn't read pip's settings, so where a registry is set in those only pip finds it.
        if not self.run(PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-input", *what):
            raise Failed("The packages could not be installed; the reason is above. The same call tries again.")


def tag(python: str | Path) -> str:
    """The kind of Python that `python` is, such as "cpython-311 linux-x86_64"; empty when it doesn't run."""
    try:
        return subprocess.run([str(python), "-c", TAG], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def main(parts: list[str]) -> int:
    """Bring .venv to what `parts` ask for; 0 when it is."""
    os.chdir(PROJECT)
    locks = ["requirements.txt", *(["requirements-dev.txt"] if "dev" in parts else [])]
    wanted = {lock: hashlib.sha256(Path(lock).read_bytes()).hexdigest() for lock in locks}
    try:
        with alone() as lock:
            environment = Environment(lock)
            stamp = environment.stamp() or environment.make()
            for name, content in wanted.items():
                if stamp.get(name) != content:
                    print(f"Installing {name}: a minute or two the first time.", flush=True)
                    stamp |= {name: content}
                    with environment.change(stamp):
                        environment.install("-r", name)
            if "duckdb2" in parts and stamp.get("duckdb2") != DUCKDB2_VERSION:
                print(f"Installing DuckDB {DUCKDB2_VERSION} to test on.", flush=True)
                stamp |= {"duckdb2": DUCKDB2_VERSION}
                with environment.change(stamp):
                    shutil.rmtree(DUCKDB2, ignore_errors=True)
                    environment.install("--no-deps", "--target", DUCKDB2, f"duckdb=={DUCKDB2_VERSION}")
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The same call goes on where this one was.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
