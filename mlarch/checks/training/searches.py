"""A search over hyperparameters: every point of it can be tried, and it goes for the better end of a metric."""

from __future__ import annotations

from dataclasses import dataclass

from ...architecture.blocks.model import Model, Search, Setting
from ...architecture.expressions import Among, Amount, Apply, Between, Expression, Literal, Name
from ...architecture.families import FAMILIES, family_named
from ...architecture.metrics import metrics_for
from ...language.suggest import correction, names, nearest
from ..base import Context

#: How a range may be drawn from.
DISTRIBUTIONS = ("uniform", "loguniform")


@dataclass(frozen=True)
class SearchesFit:
    """Each searched hyperparameter takes every value that may be tried, and the metric exists and is followed to its better end."""

    name: str = "searches"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for model in context.architecture.model.values():
            if model.search is not None:
                at = f"model.{model.name}.search"
                self._extent(context, model.search, at)
                self._metrics(context, model.search, at)
                if model.family in FAMILIES:
                    self._space(context, model, model.search, at)

    def _extent(self, context: Context, search: Search, at: str) -> None:
        if search.trials < 1:
            context.error("MLA440", f"{search.trials} trials try nothing", f"{at}.trials", "at least one")
        if not search.space and not context.positions.lacks(at.rpartition(".")[0], "search"):
            help = "say what is tried: `learning_rate in loguniform(0.01, 0.3)`"
            context.error("MLA440", "the search has no hyperparameter", at, "searches nothing", help=help)

    def _metrics(self, context: Context, search: Search, at: str) -> None:
        known = metrics_for(context.architecture.system.problem)
        for key, name, other in (("maximize", search.maximize, "minimize"), ("minimize", search.minimize, "maximize")):
            if name is None:
                continue
            if name not in known:
                guess = nearest(name, known)
                context.error(
                    "MLA419",
                    f"nothing emits the metric `{name}`",
                    f"{at}.{key}",
                    f"did you mean `{guess}`?" if guess else "unknown metric",
                    help=f"there are {names(known, 20)}",
                    misspelt=name,
                    known=known,
                )
            elif known[name].greater_is_better != (key == "maximize"):
                better = "more" if known[name].greater_is_better else "less"
                told = f"of `{name}`, {better} is better: this looks for the worst model"
                context.error("MLA441", told, f"{at}.{key}", "the wrong way round", help=f"write `{other} = {name}`")

    def _space(self, context: Context, model: Model, search: Search, at: str) -> None:
        seen: set[str] = set()
        for number, condition in enumerate(search.space):
            place = f"{at}.{number}"
            name, range_ = _parts(condition.expression)
            if name is None or range_ is None:
                context.findings.error(
                    "MLA440",
                    "a search says which values are tried",
                    context.where(condition.expression, place),
                    "no values to try",
                    help="`num_leaves in [31, 63]`, `max_depth in 3..9`, `learning_rate in loguniform(0.01, 0.3)`",
                )
            elif name in seen:
                context.findings.error(
                    "MLA440", f"`{name}` is searched twice", context.where(condition.expression, place), "again", help="keep one of the two"
                )
            else:
                seen.add(name)
                self._points(context, model, name, range_, place)

    def _points(self, context: Context, model: Model, name: str, node: Among | Between | Apply, at: str) -> None:
        points = _ends(node)
        span = context.where(node, at)
        if isinstance(node, Apply) and node.function not in DISTRIBUTIONS:
            guess = nearest(node.function, DISTRIBUTIONS)
            caption = f"did you mean `{guess}`?" if guess else "unknown distribution"
            fixes = correction(node.function, DISTRIBUTIONS, span)
            told = f"there is no distribution `{node.function}`"
            context.findings.error("MLA303", told, span, caption, help=f"there are {names(DISTRIBUTIONS)}", fixes=fixes)
            return
        if isinstance(node, Apply) and (len(points) != 2 or node.keywords):
            told = f"`{node.function}` takes the lower and the upper end"
            context.findings.error("MLA304", told, span, f"{len(points)} given", help=f"`{node.function}(0.01, 0.3)`")
            return
        if not points:
            context.findings.error("MLA440", f"there is no value of `{name}` to try", span, "an empty list")
            return
        values = [_setting(point) for point in points]
        if not isinstance(node, Among) and all(map(_is_number, values)) and self._range(context, node, values, at):
            return
        family = family_named(model.family or "")
        for point, value in zip(points, values, strict=True):
            for mistake in family.mistakes({name: value}):
                unknown = mistake.misspelt == name
                span = context.positions.at(at) if unknown else context.where(point, at)
                fixes = correction(mistake.misspelt, mistake.known, span)
                context.findings.error("MLA407", mistake.message, span, mistake.caption, help=mistake.help, fixes=fixes)
                if unknown:
                    return

    def _range(self, context: Context, node: Between | Apply, values: list[Setting], at: str) -> bool:
        """Report a range that holds no value, or of which no logarithm is; tell whether there was one."""
        low, high = (float(value or 0) for value in values)
        if low >= high:
            told = f"there is nothing between {low:g} and {high:g}"
            context.findings.error("MLA440", told, context.where(node, at), "the lower end comes first")
        elif isinstance(node, Apply) and node.function == "loguniform" and low <= 0:
            told = f"`loguniform` draws from logarithms, and {low:g} has none"
            help = "start a little above 0: `loguniform(1e-4, …)`, or use `uniform`"
            context.findings.error("MLA440", told, context.where(node.arguments[0], at), "must be above 0", help=help)
        else:
            return False
        return True


def _parts(node: Expression) -> tuple[str | None, Among | Between | Apply | None]:
    """The hyperparameter and what is tried of it; None for what has not this form."""
    match node:
        case Among(Name((name,)), _) | Between(Name((name,)), _, _):
            return name, node
        case Apply("in", (Name((name,)), Apply() as drawn)):
            return name, drawn
    return None, None


def _ends(node: Among | Between | Apply) -> tuple[Expression, ...]:
    """What is tried: each choice, or both ends of a range."""
    match node:
        case Among(_, choices):
            return choices
        case Between(_, low, high):
            return low, high
        case Apply(_, arguments):
            return arguments


def _setting(node: Expression) -> Setting:
    """The value that a hyperparameter is set to; a bare word is a text."""
    match node:
        case Literal(value):
            return value
        case Amount(quantity):
            return quantity.text
        case Name(parts):
            return ".".join(parts)
        case Apply("neg", (Literal(int() | float() as value),)):
            return -value
    return None


def _is_number(value: Setting) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
