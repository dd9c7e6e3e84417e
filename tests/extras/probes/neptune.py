"""A run in offline mode is logged to this disk: the service itself is shut down."""

from __future__ import annotations

from pathlib import Path

import neptune

run = neptune.init_run(mode="offline", capture_hardware_metrics=False, capture_stdout=False, capture_stderr=False)
run["depth"] = 3
run["loss"].append(0.5)
run.stop()
assert any(path.stat().st_size for path in Path(".neptune").rglob("data-*.log"))
