"""Every reference names a block that exists, and every block is named by something."""

from __future__ import annotations

from dataclasses import dataclass

from ..architecture.blocks.model import Model
from ..architecture.expressions import Name, walk
from ..architecture.observations import observations_of
from ..architecture.references import blocks, references
from ..architecture.vocabulary import Block, Reference
from ..language.suggest import correction, names, nearest
from .base import Context
from .features.chains import sketched

#: What is said of a block that nothing names.
CODE = "MLA401"


@dataclass(frozen=True)
class ReferencesResolve:
    """A reference points at a block that the architecture declares."""

    name: str = "references"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for at, block in blocks(context.architecture):
            for place, reference in references(block, at):
                known = getattr(context.architecture, reference.kind)
                if context.lost:
                    continue
                # A block that has errors is not in the architecture, and is declared all the same.
                if reference.name not in known and str(reference) not in context.positions.blocks:
                    self._dangling(context, place, reference, known)

    def _dangling(self, context: Context, at: str, reference: Reference, known: dict[str, Block]) -> None:
        span = context.positions.value(at)
        guess = nearest(reference.name, known)
        if span is not None and str(reference) in span.text:
            start = span.start + span.text.index(str(reference))
            span = type(span)(span.source, start, start + len(str(reference)))
        exists = f"there are {names(f'{reference.kind}.{each}' for each in known)}" if known else f"the file declares no `{reference.kind}`"
        caption = f"did you mean `{reference.kind}.{guess}`?" if guess else "does not exist"
        context.findings.error(
            "MLA203", f"there is no `{reference}`", span, caption, help=exists, fixes=correction(reference.name, known, span)
        )


@dataclass(frozen=True)
class BlocksAreUsed:
    """A source, a feature block, a model or hardware that nothing names is probably a mistake."""

    name: str = "unused"
    of_the_whole: bool = True

    def run(self, context: Context) -> None:
        named = {str(reference) for at, block in blocks(context.architecture) for _, reference in references(block, at)}
        for group in context.architecture.features.values():
            for feature in sketched(group).values():
                read = {name.partition(".")[0] for name in feature.names if "." in name}
                named.update(f"features.{block}" for block in read - {group.name})
        rows = [_sources_of(context, model) for model in context.architecture.model.values()]
        named.update(f"source.{name}" for found in rows if found is not None for name in found)
        # What has no model is about its data alone; and whose source is unclear may be of any.
        kinds = ("source", "features", "hardware") if rows and None not in rows else ("features", "hardware")
        for kind in kinds:
            for name in getattr(context.architecture, kind):
                if f"{kind}.{name}" not in named:
                    context.warn(
                        CODE, f"nothing uses `{kind}.{name}`", f"{kind}.{name}", "unused", help="remove it, or name it where it belongs"
                    )


def _sources_of(context: Context, model: Model) -> set[str] | None:
    """The sources that a model's rows and label are of, or None where that is unclear."""
    observations = observations_of(context.architecture, model)
    named = {part for node in walk(model.label) if isinstance(node, Name) for part in node.parts} if model.label is not None else set()
    return None if observations is None else {observations.name, *named.intersection(context.architecture.source)}
