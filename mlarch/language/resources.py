"""Where the grammar and the config groups lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def _find(folder: str) -> Path:
    inside = _PACKAGE / f"_{folder}"
    return inside if inside.is_dir() else _PACKAGE.parent / folder


def dsl_path(name: str) -> Path:
    """Return the path of a file under `dsl/`."""
    return _find("dsl") / name


def conf_path() -> Path:
    """Return the folder of the Hydra config groups, `conf/`."""
    return _find("conf")
