"""No space on the disk while the store is filled: one message, and the next materialization carries on."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from mlarch.architecture.errors import ArchitectureError
from mlarch.runtime.state import KILL_POINTS

from ..recovery.test_kill_points import half_written
from .shops import Shop, write
from .test_increments import differences

#: Where the durable writes are.
MODULES = ("state", "features.store.writing", "features.store.feast")


@pytest.mark.servers
def test_a_full_disk_at_any_write_of_the_store_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever durable write of a materialization meets a full disk, the message is MLA901, and once there is room the store is right."""
    file = write(tmp_path)
    left = [point for point in KILL_POINTS if point.startswith("store.")]

    def full(name: str) -> None:
        """The disk is full for the first write that has not met it yet."""
        if name in left:
            left.remove(name)
            raise OSError(errno.ENOSPC, "No space left on device", name)

    for module in MODULES:
        monkeypatch.setattr(f"mlarch.runtime.{module}.kill_point", full)
    while left:
        before = list(left)
        with pytest.raises(ArchitectureError) as raised:
            Shop(file).all()
        assert raised.value.code == "MLA901" and len(left) < len(before), before
        assert half_written(file) == []
    shop = Shop(file)
    shop.all()
    assert differences(shop) == []
    assert {made.written for made in shop.all().values()} == {0}
