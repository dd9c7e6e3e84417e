"""Missing values meet a family that takes them."""

from __future__ import annotations

from dataclasses import dataclass

from ..architecture.expressions import Apply, Expression, Name, Window, render
from ..architecture.families import FAMILIES, family_named
from ..architecture.observations import inlined, observations_of
from .base import Context
from .histories import features_of

#: Functions that give a value where their argument is missing.
_FILLING = ("impute_mean", "impute_median", "impute_mode", "is_missing", "ordinal", "one_hot", "target_encode", "tfidf")


#: Aggregates that give a number where a window is empty.
_NEVER_MISSING = ("count", "distinct", "sum")


@dataclass(frozen=True)
class MissingValuesAreTaken:
    """A column that may be missing is imputed in the features of a model whose family takes no missing values."""

    name: str = "missing"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        architecture = context.architecture
        for model in architecture.model.values():
            observations = observations_of(architecture, model)
            if observations is None or model.family not in FAMILIES or family_named(model.family).missing:
                continue
            for group, name in features_of(context, model):
                at = f"features.{group.name}.feature.{name}"
                source = architecture.source[group.source.name]
                joined = source.name != observations.name  # of an entity without rows, every column is missing
                nullable = {each.name for each in source.schema.columns if each.nullable or joined}
                node = _missing(inlined(architecture, group.feature[name].expression, source.name, context.positions.carry), nullable)
                if node is not None:
                    told = f"`{render(node)}` may be missing, and `{model.family}` of `model.{model.name}` takes no missing values"
                    help = "impute it: `impute_median(…)`, or choose a family that takes them: lightgbm, xgboost"
                    context.findings.warning("MLA456", told, context.where(node, at), "not imputed", help=help)


def _missing(node: Expression, nullable: set[str]) -> Expression | None:
    """Return the column or the value of a history that makes an expression missing when it is, or None."""
    match node:
        case Name(parts):
            return node if parts[-1] in nullable else None
        case Apply(function, _) if function in _FILLING:
            return None
        case Window(Apply(function, _)):
            return None if function in _NEVER_MISSING else node
        case Apply("lag", _):
            return node
        case Apply("coalesce", (*_, last)):
            return _missing(last, nullable)
        case Apply("if", (_, one, other)):
            return _missing(one, nullable) or _missing(other, nullable)
        case Apply("case", (*chosen, otherwise)):
            return next((found for part in (*chosen[1::2], otherwise) if (found := _missing(part, nullable)) is not None), None)
        case Apply("and" | "or", _):
            return None  # three-valued: often decided by the other part
        case Apply(_, arguments):
            return next((found for part in arguments if (found := _missing(part, nullable)) is not None), None)
    return None
