"""Requests to an app in this process, without a host."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from mlarch.runtime.serving.app import App

Ask = Callable[..., httpx.Response]


def asking(app: App) -> Ask:
    """Return a function that sends one request to an app."""

    def ask(method: str, path: str, **options: Any) -> httpx.Response:
        async def once() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
                return await client.request(method, path, **options)

        return asyncio.run(once())

    return ask
