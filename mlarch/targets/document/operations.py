"""What happens once the system runs: monitoring, alerts, retraining, governance."""

from __future__ import annotations

from collections.abc import Mapping

from ...architecture.architecture import Architecture
from ...architecture.blocks.operations import Alert
from ...architecture.vocabulary import NamedBlock
from .making import headed
from .markdown import code, prose, table
from .wording import SILENT, ahead, shown


def _all(title: str, blocks: Mapping[str, NamedBlock]) -> list[str]:
    return [part for block in blocks.values() for part in headed(title, block)] or [f"{title}: {SILENT}."]


def monitoring(architecture: Architecture) -> list[str]:
    """Return what is measured of the deployments."""
    return _all("Monitor", architecture.monitor)


def alerts(architecture: Architecture) -> list[str]:
    """Return each alert: its condition, how long it must hold, and what follows."""
    rows = [
        (code(f"alert.{alert.name}"), shown(alert.when), shown(alert.hold), shown(alert.then), prose(alert.doc) if alert.doc else "")
        for alert in architecture.alert.values()
    ]
    head = ("Alert", "When", "For", "Then", "Description")
    return [table(head, rows), *ahead(Alert, "when")] if rows else [f"Alerts: {SILENT}."]


def retraining(architecture: Architecture) -> list[str]:
    """Return when models are trained again, and how a new one replaces the old."""
    return _all("Retraining", architecture.retraining)


def governance(architecture: Architecture) -> list[str]:
    """Return what is recorded for those who answer for the system."""
    return _all("Governance", architecture.governance)
