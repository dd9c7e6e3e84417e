"""A Redis server with a password, which is in no build, no message and no file of mlarch's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlarch.architecture.errors import ArchitectureError

from ..redis import server
from .shops import Shop, write
from .test_increments import VIEW, differences

PASSWORD = "hunter2"
STORE = 'feature_store live { online = redis(secret("REDIS_URL")) }\n'


@pytest.mark.servers
@pytest.mark.parametrize("place", ["environment", "file"])
def test_a_store_with_a_password_is_filled_and_read(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is a secret, from the environment or a file: Feast writes there, requests read there, and it is written nowhere."""
    with server("--requirepass", PASSWORD) as redis:
        if place == "environment":  # as Feast's own clients are told
            monkeypatch.setenv("REDIS_URL", f"{redis.address},db=1,password={PASSWORD}")
        else:
            (tmp_path / "secrets").write_text(f"REDIS_URL=redis://:{PASSWORD}@{redis.address}/1\n")
            monkeypatch.setenv("MLARCH_SECRETS", str(tmp_path / "secrets"))
        (tmp_path / "shop").mkdir()
        shop = Shop(write(tmp_path / "shop", STORE))
        made = shop.all()
        assert made[VIEW].written == 5 and made[VIEW].store == f"Redis at {redis.address}"
        assert shop.all()[VIEW].written == 0
        assert place == "file" or differences(shop) == []
    found = subprocess.run(["grep", "-rlaF", PASSWORD, str(tmp_path / "shop")], capture_output=True, text=True, check=False)
    assert found.stdout == ""


def test_a_secret_that_is_no_address_is_told_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the secret holds is checked when it is read; the message names the key of the file, and repeats nothing of it."""
    shop = Shop(write(tmp_path, STORE))
    with pytest.raises(ArchitectureError, match="REDIS_URL is not set") as unset:
        shop.materialize(VIEW)
    assert (unset.value.code, unset.value.at) == ("MLA903", "feature_store.live.online")
    monkeypatch.setenv("REDIS_URL", f"http://{PASSWORD}@cache")
    with pytest.raises(ArchitectureError, match="no address of a Redis server") as wrong:
        shop.materialize(VIEW)
    assert wrong.value.code == "MLA612" and PASSWORD not in str(wrong.value)
