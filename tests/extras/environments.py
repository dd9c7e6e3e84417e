"""The environments that the extras are tried in: the light ones together, each large one alone."""

from __future__ import annotations

import sys
from pathlib import Path

from .resolving import resolve, uv

#: Environment -> the extras that it has beside the core. Those with torch are apart: torchvision may not fit the build of torch that it
#: finds, and one that does not load takes transformers and SHAP with it.
ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "light": (
        "aws",
        "boosting",
        "catboost",
        "explain",
        "feast",
        "gcp",
        "kafka",
        "llm",
        "lsp",
        "neptune",
        "recsys",
        "redis",
        "sql",
        "tecton",
        "timeseries",
        "tune",
        "wandb",
    ),
    "torch": ("text", "torch"),
    "vision": ("vision",),
    "tensorflow": ("tensorflow",),
    "jax": ("jax",),
}
#: The release of torch that is tried: the one for which a build without CUDA may lie on the disk.
TORCH = "torch==2.13.0\n"


class CannotInstall(Exception):
    """Why an environment cannot be made on this machine."""


def install(name: str, folder: Path) -> Path:
    """Make an environment with the core and its extras, and return its interpreter.

    Raises CannotInstall when it would bring several GB of CUDA, AssertionError when the installer fails.
    """
    extras = ENVIRONMENTS[name]
    constraints = folder / "constraints.txt"
    constraints.write_text(TORCH, encoding="utf-8")
    found = resolve(*extras, constraints=constraints)
    cuda = sorted(package for package in found if package.startswith("nvidia-") and package != "nvidia-nccl-cu12")
    if cuda:
        raise CannotInstall(f"no build of torch without CUDA is offered here, and {cuda[0]} and {len(cuda) - 1} more are several GB")
    environment = folder / name
    made = uv("venv", "--quiet", "--python", sys.executable, str(environment))
    assert made.returncode == 0, made.stderr
    python = environment / "bin" / "python"
    chosen = [part for extra in extras for part in ("--extra", extra)]
    done = uv(
        *("pip", "install", "--quiet", "--python", str(python), "--constraints", str(constraints), "--requirements", "pyproject.toml"),
        *chosen,
    )
    assert done.returncode == 0, done.stderr
    return python
