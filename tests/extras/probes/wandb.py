"""A run without network is logged to a file, and its configuration is read back."""

from __future__ import annotations

from pathlib import Path

import wandb

with wandb.init(project="probe", mode="offline", config={"depth": 3}) as run:
    for step in range(3):
        run.log({"loss": 1 / (step + 1)})
    assert run.config["depth"] == 3
(log,) = Path("wandb").glob("offline-run-*/*.wandb")
assert log.stat().st_size > 0
