"""A model's family, label, output and split fit the problem, and its gate can be decided."""

from __future__ import annotations

from dataclasses import dataclass

from ...architecture.blocks.model import Model, Output
from ...architecture.blocks.source import Source
from ...architecture.blocks.system import Problem
from ...architecture.blocks.training import SplitBy
from ...architecture.expressions import Name, walk
from ...architecture.families import FAMILIES, family_named
from ...architecture.observations import columns_of, observations_of, over_columns
from ...architecture.types import ValueKind
from ...language.reuse import once
from ...language.suggest import names, nearest
from ..base import Context
from ..features.expressions import typed


@dataclass(frozen=True)
class FamiliesFit:
    """The family exists, answers this kind of problem, and knows every hyperparameter that is set."""

    name: str = "families"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for model in context.architecture.model.values():
            at = f"model.{model.name}"
            if model.family is None:
                if model.origin is None and not context.positions.lacks(at, "family"):
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
                    misspelt=model.family,
                    known=FAMILIES,
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
        libraries = ("sklearn" if family.library == "scikit-learn" else family.library, "native")
        if model.framework is not None and model.framework not in libraries:
            guess = nearest(model.framework, libraries)
            context.error(
                "MLA405",
                f"`{model.family}` does not come from `{model.framework}`",
                f"{at}.framework",
                f"did you mean `{guess}`?" if guess else "another library",
                help=f"it is {names(libraries)}",
                misspelt=model.framework,
                known=libraries,
            )
        for mistake in once("hyperparameters", (model,), lambda: family.mistakes(model.hyperparameters.values)):
            context.error(
                "MLA407",
                mistake.message,
                f"{at}.hyperparameters.{mistake.name}",
                mistake.caption,
                help=mistake.help,
                misspelt=mistake.misspelt,
                known=mistake.known,
            )


@dataclass(frozen=True)
class LabelsFit:
    """The label is an expression over the observations that gives what the problem predicts."""

    name: str = "labels"
    of_the_whole: bool = False

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
            if observations is None and context.lost:
                continue  # its source may be what an error has taken away
            if observations is None:
                context.error(
                    "MLA408",
                    "the label does not say which source it is of",
                    f"{at}.label",
                    "which rows?",
                    help="write `source.column`, or set `observations = source.<name>`",
                )
                continue
            kind = typed(
                context, over_columns(model.label, observations.name, context.positions.carry), columns_of(observations), f"{at}.label"
            )
            self._kind(context, model, kind)

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
    of_the_whole: bool = False

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
            elif test + validation > 0.8:
                told = (
                    f"test {training.split.test.text} and validation {training.split.validation.text} leave less than a fifth to learn from"
                )
                context.warn("MLA412", told, f"{at}.split", "hardly any rows", help="are the shares exchanged?")
            model = context.architecture.model.get(training.model.name)
            if model is None:
                continue
            if model.origin is not None:
                told, help = f"`model.{model.name}` was trained elsewhere", "take the training away, or `from` out of the model"
                context.warn("MLA445", told, f"{at}.model", "nothing is trained here", help=help)
            if model.name in trained:
                context.error(
                    "MLA413",
                    f"`model.{model.name}` has two trainings",
                    f"{at}.model",
                    f"`training.{trained[model.name]}` trains it already",
                )
            trained[model.name] = training.name
            observations = observations_of(context.architecture, model)
            if training.split.by is SplitBy.GROUP and observations is not None and not observations.entity:
                told = f"a split by group keeps the rows of one thing together, and `source.{observations.name}` has no `entity`"
                context.error("MLA414", told, f"{at}.split.by", "of which thing?")
            if training.split.by is SplitBy.TIME and observations is not None and observations.timestamp is not None:
                column = columns_of(observations).get(observations.timestamp)
                if column is not None and column.nullable and not _repaired(observations, column.name):
                    told = f"a row without `{column.name}` has no place in a split by time"
                    help = f"take its `?` away, or leave such rows out: `clean {{ where = not is_missing({column.name}) }}`"
                    context.warn("MLA414", told, f"{at}.split.by", "may be missing", help=help)
            if training.split.by is SplitBy.TIME and observations is not None and observations.timestamp is None:
                context.error(
                    "MLA414",
                    f"a split by time needs a time, and `source.{observations.name}` has no `timestamp`",
                    f"{at}.split.by",
                    "by which column?",
                )


def _repaired(source: Source, column: str) -> bool:
    """Tell whether a repair fills a column or looks at it to leave rows out."""
    clean = source.clean
    if clean is None:
        return False
    filled = clean.fill is not None and column in clean.fill.values
    return filled or (clean.where is not None and any(isinstance(node, Name) and node.parts[-1] == column for node in walk(clean.where)))
