"""A session from introduction to end, and what the server makes of nonsense."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from .client import PATIENCE, Client, session

START = [sys.executable, "-c", "from mlarch.cli import main; main()", "lsp"]


def test_it_says_what_it_can_do(tmp_path: Path) -> None:
    """The answer to the introduction names every request that the server answers."""
    client = Client(tmp_path)
    try:
        able = client.start()["capabilities"]
    finally:
        client.process.kill()
        client.process.wait()
    for name in ("hover", "definition", "references", "documentFormatting", "documentSymbol"):
        assert able[f"{name}Provider"], name
    assert able["renameProvider"]["prepareProvider"]
    assert able["codeActionProvider"]["codeActionKinds"] == ["quickfix"]
    assert "." in able["completionProvider"]["triggerCharacters"]
    assert "keyword" in able["semanticTokensProvider"]["legend"]["tokenTypes"]


def test_no_process_is_left_after_shutdown(tmp_path: Path) -> None:
    """The server ends with code 0 after shutdown and exit, and says nothing on standard error."""
    with session(tmp_path) as client:
        client.open("new.mlarch", 'language = "1.0"\n')
        assert client.stop() == 0
        assert client.process.stderr is not None
        assert client.process.stderr.read() == b""


def test_it_ends_with_the_editor(tmp_path: Path) -> None:
    """An editor that dies takes the server with it: the end of standard input is the end of the session."""
    with session(tmp_path) as client:
        assert client.process.stdin is not None
        client.process.stdin.close()
        client.process.wait(timeout=PATIENCE)


def test_nonsense_does_not_end_the_session(tmp_path: Path) -> None:
    """Bodies that are no JSON, unknown methods, wrong parameters and unknown files are refused, and the next request is answered."""
    with session(tmp_path) as client:
        client.send_raw(b"{ no json")
        client.send_raw(b"[1, 2, 3]")
        client.send_raw(b"\xff\xfe")
        client.notify("textDocument/didChange", {"textDocument": {"uri": "file:///nowhere.mlarch", "version": 1}, "contentChanges": []})
        client.notify("textDocument/didClose", {"textDocument": {"uri": "untitled:never"}})
        assert client.ask("mlarch/unheard", {})["error"]["code"] == -32601
        assert "error" in client.ask("textDocument/hover", {"nonsense": True})
        nowhere = {"textDocument": {"uri": "file:///nowhere/x.mlarch"}, "position": {"line": 10**6, "character": 10**6}}
        assert client.request("textDocument/hover", nowhere) is None
        assert client.request("textDocument/documentSymbol", {"textDocument": {"uri": "untitled:Untitled-1"}}) == []
        uri = client.open("new.mlarch", "")
        assert client.codes(uri)


def test_checking_loads_no_engine(tmp_path: Path) -> None:
    """The server imports none of the engines and runs none of the Python that a file names."""
    (tmp_path / "evil.py").write_text("open('ran', 'w')\n", encoding="utf-8")
    text = 'language = "1.0"\nsystem a { problem = classification }\nsource s { connector = python("evil:run")\n schema { x : int } }\n'
    probe = (
        "import json, sys\nfrom pathlib import Path\nfrom mlarch.lsp.server import Server\nserver = Server()\n"
        f"path = Path('evil.mlarch').resolve()\npath.write_text({text!r})\nserver.checker.check(path)\nserver.checker.index(path)\n"
        "print(json.dumps([name for name in ('dagster', 'mlflow', 'ray', 'polars', 'numpy', 'evil') if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
    assert not (tmp_path / "ran").exists()


def test_a_missing_library_is_said_with_the_command(tmp_path: Path) -> None:
    """Where pygls is not installed, the command says how to install it, and shows no traceback."""
    block = "import sys; sys.modules['pygls'] = None; from mlarch.cli import main; sys.argv[1:] = ['lsp']; main()"
    done = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert "pip install 'mlarch[lsp]'" in done.stderr
    assert "Traceback" not in done.stderr
