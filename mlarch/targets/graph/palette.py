"""Colours: one family for data, for making models, for serving, for operating, and for what all share."""

from __future__ import annotations

_FAMILIES = {
    "source": "data",
    "features": "data",
    "feature_store": "data",
    "model": "make",
    "training": "make",
    "evaluation": "make",
    "registry": "make",
    "deployment": "serve",
    "monitor": "serve",
    "any": "serve",
    "alert": "operate",
    "retraining": "operate",
}

#: Line, background and text of each family, on a light page and on a dark one.
COLOURS = {
    "data": (("#2f6fbd", "#eaf2fb", "#1d4c86"), ("#5b9be6", "#152537", "#a9cdf5")),
    "make": (("#7a4fc0", "#f2edfb", "#553192"), ("#a885e8", "#241b38", "#d3c0f7")),
    "serve": (("#1d8a5f", "#e7f6ef", "#10603f"), ("#46bd8c", "#11291f", "#9be3c4")),
    "operate": (("#c2661a", "#fdf1e6", "#8a430a"), ("#e89a55", "#33210f", "#f7cda4")),
    "shared": (("#7d8794", "#f1f3f5", "#4a535e"), ("#8b96a3", "#20262d", "#c3ccd6")),
}


def family_of(kind: str) -> str:
    """Return the family of colours of a block kind."""
    return _FAMILIES.get(kind, "shared")
