"""The feature repository of a run: as in the build, under `.mlarch/`, where materialization finds it whatever was built."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from ...architecture.feature_views import FeatureView
from ...architecture.lock import Lock, lines_of
from ...runtime.state import State
from .. import Emission
from .emit import FOLDER, emit


def repository(lock: Lock, state: State, views: Mapping[str, FeatureView] | None = None) -> Path:
    """Write the repository of a locked architecture where it is another one, and return its folder.

    It has `views` and the file's blocks and models; where none are given, the file's views.
    """
    folder = state.path("feast", "repository").parent
    emission = Emission(lock.hash, PurePosixPath("../.."), lock.file.files[0].name, lines_of(lock.file))
    for name, text in emit(lock.architecture, emission, views).items():
        file = folder / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            state.write(file, text.encode(), "store.repository")
    return folder / FOLDER
