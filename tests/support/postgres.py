"""A PostgreSQL of one's own on a free port, with nothing in it, gone after the tests."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from counterfoil.local import ports

_SECONDS = 60
_USER = "counterfoil"


@dataclass
class Server:
    """A server at ``url``, without a database's name, which can be stopped and started again."""

    url: str
    command: tuple[str, ...]
    log: Path
    as_whom: dict[str, Any]
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin, and wait until it answers."""
        with self.log.open("ab") as said:
            self.running = subprocess.Popen(self.command, stdout=said, stderr=said, **self.as_whom)
        _await(self.running, self.url, self.log)

    def stop(self) -> None:
        """End, whoever is connected."""
        if self.running is not None:
            self.running.send_signal(signal.SIGINT)
            self.running.wait(_SECONDS)
            self.running = None


@contextmanager
def server() -> Iterator[Server]:
    """A server that runs.

    PostgreSQL refuses to run as root: there the package's own user runs it.
    """
    as_whom: dict[str, Any] = {"user": "postgres"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="counterfoil-postgres-"))
    if as_whom:
        shutil.chown(folder, "postgres")
    make = (_program("initdb"), "-D", str(folder / "data"), "-U", _USER, "-A", "trust", "-N")
    port = ports.free()
    run = (_program("postgres"), "-D", str(folder / "data"), "-p", str(port), "-k", str(folder))
    url = f"postgresql://{_USER}@{ports.HOST}:{port}"
    made = Server(url, (*run, "-h", ports.HOST, "-F"), folder / "log", as_whom)
    try:
        subprocess.run(
            (*make, "-E", "UTF8", "--locale=C"), check=True, capture_output=True, **as_whom
        )
        try:
            made.start()
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder)


@contextmanager
def database(url: str, name: str) -> Iterator[str]:
    """The URL of a new database on a server."""
    with psycopg.connect(f"{url}/postgres", autocommit=True) as link:
        link.execute(f'CREATE DATABASE "{name}"'.encode())
        yield f"{url}/{name}"
        link.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _await(running: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + _SECONDS
    while True:
        try:
            psycopg.connect(f"{url}/postgres").close()
        except psycopg.OperationalError:
            assert running.poll() is None, log.read_text()
            assert time.monotonic() < end
            time.sleep(0.02)  # between two knocks
        else:
            return


def _program(name: str) -> str:
    """On PATH, or where Debian keeps it."""
    places = [shutil.which(name), *sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    found = next((place for place in places if place), None)
    assert found, f"no {name}: apt-get install postgresql"
    return str(found)
