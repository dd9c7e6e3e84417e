"""A gate can be decided, and there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...architecture.blocks.evaluation import Evaluation
from ...architecture.expressions import COMPARISONS, Amount, Apply, Between, Expression, Literal, Name, walk
from ...architecture.metrics import METRICS, MetricKind, metrics_for
from ...architecture.pipeline import evaluation_of
from ...architecture.quantities import Dimension
from ...language.suggest import correction, names, nearest
from ..base import Context


@dataclass(frozen=True)
class GatesCanBeDecided:
    """Every metric that a target, a baseline or a gate names is emitted, and every threshold can be reached."""

    name: str = "gates"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        system = context.architecture.system
        known = metrics_for(system.problem)
        for name, metric in system.metric.items():
            at = f"system.{system.name}.metric.{name}"
            if _known(context, name, known, at):
                if metric.target is not None:
                    _direction(context, known[name], metric.target.operator, f"{at}.target")
                for key, bound in (("target", metric.target.bound if metric.target else None), ("baseline", metric.baseline)):
                    if bound is not None:
                        _reachable(context, known[name], bound.value, bound.text, f"{at}.{key}")
        for evaluation in context.architecture.evaluation.values():
            for number, condition in enumerate(evaluation.require):
                _condition(context, condition.expression, known, f"evaluation.{evaluation.name}.require.{number}")


@dataclass(frozen=True)
class GatesAreOpen:
    """Something decides whether a model is good enough, or the gate is switched off by name."""

    name: str = "registration"
    of_the_whole: bool = True

    def run(self, context: Context) -> None:
        for model in context.architecture.model:
            self._gate(context, model, evaluation_of(context.architecture, model))

    def _gate(self, context: Context, model: str, evaluation: Evaluation | None) -> None:
        if evaluation is not None:
            if not evaluation.gate:
                context.warn(
                    "MLA415",
                    f"the gate of `model.{model}` is switched off",
                    f"evaluation.{evaluation.name}.gate",
                    "every model is registered",
                )
            elif not evaluation.require:
                context.error(
                    "MLA416",
                    f"`evaluation.{evaluation.name}` requires nothing",
                    f"evaluation.{evaluation.name}",
                    "no condition",
                    help="`require roc_auc >= 0.68`, or `gate = false`",
                )
        elif not any(metric.baseline for metric in context.architecture.system.metric.values()):
            context.error(
                "MLA416",
                f"nothing decides whether `model.{model}` is good enough",
                f"model.{model}",
                "no gate",
                help="give a metric a baseline: `metric roc_auc { baseline = 0.8 }`, or add an `evaluation`",
            )


def _condition(context: Context, expression: Expression, known: Mapping[str, MetricKind], at: str) -> None:
    """A gate compares a metric with a number, or with the champion's, possibly a little below it."""
    compared = (isinstance(expression, Apply) and expression.function in COMPARISONS) or isinstance(expression, Between)
    if not compared:
        context.error("MLA417", "a gate compares metrics", at, "not a comparison", help="`require roc_auc >= 0.68`")
        return
    unknown = False
    for node in walk(expression):
        if isinstance(node, Name):
            metric = node.parts[-1] if node.parts[0] == "champion" and len(node.parts) == 2 else node.text
            unknown |= not _known(context, metric, known, at, node)
        elif isinstance(node, Apply) and node.function.isidentifier() and node.function != "neg":
            context.findings.warning(
                "MLA801", f"`{node.function}(…)` in a gate is not carried out yet", context.where(node, at), "valid, but not lowered"
            )
            return
        elif isinstance(node, Amount) and node.quantity.dimension is not Dimension.RATIO:
            if unknown:
                return
            context.findings.error(
                "MLA208",
                f"a metric is compared with a number or a ratio, not `{node.quantity.text}`",
                context.where(node, at),
                "has a unit",
            )
        elif isinstance(node, Amount) and (unbounded := _unbounded(expression, known)):
            context.findings.error(
                "MLA208",
                f"`{unbounded}` is no ratio, so that `{node.quantity.text}` does not say of what",
                context.where(node, at),
                "per cent of what?",
                help=f"write a factor: `{unbounded} <= champion.{unbounded} * 1.05`",
            )
    if isinstance(expression, Apply) and len(expression.arguments) == 2:
        left, right = expression.arguments
        text = next((part for part in (left, right) if isinstance(part, Literal) and not _is_number(part.value)), None)
        if text is not None:
            context.findings.error("MLA417", "a metric is a number", context.where(text, at), "not a number")
        if left == right or (_read(left) and _read(left) == _read(right)):
            _itself(context, left, right, at)
        elif (other := _other_metric(_read(left), _read(right), known)) is not None:
            context.warn("MLA442", f"`{other[0]}` is compared with the champion's `{other[1]}`", at, "two metrics")
        if isinstance(left, Name) and left.text in known and isinstance(right, (Literal, Amount)):
            value = right.quantity.value if isinstance(right, Amount) else right.value
            if isinstance(value, (int, float)) and text is None:
                _reachable(context, known[left.text], float(value), right.quantity.text if isinstance(right, Amount) else repr(value), at)
                _direction(context, known[left.text], expression.function, at)


