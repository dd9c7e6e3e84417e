"""The frozen architecture: what the compiler checks, plans and lowers, without positions."""

from __future__ import annotations

import msgspec

from .blocks import (
    Alert,
    Deployment,
    Evaluation,
    Features,
    FeatureStore,
    Governance,
    Hardware,
    Model,
    Monitor,
    Moved,
    Registry,
    Retraining,
    Source,
    System,
    Tracking,
    Training,
)


class Architecture(msgspec.Struct, frozen=True, kw_only=True):
    """One ML system: every block by kind and name. Both front ends give equal values for equal meaning."""

    language: str
    system: System
    source: dict[str, Source] = {}
    features: dict[str, Features] = {}
    feature_store: dict[str, FeatureStore] = {}
    model: dict[str, Model] = {}
    hardware: dict[str, Hardware] = {}
    training: dict[str, Training] = {}
    tracking: dict[str, Tracking] = {}
    registry: dict[str, Registry] = {}
    evaluation: dict[str, Evaluation] = {}
    deployment: dict[str, Deployment] = {}
    monitor: dict[str, Monitor] = {}
    alert: dict[str, Alert] = {}
    retraining: dict[str, Retraining] = {}
    governance: dict[str, Governance] = {}
    moved: tuple[Moved, ...] = ()
