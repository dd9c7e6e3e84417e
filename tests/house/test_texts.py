"""The texts of the repository: links lead somewhere, and nothing names the machine that it was written on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from .sources import ROOT

#: Folders of somebody's own machine at the start of a path.
_OWN = re.compile(r"(?<![\w./])/(home|Users|root|work|mnt)/[\w.-]+")


def tracked() -> list[Path]:
    """The files of the repository, or those that would be in it."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def test_every_relative_link_leads_to_a_file() -> None:
    """A link in a Markdown file of the repository names a file that is there; code blocks are no links."""
    broken = []
    for path in tracked():
        if path.suffix == ".md":
            text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
                if "://" not in target and not (path.parent / unquote(target)).exists():
                    broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert broken == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    """No text of the repository has an absolute path into somebody's own folders: it would be wrong everywhere else."""
    named = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path != Path(__file__) and (found := _OWN.search(text)):
            named.append(f"{path.relative_to(ROOT)}: {found[0]}")
    assert named == []


def test_the_licence_is_the_whole_one() -> None:
    """LICENSE is the text of the licence that pyproject.toml names, not a reference to it."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text and "Version 2.0, January 2004" in text and "END OF TERMS AND CONDITIONS" in text
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
