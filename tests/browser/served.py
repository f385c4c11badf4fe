"""A dashboard of a test's own, started the way `make run` starts it."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import httpx

PROJECT = Path(__file__).parent.parent.parent
PATIENCE = 60  # seconds for a start, on a machine that is busy


class Served:
    """A server over `data_dir` while the `with` block lasts. `log` gets what it prints."""

    def __init__(self, data_dir: Path, log: Path) -> None:
        self.data_dir = data_dir
        self.log = log
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=self.url, trust_env=False, timeout=30)

    def __enter__(self) -> "Served":
        environment = os.environ | {"DATA_DIR": str(self.data_dir), "PORT": str(self.port), "ADDRESS": "127.0.0.1"}
        environment["SIMULATE"] = environment.get("SIMULATE", "0")  # what is asked for is the sample
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tools.serve"],
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.client.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def printed(self) -> str:
        """What the server has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _wait(self) -> None:
        """Until the server answers, with or without a mart."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process.poll() is None:
            try:
                self.client.get("/healthz")
            except httpx.TransportError:
                time.sleep(0.2)
            else:
                return
        raise RuntimeError(f"The dashboard did not start:\n{self.printed()}")
