"""`moved`: a block that has got another name, so that a plan tells a renaming from one block gone and another come."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from ..vocabulary import Block, Reference, about

#: Kinds whose blocks may be renamed so.
MOVABLE = (
    "source",
    "features",
    "feature_store",
    "model",
    "hardware",
    "training",
    "tracking",
    "registry",
    "evaluation",
    "deployment",
    "monitor",
    "alert",
    "retraining",
    "governance",
)


class Moved(Block, frozen=True, kw_only=True):
    """A renaming, kept in the file: `moved { from = source.clicks, to = source.visits }`. It has no name, and there may be several."""

    kind: ClassVar[str] = "moved"

    source: Annotated[Reference, about("The block as it was called.", refers=MOVABLE)] = msgspec.field(name="from")
    target: Annotated[Reference, about("The same block as it is called now.", refers=MOVABLE)] = msgspec.field(name="to")
