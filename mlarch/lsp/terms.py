"""What an expression may go on with at one place: columns, features, metrics, functions, operators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..architecture.expressions import word
from ..architecture.functions import FUNCTIONS, OPERATORS, Role
from ..architecture.metrics import FAIRNESS, METRICS
from ..architecture.operational import OPERATIONAL, OperationalMetric, operational_metrics
from ..architecture.vocabulary import Reference
from ..checks.evaluation.slices import SLICES
from ..checks.training.searches import DISTRIBUTIONS
from .meanings import function_text
from .offer import Kind, Offer, Place, arguments_of, declared, described, members_of

#: Windows that are common.
WINDOWS = ("1h", "1d", "7d", "30d")
_OPERATORS = {
    "and": "Both hold.",
    "or": "At least one holds.",
    "in": "Lies in a range, `in 0..1`, or is one of a list, `in [1, 2]`.",
    "over": "Over the rows of a window before, `over 1d`.",
}
#: What each type of a parameter can stand for.
_FITS = {"string": (str,), "int": (int, float), "float": (float,), "bool": (bool,)}
_GATES = {
    "champion": "The model in production: `champion.roc_auc` is its metric on the same test rows.",
    "worst": "The metric of the group of rows for which it is worst: `worst(recall, by=origin)`.",
    "by": "The column by whose values the rows are divided.",
}
_DRAWN = {"uniform": "Every value is as likely as another.", "loguniform": "Every order of magnitude is as likely as another."}


def expression(place: Place) -> Iterable[Offer]:
    """Return what an expression may go on with."""
    tokens = place.tokens
    if tokens and tokens[-1].text == "over" and not place.after_operand:
        return (Offer(each, Kind.Unit, "window") for each in WINDOWS)
    if place.after_operand:
        return (
            Offer(each, Kind.Operator, "", doc, f"{each} ") for each, doc in _OPERATORS.items() if each != "over" or _has_windows(place)
        )
    match place.path:
        case ("model", "search"):
            return _drawn(place)
        case ("evaluation", "fairness"):
            return (Offer(each.name, Kind.Value, "metric of groups", each.doc) for each in FAIRNESS.values())
        case ("evaluation", *_):
            return _gate(place)
        case ("alert" | "deployment", *_):
            return (Offer(each.name, Kind.Value, "live metric", each.doc) for each in live(place).values())
    return _rows(place)


def _has_windows(place: Place) -> bool:
    return place.path[0] in ("features", "alert", "deployment")


def live(place: Place) -> dict[str, OperationalMetric]:
    """Return the metrics of the running system."""
    return operational_metrics(place.problem) if place.problem is not None else {each.name: each for each in OPERATIONAL}


def _drawn(place: Place) -> Iterator[Offer]:
    if place.tokens and place.tokens[-1].text == "in":
        for each in DISTRIBUTIONS:
            yield Offer(each, Kind.Function, f"{each}(low, high)", _DRAWN[each], f"{each}($1)$0")
    yield from parameters(place, float)


def _gate(place: Place) -> Iterator[Offer]:
    if place.call is not None and place.call.function in SLICES:
        parts = arguments_of(place.call.tokens)
        if parts[-1] and parts[-1][-1].text == "=":
            yield from columns(place)
        elif len(parts) > 1:
            yield Offer("by", Kind.Property, "column", _GATES["by"], "by=")
        else:
            yield from metrics(place)
        return
    yield from metrics(place)
    yield Offer("champion", Kind.Module, "the metrics of the model in production", text="champion.")
    for name in SLICES:
        yield Offer(name, Kind.Function, f"{name}(metric, by=column)", _GATES[name], f"{name}(${{1:metric}}, by=${{2:column}})$0")
    yield from parameters(place, float)


def _rows(place: Place) -> Iterator[Offer]:
    kind = place.path[0]
    yield from columns(place)
    if place.path == ("source", "expect"):
        yield Offer("rows", Kind.Variable, "number", "The number of rows of the table.")
    if kind in ("features", "model"):
        for name, each in place.index.names("features").items():
            yield Offer(name, Kind.Module, "features", each.doc or "", f"{word(name)}.")
    if kind == "model":
        for name, each in place.index.names("source").items():
            yield Offer(name, Kind.Module, "source", each.doc or "", f"{word(name)}.")
    yield from _functions(aggregates=place.path == ("source", "expect"))
    yield from parameters(place, Any)


def _functions(*, aggregates: bool) -> Iterator[Offer]:
    """Functions, those of whole tables first where a table is spoken of."""
    known = [each for each in FUNCTIONS.values() if each not in OPERATORS]
    for function in sorted(known, key=lambda each: (each.role is Role.AGGREGATE) != aggregates):
        yield Offer(function.name, Kind.Function, function.signature, function_text(function), f"{function.name}($1)$0")


def columns(place: Place) -> Iterator[Offer]:
    """Yield the columns that bare names mean here."""
    for source in [place.source] if place.source else place.index.names("source"):
        yield from declared(place.index, f"source.{source}.schema", Kind.Field)


def metrics(place: Place) -> Iterator[Offer]:
    """Yield the metrics of the system's problem."""
    return (Offer(each.name, Kind.Value, "metric", each.doc) for each in place.metrics.values())


