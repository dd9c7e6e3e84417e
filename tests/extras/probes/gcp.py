"""BigQuery's client lists the data sets of a project on this machine, and Vertex AI's types hold a job."""

from __future__ import annotations

import json

from google.auth.credentials import AnonymousCredentials
from google.cloud import aiplatform_v1, bigquery

from .stub import serving

LISTED = {"datasets": [{"datasetReference": {"projectId": "probe", "datasetId": "flights"}, "id": "probe:flights"}]}


def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """Answer for one project's data sets."""
    return (200, json.dumps(LISTED).encode()) if path.startswith("/bigquery/v2/projects/probe/datasets") else (404, b"{}")


with serving(answer) as url:
    client = bigquery.Client("probe", AnonymousCredentials(), client_options={"api_endpoint": url})
    assert [each.dataset_id for each in client.list_datasets()] == ["flights"]

pool = aiplatform_v1.WorkerPoolSpec(replica_count=2, container_spec={"image_uri": "trainer:1"})
job = aiplatform_v1.CustomJob(display_name="training", job_spec={"worker_pool_specs": [pool]})
assert aiplatform_v1.CustomJob.from_json(aiplatform_v1.CustomJob.to_json(job)) == job
