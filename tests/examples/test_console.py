"""Pages with commands: what is quoted and is not said is found, and what may differ does not count."""

from __future__ import annotations

from pathlib import Path

from .console import Command, commands, missing, said

PAGE = """Run it:
```
$ mlarch run
✓ one     fitted in 3.89 s   0.7136
…
$ mlarch down
```
```
timestamp = a
```
"""


def test_commands_are_read_with_what_they_say() -> None:
    """A line with a dollar begins a command, the lines up to the next are quoted, and blocks without one are no commands."""
    assert list(commands(PAGE)) == [
        Command("mlarch run", ("✓ one     fitted in 3.89 s   0.7136", "…")),
        Command("mlarch down", ()),
    ]


def test_what_is_not_said_is_found() -> None:
    """A line that differs in a word, a whole number or a decimal is missing; times, ports, digests and spaces count for nothing."""
    quoted = ("one  fitted in 3.89 s   0.7136", "…", "at http://127.0.0.1:8000", "weather-5c112cc22bcc57b8.json", "26115 rows")
    output = "weather-aaaaaaaaaaaaaaaa.json\none fitted in 14.1 s 0.7128\nat http://127.0.0.1:41234\n26115 rows\n"
    assert missing(quoted, output, 0.001) == []
    assert missing(quoted, output, 0.0001) == [quoted[0]]
    assert missing(quoted, output.replace("26115", "26114").replace("weather-", "winter-"), 0.001) == list(quoted[3:])


def test_a_command_is_run_where_it_is_meant(tmp_path: Path) -> None:
    """Both outputs are returned, and that a command fails is no failure of reading it."""
    (tmp_path / "here").touch()
    assert said("ls && ls nowhere", tmp_path).count("here") == 2
