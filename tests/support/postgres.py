"""A PostgreSQL of one's own on a free port, with nothing in it, gone after the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from counterfoil.local import ports

_SECONDS = 60
_USER = "counterfoil"


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server, without a database's name.

    PostgreSQL refuses to run as root: there the package's own user runs it.
    """
    as_whom: dict[str, Any] = {"user": "postgres"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="counterfoil-postgres-"))
    if as_whom:
        shutil.chown(folder, "postgres")
    log = folder / "log"
    make = (_program("initdb"), "-D", str(folder / "data"), "-U", _USER, "-A", "trust", "-N")
    port = ports.free()
    run = (_program("postgres"), "-D", str(folder / "data"), "-p", str(port), "-k", str(folder))
    try:
        subprocess.run(
            (*make, "-E", "UTF8", "--locale=C"), check=True, capture_output=True, **as_whom
        )
        with log.open("wb") as said:
            running = subprocess.Popen(
                (*run, "-h", ports.HOST, "-F"), stdout=said, stderr=said, **as_whom
            )
        try:
            url = f"postgresql://{_USER}@{ports.HOST}:{port}"
            _await(running, url, log)
            yield url
        finally:
            running.terminate()
            running.wait(_SECONDS)
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
