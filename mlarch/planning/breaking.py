"""What a reviewer must see: what breaks callers, weakens a promise, a data rule or a gate, or opens a door."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..architecture.architecture import Architecture
from ..architecture.blocks.deployment import Mode
from ..architecture.blocks.evaluation import Evaluation
from ..architecture.blocks.system import Metric
from ..architecture.expressions import render
from ..architecture.metrics import METRICS
from ..architecture.nodes import abouts
from ..architecture.observations import columns_in
from ..architecture.pipeline import Pipeline, evaluation_of
from ..architecture.types import Column
from ..architecture.vocabulary import Condition, Limit
from ..architecture.writing import written
from .comparing import Change
from .implying import alike, implies, weaker
from .requests import answer, narrowed, served_by


@dataclass(frozen=True)
class Break:
    """One thing to see. `paths` are where it may come from, the most telling first; `api` tells what callers notice."""

    message: str
    paths: tuple[str, ...]
    api: bool = False


def breaks(old: Architecture, new: Architecture, changes: Iterable[Change]) -> tuple[Break, ...]:
    """Return all of it, in the order: callers, data, promises, gates, doors."""
    changes = tuple(changes)
    parts = (_callers(old, new), _types(old, new), _promises(old, new), _metrics(old, new), _gates(old, new), _doors(old, new, changes))
    return tuple(dict.fromkeys(found for part in parts for found in part))


# --- callers and data ------------------------------------------------------------------------------------------------


def _callers(old: Architecture, new: Architecture) -> Iterator[Break]:
    for name, deployment in old.deployment.items():
        at = f"deployment.{name}"
        if name not in new.deployment:
            yield Break(f"`{at}` is taken away", (at,), api=True)
            continue
        now = new.deployment[name]
        if now.stage is not deployment.stage:
            yield Break(f"`{at}` serves the version in {now.stage}, was {deployment.stage}", (f"{at}.stage",))
        if deployment.mode is Mode.ONLINE is not now.mode:
            yield Break(f"`{at}` answers no requests any more: its mode is {now.mode}", (f"{at}.mode",), api=True)
        asked = deployment.mode is Mode.ONLINE is now.mode
        if asked and now.port != deployment.port:
            yield Break(f"`{at}` answers on port {now.port}, was {deployment.port}", (f"{at}.port",), api=True)
        before, after = served_by(old, name), served_by(new, name)
        if before is not None and after is not None:
            if asked:
                yield from _requests(at, before, after)
            yield from _answers(at, before, after)


def _requests(at: str, before: Pipeline, after: Pipeline) -> Iterator[Break]:
    chosen = (f"{at}.model", f"model.{after.name}.features", f"model.{before.name}.features", f"model.{after.name}.observations")
    for column, why in narrowed(before, after):
        path = f"source.{after.observations.name}.schema.{column}"
        reading = [_readers(side, column) for side in (before, after)]
        # A column that comes or goes does so by the features that read it.
        yield Break(f"`{at}`: `{column}` {why}", (path, *chosen, *reading[0], *reading[1]) if not all(reading) else (path,), api=True)


def _readers(pipeline: Pipeline, column: str) -> tuple[str, ...]:
    """The features that need a column in the request: they read it, or a history that is found by it or seen as of it."""
    program = pipeline.program
    asked = {
        value.name
        for history in program.histories
        for value in history.values
        if column in history.entity or (program.as_of is not None and column in columns_in(program.as_of))
    }
    read = (each.name for each in program.features if not asked.union((column,)).isdisjoint(columns_in(each.expression)))
    return tuple(f"features.{name.replace('.', '.feature.', 1)}" for name in read)


def _answers(at: str, before: Pipeline, after: Pipeline) -> Iterator[Break]:
    if answer(before) == answer(after):
        return
    label = (f"source.{after.observations.name}.schema.{column}" for column in after.label_columns)
    of = (f"model.{after.name}.output", f"model.{after.name}.label", f"system.{after.system}.problem", f"{at}.model", *label)
    yield Break(f"`{at}` answers {answer(after)}, answered {answer(before)}", of, api=True)


def _types(old: Architecture, new: Architecture) -> Iterator[Break]:
    for name, source in old.source.items():
        at = f"source.{name}"
        if name not in new.source:
            yield Break(f"`{at}` is taken away", (at,))
            continue
        after = {column.name: column for column in new.source[name].schema.columns}
        for column in source.schema.columns:
            path = f"{at}.schema.{column.name}"
            if column.name not in after:
                yield Break(f"`{path}` is taken away", (path,))
            elif (after[column.name].type, after[column.name].unit) != (column.type, column.unit):
                yield Break(f"`{path}` is {_typed(after[column.name])}, was {_typed(column)}", (path,))
        rules = [side.expect.conditions if side.expect else () for side in (source, new.source[name])]
        yield from _conditions(f"{at}.expect", *rules)


def _typed(column: Column) -> str:
    return f"{column.type.value}({written(column.unit)})" if column.unit else column.type.value


# --- promises --------------------------------------------------------------------------------------------------------


def _promises(old: Architecture, new: Architecture) -> Iterator[Break]:
    for name, deployment in old.deployment.items():
        if name not in new.deployment or deployment.slo is None:
            continue
        slo = new.deployment[name].slo
        for key in abouts(type(deployment.slo)):
            path = f"deployment.{name}.slo.{key}"
            yield from _limit(path, getattr(deployment.slo, key), getattr(slo, key) if slo else None)


def _limit(path: str, before: Limit | None, after: Limit | None) -> Iterator[Break]:
    if before is None or before == after:
        return
    if after is None:
        yield Break(f"`{path} {before}` is promised no more", (path,))
    elif weaker(before.operator, before.bound.base, after.operator, after.bound.base):
        yield Break(f"`{path}` is weaker: {after}, was {before}", (path,))


def _metrics(old: Architecture, new: Architecture) -> Iterator[Break]:
    for name, metric in old.system.metric.items():
        at = f"system.{new.system.name}.metric.{name}"
        after = new.system.metric.get(name, Metric())
        yield from _limit(f"{at}.target", metric.target, after.target)
        if metric.baseline is None or metric.baseline == after.baseline:
            continue
        if after.baseline is None:
            yield Break(f"`{at}.baseline` is taken away: nothing has to beat {metric.baseline}", (f"{at}.baseline", at))
        elif name not in METRICS or (after.baseline.base < metric.baseline.base) is METRICS[name].greater_is_better:
            yield Break(f"`{at}.baseline` is easier to beat: {after.baseline}, was {metric.baseline}", (f"{at}.baseline",))


# --- gates -----------------------------------------------------------------------------------------------------------


def _gates(old: Architecture, new: Architecture) -> Iterator[Break]:
    for model in old.model:
        if model in new.model:
            yield from _gate(evaluation_of(old, model), evaluation_of(new, model), model)
        else:
            yield Break(f"`model.{model}` is taken away: nothing trains it any more, or holds it to a gate", (f"model.{model}",))


def _gate(before: Evaluation | None, after: Evaluation | None, model: str) -> Iterator[Break]:
    at = f"evaluation.{(after or before).name}" if after or before else ""  # type: ignore[union-attr]  # one of them is there
    if after is not None and not after.gate and (before is None or before.gate):
        yield Break(f"the gate of `model.{model}` is switched off", (f"{at}.gate",))
    if before is None:
        if after is not None and after.require:
            yield Break(f"`{at}` decides in place of the baselines", (f"{at}.require", at))
        return
    if after is None:
        yield Break(f"`{at}` is taken away: the gate of `model.{model}` is to beat the baselines", (at,))
        return
    yield from _conditions(f"{at}.require", before.require, after.require)
    if before.fairness is not None:
        if after.fairness is None or after.fairness.attribute != before.fairness.attribute:
            yield Break(f"`{at}.fairness` does not look at `{before.fairness.attribute}` any more", (f"{at}.fairness",))
        else:
            yield from _conditions(f"{at}.fairness", before.fairness.conditions, after.fairness.conditions)


def _conditions(at: str, before: tuple[Condition, ...], after: tuple[Condition, ...]) -> Iterator[Break]:
    """Every condition must still be there, or one on the same thing that lets no more pass."""
    asked = [each.expression for each in after]
    for place, condition in enumerate(before):
        old = condition.expression
        if any(implies(each, old) for each in asked):
            continue
        less = next((each for each in asked if alike(each, old)), None)
        message = f"`{at}` asks less: `{render(less)}`, was `{render(old)}`" if less else f"`{at}` asks no more for `{render(old)}`"
        yield Break(message, (f"{at}.{place}", at))


# --- doors -----------------------------------------------------------------------------------------------------------


def _doors(old: Architecture, new: Architecture, changes: tuple[Change, ...]) -> Iterator[Break]:
    for name, deployment in new.deployment.items():
        path = f"deployment.{name}.host"
        if not _loopback(deployment.host) and (name not in old.deployment or _loopback(old.deployment[name].host)):
            yield Break(f"`deployment.{name}` listens on {deployment.host}: other machines can reach it", (path,))
    for change in changes:
        before, after = change.before or "nothing", change.after or "nothing"
        whole = change.path.count(".") == 1
        if change.path.startswith("tracking.") and not change.moved and not change.path.endswith((".doc", ".experiment")):
            new_or_gone = f"is new: {after}" if change.before is None else f"is taken away: {before}"
            yield Break(f"`{change.path}` {new_or_gone if whole else f'is {after}, was {before}'}", (change.path,))
        elif "secret(" in before + after and not whole:
            yield Break(f"`{change.path}` takes another secret: {after}, was {before}", (change.path,))


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
