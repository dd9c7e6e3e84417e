"""Tecton's client asks a feature service on this machine, and reads the answer."""

from __future__ import annotations

import json

from tecton_client import TectonClient

from .stub import serving

ANSWER = {
    "result": {"features": [7.5]},
    "metadata": {"features": [{"name": "visits.mean", "dataType": {"type": "float64"}, "effectiveTime": "2026-01-01T00:00:00Z"}]},
}


def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """Answer for one key of one service."""
    asked = json.loads(body)["params"]
    right = method == "POST" and asked["featureServiceName"] == "visits" and asked["joinKeyMap"] == {"user": "1"}
    return (200, json.dumps(ANSWER).encode()) if right else (404, b"{}")


with serving(answer) as url:
    client = TectonClient(url=url, api_key="none", default_workspace_name="prod")
    found = client.get_features(feature_service_name="visits", join_key_map={"user": "1"})
    assert found.get_features_dict() == {"visits.mean": 7.5}
