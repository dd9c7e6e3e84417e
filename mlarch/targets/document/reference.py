"""The generated pages of the reference, and the schema of the YAML form.

`python -m mlarch.targets.document.reference`, given in the checkout, writes them all anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...architecture.families import FAMILIES, Family, family_named
from ...architecture.metrics import FAIRNESS, METRICS, MetricKind
from ...architecture.operational import OPERATIONAL
from ...language.codes import CODES
from ..json_schema.writing import FILE, FOLDER, text
from .language import language
from .markdown import code, prose, table
from .models import allowed, bounds_of
from .pages import GENERATED, write
from .support import support

_RANGES = {
    "0": "Files and the command line",
    "1": "Syntax",
    "2": "Names and vocabulary",
    "3": "Types of expressions",
    "4": "The architecture as a whole",
    "5": "Data",
    "6": "Training, evaluation and registry",
    "7": "Serving",
    "8": "Not carried out yet",
    "9": "Engines and machine",
}


def families() -> str:
    """Return the page of model families: the hyperparameters of each with default, range and meaning."""
    blocks = [
        "# Model families",
        GENERATED,
        "A family is named in `model.family`; its hyperparameters stand in `hyperparameters { … }`. "
        "A wrong name, type or range is an error of `mlarch check` (MLA405 to MLA407).",
    ]
    for name in FAMILIES:
        blocks += _family(family_named(name))
    return "\n\n".join(blocks) + "\n"


def _family(family: Family) -> list[str]:
    needs = f"the extra {code(f'mlarch[{family.extra}]')}" if family.extra else "nothing beside mlarch"
    missing = "taken as they are" if family.missing else "to be imputed in the features"
    settings = family.settings({})
    rows = (
        (code(name), code("null" if settings[name] is None else repr(settings[name])), allowed(bounds), prose(bounds.doc))
        for name, bounds in bounds_of(family).items()
    )
    return [
        f"## {code(family.name)}",
        f"{prose(family.doc)} Library: {family.library}. Answers: {', '.join(code(each.value) for each in family.problems)}. "
        f"Missing values: {missing}. Needs {needs}.",
        table(("Hyperparameter", "Default", "Range", "Meaning"), rows),
    ]


def codes() -> str:
    """Return the page of diagnostic codes."""
    blocks = ["# Diagnostic codes", GENERATED, "`mlarch explain CODE` shows the same on the command line."]
    for digit, title in _RANGES.items():
        # The anchor is where an editor's link from a finding leads.
        rows = [
            (f'<a id="{name.lower()}"></a>{code(name)}', prose(each.title), prose(each.explanation))
            for name, each in CODES.items()
            if name[3] == digit
        ]
        blocks += [f"## MLA{digit}xx: {title}", table(("Code", "Title", "Meaning"), rows)]
    return "\n\n".join(blocks) + "\n"


def metrics() -> str:
    """Return the page of metrics: of a model, of groups of rows, and of a running system."""
    running = (
        (code(each.name), ", ".join(each.dimensions), _span(each.low, each.high), code(each.origin.value), prose(each.doc))
        for each in OPERATIONAL
    )
    blocks = [
        "# Metrics",
        GENERATED,
        "## Of a model",
        "Targets, baselines, gates, slices (`worst(recall, by=column)`) and searches name these.",
        _of_models(METRICS.values()),
        "## Of groups of rows",
        "`fairness` compares the groups of a column with these.",
        _of_models(FAIRNESS.values()),
        "## Of a running system",
        "Alerts, rollbacks, circuit breakers and promises (`slo`) name these. A monitor also emits each metric of the model, measured on "
        "live rows, and how much worse it is than on the test rows: `accuracy_drop`, `rmse_rise`. Of these two, more is always worse.",
        table(("Metric", "Written as", "Values", "Emitted by", "Meaning"), running),
    ]
    return "\n\n".join(blocks) + "\n"


def _of_models(kinds: Iterable[MetricKind]) -> str:
    rows = (
        (
            code(each.name),
            ", ".join(code(problem.value) for problem in each.problems),
            "higher" if each.greater_is_better else "lower",
            _span(each.low, each.high),
            prose(each.doc),
        )
        for each in kinds
    )
    return table(("Metric", "Problems", "Better is", "Values", "Meaning"), rows)


def _span(low: float | None, high: float | None) -> str:
    if low is None:
        return "any" if high is None else f"at most {high:g}"
    return f"from {low:g}" if high is None else f"{low:g} to {high:g}"


#: Every generated page.
PAGES: dict[str, Callable[[], str]] = {
    "language.md": language,
    "support.md": support,
    "families.md": families,
    "codes.md": codes,
    "metrics.md": metrics,
}


if __name__ == "__main__":
    write(PAGES)
    write({FILE.name: text}, FOLDER)
