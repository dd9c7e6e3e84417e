"""Load jobs of BigQuery, as Google's client was seen to ask for them: a file comes in parts, and a job takes some looks to be done."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

Answer = tuple[int, dict[str, str], bytes]

_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
#: What a job must say to take the place of a table, by what is in the file and not by guessing.
WANTED = {"sourceFormat": "PARQUET", "createDisposition": "CREATE_IF_NEEDED", "writeDisposition": "WRITE_TRUNCATE"}


@dataclass
class Upload:
    """A file on its way: the job that it is for, and what has come of it."""

    job: dict[str, Any]
    data: bytearray = field(default_factory=bytearray)


@dataclass
class Loads:
    """The datasets that there are, and the Parquet files that tables were loaded from; `failing` is what the next jobs fail with.

    `loading` counts the looks at which a job is still at work: its table is the one before until then.
    """

    datasets: set[str] = field(default_factory=set)
    tables: dict[str, bytes] = field(default_factory=dict)
    jobs: dict[str, Upload] = field(default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)
    looks: dict[str, int] = field(default_factory=dict)
    loading: int = 2
    failing: str | None = None

    def begun(self, url: str, body: bytes) -> Answer:
        """Answer the announcement of a file: where it is to be sent."""
        self.uploads.append(Upload(json.loads(body)))
        return 200, {"Location": f"{url}/upload/{len(self.uploads) - 1}"}, b""

    def sent(self, number: int, told: str, body: bytes) -> Answer:
        """Answer a part of a file: how much is there, or, after the last part, the job."""
        upload, found = self.uploads[number], _RANGE.fullmatch(told)
        assert found is not None, told
        if found[1] is not None:
            assert int(found[1]) == len(upload.data) and int(found[2]) + 1 - int(found[1]) == len(body), told
            upload.data += body
        if found[3] == "*":
            return 308, {"Range": f"bytes=0-{len(upload.data) - 1}"}, b""
        assert int(found[3]) == len(upload.data), told
        name = upload.job["jobReference"]["jobId"]
        self.jobs[name], self.looks[name] = upload, 0
        return self.job(name)

    def job(self, name: str) -> Answer:
        """Answer a look at a job; the last one finds its table loaded, or not."""
        upload = self.jobs[name]
        self.looks[name] += 1
        status: dict[str, Any] = {"state": "RUNNING"}
        if self.looks[name] > self.loading:
            status = {"state": "DONE"}
            said = self._done(upload)
            if said is not None:
                status |= {"errorResult": {"reason": "invalid", "message": said}, "errors": [{"reason": "invalid", "message": said}]}
        answer = {"jobReference": upload.job["jobReference"], "configuration": upload.job["configuration"], "status": status}
        return 200, {"Content-Type": "application/json"}, json.dumps(answer | {"statistics": {"load": {}}}).encode()

    def _done(self, upload: Upload) -> str | None:
        load = upload.job["configuration"]["load"]
        table = load["destinationTable"]
        dataset = f"{table['projectId']}.{table['datasetId']}"
        assert {key: load.get(key) for key in WANTED} == WANTED, load
        if dataset not in self.datasets:
            return f"Not found: Dataset {dataset}"
        if self.failing is None:
            self.tables[f"{dataset}.{table['tableId']}"] = bytes(upload.data)
        return self.failing
