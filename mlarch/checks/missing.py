"""Missing values meet a family that takes them."""

from __future__ import annotations

from dataclasses import dataclass

from ..architecture.expressions import Apply, Expression, Name
from ..architecture.families import FAMILIES, family_named
from ..architecture.observations import columns_of, inlined, observations_of
from .base import Context
from .chains import chains_of

#: Functions that give a value where their argument is missing.
_FILLING = ("impute_mean", "impute_median", "impute_mode", "is_missing", "ordinal", "one_hot", "target_encode", "tfidf")


@dataclass(frozen=True)
class MissingValuesAreTaken:
    """A column that may be missing is imputed in the features of a model whose family takes no missing values."""

    name: str = "missing"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        architecture, chains = context.architecture, chains_of(context.architecture)
        for model in architecture.model.values():
            observations = observations_of(architecture, model)
            if observations is None or model.family not in FAMILIES or family_named(model.family).missing:
                continue
            nullable = {name for name, column in columns_of(observations).items() if column.nullable}
            for reference in model.features if nullable else ():
                group = architecture.features.get(reference.name)
                for name, feature in group.feature.items() if group is not None and group.source.name == observations.name else ():
                    if not chains.hold(f"{reference.name}.{name}"):
                        continue
                    expression = inlined(architecture, feature.expression, observations.name, context.positions.carry)
                    node = _missing(expression, nullable)
                    if node is not None:
                        at = f"features.{reference.name}.feature.{name}"
                        told = f"`{node.text}` may be missing, and `{model.family}` of `model.{model.name}` takes no missing values"
                        help = "impute it: `impute_median(…)`, or choose a family that takes them: lightgbm, xgboost"
                        context.findings.warning("MLA456", told, context.where(node, at), "not imputed", help=help)


def _missing(node: Expression, nullable: set[str]) -> Name | None:
    """Return the column that makes an expression missing when it is, or None."""
    match node:
        case Name(parts):
            return node if parts[-1] in nullable else None
        case Apply(function, _) if function in _FILLING:
            return None
        case Apply("coalesce", (*_, last)):
            return _missing(last, nullable)
        case Apply("if", (_, one, other)):
            return _missing(one, nullable) or _missing(other, nullable)
        case Apply("and" | "or", _):
            return None  # three-valued: often decided by the other part
        case Apply(_, arguments):
            return next((found for part in arguments if (found := _missing(part, nullable)) is not None), None)
    return None
