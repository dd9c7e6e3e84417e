"""Applying overrides to the statements of either front end: each is a small overlay with a place of its own, `<override:2>`.

A path goes by kinds, names and keys, as in YAML: `model.late.hyperparameters.num_leaves=31`, `source.visits.schema.age="int in 0..120"`,
`features.visit.feature.pace="log1p(seconds)"`, `evaluation.judge.require=["roc_auc >= 0.8"]`, `param.data=/tmp/x`. The system has its name
in it too: `system.cancer.problem=regression`. A key that the vocabulary has may be set whether or not the file sets it; a new block,
feature or column is added with `+`, taken away with `~`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .. import data, tree
from ..data import Mapping
from ..diagnostics import Findings
from ..forming import Former
from ..overlays import Body, merge
from ..shapes import Shapes
from ..suggest import names, nearest
from .addresses import Address, addresses, changed, conditions_in, found, names_at, without
from .errors import CODE
from .text import Action, Override


def apply_overrides(
    body: Sequence[tree.Statement], overrides: Sequence[Override], shapes: Shapes, findings: Findings
) -> tuple[Body, dict[str, tree.Scalar]]:
    """Return the statements with the overrides applied in their order, and the values of parameters by name."""
    applying = _Applying(tuple(body), shapes, findings)
    for override in overrides:
        if override.path and override.path[0].text == "param":
            applying.parameter(override)
        else:
            for assigned in _single(override):
                applying.assign(assigned)
    return applying.body, applying.parameters


def _single(override: Override) -> list[Override]:
    """Take a dictionary apart: `a={b: 1, c: 2}` is `a.b=1` and `a.c=2`."""
    if not isinstance(override.value, Mapping) or not override.value.entries:
        return [override]
    inner = [replace(override, path=(*override.path, entry.key), value=entry.value) for entry in override.value.entries.values()]
    return [single for each in inner for single in _single(each)]


class _Applying:
    def __init__(self, body: Body, shapes: Shapes, findings: Findings) -> None:
        self.body = body
        self.shapes = shapes
        self.findings = findings
        self.parameters: dict[str, tree.Scalar] = {}

    def parameter(self, override: Override) -> None:
        """Take `param.name=value`."""
        if len(override.path) == 2 and isinstance(override.value, tree.Scalar) and override.action is not Action.DEL:
            self.parameters[override.path[1].text] = override.value
        else:
            self._refuse(override, "a parameter takes one value", "not one value", "write `param.<name>=<value>`")

    def assign(self, override: Override) -> None:
        """Apply one override that names a block or something in it."""
        kind = override.path[0].text if override.path else ""
        if override.parsed.package is not None or (len(override.path) == 1 and isinstance(override.value, tree.Scalar)):
            help = f"config groups are for an architecture in YAML; what a block says goes by its name: `{kind or 'model'}.<name>.…`"
            self._refuse(override, f"there is no config group `{override.parsed.key_or_group}` here", "chooses a config group", help)
            return
        if kind not in self.shapes.kinds():
            guess = nearest(kind, self.shapes.kinds())
            help = f"a path begins with a kind of block and its name, `{guess or 'model'}.<name>.…`, or with `param`"
            self._refuse(override, f"there is no `{kind}` to override", f"did you mean `{guess}`?" if guess else "unknown", help)
            return
        steps = addresses(override.path, self.shapes)
        if override.action is Action.DEL:
            self._remove(override, steps)
        elif self._may(override, steps):
            self._write(override, steps)

    def _remove(self, override: Override, steps: list[Address]) -> None:
        if override.value is not None:
            self._refuse(override, "`~` takes a path away, whatever its value", "a value", f"write `~{_text(override.path)}`")
        elif self._exist(override, steps) and not self._stands(steps):
            self._refuse(override, f"the file does not say `{_text(override.path)}`", "nothing to take away", "leave this override out")
        else:
            self.body = without(self.body, steps)

    def _stands(self, steps: list[Address]) -> bool:
        return any(True for _ in found(self.body, steps))

    def _may(self, override: Override, steps: list[Address]) -> bool:
        """Tell whether the override may write: what has a name is there, or is added by name."""
        last = steps[-1]
        if override.action is Action.EXTEND_LIST and not self._stands(steps):
            self._refuse(override, f"the file does not say `{_text(override.path)}`", "nothing to extend", "give the whole list: `[a,b]`")
            return False
        if override.action is Action.ADD and last.name is not None and not last.several and self._stands(steps):
            help = f"without `+` it is changed: `{_text(override.path)}=…`"
            self._refuse(override, f"`{_text(override.path)}` is there already", "added again", help)
            return False
        return override.action in (Action.ADD, Action.FORCE_ADD) or self._exist(override, steps)

    def _exist(self, override: Override, steps: list[Address]) -> bool:
        """Tell whether everything on the path that only a file can declare is there; report the first that is not."""
        for number, step in enumerate(steps, 1):
            if not step.declared or step.name is None or self._stands(steps[:number]):
                continue
            known = names_at(self.body, steps[:number])
            guess = nearest(step.name, known)
            caption = f"did you mean `{guess}`?" if guess else "unknown"
            span, said = override.path[step.end - 1].span, _text(override.path[: step.end])
            self.findings.error(CODE, f"there is no `{said}` to override", span, caption, help=self._help(override, step, known))
            return False
        return True

    def _help(self, override: Override, step: Address, known: list[str]) -> str:
        """Say what there is instead of a name that is not, and how it would be added."""
        kind, *rest = (part.text for part in override.path)
        if step.end == 2 and known and self.shapes.form((kind,), rest[0]) is not None:
            return f"the block's name comes first: `{'.'.join((kind, known[0], *rest))}`"
        what = f"there is {names(known)}" if known else "there is none"
        return what if override.action is Action.DEL else f"{what}; `+{_text(override.path)}=…` adds one"

    def _write(self, override: Override, steps: list[Address]) -> None:
        assert override.value is not None
        last = steps[-1]
        if override.action in (Action.CHANGE, Action.FORCE_ADD) and last.several:
            self.body = without(self.body, steps)  # conditions only add up, and these are meant instead
        elif override.action is Action.CHANGE and last.conditions and isinstance(override.value, data.Sequence):
            self.body = without(self.body, [*steps, conditions_in(last.end)])
        nested = data.nest(override.path, override.value)
        assert isinstance(nested, Mapping)
        statements = tuple(Former(self.shapes, self.findings).top(nested))
        before = next(found(self.body, steps), None)
        if override.action is Action.EXTEND_LIST and before is not None and not last.several:
            new = next(found(statements, steps), None)
            self.body = changed(self.body, steps, lambda statement: _extended(before, new))
        else:
            self.body = merge(self.body, statements)

    def _refuse(self, override: Override, message: str, caption: str, help: str) -> None:
        self.findings.error(CODE, message, override.span, caption, help=help)


def _extended(before: tree.Statement, more: tree.Statement | None) -> tree.Statement:
    """Return a list or a block of conditions with more at its end; what is no list becomes what is given, and the binder judges it."""
    match before, more:
        case tree.Attribute(value=value), tree.Attribute(value=tree.Items() as items):
            first = value.items if isinstance(value, tree.Items) else (value,)
            return replace(more, value=replace(items, items=(*first, *items.items)), doc=before.doc)
        case tree.Block(), tree.Block():
            return replace(before, body=(*before.body, *more.body))
    return more or before


def _text(path: Sequence[tree.Scalar]) -> str:
    return ".".join(part.text for part in path)
