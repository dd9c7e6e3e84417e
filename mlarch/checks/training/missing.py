"""Missing values meet a family that takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from ...architecture.blocks.features import Features
from ...architecture.blocks.model import Model
from ...architecture.expressions import Apply, Expression, Name, Window, render
from ...architecture.families import FAMILIES, family_named
from ...architecture.observations import observations_of
from ..base import Context
from ..features.chains import made_of, written_out
from ..features.histories import features_of

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
                source = architecture.source[group.source.name]
                joined = source.name != observations.name  # of an entity without rows, every column is missing
                parts = (model.name, model.family, *made_of(architecture, group), source, str(joined), " ".join(names))
                yield f"features.{group.name}", parts, partial(self._group, model, group, names, joined)

    def _group(self, model: Model, group: Features, names: list[str], joined: bool, context: Context) -> None:
        source = context.architecture.source[group.source.name]
        nullable = {each.name for each in source.schema.columns if each.nullable or joined}
        for name in names:
            node = _missing(written_out(context, group, name), nullable)
            if node is not None:
                told = f"`{render(node)}` may be missing, and `{model.family}` of `model.{model.name}` takes no missing values"
                help = "impute it: `impute_median(…)`, or choose a family that takes them: lightgbm, xgboost"
                span = context.where(node, f"features.{group.name}.feature.{name}")
                context.findings.warning("MLA456", told, span, "not imputed", help=help)


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
