"""Addresses of Redis servers, as they are written and as they are told to Feast."""

from __future__ import annotations

import pytest

from mlarch.runtime.features.store.address import Address, address_of


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("cache:6380", Address("cache", 6380)),
        ("redis://cache", Address("cache")),
        ("redis://cache:1/3", Address("cache", 1, database=3)),
        ("rediss://ada:s%40crt@cache:6380/", Address("cache", 6380, tls=True, user="ada", password="s@crt")),
        ("redis://:123@127.0.0.1:6379", Address("127.0.0.1", password="123")),
        ("cache:6380,ssl=true,db=2,username=ada,password=a=b", Address("cache", 6380, True, 2, "ada", "a=b")),
        ('cache:6380,password="123"', Address("cache", 6380, password="123")),
        ("cache:6380,username=12,password=0123", Address("cache", 6380, user="12", password="0123")),
        ("cache:6380,password=true", Address("cache", 6380, password="true")),
    ],
)
def test_an_address_is_read(text: str, address: Address) -> None:
    """Host and port alone are enough; a URL may say user, password, TLS and the number of the database."""
    assert address_of(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":6379",
        "http://hunter2@cache",
        "cache:hunter2",
        "cache:99999",
        "redis://cache/hunter2",
        "redis://",
        "a:1,hunter2",
        "a:1,db=hunter2",
        "a:1,ssl=hunter2",
    ],
)
def test_what_is_no_address_is_said_without_it(text: str) -> None:
    """The message about a wrong address does not repeat it, since it may hold a password; neither does an address that is shown."""
    with pytest.raises(ValueError, match="address") as refused:
        address_of(text)
    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in repr(address_of("redis://:hunter2@cache")) + str(address_of("redis://:hunter2@cache"))


@pytest.mark.parametrize("password", ["0123", "a,b=c", '"', "\\", "é", "true", ","])
def test_feast_is_told_the_same(password: str) -> None:
    """Feast reads host, port, TLS, database and login back as they are, whatever the password looks like; so do we."""
    from feast.infra.online_stores.redis import RedisOnlineStore

    address = Address("cache", 6380, True, 2, "ada", password)
    nodes, login = RedisOnlineStore._parse_connection_string(address.for_feast)
    assert (nodes, login) == ([{"host": "cache", "port": "6380"}], {"ssl": True, "db": 2, "username": "ada", "password": password})
    assert address_of(address.for_feast) == address
    assert address_of("cache:1").for_feast == "cache:1"
