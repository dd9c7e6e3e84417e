"""YAML as an editor's YAML support reads it: version 1.2, in which `on` and `no` are texts."""

from __future__ import annotations

import re
from typing import Any

import yaml


class Core(yaml.SafeLoader):
    """The core schema of YAML 1.2."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def read(text: str) -> Any:
    """Return the data of a text."""
    return yaml.load(text, Loader=Core)
