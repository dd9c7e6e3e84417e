"""Conditions on a running system: what they read is emitted, and they can become true and stop being true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...architecture.architecture import Architecture
from ...architecture.blocks.deployment import Deployment, Mode
from ...architecture.blocks.operations import Windows
from ...architecture.expressions import COMPARISONS, Amount, Apply, Expression, Literal, Name, Window, walk
from ...architecture.operational import OperationalMetric, Origin, operational_metrics
from ...architecture.quantities import Dimension
from ...language.suggest import correction, names, nearest
from ..base import Context

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_UNIT = {Dimension.DURATION: "200ms", Dimension.RATE: "100req/s", Dimension.RATIO: "5%", Dimension.NUMBER: "0.1"}


def live_conditions(architecture: Architecture) -> Iterator[tuple[str, Expression, Deployment | None]]:
    """Yield every condition on live metrics with its path, and the deployment that it is about where it is about one."""
    for deployment in architecture.deployment.values():
        at = f"deployment.{deployment.name}"
        if deployment.release is not None and deployment.release.rollback is not None:
            yield f"{at}.release.rollback", deployment.release.rollback, deployment
        if deployment.circuit_breaker is not None:
            yield f"{at}.circuit_breaker.open", deployment.circuit_breaker.open, deployment
    for alert in architecture.alert.values():
        yield f"alert.{alert.name}.when", alert.when, None


@dataclass(frozen=True)
class LiveConditionsCanHold:
    """Alerts, rollbacks and circuit breakers compare known metrics with values that they can reach."""

    name: str = "alerts"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        known = operational_metrics(context.architecture.system.problem)
        for at, condition, _ in live_conditions(context.architecture):
            self._condition(context, condition, known, at)
        for alert in context.architecture.alert.values():
            hold = alert.hold
            if isinstance(hold, Windows) and not 1 <= hold.k <= hold.of:
                context.error(
                    "MLA436",
                    f"there are never {hold.k} of {hold.of} windows",
                    f"alert.{alert.name}.for",
                    "cannot hold",
                    help="write how many of the last windows: `windows(2, of=3)`",
                )

    def _condition(self, context: Context, node: Expression, known: Mapping[str, OperationalMetric], at: str) -> None:
        if isinstance(node, Apply) and node.function in ("and", "or", "not"):
            for part in node.arguments:
                self._condition(context, part, known, at)
            return
        read = [each for each in walk(node) if isinstance(each, Name)]
        if not (isinstance(node, Apply) and node.function in COMPARISONS) or not read:
            context.findings.error(
                "MLA433",
                "a condition on a running system compares a metric with a value",
                context.where(node, at),
                "compares no metric",
                help="`p99 > 200ms`, `error_rate over 30s > 5%`, with `and`, `or`, `not` between them",
            )
            return
        unknown = [each for each in read if each.text not in known]
        for each in unknown:
            self._unknown(context, each, known, at)
        left, right = node.arguments
        if left == right:
            context.findings.error("MLA418", "both sides are the same: it says nothing", context.where(node, at), "compared with itself")
        elif not unknown:
            self._bound(context, node, known, at)

    def _unknown(self, context: Context, name: Name, known: Mapping[str, OperationalMetric], at: str) -> None:
        span, guess = context.where(name, at), nearest(name.text, known)
        context.findings.error(
            "MLA419",
            f"nothing emits the metric `{name.text}`",
            span,
            f"did you mean `{guess}`?" if guess else "unknown metric",
            help=f"a running system emits {names(known, 40)}",
            fixes=correction(name.text, known, span),
        )

    def _bound(self, context: Context, node: Apply, known: Mapping[str, OperationalMetric], at: str) -> None:
        """A metric stands on one side, a constant on the other; anything else is computed and not judged."""
        operator, (left, right) = node.function, node.arguments
        if _constant(left) is not None:
            left, right, operator = right, left, _TURNED.get(operator, operator)
        left = left.aggregate if isinstance(left, Window) else left
        bound = _constant(right)
        if not isinstance(left, Name) or bound is None:
            return
        metric, (value, dimension, text) = known[left.text], bound
        if dimension not in metric.dimensions:
            wanted = metric.dimensions[0]
            context.findings.error(
                "MLA208",
                f"`{metric.name}` is compared with a {wanted}, and `{text}` is {'a' if dimension else 'no'} {dimension or wanted}",
                context.where(right, at),
                f"not a {wanted}",
                help=f"for example `{metric.name} {operator} {_UNIT[wanted]}`",
            )
            return
        outcome = _outcome(operator, value, metric)
        if outcome is not None:
            low = f"{metric.low:g}" if metric.low is not None else "-∞"
            high = f"{metric.high:g}" if metric.high is not None else "∞"
            context.findings.error(
                "MLA420",
                f"`{left.text} {operator} {text}` is {'always' if outcome else 'never'} true",
                context.where(node, at),
                f"`{metric.name}` lies between {low} and {high}",
                help="is a percent sign missing?" if metric.high == 1 and 1 < value <= 100 and dimension is Dimension.NUMBER else None,
            )


def _constant(node: Expression) -> tuple[float, Dimension | None, str] | None:
    """Value in the base unit, dimension and text of a constant, or None; a text and a truth value have no dimension."""
    match node:
        case Apply("neg", (part,)) if (inner := _constant(part)) is not None:
            return -inner[0], inner[1], f"-{inner[2]}"
        case Amount(quantity):
            return quantity.value, quantity.dimension, quantity.text
        case Literal(bool() | str() | None as value):
            return 0, None, str(value)
        case Literal(int() | float() as value):
            return float(value), Dimension.NUMBER, repr(value)
    return None


def _outcome(operator: str, value: float, metric: OperationalMetric) -> bool | None:
    """Tell what the comparison always comes to, or None where that depends on the metric."""
    low = metric.low if metric.low is not None else float("-inf")
    high = metric.high if metric.high is not None else float("inf")
    if operator in ("==", "!="):
        return None if low <= value <= high else operator == "!="
    if operator == "<":
        return False if value <= low else True if value > high else None
    if operator == "<=":
        return False if value < low else True if value >= high else None
    below = _outcome("<=" if operator == ">" else "<", value, metric)
    return None if below is None else not below


@dataclass(frozen=True)
class LiveMetricsAreEmitted:
    """What a condition reads is emitted by a block that is there: requests by a deployment that answers them, drift by a monitor of it."""

    name: str = "emission"
    of_the_whole: bool = True

    def run(self, context: Context) -> None:
        architecture = context.architecture
        known = operational_metrics(architecture.system.problem)
        answering = {name for name, each in architecture.deployment.items() if each.mode is not Mode.BATCH}
        watched = {monitor.deployment.name for monitor in architecture.monitor.values()}
        for at, condition, deployment in live_conditions(architecture):
            if deployment is not None and deployment.mode is Mode.BATCH:
                continue  # told already: the condition is of another mode
            emitting = {Origin.REQUESTS: answering, Origin.WATCHED: watched}
            for node in walk(condition):
                metric = known.get(node.text) if isinstance(node, Name) else None
                if metric is None or (deployment.name in emitting[metric.origin] if deployment else emitting[metric.origin]):
                    continue
                of = f" of `deployment.{deployment.name}`" if deployment else ""
                what = "no deployment answers requests" if metric.origin is Origin.REQUESTS else f"there is no monitor{of}"
                context.findings.error(
                    "MLA434",
                    f"nothing emits `{metric.name}` here: {what}",
                    context.where(node, at),
                    "is never measured",
                    help=None if metric.origin is Origin.REQUESTS else "add `monitor live { deployment = deployment.<name> }`",
                )
