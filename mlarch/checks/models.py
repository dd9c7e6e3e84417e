"""A model's family, label, output and split fit the problem, and its gate can be decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..architecture.blocks.evaluation import Evaluation
from ..architecture.blocks.model import Model, Output
from ..architecture.blocks.system import Problem
from ..architecture.blocks.training import SplitBy
from ..architecture.expressions import COMPARISONS, Amount, Apply, Between, Expression, Literal, Name, walk
from ..architecture.families import FAMILIES, family_named
from ..architecture.metrics import MetricKind, metrics_for
from ..architecture.pipeline import evaluation_of, observations_of, over_columns
from ..architecture.quantities import Dimension
from ..architecture.types import ValueKind
from ..language.suggest import names, nearest
from .base import Context
from .expressions import columns_of, typed


@dataclass(frozen=True)
class FamiliesFit:
    """The family exists, answers this kind of problem, and knows every hyperparameter that is set."""

    name: str = "families"

    def run(self, context: Context) -> None:
        for model in context.architecture.model.values():
            at = f"model.{model.name}"
            if model.family is None:
                if model.origin is None:
                    context.error("MLA205", "`model` needs `family`", at, "is missing here", help=f"the families are {names(FAMILIES)}")
                continue
            if model.family not in FAMILIES:
                guess = nearest(model.family, FAMILIES)
                context.error(
                    "MLA405",
                    f"there is no family `{model.family}`",
                    f"{at}.family",
                    f"did you mean `{guess}`?" if guess else "unknown family",
                    help=f"the families are {names(FAMILIES, 30)}",
                )
                continue
            self._fits(context, model, at)

    def _fits(self, context: Context, model: Model, at: str) -> None:
        family = family_named(model.family or "")
        problem = context.architecture.system.problem
        if problem not in family.problems:
            fitting = [name for name in FAMILIES if problem in family_named(name).problems]
            context.error(
                "MLA406",
                f"`{model.family}` does not answer a {problem} problem",
                f"{at}.family",
                f"for {names(family.problems)}",
                help=f"for {problem}: {names(fitting)}",
            )
        for mistake in family.mistakes(model.hyperparameters.values):
            context.error("MLA407", mistake.message, f"{at}.hyperparameters.{mistake.name}", mistake.caption, help=mistake.help)


@dataclass(frozen=True)
class LabelsFit:
    """The label is an expression over the observations that gives what the problem predicts."""

    name: str = "labels"

    def run(self, context: Context) -> None:
        for model in context.architecture.model.values():
            at = f"model.{model.name}"
            if model.origin is not None:
                continue
            if model.label is None:
                context.error(
                    "MLA205",
                    "`model` needs `label`",
                    at,
                    "is missing here",
                    help='what is predicted: `label = nuclei.diagnosis == "malignant"`',
                )
                continue
            if not model.features:
                context.error(
                    "MLA205",
                    "`model` needs `features`",
                    at,
                    "is missing here",
                    help="the blocks that it reads: `features = [features.shape]`",
                )
            observations = observations_of(context.architecture, model)
            if observations is None:
                context.error(
                    "MLA408",
                    "the label does not say which source it is of",
                    f"{at}.label",
                    "which rows?",
                    help="write `source.column`, or set `observations = source.<name>`",
                )
                continue
            self._sources(context, model, observations.name)
            kind = typed(context, over_columns(model.label, observations.name), columns_of(observations), f"{at}.label")
            self._kind(context, model, kind)

    def _sources(self, context: Context, model: Model, observations: str) -> None:
        for reference in model.features:
            group = context.architecture.features.get(reference.name)
            if group is not None and group.source.name != observations:
                context.warn(
                    "MLA801",
                    f"`{reference}` is over `{group.source}`, the rows predicted are `source.{observations}`: "
                    "joins between sources are not carried out yet",
                    f"model.{model.name}.features",
                    "valid, but not lowered",
                )

    def _kind(self, context: Context, model: Model, kind: ValueKind | None) -> None:
        problem, at = context.architecture.system.problem, f"model.{model.name}.label"
        if kind is None:
            return
        if problem is Problem.REGRESSION and kind is not ValueKind.NUMBER:
            context.error("MLA409", f"a regression predicts a number; this label is a {kind}", at, f"a {kind}")
        if problem is Problem.CLASSIFICATION and kind not in (ValueKind.BOOLEAN, ValueKind.TEXT):
            context.error(
                "MLA409",
                f"a classification predicts yes or no, or a category; this label is a {kind}",
                at,
                f"a {kind}",
                help="compare it: `delay > 15`",
            )
        wanted = (Output.PROBABILITY, Output.CLASS) if problem is Problem.CLASSIFICATION else (Output.VALUE,)
        if model.output is not None and problem in (Problem.CLASSIFICATION, Problem.REGRESSION) and model.output not in wanted:
            context.error(
                "MLA410",
                f"a {problem} model does not output a {model.output}",
                f"model.{model.name}.output",
                "does not fit",
                help=f"one of {names(wanted)}",
            )
        if not 0 <= model.threshold.value <= 1:
            context.error(
                "MLA411",
                f"no probability reaches {model.threshold.text}",
                f"model.{model.name}.threshold",
                "a threshold lies between 0 and 1",
            )


@dataclass(frozen=True)
class SplitsArePossible:
    """The shares of a split leave rows to train on, and a split by time has a time."""

    name: str = "splits"

    def run(self, context: Context) -> None:
        trained: dict[str, str] = {}
        for training in context.architecture.training.values():
            at = f"training.{training.name}"
            test, validation = training.split.test.value, training.split.validation.value
            if not 0 < test < 1 or not 0 <= validation < 1 or test + validation >= 1:
                context.error(
                    "MLA412",
                    f"test {training.split.test.text} and validation {training.split.validation.text} leave no rows",
                    f"{at}.split",
                    "shares lie between 0% and 100% in all",
                )
            model = context.architecture.model.get(training.model.name)
            if model is None:
                continue
            if model.name in trained:
                context.error(
                    "MLA413",
                    f"`model.{model.name}` has two trainings",
                    f"{at}.model",
                    f"`training.{trained[model.name]}` trains it already",
                )
            trained[model.name] = training.name
            observations = observations_of(context.architecture, model)
            if training.split.by is SplitBy.TIME and observations is not None and observations.timestamp is None:
                context.error(
                    "MLA414",
                    f"a split by time needs a time, and `source.{observations.name}` has no `timestamp`",
                    f"{at}.split.by",
                    "by which column?",
                )


@dataclass(frozen=True)
class GatesCanBeDecided:
    """Every metric that a target, a baseline or a gate names is emitted, and every threshold can be reached."""

    name: str = "gates"

    def run(self, context: Context) -> None:
        system = context.architecture.system
        known = metrics_for(system.problem)
        for name, metric in system.metric.items():
            at = f"system.{system.name}.metric.{name}"
            if _known(context, name, known, at):
                for key, bound in (("target", metric.target.bound if metric.target else None), ("baseline", metric.baseline)):
                    if bound is not None:
                        _reachable(context, known[name], bound.value, bound.text, f"{at}.{key}")
        for evaluation in context.architecture.evaluation.values():
            for number, condition in enumerate(evaluation.require):
                _condition(context, condition.expression, known, f"evaluation.{evaluation.name}.require.{number}")
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
    for node in walk(expression):
        if isinstance(node, Name):
            metric = node.parts[-1] if node.parts[0] == "champion" and len(node.parts) == 2 else node.text
            _known(context, metric, known, at, node)
        elif isinstance(node, Apply) and node.function.isidentifier() and node.function != "neg":
            context.findings.warning(
                "MLA801", f"`{node.function}(…)` in a gate is not carried out yet", context.where(node, at), "valid, but not lowered"
            )
            return
        elif isinstance(node, Amount) and node.quantity.dimension is not Dimension.RATIO:
            context.findings.error(
                "MLA208",
                f"a metric is compared with a number or a ratio, not `{node.quantity.text}`",
                context.where(node, at),
                "has a unit",
            )
    if isinstance(expression, Apply) and len(expression.arguments) == 2:
        left, right = expression.arguments
        if left == right:
            context.error("MLA418", "both sides are the same: the gate says nothing", at, "compared with itself")
        if isinstance(left, Name) and left.text in known and isinstance(right, (Literal, Amount)):
            value = right.quantity.value if isinstance(right, Amount) else right.value
            if isinstance(value, (int, float)):
                _reachable(context, known[left.text], float(value), right.quantity.text if isinstance(right, Amount) else repr(value), at)


def _known(context: Context, name: str, known: Mapping[str, MetricKind], at: str, node: Name | None = None) -> bool:
    if name in known:
        return True
    guess = nearest(name, known)
    span = context.where(node, at) if node is not None else context.positions.at(at)
    context.findings.error(
        "MLA419",
        f"nothing emits the metric `{name}`",
        span,
        f"did you mean `{guess}`?" if guess else "unknown metric",
        help=f"there are {names(known, 20)}",
    )
    return False


def _reachable(context: Context, metric: MetricKind, value: float, text: str, at: str) -> None:
    if (metric.low is not None and value < metric.low) or (metric.high is not None and value > metric.high):
        ends = f"{metric.low if metric.low is not None else '-∞'} and {metric.high if metric.high is not None else '∞'}"
        context.error("MLA420", f"`{metric.name}` never reaches {text}", at, f"it lies between {ends}")
