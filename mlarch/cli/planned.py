"""A plan shown: for people, and the same for programs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..api import Project
from ..planning.blast import Plan, Planned
from ..planning.breaking import Break
from ..planning.causes import block_of
from ..planning.classes import MEANING, Class
from ..planning.comparing import touches
from ..runtime.data.pins import Pin, pins_of
from ..runtime.features.own.collecting import declared_in
from .baselines import Baseline, Place, place_in, texts_of

_RED, _GREEN, _YELLOW, _DIM, _BOLD = "31", "32", "33", "2", "1"
_COLOURS = {
    Class.BREAKS_API: "31;1",
    Class.REMATERIALISE: _YELLOW,
    Class.RETRAIN: _YELLOW,
    Class.REBASELINE: _YELLOW,
    Class.REGISTER: _YELLOW,
    Class.REDEPLOY: "36",
    Class.PLANNED: "35",
}
#: A value is cut to so many characters; `--json` has all of it.
_WIDEST = 100


class Paint:
    """Colours a text, or leaves it as it is."""

    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color else text


@dataclass(frozen=True)
class Shown:
    """A plan with the two sides that it compares; `old` is None where nothing is built yet."""

    plan: Plan
    project: Project
    old: Baseline | None

    @property
    def name(self) -> str:
        return self.project.loaded.main.name

    @property
    def cosmetic(self) -> bool:
        """Tell whether the texts differ although nothing that they say does."""
        return self.plan.empty and self.old is not None and self.old.texts != texts_of(self.project)

    @cached_property
    def pins(self) -> dict[str, Pin]:
        """The versions of sources that are pinned: no run reads these sources as they are now."""
        return pins_of(self.project.path.resolve().parent)

    @cached_property
    def changes_in(self) -> dict[str, list[Planned]]:
        """The changes by the blocks that they are in, now or before."""
        found: dict[str, list[Planned]] = {}
        for each in self.plan.changes:
            for block in dict.fromkeys((block_of(each.change.path), block_of(each.change.was))):
                found.setdefault(block, []).append(each)
        return found

    def place(self, path: str, was: str, *, gone: bool) -> Place | None:
        """Return where a change is written: in the new text, or in the old one where it is gone from it."""
        return self.old.place(was) if gone and self.old is not None else place_in(self.project, path)


def document(shown: Shown) -> dict[str, Any]:
    """Return all of it for programs."""
    made = shown.plan
    return {
        "ok": True,
        "file": shown.name,
        "against": shown.old.name if shown.old else None,
        "changed": not made.empty,
        "cosmetic": shown.cosmetic,
        "first": made.first,
        "mlarch": {"before": made.mlarch[0], "after": made.mlarch[1]} if made.mlarch else None,
        "summary": {cost.value: count for cost, count in _counted(made)},
        "changes": [
            {
                "path": each.change.path,
                "was": each.change.was,
                "before": each.change.before,
                "after": each.change.after,
                "class": each.cost.value,
                "moved": each.change.moved,
                "place": _as_data(_place(shown, each)),
                "assets": list(each.assets),
            }
            for each in made.changes
        ],
        "assets": [{"key": asset.key, "way": list(asset.way), "because": list(asset.because), "new": asset.new} for asset in made.assets],
        "gone": list(made.gone),
        "pinned": {name: {"digest": pin.digest, "rows": pin.rows} for name, pin in shown.pins.items()},
        "deployments": [{"name": each.name, "what": each.what, "because": list(each.because)} for each in made.deployments],
        "breaking": [
            {"message": each.message, "api": each.api, "paths": list(each.paths), "place": _as_data(_break_place(shown, each))}
            for each in made.breaks
        ],
    }


def plan_text(shown: Shown, *, color: bool) -> str:
    """Return the plan as a person reads it."""
    paint = Paint(color)
    made = shown.plan
    if made.first:
        lines = [f"{shown.name}: nothing is compiled yet, so that everything is to be made", ""]
    elif made.empty:
        return (
            f"no changes: {shown.name} means the same as {_against(shown)}"
            + ("; only its layout, comments or order differ" if shown.cosmetic else "")
            + "".join(f"\n{line}" for line in (*_pinned(shown), *_uncompared(shown)))
        )
    else:
        lines = [f"{shown.name} against {_against(shown)}", ""]
    if made.mlarch:
        lines += [f"built by mlarch {made.mlarch[0]}, this is {made.mlarch[1]}: every asset is made anew", ""]
    for each in made.changes:
        lines += [*_change(shown, each, paint), ""]
    pinned = [*_pinned(shown), *_uncompared(shown)]
    review = ["to review", *_review(shown, paint)] if made.breaks else []
    for section in (_assets(made, paint), _deployments(made, paint), pinned, review):
        lines += [*section, ""] if section else []
    if any(each.change.moved for each in made.changes):
        lines.append(paint("moved: Assets and registered models go by the name, and are made anew under the new one.", _DIM))
    if made.changes:
        lines += [*(paint(f"{cost.value}: {MEANING[cost]}", _DIM) for cost, _ in _counted(made)), ""]
    return "\n".join([*lines, paint(_closing(made), _BOLD)])


def breaking_text(shown: Shown, *, color: bool) -> str:
    """Return what a reviewer must see."""
    paint = Paint(color)
    if not shown.plan.breaks:
        return f"nothing to review: {shown.name} breaks and weakens nothing" + (f" of {_against(shown)}" if shown.old else "")
    lines = list(_review(shown, paint))
    callers = sum(each.api for each in shown.plan.breaks)
    told = f", {callers} of them noticed by callers" if callers else ""
    return "\n".join([*lines, "", paint(f"{_count(len(lines), 'thing')} to review{told}", _BOLD)])


# --- the parts -------------------------------------------------------------------------------------------------------


def _change(shown: Shown, each: Planned, paint: Paint) -> Iterator[str]:
    change = each.change
    cost = f"moved, {each.cost.value}" if change.moved else each.cost.value
    mark = paint("+", _GREEN) if change.before is None else paint("-", _RED) if change.after is None else paint("~", _YELLOW)
    yield f"{mark} {paint(change.path, _BOLD)}  {paint(cost, _COLOURS.get(each.cost, _DIM))}{_at(_place(shown, each), paint)}"
    values = [_cut(value) for value in (change.before, change.after) if value is not None]
    yield "    " + paint(" → ".join(values) if len(values) == 2 else values[0], "0" if len(values) == 2 else _DIM)
    yield from (f"    {paint(line, _DIM)}" for line in _chains(each.assets))


def _pinned(shown: Shown) -> Iterator[str]:
    """The versions that are pinned, a line each."""
    for name, pin in shown.pins.items():
        yield f"pinned: `{name}` is read as of {pin.name}, {pin.rows:,} rows, and not as it is now"


def _uncompared(shown: Shown) -> Iterator[str]:
    """What a run depends on beside the files that are compared."""
    architecture = shown.project.architecture
    for name in declared_in(architecture) if architecture is not None else ():
        yield f"python: the code of `{name}` is not compared; `mlarch status` says whether it is other code than was trained with"


def _review(shown: Shown, paint: Paint) -> Iterator[str]:
    """What a reviewer must see, a line each."""
    for each in shown.plan.breaks:
        yield f"{paint('!', _COLOURS[Class.BREAKS_API])} {each.message}{_at(_break_place(shown, each), paint)}"


def _chains(assets: Iterable[str]) -> list[str]:
    """The assets one after the other as they run, on a line for each model."""
    every = list(assets)
    data = [key for key in every if key.endswith(("/ingested", "/validated"))]
    models: dict[str, list[str]] = {}
    for key in every:
        if key not in data:
            models.setdefault(key.partition("/")[0], []).append(key)
    return [" → ".join([*data, *keys]) for keys in models.values()] or ([" → ".join(data)] if data else [])


def _assets(made: Plan, paint: Paint) -> list[str]:
    if not made.assets and not made.gone:
        return []
    width = max(len(key) for key in [*(asset.key for asset in made.assets), *made.gone])
    lines = ["assets"]
    for asset in made.assets:
        why = f"after {asset.way[-2]}" if len(asset.way) > 1 else "new" if asset.new else f"{', '.join(asset.because)}"
        lines.append(f"  {paint('+' if asset.new else '~', _GREEN if asset.new else _YELLOW)} {asset.key:{width}}  {paint(why, _DIM)}")
    lines += [f"  {paint('-', _RED)} {key:{width}}  {paint('not made any more', _DIM)}" for key in made.gone]
    if not made.first and any(len(asset.way) > 1 for asset in made.assets):
        lines.append("  " + paint("What comes after another is kept where that one comes to the same.", _DIM))
    return lines


def _deployments(made: Plan, paint: Paint) -> list[str]:
    if not made.deployments:
        return []
    width = max(len(each.name) for each in made.deployments)
    return ["deployments", *(f"  {each.name:{width}}  {each.what}  {paint(', '.join(each.because), _DIM)}" for each in made.deployments)]


def _closing(made: Plan) -> str:
    """`3 changes: 1 retrain, 1 redeploy, 1 documents only. 3 assets made anew, 1 deployment touched.`"""
    told = ", ".join(f"{count} {cost.value}" for cost, count in _counted(made))
    changes = f"{_count(len(made.changes), 'change')}{': ' + told if told else ''}. " if not made.first else ""
    assets = f"{_count(len(made.assets), 'asset')} to {'make' if made.first else 'make anew'}"
    return f"{changes}{assets}, {_count(len(made.deployments), 'deployment')} to {'deploy' if made.first else 'deploy or stop'}."


def _counted(made: Plan) -> list[tuple[Class, int]]:
    counts = Counter(each.cost for each in made.changes)
    return [(cost, counts[cost]) for cost in MEANING if counts[cost]]


# --- places and words ------------------------------------------------------------------------------------------------


def _place(shown: Shown, each: Planned) -> Place | None:
    return shown.place(each.change.path, each.change.was, gone=each.change.after is None)


def _break_place(shown: Shown, each: Break) -> Place | None:
    """Where a thing to review comes from: the change that is it, or is next to it; where there is none, what it is about."""
    near = [change for path in each.paths for change in shown.changes_in.get(block_of(path), ())]
    for path in each.paths:
        exact = [one for one in near if path in (one.change.was, one.change.path)]
        if exact:
            return _place(shown, exact[0])
    touching = (one for path in each.paths for one in near if touches(path, one.change.path) or touches(path, one.change.was))
    found = next(touching, None)
    return _place(shown, found) if found else shown.place(each.paths[0], each.paths[0], gone=False)


def _as_data(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"file": place[0], "line": place[1]}


def _at(place: Place | None, paint: Paint) -> str:
    return "" if place is None else "  " + paint(f"{_short(place[0])}:{place[1]}", _DIM)


def _against(shown: Shown) -> str:
    return _short(shown.old.name) if shown.old else "nothing"


def _short(name: str) -> str:
    """The name of a file or a revision, a commit by its first ten digits."""
    return re.sub(r"\b[0-9a-f]{40}\b", lambda found: found[0][:10], name)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
