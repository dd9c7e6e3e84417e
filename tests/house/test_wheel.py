"""The wheel is whole: installed outside the repository, it compiles an example with its own grammar and config groups."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from .sources import ROOT

EXAMPLE = ROOT / "examples" / "cancer" / "cancer.mlarch"

#: What the wheel is asked for in its new environment, from a folder that is not the repository.
ASKED = """
import mlarch, sys
from mlarch.language.resources import dsl_path
from pathlib import Path
home = Path(sys.prefix).resolve()
for path in (Path(mlarch.__file__), dsl_path("grammar.lark"), dsl_path("schema/mlarch.schema.json")):
    assert path.resolve().is_relative_to(home) and path.exists(), path
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the checkout, built by the build backend that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    (built,) = folder.glob("*.whl")
    return built


def run(*command: str, cwd: Path | None = None) -> str:
    """Run a command outside of this process's Python settings and return its output."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def compiles(environment: Path, folder: Path) -> None:
    """Compile the example in a folder by the `mlarch` of an environment, and compare with what the checkout gives."""
    binaries = environment / "bin"
    run(str(binaries / "python"), "-c", ASKED, cwd=folder)
    shutil.copy(EXAMPLE, folder)
    run(str(binaries / "mlarch"), "compile", EXAMPLE.name, "-o", "theirs", cwd=folder)
    run(str(Path(sys.executable).parent / "mlarch"), "compile", EXAMPLE.name, "-o", "ours", cwd=folder)
    ours, theirs = ({path.name: path.read_bytes() for path in (folder / name).iterdir()} for name in ("ours", "theirs"))
    assert ours == theirs and len(ours) >= 4


def test_the_wheel_holds_the_package_and_its_resources_only(wheel: Path) -> None:
    """Grammar, JSON Schema, config groups, licence and types marker are in it; only the package is at the top level, no corpus in it."""
    names = zipfile.ZipFile(wheel).namelist()
    dsl = ["mlarch/_dsl/grammar.lark", "mlarch/_dsl/schema/mlarch.schema.json"]
    assert sorted(name for name in names if "/_dsl/" in name) == dsl and "mlarch/py.typed" in names
    assert any(name.startswith("mlarch/_conf/") for name in names)
    assert not any("corpus" in name for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {name.split("/")[0] for name in names} == {"mlarch", f"{wheel.name.rsplit('-', 3)[0]}.dist-info"}


def test_the_installed_wheel_compiles_an_example(wheel: Path, tmp_path: Path) -> None:
    """In a new environment, with this environment's libraries to lean on, the wheel's own files compile the example to the same bytes.

    The path file gives the new environment the libraries but not the checkout: path files inside another environment are not read.
    """
    environment, folder = tmp_path / "environment", tmp_path / "elsewhere"
    folder.mkdir()
    venv.create(environment, with_pip=False)
    python = str(environment / "bin" / "python")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps", str(wheel))
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    compiles(environment, folder)


@pytest.mark.servers
@pytest.mark.timeout(900)
def test_the_wheel_brings_everything_that_it_needs(wheel: Path, tmp_path: Path) -> None:
    """Installed with its own requirements into an empty environment, the wheel compiles the example: no requirement is missing."""
    environment, folder = tmp_path / "environment", tmp_path / "elsewhere"
    folder.mkdir()
    venv.create(environment, with_pip=False)
    installer = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if installer is None:
        pytest.skip("uv is not installed: `make setup` brings it")
    run(installer, "pip", "install", "--quiet", "--python", str(environment / "bin" / "python"), str(wheel))
    compiles(environment, folder)
    run(str(environment / "bin" / "mlarch"), "init", "new", cwd=folder)
    run(str(environment / "bin" / "mlarch"), "check", cwd=folder / "new")