def _read(expression: Expression) -> set[str]:
    return {node.text for node in walk(expression) if isinstance(node, Name)}


def _itself(context: Context, left: Expression, right: Expression, at: str) -> None:
    own = next((name for name in sorted(_read(left)) if not name.startswith("champion.")), None)
    told = "both sides are the same: the gate says nothing" if left == right else f"both sides are of one model's `{min(_read(left))}`"
    help = f"compare with the model in production: `champion.{own}`" if own is not None else None
    context.error("MLA418", told, at, "compared with itself", help=help)


def _other_metric(left: set[str], right: set[str], known: Mapping[str, MetricKind]) -> tuple[str, str] | None:
    """A metric and another one of the champion, where a gate compares just those two."""
    champions = {name.removeprefix("champion.") for name in left | right if name.startswith("champion.")}
    own = {name for name in left | right if not name.startswith("champion.")}
    two = len(own) == len(champions) == 1 and own != champions and (own | champions).issubset(known)
    return (min(own), min(champions)) if two else None


def _direction(context: Context, metric: MetricKind, operator: str, at: str) -> None:
    """Warn of a bound that the worst model keeps best; a bound against what is too good to be true is rare."""
    if operator in (("<", "<=") if metric.greater_is_better else (">", ">=")):
        better = "more" if metric.greater_is_better else "less"
        turned = operator.translate(str.maketrans("<>", "><"))
        help = f"write `{metric.name} {turned} …`"
        context.warn("MLA441", f"of `{metric.name}`, {better} is better", at, "the wrong way round", help=help)


def _unbounded(expression: Expression, known: Mapping[str, MetricKind]) -> str | None:
    """The metric in a condition that has no upper end, so that percentage points of it mean nothing."""
    read = (node.parts[-1] for node in walk(expression) if isinstance(node, Name))
    return next((name for name in read if name in known and known[name].high is None), None)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _known(context: Context, name: str, known: Mapping[str, MetricKind], at: str, node: Name | None = None) -> bool:
    if name in known:
        return True
    elsewhere = METRICS.get(name)
    meant = [f"champion.{each}" for each in known] if "." in name else list(known)
    guess = nearest(name, meant)
    span = context.where(node, at) if node is not None else context.positions.at(at)
    context.findings.error(
        "MLA419",
        f"nothing emits the metric `{name}`" + (f": it is of a {elsewhere.problems[0]}" if elsewhere else ""),
        span,
        "of another problem" if elsewhere else f"did you mean `{guess}`?" if guess else "unknown metric",
        help=f"there are {names(known, 20)}",
        fixes=correction(name, meant, span),
    )
    return False


def _reachable(context: Context, metric: MetricKind, value: float, text: str, at: str) -> None:
    if (metric.low is not None and value < metric.low) or (metric.high is not None and value > metric.high):
        ends = f"{metric.low if metric.low is not None else '-∞'} and {metric.high if metric.high is not None else '∞'}"
        context.error("MLA420", f"`{metric.name}` never reaches {text}", at, f"it lies between {ends}")
