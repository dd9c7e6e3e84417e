"""Secrets are named and never written down: nothing that is read, built or shown has one in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import msgspec

from ..architecture.blocks.features import Features
from ..architecture.blocks.training import Tracking, TrackingBackend
from ..architecture.references import blocks
from ..architecture.vocabulary import Block, Secret
from .base import Context

CODE = "MLA448"
_IN_AN_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#\s:@]*:([^/?#\s@]+)@", re.IGNORECASE)
_AS_A_PARAMETER = re.compile(r"[?&;](api[_-]?key|access[_-]?key|key|token|access_token|password|passwd|secret|sig)=[^&;\s]+", re.IGNORECASE)
_KEY_OF_A_CLOUD = re.compile(r"\b(AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|xox[baprs]-[A-Za-z0-9-]{10,}|hf_[A-Za-z0-9]{30,})")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class SecretsAreNotWritten:
    """No address holds a password or a key, and a secret is named as an environment variable is."""

    name: str = "secrets"
    of_the_whole: bool = False

    def run(self, context: Context) -> None:
        for at, block in blocks(context.architecture):
            if isinstance(block, Features):
                continue  # expressions, of which a file has many: no address stands in them
            context.once(self.name, (at, block), partial(self._block, at, block))
        for name, tracking in context.architecture.tracking.items():
            self._login(context, tracking, f"tracking.{name}")

    def _block(self, at: str, block: Block, context: Context) -> None:
        for place, value in _texts(block, at):
            if isinstance(value, Secret):
                self._named(context, value.name, place)
            else:
                self._hidden(context, value, place)

    def _named(self, context: Context, name: str, at: str) -> None:
        if not _VARIABLE.fullmatch(name):
            told = f"`{name}` is no name of an environment variable" if name else "a secret needs a name"
            context.error(
                CODE, told, at, "letters, digits and `_`", help='the variable holds the secret, its name stands here: `secret("TOKEN")`'
            )

    def _hidden(self, context: Context, text: str, at: str) -> None:
        for pattern, what in ((_IN_AN_ADDRESS, "a password"), (_AS_A_PARAMETER, "a key"), (_KEY_OF_A_CLOUD, "a key")):
            if pattern.search(text):
                # The message does not repeat what should not be seen.
                help = 'a build and its documents would show it: put it into an environment variable, and write `secret("NAME")`'
                context.error(CODE, f"{what} stands in plain text", at, "everybody can read it", help=help)
                return

    def _login(self, context: Context, tracking: Tracking, at: str) -> None:
        """A server is told a user with a password, or a token."""
        given = [key for key in ("username", "password", "token") if getattr(tracking, key) is not None]
        if given and tracking.uri is None and tracking.backend is TrackingBackend.MLFLOW:
            told = f"`{given[0]}` is for a server, and none is named"
            context.error("MLA466", told, f"{at}.{given[0]}", "for which server?", help='name it: `uri = "https://…"`')
        elif given in (["username"], ["password"]):
            other = "password" if given == ["username"] else "username"
            context.error("MLA466", f"`{given[0]}` needs `{other}`", f"{at}.{given[0]}", "half of a login")
        elif "token" in given and len(given) > 1:
            context.warn(
                "MLA466", "a server takes a token or a password, not both", f"{at}.token", "two logins", help="keep one of the two"
            )


def _texts(value: object, at: str) -> Iterator[tuple[str, str | Secret]]:
    """Yield every text and secret in a block that is a text on purpose: no name, no expression."""
    if isinstance(value, (str, Secret)):
        yield at, value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _texts(part, at)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, f"{at}.{key}")
    elif isinstance(value, msgspec.Struct):
        for name, written in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
            yield from _texts(getattr(value, name), f"{at}.{written}")
