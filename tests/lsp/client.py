"""An editor's side of the protocol: a plain JSON-RPC client that starts the server and talks to it as an editor does."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any

Json = dict[str, Any]
PATIENCE = 20.0


class Client:
    """One session with a server of its own."""

    def __init__(self, folder: Path, *, snippets: bool = True) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from mlarch.cli import main; main()", "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
        )
        self.folder = folder
        self.snippets = snippets
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.diagnostics: dict[str, Json] = {}
        self._answers: dict[int, Json] = {}
        self._inbox: Queue[Json | None] = Queue()
        self._number = 0
        threading.Thread(target=self._read, daemon=True).start()

    # --- the wire ----------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline()).strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if not length:
                self._inbox.put(None)
                return
            self._inbox.put(json.loads(stream.read(length)))

    def send_raw(self, body: bytes) -> None:
        """Send bytes as the body of a message, whatever they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self.send_raw(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def ask(self, method: str, params: Any) -> Json:
        """Send a request and return the whole answer, an error included."""
        self._number += 1
        number = self._number
        self.send_raw(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode())
        while number not in self._answers:
            self._take()
        return self._answers.pop(number)

    def request(self, method: str, params: Any) -> Any:
        """Send a request and return its result."""
        answer = self.ask(method, params)
        assert "error" not in answer, answer
        return answer["result"]

    def _take(self) -> Json:
        try:
            message = self._inbox.get(timeout=PATIENCE)
        except Empty:
            raise AssertionError("the server does not answer") from None
        assert message is not None, "the server has ended"
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]
        elif "id" in message:
            self._answers[message["id"]] = message
        return message

    # --- what an editor does -----------------------------------------------------------------------------------------

    def start(self) -> Json:
        """Introduce the editor; return what the server can do."""
        item = {"snippetSupport": self.snippets}
        result: Json = self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": self.folder.as_uri(),
                "capabilities": {"textDocument": {"completion": {"completionItem": item}, "rename": {"prepareSupport": True}}},
            },
        )
        self.notify("initialized", {})
        return result

    def uri(self, name: str) -> str:
        return (self.folder / name).resolve().as_uri()

    def open(self, name: str, text: str | None = None) -> str:
        """Open a file, or a text that stands in its place; return its address."""
        uri = self.uri(name)
        if uri in self.texts:
            self.close(uri)
        self.texts[uri] = (self.folder / name).read_text(encoding="utf-8") if text is None else text
        self.versions[uri] = self.versions.get(uri, 0) + 1
        document = {"uri": uri, "languageId": "mlarch", "version": self.versions[uri], "text": self.texts[uri]}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return uri

    def until(self, uri: str, code: str) -> Json:
        """Return the finding with a code, when the server has told of it: in a file that is not edited itself."""
        found: list[Json] = []
        while not found:
            self._take()
            found = [each for each in self.diagnostics.get(uri, {}).get("diagnostics", ()) if each["code"] == code]
        return found[0]

    def close(self, uri: str) -> None:
        """Close a text without saving it."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        del self.texts[uri]

    def closed(self, uri: str) -> list[Json]:
        """Return the findings of a file after it is closed: the first that are of no version."""
        while self.diagnostics.get(uri, {"version": 1}).get("version") is not None:
            self._take()
        found: list[Json] = self.diagnostics[uri]["diagnostics"]
        return found

    def edit(self, uri: str, text: str) -> None:
        """Change a text that is open."""
        self.texts[uri] = text
        self.versions[uri] += 1
        changed = {"textDocument": {"uri": uri, "version": self.versions[uri]}, "contentChanges": [{"text": text}]}
        self.notify("textDocument/didChange", changed)

    def fresh(self, uri: str) -> list[Json]:
        """Return what is wrong in the text as it stands, when the server has said so."""
        while uri not in self.diagnostics or (self.diagnostics[uri].get("version") or 0) < self.versions[uri]:
            self._take()
        found: list[Json] = self.diagnostics[uri]["diagnostics"]
        return found

    def codes(self, uri: str) -> list[str]:
        """Return the codes of what is wrong in the text as it stands."""
        return [each["code"] for each in self.fresh(uri)]

    def at(self, uri: str, place: str, occurrence: int = 1) -> Json:
        """Return a place in a text as the protocol says it: where `|` stands in a part of the text."""
        before, _, after = place.partition("|")
        start = -1
        for _ in range(occurrence):
            start = self.texts[uri].index(before + after, start + 1)
        return {"textDocument": {"uri": uri}, "position": position(self.texts[uri], start + len(before))}

    def names(self, uri: str, place: str) -> list[str]:
        """Return what may be written at a place, by name."""
        return [each["label"] for each in self.request("textDocument/completion", self.at(uri, place))["items"]]

    def explained(self, uri: str, place: str, occurrence: int = 1) -> str:
        """Return what is said of a place."""
        found = self.request("textDocument/hover", self.at(uri, place, occurrence))
        return "" if found is None else str(found["contents"]["value"])

    def apply(self, changes: dict[str, list[Json]]) -> dict[str, str]:
        """Return the texts with edits made, as an editor makes them."""
        return {uri: applied(self.texts[uri], edits) for uri, edits in changes.items()}

    def stop(self) -> int:
        """End the session as an editor does, and return the server's exit code."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(timeout=PATIENCE)


def position(text: str, offset: int) -> Json:
    """Return an offset as the protocol's position, counted here anew and not by the server's own code."""
    line = text.count("\n", 0, offset)
    before = text[text.rfind("\n", 0, offset) + 1 : offset]
    return {"line": line, "character": len(before.encode("utf-16-le")) // 2}


def offset(text: str, place: Json) -> int:
    """Return the offset of a position."""
    lines = text.split("\n")
    before = sum(len(line) + 1 for line in lines[: place["line"]])
    units = lines[place["line"]].encode("utf-16-le")[: 2 * place["character"]]
    return before + len(units.decode("utf-16-le"))


def within(text: str, span: Json) -> str:
    """Return the text of a range."""
    return text[offset(text, span["start"]) : offset(text, span["end"])]


def applied(text: str, edits: list[Json]) -> str:
    """Return a text with edits made."""
    for edit in sorted(edits, key=lambda each: offset(text, each["range"]["start"]), reverse=True):
        text = text[: offset(text, edit["range"]["start"])] + edit["newText"] + text[offset(text, edit["range"]["end"]) :]
    return text


@contextmanager
def session(folder: Path, *, snippets: bool = True) -> Iterator[Client]:
    """A server that is introduced and in the end stopped, whatever happens."""
    client = Client(folder, snippets=snippets)
    try:
        client.start()
        yield client
    finally:
        client.process.kill()
        client.process.wait()
        for stream in (client.process.stdin, client.process.stdout, client.process.stderr):
            if stream is not None:
                stream.close()
