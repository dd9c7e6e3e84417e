"""`mlarch explain`."""

from __future__ import annotations

import click

from ..language.codes import CODES
from ..language.suggest import nearest


@click.command("explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Say what a diagnostic code means; without CODE, list them all.

    \b
    mlarch explain MLA404
    """
    if code is None:
        for name, each in CODES.items():
            click.echo(f"{name}  {each.title}")
        return
    found = CODES.get(code.upper())
    if found is None:
        guess = nearest(code.upper(), CODES)
        raise click.UsageError(f"there is no code {code}." + (f" Did you mean {guess}?" if guess else " `mlarch explain` lists them."))
    click.echo(f"{code.upper()}: {found.title}\n\n{found.explanation}")
    for title, example in (("Wrong", found.wrong), ("Right", found.right)):
        if example is not None:
            where = f", in `{found.within}`" if found.within else ""
            click.echo(f"\n{title}{where}:\n" + "\n".join(f"    {line}" for line in example.splitlines()))
