"""What is said of an override that cannot be one."""

from __future__ import annotations

import shlex

from ..diagnostics import Findings
from ..source import Source, Span

CODE = "MLA009"


def refuse_sweep(source: Source, findings: Findings) -> None:
    """Report an override that has several values."""
    key, _, value = source.text.partition("=")
    help = f"give one value; a list stands in brackets, `{key}=[{value}]`" if "(" not in value else "give one value"
    findings.error(
        CODE,
        "this override is a sweep: it has several values, and this command takes one",
        Span(source, 0, len(source.text)),
        "several values",
        help=help,
        note="sweeps over several values are for training, and this version of mlarch does not carry them out yet",
    )


def refuse_malformed(source: Source, problem: Exception, findings: Findings) -> None:
    """Report a text that Hydra's parser refuses, and how it would be written."""
    text = source.text
    equal = text.find("=")
    if equal < 0 and not text.startswith("~"):
        help = "an override is `path=value`, such as `model.late.hyperparameters.num_leaves=31`; `~path` takes something away"
        findings.error(CODE, f"`{text}` is no override", Span(source, 0, len(text)), "no `=`", help=help)
        return
    at = _failed_at(problem, len(text))
    span = Span(source, min(at, max(len(text) - 1, 0)), min(at, max(len(text) - 1, 0)) + 1)
    said = str(problem).splitlines()[0] if str(problem) else "it cannot be read"
    if at <= equal:
        findings.error(
            CODE, f"the path of this override is not usable: {said}", span, "here", help="a path is names with dots between them"
        )
        return
    quoted = text[equal + 1 :].replace('"', '\\"')
    written = shlex.quote(f'{text[:equal]}="{quoted}"')
    findings.error(
        CODE,
        f"the value of this override is not usable: {said}",
        span,
        "here",
        help=f"put it in quotes, and those in quotes for the shell: {written}",
    )


def _failed_at(problem: Exception, end: int) -> int:
    """Return the offset at which Hydra's parser gave up."""
    cause = problem.__cause__
    token = getattr(cause, "offendingToken", None)
    at = getattr(cause, "startIndex", None) if token is None else getattr(token, "start", None)
    return at if isinstance(at, int) and at >= 0 else end
