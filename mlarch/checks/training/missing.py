"""Missing values meet a family that takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from ...architecture.architecture import Architecture
from ...architecture.blocks.deployment import Mode
from ...architecture.blocks.features import Fallback, Features
from ...architecture.blocks.model import Model
from ...architecture.expressions import Apply, Expression, Name, Window, render, walk
from ...architecture.families import FAMILIES, family_named
from ...architecture.functions import FUNCTIONS
from ...architecture.observations import observations_of
from ..base import Context
from ..features.chains import chains_of, made_of, written_out
from ..features.elsewhere import elsewhere
from ..features.histories import features_of

#: Functions that give a value where their argument is missing, or may do so.
_FILLING = ("python", "impute_mean", "impute_median", "impute_mode", "is_missing", "one_hot", "target_encode", "tfidf")
#: Aggregates that give a number where a window is empty; where the store gives no answer, they are missing as all others.
_OF_NOTHING = ("count", "distinct", "sum")


@dataclass(frozen=True)
class MissingValuesAreTaken:
    """A column that may be missing is imputed in the features of a model whose family takes no missing values."""

    name: str = "missing"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        context.apart("missing", self._groups(context))

    def _groups(self, context: Context) -> Iterator[tuple[str, tuple[object, ...], Callable[[Context], None]]]:
        architecture = context.architecture
        for model in architecture.model.values():
            observations = observations_of(architecture, model)
            if observations is None or model.family not in FAMILIES or family_named(model.family).missing:
                continue
            features: dict[str, list[str]] = {}
            for group, name in features_of(context, model):
                features.setdefault(group.name, []).append(name)
            for group, names in ((architecture.features[each], names) for each, names in features.items()):
                served = _served_without_answers(architecture, model)
                made = made_of(architecture, group)
                sources = [architecture.source.get(each.source.name) for each in made]
                parts = (model.name, model.family, *made, *sources, f"{observations.name} {served}", " ".join(names))
                yield f"features.{group.name}", parts, partial(self._group, model, group, names, observations.name, served)

    def _group(self, model: Model, group: Features, names: list[str], observations: str, served: bool, context: Context) -> None:
        for name in names:
            written = written_out(context, group, name)
            node = _lacking(context, group, written, observations)
            help = "impute it: `impute_median(…)`, or choose a family that takes them: lightgbm, xgboost"
            told = f"`{render(node)}` may be missing" if node is not None else ""
            if node is None and served and (node := _lacking(context, group, written, observations, ())) is not None:
                told = f"`{render(node)}` is missing at a request that the feature store does not answer"
                help = "say what it is then: `coalesce(…, 0)`, or refuse such requests: `feature_store store { fallback = refuse }`"
            if node is not None:
                told += f", and `{model.family}` of `model.{model.name}` takes no missing values"
                span = context.where(node, f"features.{group.name}.feature.{name}")
                context.findings.warning("MLA456", told, span, "not imputed", help=help)


def _lacking(
    context: Context, group: Features, written: Expression, observations: str, of_nothing: tuple[str, ...] = _OF_NOTHING
) -> Expression | None:
    """Return the column or the value of a history that makes a feature missing when it is, or None.

    `of_nothing` are the aggregates that give a number of an empty window.
    """
    return _missing(written, _nullable(context, group, written, observations, of_nothing), of_nothing)


def _nullable(context: Context, group: Features, written: Expression, observations: str, of_nothing: tuple[str, ...]) -> set[str]:
    """Return what may be missing of the names in an expression: columns, all of them where they are joined, and features elsewhere."""
    source, found = context.architecture.source[group.source.name], set[str]()
    for node in walk(written):
        there = elsewhere(context.architecture, group, node)
        if there is None or not isinstance(node, Name) or not chains_of(context.architecture).hold(node.text):
            continue
        if there[0].source.name not in context.architecture.source:
            continue
        if _lacking(context, there[0], written_out(context, *there), observations, of_nothing) is not None:
            found.add(node.text)
    joined = source.name != observations  # of an entity without rows, every column is missing
    return found | {each.name for each in source.schema.columns if each.nullable or joined}


def _served_without_answers(architecture: Architecture, model: Model) -> bool:
    """Tell whether a model answers requests even where the feature store does not: with missing values in place of histories."""
    asked = any(each.model.name == model.name and each.mode is Mode.ONLINE for each in architecture.deployment.values())
    return asked and all(store.fallback is Fallback.MISSING for store in architecture.feature_store.values())


def _missing(node: Expression, nullable: set[str], of_nothing: tuple[str, ...]) -> Expression | None:
    def inner(part: Expression) -> Expression | None:
        return _missing(part, nullable, of_nothing)

    match node:
        case Name(parts):
            return node if ".".join(parts) in nullable else None
        case Apply(function, _) if function in _FILLING:
            return None
        case Window(Apply(function, _)):
            return None if function in of_nothing or function not in FUNCTIONS else node
        case Apply("lag", _):
            return node
        case Apply("coalesce", (*_, last)):
            return inner(last)
        case Apply("if", (_, one, other)):
            return inner(one) or inner(other)
        case Apply("case", (*chosen, otherwise)):
            return next((found for part in (*chosen[1::2], otherwise) if (found := inner(part)) is not None), None)
        case Apply("and" | "or", _):
            return None  # three-valued: often decided by the other part
        case Apply(_, arguments):
            return next((found for part in arguments if (found := inner(part)) is not None), None)
    return None
