"""Hyperparameters and searches that agree with one another, with the family, and with the rows that they are judged on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...architecture.blocks.model import Model, Scheduler, Search, Setting
from ...architecture.blocks.system import Problem
from ...architecture.blocks.training import Training
from ...architecture.expressions import Among, Between, Expression, Literal, Name
from ...architecture.families import FAMILIES, family_named
from ...architecture.observations import columns_of, observations_of, over_columns
from ...architecture.pipeline import training_of
from ...architecture.types import ValueKind
from ...architecture.typing import TypeProblem, kind_of
from ..base import Context

CODE = "MLA440"


@dataclass(frozen=True)
class SearchesEnd:
    """A search has one aim, rows to judge by that are not the test rows, and no more trials than there are points."""

    name: str = "tuning"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for model in context.architecture.model.values():
            if model.search is not None:
                self._aim(context, model.search, f"model.{model.name}.search")
                if not context.wrong(f"model.{model.name}.search"):
                    self._points(context, model.search, f"model.{model.name}.search")
                self._rows(context, model, f"model.{model.name}.search")

    def _aim(self, context: Context, search: Search, at: str) -> None:
        if not search.space:
            return  # told already
        if search.maximize is None and search.minimize is None:
            help = "name the metric: `maximize = roc_auc`, `minimize = rmse`"
            context.error(CODE, "the search does not say which point is the best", at, "no aim", help=help)
        elif search.maximize is not None and search.minimize is not None:
            told = f"no point has both the most `{search.maximize}` and the least `{search.minimize}`"
            context.warn(CODE, told, f"{at}.minimize", "two aims", help="keep one of the two, and put a bound on the other into a gate")

    def _points(self, context: Context, search: Search, at: str) -> None:
        points = 1
        for number, condition in enumerate(search.space):
            node = condition.expression
            twice = _twice(node)
            if twice is not None:
                context.findings.error(CODE, f"`{twice.value}` is tried twice", context.where(twice, f"{at}.{number}"), "again")
            points = points * len(node.choices) if isinstance(node, Among) and points else 0
        if 0 < points < search.trials and f"{at}.trials" in context.positions.paths:
            told = f"the search has {points} point{'s' * (points != 1)}, and {search.trials} trials"
            context.warn(CODE, told, f"{at}.trials", "more than there are")

    def _rows(self, context: Context, model: Model, at: str) -> None:
        training = training_of(context.architecture, model.name)
        if training is not None and training.split.validation.value == 0:
            told = f"`training.{training.name}` keeps no validation rows by which `model.{model.name}` could be tuned"
            help = "write `split { validation = 10% }`: the test rows are for the gate"
            context.warn("MLA412", told, at, "judged by which rows?", help=help)


def _twice(node: Expression) -> Literal | None:
    seen: set[Setting] = set()
    for choice in node.choices if isinstance(node, Among) else ():
        if isinstance(choice, Literal):
            if choice.value in seen:
                return choice
            seen.add(choice.value)
    return None


@dataclass(frozen=True)
class SettingsAgree:
    """A tree has room for its leaves, and only what is trained in rounds is stopped early or saved between them."""

    name: str = "settings"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for model in context.architecture.model.values():
            if model.family not in FAMILIES:
                continue
            at = f"model.{model.name}"
            self._leaves(context, model, at)
            self._rounds(context, model, training_of(context.architecture, model.name), at)

    def _leaves(self, context: Context, model: Model, at: str) -> None:
        """A binary tree of depth d has at most 2^d leaves; LightGBM grows no more, whatever it is told."""
        leaves, depths = (list(_tried(model, name)) for name in ("num_leaves", "max_depth"))
        deep = [(place, depth) for place, depth in depths if depth > 0]
        if model.family != "lightgbm" or not leaves or not deep:
            return
        (place, most), (_, least) = max(leaves, key=lambda each: each[1]), min(deep, key=lambda each: each[1])
        if least < 20 and most > 2**least:
            told = f"a tree that is {least:g} deep has at most {2 ** int(least)} leaves, never {most:g}"
            context.warn(CODE, told, f"{at}.{place}", "more than there can be", help="allow a deeper tree, or fewer leaves")

    def _rounds(self, context: Context, model: Model, training: Training | None, at: str) -> None:
        rounds = family_named(model.family or "").rounds
        if not rounds and model.search is not None and model.search.scheduler is not Scheduler.NONE:
            told = f"`{model.family}` is not trained in rounds, so that no trial can be stopped early"
            context.error(CODE, told, f"{at}.search.scheduler", "nothing to stop", help="write `scheduler = none`")
        if training is None or training.checkpoint is None:
            return
        every, place = training.checkpoint.every, f"training.{training.name}.checkpoint"
        default = getattr(family_named(model.family or "").hyperparameters(), "n_estimators", None)
        most = max((number for _, number in _tried(model, "n_estimators")), default=default)
        if not rounds:
            told = f"`{model.family}` is not trained in rounds, so that there is nothing to save between them"
            context.warn("MLA446", told, place, "no rounds", help="take `checkpoint` away")
        elif most is not None and every > most:
            told = f"the training ends after {most:g} rounds, before the first checkpoint"
            context.warn("MLA446", told, f"{place}.every", "never reached")


def _tried(model: Model, name: str) -> Iterator[tuple[str, float]]:
    """Yield each number that a hyperparameter is set to or searched in, with its place: both ends of a range."""
    value = model.hyperparameters.values.get(name)
    searched = False
    for number, condition in enumerate(model.search.space if model.search is not None else ()):
        match condition.expression:
            case Among(Name((found,)), choices) if found == name:
                ends: tuple[Expression, ...] = choices
            case Between(Name((found,)), low, high) if found == name:
                ends = (low, high)
            case _:
                continue
        searched = True
        for end in ends:
            if isinstance(end, Literal) and isinstance(end.value, (int, float)) and not isinstance(end.value, bool):
                yield f"search.{number}", float(end.value)
    if not searched and isinstance(value, (int, float)) and not isinstance(value, bool):
        yield f"hyperparameters.{name}", float(value)


@dataclass(frozen=True)
class ThresholdsDivide:
    """A threshold is of the probability of one class, and leaves answers on both sides."""

    name: str = "threshold"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        problem = context.architecture.system.problem
        for model in context.architecture.model.values():
            at, observations = f"model.{model.name}.threshold", observations_of(context.architecture, model)
            if at not in context.positions.paths:
                continue
            if problem is not Problem.CLASSIFICATION:
                context.error("MLA411", f"a {problem} gives no probability", at, "of a classification", help="take `threshold` away")
            elif model.threshold.value == 0:
                context.warn("MLA411", "every probability is at least 0: the answer is always yes", at, "always reached")
            elif model.label is not None and observations is not None and not context.wrong(f"model.{model.name}.label"):
                try:
                    kind = kind_of(over_columns(model.label, observations.name), columns_of(observations))
                except TypeProblem:
                    continue  # told already
                if kind is ValueKind.TEXT:
                    told = "of several classes the likeliest is the answer: a threshold is of a label that is true or false"
                    context.warn("MLA411", told, at, "is not used", help='compare the label: `label = … == "…"`')


@dataclass(frozen=True)
class OriginsAreWhole:
    """A model is trained here or was trained elsewhere, and the registry is told which version."""

    name: str = "origins"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for model in context.architecture.model.values():
            if model.origin is None:
                continue
            at = f"model.{model.name}"
            if not model.origin.uri.startswith(("models:/", "runs:/", "s3://", "file:", "mlflow-artifacts:")):
                told, help = f"`{model.origin.uri}` names no model", 'for example `mlflow("models:/late/3")`'
                context.error("MLA452", told, f"{at}.from", "`models:/name/version`", help=help)
            for key in ("family", "hyperparameters", "search"):
                if f"{at}.{key}" in context.positions.paths:
                    told = f"`{at}` comes from elsewhere, and `{key}` is of a model that is trained here"
                    context.error("MLA445", told, f"{at}.{key}", "trained elsewhere", help="keep `from` or the settings")
                    break
