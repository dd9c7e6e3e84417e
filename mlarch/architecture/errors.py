"""The one exception for a user's mistake that only shows once something runs."""

from __future__ import annotations


class ArchitectureError(Exception):
    """What went wrong, where in the architecture, and what to do next.

    `code` is one of `mlarch.language.codes.CODES`; `at` is a path in the architecture, such as `source.nuclei.schema.mean_radius`,
    that a lock file turns into file and line. The command line shows it without a traceback.
    """

    def __init__(self, code: str, message: str, *, at: str | None = None, help: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at
        self.help = help

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way between processes: an engine may run the step elsewhere."""
        return (_rebuild, (self.code, self.message, self.at, self.help))


def _rebuild(code: str, message: str, at: str | None, help: str | None) -> ArchitectureError:
    return ArchitectureError(code, message, at=at, help=help)
