"""A PostgreSQL server of the tests' own: Debian's package, in a folder and at a port of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ..servers import free_port

PASSWORD = "swordfish-4711"


def programs() -> Path:
    """Return the folder of PostgreSQL's programs; a test is skipped where there is none."""
    found = shutil.which("initdb")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    if found is None and not places:
        pytest.skip("there is no PostgreSQL server; `make servers` installs it")
    return Path(found).parent if found else places[0].parent


@contextmanager
def server() -> Iterator[int]:
    """Run a server, and give its port; the user is `reader`."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="mlarch-pg-"))
    # It refuses to run as root: Debian's package brings a user for it.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [programs() / program, *arguments], user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert done.returncode == 0, done.stderr

    try:
        run("initdb", "-D", f"{folder}/data", "-U", "reader", "-A", "scram-sha-256", f"--pwfile={secret}", "--no-sync")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        run("pg_ctl", "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
        try:
            yield port
        finally:
            run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
