"""The config files that an architecture may be composed of, as Hydra asks for them.

Of each file Hydra sees only its `defaults:` list and its `# @package` line. Files are looked for beside the architecture, in `conf/` beside
it, and among the groups that come with mlarch, in this order.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hydra._internal.config_repository import ConfigRepository
from hydra.core.object_type import ObjectType
from hydra.plugins.config_source import ConfigResult
from omegaconf import OmegaConf

from .. import data, tree
from ..data import Data, Mapping
from ..diagnostics import Findings
from ..files import read_source
from ..load import YAML_SUFFIXES
from ..resources import conf_path
from ..source import Source
from .text import CODE, read_mapping

_PACKAGE = re.compile(r"^#[ \t]*@package[ \t]+(\S+)[ \t]*$", re.MULTILINE)
_MISFIT: Any = object()


class Unreadable(Exception):
    """A file of the composition cannot be read; the reason is among the findings."""


class Files(ConfigRepository):
    """The config files that Hydra may choose from: the main one, and the groups in three folders."""

    def __init__(self, source: Source, main: Mapping, findings: Findings) -> None:
        assert source.path is not None
        self.name = source.path.stem
        self.findings = findings
        self.folders = [source.path.parent, source.path.parent / "conf", conf_path()]
        self.read: dict[str, Mapping | None] = {self.name: main}

    def mapping(self, config_path: str) -> Mapping:
        """Return what a config file holds. It is one that Hydra has found."""
        found = self._read(config_path)
        assert found is not None
        return found

    def _find(self, config_path: str) -> Path | None:
        candidates = (folder / f"{config_path}{suffix}" for folder in self.folders for suffix in YAML_SUFFIXES)
        return next((path for path in candidates if path.is_file()), None)

    def _read(self, config_path: str) -> Mapping | None:
        """Return the data of a config file, read once; None where there is no such file."""
        if config_path not in self.read:
            path = self._find(config_path)
            if path is None:
                return None
            source = read_source(path, self.findings)
            if source is not None and path.is_relative_to(conf_path()):
                # No path of its own: where mlarch is installed is nothing that a build should know.
                source = Source(f"mlarch/conf/{path.relative_to(conf_path()).as_posix()}", source.text)
            read = read_mapping(source, self.findings) if source is not None else None
            if read is None:
                raise Unreadable
            self.read[config_path] = read
        return self.read[config_path]

    # --- what Hydra asks -------------------------------------------------------------------------------------------

    def load_config(self, config_path: str) -> ConfigResult | None:
        """Give Hydra the `defaults:` list and the package of a config file."""
        said = self._read(config_path)
        if said is None:
            return None
        package = _PACKAGE.search(_header(said.span.source.text))
        result = ConfigResult("mlarch", config_path, OmegaConf.create({}), {"package": package[1] if package else None})
        result.defaults_list = self._create_defaults_list(config_path, OmegaConf.create(self._defaults(said)))
        return result

    def group_exists(self, config_path: str) -> bool:
        return bool(config_path) and any((folder / config_path).is_dir() for folder in self.folders)

    def config_exists(self, config_path: str) -> bool:
        return config_path in self.read or self._find(config_path) is not None

    def get_group_options(self, group_name: str, results_filter: ObjectType | None = ObjectType.CONFIG) -> list[str]:
        found = [path for folder in self.folders if (folder / group_name).is_dir() for path in (folder / group_name).iterdir()]
        return sorted({path.stem for path in found if path.suffix in YAML_SUFFIXES})

    def get_sources(self) -> list[Any]:
        return []

    # --- the list --------------------------------------------------------------------------------------------------

    def _defaults(self, said: Mapping) -> list[Any]:
        """Return the `defaults:` list of a file as plain data."""
        entry = said.entries.get("defaults")
        if entry is None:
            return []
        if not isinstance(entry.value, data.Sequence):
            help = "write `defaults:` and below it lines such as `- hardware: laptop`"
            self.findings.error(
                CODE, f"`defaults` is a list of config files, not {data.describe(entry.value)}", entry.key.span, "not a list", help=help
            )
            raise Unreadable
        return [self._item(item) for item in entry.value.items]

    def _item(self, item: Data) -> Any:
        if isinstance(item, tree.Scalar) and "${" not in item.text:
            return item.text
        if isinstance(item, Mapping) and len(item.entries) == 1:
            entry = next(iter(item.entries.values()))
            value = self._choice(entry.value)
            if value is not _MISFIT and "${" not in entry.key.text:
                return {entry.key.text: value}
        help = "write `- hardware: laptop`, `- hardware: [a, b]`, `- base` or `- _self_`, without `${…}`"
        self.findings.error(CODE, "this names no config file", item.span, "not an item of a `defaults:` list", help=help)
        raise Unreadable

    def _choice(self, value: Data) -> Any:
        if isinstance(value, data.Sequence):
            names = [self._choice(each) for each in value.items]
            return _MISFIT if any(not isinstance(name, str) for name in names) else names
        if not isinstance(value, tree.Scalar) or "${" in value.text:
            return _MISFIT
        return None if value.text in ("null", "~", "") and not value.quoted else value.text


def _header(text: str) -> str:
    """The comments and empty lines at the beginning of a file."""
    lines = []
    for line in text.split("\n"):
        if line.strip() and not line.startswith("#"):
            break
        lines.append(line)
    return "\n".join(lines)
