"""Composing YAML files: Hydra says which config groups a `defaults:` list takes, in which order and to which place; we merge their data.

Nothing but the `defaults:` list goes through OmegaConf, so that every scalar stays as written, every key keeps its position, and no
interpolation is resolved.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hydra._internal.defaults_list import create_defaults_list
from hydra.core.default_element import ResultDefault
from hydra.errors import HydraException, MissingConfigException

from .. import data, tree
from ..data import Data, Mapping
from ..diagnostics import Findings
from ..overrides.text import Override
from ..source import Source, Span
from ..suggest import names, nearest
from .config_files import Files, Unreadable
from .text import CODE

_PLACES = "config files lie beside the architecture, in `conf/` beside it, and among those that come with mlarch"


def compose(source: Source, main: Mapping, choices: Sequence[Override], findings: Findings) -> Mapping | None:
    """Return what a file and the config groups of its `defaults:` list say together; None when that cannot be told.

    `choices` are the overrides that choose a config group, such as `hardware=laptop`.
    """
    files = Files(source, main, findings)
    absent = next((each for each in choices if not files.group_exists(each.parsed.key_or_group)), None)
    if absent is not None:
        told = f"there is no config group `{absent.parsed.key_or_group}`"
        findings.error("MLA009", told, absent.path[0].span, "unknown", help=_PLACES)
        return None
    try:
        composed = Mapping({}, main.span)
        for each in _listed(files, choices):
            said = files.mapping(each.config_path or "").without("defaults")
            package = [tree.Scalar(part, False, (), said.span) for part in (each.package or "").split(".") if part]
            above = data.nest(package, said)
            assert isinstance(above, Mapping)
            composed = data.merge(composed, above)
        return composed
    except Unreadable:
        return None
    except (HydraException, ValueError) as problem:
        _Report(files, _guilty(files, choices, problem), findings).failed(problem)
        return None


def chosen_groups(source: Source, given: Sequence[Override]) -> list[Override]:
    """Return the overrides that are Hydra's to carry out: those whose path is a config group, or has a package."""
    files = Files(source, Mapping({}, Span(source, 0, 0)), Findings())
    return [each for each in given if each.parsed.package is not None or files.group_exists(each.parsed.key_or_group)]


def _listed(files: Files, choices: Sequence[Override]) -> list[ResultDefault]:
    parsed = [each.parsed for each in choices]
    return create_defaults_list(files, files.name, parsed, prepend_hydra=False, skip_missing=False).defaults


def _guilty(files: Files, choices: Sequence[Override], problem: Exception) -> Override | None:
    """Return the choice that brings a problem about; None when the files have it by themselves."""
    for number in range(len(choices) + 1):
        try:
            _listed(files, choices[:number])
        except (HydraException, ValueError) as again:
            if str(again) == str(problem):
                return choices[number - 1] if number else None
    return None


class _Report:
    """Says what Hydra has to complain about, in our words and with a place."""

    def __init__(self, files: Files, guilty: Override | None, findings: Findings) -> None:
        self.files = files
        self.guilty = guilty
        self.findings = findings

    def failed(self, problem: Exception) -> None:
        if isinstance(problem, MissingConfigException):
            self._missing(problem)
            return
        first, *rest = [line.strip() for line in str(problem).splitlines() if line.strip()] or ["the defaults list cannot be composed"]
        said = re.sub(r"^In [^:]*: ", "", first).rstrip(".")
        self._error(f"{said[0].lower()}{said[1:]}", self._list(), "here", " ".join(rest) or None)

    def _missing(self, problem: MissingConfigException) -> None:
        missing = str(problem.missing_cfg_file)
        group, _, name = missing.rpartition("/")
        options = list(problem.options or ())
        guess = nearest(name, options)
        help = f"the group `{group}` has {names(options)}" if options else _PLACES
        caption = f"did you mean `{guess}`?" if guess else "not found"
        self._error(f"there is no config file `{missing}.yaml`", self._named(name) or self._list(), caption, help)

    def _error(self, message: str, span: Span | None, caption: str, help: str | None) -> None:
        if self.guilty is None:
            self.findings.error(CODE, message, span, caption, help=help)
        else:
            self.findings.error("MLA009", message, self.guilty.span, caption, help=help)

    def _list(self) -> Span | None:
        main = self.files.read[self.files.name]
        entry = main.entries.get("defaults") if main else None
        return entry.key.span if entry else None

    def _named(self, name: str) -> Span | None:
        """Return where a `defaults:` list names a config file by the last part of its path."""
        for said in self.files.read.values():
            entry = said.entries.get("defaults") if said else None
            for scalar in _scalars(entry.value) if entry else ():
                if scalar.text.partition("@")[0].rpartition("/")[2] == name:
                    return scalar.span
        return None


def _scalars(value: Data) -> list[tree.Scalar]:
    if isinstance(value, tree.Scalar):
        return [value]
    inner = value.items if isinstance(value, data.Sequence) else [entry.value for entry in value.entries.values()]
    return [scalar for each in inner for scalar in _scalars(each)]