def parameters(place: Place, wanted: Any) -> Iterator[Offer]:
    """Yield the parameters that can stand for a value: a type of Python, a dimension, or anything."""
    for name, each in place.index.names("param").items():
        kind = described(each.node).partition(" ")[0]
        if wanted is Any or wanted in _FITS.get(kind, ()) or wanted == kind:
            yield Offer(f"param.{name}", Kind.Constant, described(each.node), each.doc or "")


def below(place: Place, parts: tuple[str, ...]) -> Iterator[Offer]:
    """Yield what may stand behind the dot of a path."""
    index, first = place.index, parts[0]
    if len(parts) == 1:
        if first == "champion":
            yield from metrics(place)
        if first == "drift" and place.path[:1] and place.path[0] in ("alert", "deployment"):
            found = (each for each in OPERATIONAL if each.name.startswith("drift."))
            yield from (Offer(each.name.removeprefix("drift."), Kind.Value, "live metric", each.doc) for each in found)
        yield from _blocks(place, first)
        if not place.index.names(first) or index.block("features", first):
            yield from declared(index, f"features.{first}.feature", Kind.Field)
            yield from declared(index, f"source.{first}.schema", Kind.Field)
    elif first in ("source", "features") and len(parts) == 2:
        yield from declared(index, f"{first}.{parts[1]}.{'schema' if first == 'source' else 'feature'}", Kind.Field)


def _blocks(place: Place, kind: str) -> Iterator[Offer]:
    """The blocks of a kind, but those that the list has already."""
    if place.key is not None and Reference in members_of(place.key[1]) and kind not in place.key[2].refers and kind != "param":
        return
    for each in declared(place.index, kind, Kind.Reference, kind):
        if f"{kind}.{each.text}" not in place.in_list:
            yield each


def term_text(place: Place, name: str) -> str:
    """Return what is said of a word of an expression that no file declares: a metric, an operator, a way to draw."""
    full = ".".join((*place.cursor.dotted, name))
    if place.path[0] in ("alert", "deployment") and full in live(place):
        metric = live(place)[full]
        units = " or ".join(f"a {each.value}" for each in metric.dimensions)
        return f"`{full}`: {metric.doc} Written as {units}; told by a `{metric.origin.value}`."
    if full == "drift" and place.path[0] in ("alert", "deployment"):
        kinds = ", ".join(f"`{each.name}`" for each in OPERATIONAL if each.name.startswith("drift."))
        return f"How far the inputs have drifted: {kinds}."
    known = {**METRICS, **FAIRNESS}
    if name in known:
        return known[name].doc
    words = {**_OPERATORS, **(_DRAWN if place.path == ("model", "search") else {}), **(_GATES if place.path[0] == "evaluation" else {})}
    return words.get(name, "The number of rows of the table." if name == "rows" and place.path == ("source", "expect") else "")
