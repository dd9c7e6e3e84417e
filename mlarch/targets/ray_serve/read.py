"""The configuration of a build, read back as it is deployed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...architecture.architecture import Architecture
from ...architecture.blocks.deployment import Deployment
from ...architecture.errors import ArchitectureError
from .emit import file_name


def read_configuration(build: Path, architecture: Architecture, deployment: Deployment) -> dict[str, Any]:
    """Return what a build says for Ray Serve.

    Raises ArchitectureError (MLA702) when the file is missing or is no configuration.
    """
    import yaml

    path, again = build / file_name(architecture, deployment), "`mlarch compile` writes it anew"
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        first = str(problem).splitlines()[0]
        raise ArchitectureError("MLA702", f"cannot read {path}: {first}", at=f"deployment.{deployment.name}", help=again) from None
    if not isinstance(found, dict) or not found.get("applications"):
        raise ArchitectureError("MLA702", f"{path} is no configuration of Ray Serve", at=f"deployment.{deployment.name}", help=again)
    return found
