"""Conditions on a running system that hold at the right time: they go the right way, hold together, and set off what helps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from ...architecture.architecture import Architecture
from ...architecture.blocks.operations import Alert
from ...architecture.expressions import Apply, Expression, Name, Window, render, walk
from ...architecture.metrics import METRICS
from ...architecture.operational import OperationalMetric, Origin, operational_metrics
from ...architecture.vocabulary import Reference
from ..base import Context
from ..evaluation.conditions import Bound, bound_of, contradictions, joined, percentiles_disagree
from .live import live_conditions

#: Of these more is better, beside the metrics of a model of which it is.
_BETTER_HIGH = ("availability",)
#: Of these neither is: a load may be too low and too high.
_NEUTRAL = ("throughput",)


@dataclass(frozen=True)
class AlarmsGoOffInTime:
    """An alert, a rollback and a circuit breaker go off when things are bad, and not when they are good, always or never."""

    name: str = "alarms"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        known = operational_metrics(context.architecture.system.problem)
        for at, condition, _ in live_conditions(context.architecture):
            if not _said(context, condition, at) and self._sound(context, condition, known, at):
                self._direction(context, condition, known, at)
        self._twice(context)
        self._breakers(context, known)
        self._useless(context, known)

    def _sound(self, context: Context, condition: Expression, known: Mapping[str, OperationalMetric], at: str) -> bool:
        """Report parts that two metrics or an exact value decide, and parts that exclude one another."""
        for node in walk(condition):
            if isinstance(node, Apply) and node.function == "and":
                parts = joined(node, "and")
                pair = next(contradictions(parts), None) or percentiles_disagree(parts)
                if pair is not None:
                    told = f"`{render(pair[0].node)}` and `{render(pair[1].node)}` never hold together"
                    context.findings.error("MLA463", told, context.where(node, at), "never true", help="is `or` meant?")
                    return False
            if isinstance(node, Apply) and node.function == "or" and (whole := _everything(joined(node, "or"))) is not None:
                told = f"`{render(whole[0].node)}` or `{render(whole[1].node)}` always holds"
                context.findings.error("MLA463", told, context.where(node, at), "always true", help="is `and` meant?")
                return False
            if isinstance(node, Apply) and node.function in ("<", "<=", ">", ">=", "==", "!=") and not self._pair(context, node, known, at):
                return False
        return True

    def _pair(self, context: Context, node: Apply, known: Mapping[str, OperationalMetric], at: str) -> bool:
        left, right = (part.aggregate if isinstance(part, Window) else part for part in node.arguments)
        if isinstance(left, Name) and isinstance(right, Name) and left.text in known and right.text in known:
            one, other = known[left.text], known[right.text]
            if not set(one.dimensions) & set(other.dimensions):
                told = f"`{one.name}` is a {one.dimensions[0]}, and `{other.name}` a {other.dimensions[0]}"
                context.findings.error("MLA208", told, context.where(node, at), "two units")
                return False
            if one.name in _RANKS and other.name in _RANKS:
                always = node.function in (("<=", "!=") if _RANKS[one.name] < _RANKS[other.name] else (">=", "!="))
                outcome = "always" if always else "hardly ever"
                told = f"a lower percentile is never above a higher one, so that `{render(node)}` is {outcome} true"
                context.findings.error(
                    "MLA420", told, context.where(node, at), "says nothing", help="compare one of them with a time: `p99 > 200ms`"
                )
                return False
        bound = bound_of(node)
        if bound is None and node.function in ("==", "!=") and any(isinstance(part, Name) for part in (left, right)):
            told = (
                f"`{render(node)}` is hardly ever {'true' if node.function == '==' else 'false'}: what is measured is never the same twice"
            )
            context.findings.warning("MLA420", told, context.where(node, at), "an exact value", help="write `>` or `<`")
            return False
        if bound is not None and bound.subject in _RANKS and bound.low == 0:
            told = f"`{render(node)}` is always true: every answer takes some time"
            context.findings.error(
                "MLA420", told, context.where(node, at), "says nothing", help="write how long is too long: `p99 > 200ms`"
            )
            return False
        return True

    def _direction(self, context: Context, condition: Expression, known: Mapping[str, OperationalMetric], at: str) -> None:
        """Of an `and`, one part on the bad side is enough: the others narrow it down."""
        for part in joined(condition, "or"):
            bounds = [bound_of(each) for each in joined(part, "and")]
            bad = [bound is not None and _good_when(bound, known) for bound in bounds]
            if bounds and all(bound is not None for bound in bounds) and all(bad):
                bound = bounds[0]
                assert bound is not None
                turned = "<" if bound.low > -inf else ">"
                metric = bound.subject.partition(" over ")[0]
                told = f"`{render(bound.node)}` is true while all is well: of `{metric}`, {'more' if turned == '<' else 'less'} is better"
                help = f"write `{bound.subject} {turned} …`"
                context.findings.warning("MLA441", told, context.where(bound.node, at), "the wrong way round", help=help)

    def _twice(self, context: Context) -> None:
        seen: dict[tuple[str, str], str] = {}
        for alert in context.architecture.alert.values():
            first = seen.setdefault((render(alert.when), alert.then), alert.name)
            if first != alert.name:
                at = f"alert.{alert.name}"
                context.warn(
                    "MLA465", f"`alert.{first}` goes off at the same time and does the same", at, "superfluous", help="keep one of the two"
                )

    def _breakers(self, context: Context, known: Mapping[str, OperationalMetric]) -> None:
        for name, deployment in context.architecture.deployment.items():
            condition = deployment.circuit_breaker.open if deployment.circuit_breaker is not None else None
            for node in walk(condition) if condition is not None else ():
                metric = known.get(node.text) if isinstance(node, Name) else None
                if metric is not None and metric.origin is Origin.WATCHED:
                    at = f"deployment.{name}.circuit_breaker.open"
                    told = f"`{metric.name}` is measured over days: it opens no circuit breaker in time"
                    help = "name what requests show at once: `error_rate over 30s > 5%`; an alert may watch the other"
                    context.findings.warning("MLA435", told, context.where(node, at), "too slow", help=help)

    def _useless(self, context: Context, known: Mapping[str, OperationalMetric]) -> None:
        """A slow or failing server does not get better by a new model."""
        for at, alert in _retraining(context.architecture):
            read = {node.text for node in walk(alert.when) if isinstance(node, Name)}
            if read and all(name in known and known[name].origin is Origin.REQUESTS for name in read):
                told = f"`alert.{alert.name}` is about {' and '.join(f'`{name}`' for name in sorted(read))}, which no new model mends"
                context.warn(
                    "MLA435",
                    told,
                    at,
                    "retrains in vain",
                    help="retrain on drift or on worse answers; `then = scale_up` or `rollback` for this",
                )


_RANKS = {"p50": 50, "p95": 95, "p99": 99}


def _retraining(architecture: Architecture) -> list[tuple[str, Alert]]:
    found = []
    for name, retraining in architecture.retraining.items():
        for trigger in retraining.triggers:
            if isinstance(trigger, Reference) and trigger.name in architecture.alert:
                found.append((f"retraining.{name}.on", architecture.alert[trigger.name]))
    return found


def _good_when(bound: Bound, known: Mapping[str, OperationalMetric]) -> bool:
    """Tell whether a bound holds on the good side of its metric."""
    name = bound.subject.partition(" over ")[0]
    if name not in known or name in _NEUTRAL or (bound.low > -inf and bound.high < inf):
        return False
    better_high = METRICS[name].greater_is_better if name in METRICS else name in _BETTER_HIGH
    return (bound.low > -inf) == better_high


def _everything(parts: list[Expression]) -> tuple[Bound, Bound] | None:
    """Two bounds of one subject that leave nothing out, or None."""
    bounds = [bound for part in parts if (bound := bound_of(part)) is not None]
    below = [bound for bound in bounds if bound.low == -inf and bound.high < inf]
    for above in (bound for bound in bounds if bound.high == inf and bound.low > -inf):
        for bound in below:
            met = above.low < bound.high or (above.low == bound.high and not (above.open and bound.open))
            if above.subject == bound.subject and met:
                return above, bound
    return None


def _said(context: Context, node: Expression, at: str) -> bool:
    spans = [context.where(part, at) for part in walk(node)]
    return any(item.span in spans for item in context.findings if item.code not in ("MLA801", "MLA434"))
