"""The code of a program: which files it is, and that it runs as it was kept, beside other versions of itself."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from mlarch.architecture.blocks.source import Refresh
from mlarch.architecture.errors import ArchitectureError
from mlarch.architecture.expressions import Apply, Expression, Literal, Name
from mlarch.architecture.program import FeatureProgram, History, HistoryValue, ProgramFeature
from mlarch.architecture.types import Column, ColumnType, ValueKind
from mlarch.runtime.features import requests
from mlarch.runtime.features.own.collecting import bound, code_digest, collected, targets_of
from mlarch.runtime.features.own.modules import learn, ready

from .codes import FILES, written

X = Column(name="x", type=ColumnType.FLOAT)


def program(target: str = "shop.words:seen") -> FeatureProgram:
    """Return a program that calls one function, as the file names it."""
    call: Expression = Apply("python", (Literal(target), Name(("x",))))
    return FeatureProgram((X,), (ProgramFeature("f.y", call, ValueKind.NUMBER),))


def value(made: FeatureProgram, x: float = 1.0) -> float | None:
    """Return what the program makes of a number."""
    return requests.to_closure(made)({"x": x})[0]


def test_the_files_are_the_module_and_what_it_imports(tmp_path: Path) -> None:
    """Imports in functions, of packages, relative ones and those of other files are followed; other files are not of it."""
    files = {
        **FILES,
        "shop/other.py": "1/0",
        "alone.py": "import shop.words as w, json, os.path\ndef f(x): return w.seen(x)\n",
        "json.py": "",
    }
    written(tmp_path, files)
    assert [file.path for file in collected(["shop.words:seen"], tmp_path).files] == sorted(FILES)
    assert {file.path for file in collected(["alone:f"], tmp_path).files} == {*FILES, "alone.py", "json.py"}


def test_any_edit_of_the_code_is_another_digest_and_no_other_edit_is(tmp_path: Path) -> None:
    """A file that is imported anywhere counts, one that is not does not; line ends are the same code, and so is another folder."""
    first = code_digest(program(), written(tmp_path / "a"))
    assert first == code_digest(program(), written(tmp_path / "b")) != ""
    (tmp_path / "a" / "shop" / "unread.py").write_text("x = 1")
    (tmp_path / "a" / "shop" / "words.py").write_bytes(FILES["shop/words.py"].replace("\n", "\r\n").encode())
    assert code_digest(program(), tmp_path / "a") == first
    for path in FILES:
        changed = written(tmp_path / path.replace("/", "-"), {**FILES, path: FILES[path] + "# more\n"})
        assert code_digest(program(), changed) not in (first, "")


def test_the_versions_of_what_else_is_imported_are_of_the_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries that the files import are kept with their versions, and another version is another digest; Python's own are not."""
    text = "import json, numpy as np\ndef f(x):\n    from msgspec import json\n    return np.float64(x)\n"
    made = collected(["m:f"], written(tmp_path, {"m.py": text}))
    assert made.libraries == {"msgspec": msgspec.__version__, "numpy": np.__version__}
    monkeypatch.setattr("mlarch.runtime.features.own.collecting.version", lambda name: "0.0.1")
    assert collected(["m:f"], tmp_path).digest != made.digest


def test_a_bound_program_keeps_its_code_through_its_file(tmp_path: Path) -> None:
    """Written and read back, it gives the same when the files beside the architecture are other ones or gone."""
    made = bound(program(), written(tmp_path))
    before = value(made)
    (tmp_path / "shop" / "words.py").write_text("def seen(x): return -1")
    (tmp_path / "shop" / "marks.py").unlink()
    kept = msgspec.json.decode(msgspec.json.encode(made), type=FeatureProgram)
    assert kept == made and value(kept) == before != -1
    assert value(bound(program(), tmp_path)) == -1  # and both stand side by side
    assert value(kept) == before


def test_what_is_taken_of_histories_is_bound_too(tmp_path: Path) -> None:
    """A function inside a window is found, and gets the code as one of the row does."""
    call: Expression = Apply("python", (Literal("shop.words:length"), Name(("note",))))
    taken = (
        HistoryValue("mean", "mean", call, ValueKind.NUMBER, window=1),
        HistoryValue("count", "count", None, ValueKind.NUMBER, window=1),
    )
    history = History("s", ("who",), "at", None, Refresh.CONTINUOUS, (), taken)
    made = bound(FeatureProgram((X,), (), Name(("x",)), (history,)), written(tmp_path))
    assert targets_of(made) == ("shop.words:length",) and made.code is not None
    assert made.histories[0].values[0].expression != call and made.histories[0].values[1].expression is None


def test_modules_are_private_and_run_once(tmp_path: Path) -> None:
    """Nothing of them is importable by its own name, the path is as before, and a module runs when it is first needed, once."""
    files = {"counted.py": "import sys\nsys.runs = getattr(sys, 'runs', 0) + 1\ndef f(x): return x\n"}
    path = list(sys.path)
    made = bound(program("counted:f"), written(tmp_path, files))
    learn(made)
    assert not hasattr(sys, "runs")
    ready(made)
    assert value(made) == 1.0 and vars(sys).pop("runs") == 1
    assert "counted" not in sys.modules and sys.path == path


@pytest.mark.parametrize(
    ("files", "target", "told"),
    [
        ({}, "shop.words:seen", "there is no module `shop.words` beside the architecture file"),
        ({"m.py": "def f(x:\n"}, "m:f", "m.py, line 1 is no Python"),
        ({"m.py": "def g(x): pass"}, "m:f", "`m:f` cannot be imported: AttributeError"),
        ({"m.py": "f = 3"}, "m:f", "`m:f` cannot be imported: TypeError: it is of type int, and no function"),
        ({"m.py": "import nothing_of_this_name\ndef f(x): pass"}, "m:f", "`m:f` cannot be imported: ModuleNotFoundError"),
        ({"m.py": "from . import other\ndef f(x): pass"}, "m:f", "`m:f` cannot be imported: ImportError"),
        ({"m.py": "raise SystemExit('no')\ndef f(x): pass"}, "m:f", "`m:f` cannot be imported: SystemExit: no"),
        ({"p/__init__.py": "", "p/m.py": "from p import gone\ndef f(x): pass"}, "p.m:f", "`p.m:f` cannot be imported: ImportError"),
        ({"p/m.py": "import p.gone\ndef f(x): pass"}, "p.m:f", "`p.m:f` cannot be imported: ModuleNotFoundError: no module `p.gone`"),
    ],
)
def test_code_that_cannot_be_run_is_one_message(files: dict[str, str], target: str, told: str, tmp_path: Path) -> None:
    """What is not there, is no Python, fails when it is imported, or has no such function is said in one line, with the next step."""
    with pytest.raises(ArchitectureError) as caught:
        ready(bound(program(target), written(tmp_path, files)))
    assert caught.value.code == "MLA516" and caught.value.message.startswith(told) and "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("import p.n\n    return p.n.V", 2.0),
        ("import p.n as n\n    return n.V", 2.0),
        ("from p import n\n    return n.V", 2.0),
        ("from p.n import V\n    return V", 2.0),
        ("from . import n\n    return n.V", 2.0),
        ("from .n import V as v\n    return v", 2.0),
        ("from .q.r import W\n    return W", 3.0),
        ("from .. import top", None),
        ("import math, p\n    return math.floor(p.BASE)", 1.0),
        ("from .n import *", None),
    ],
)
def test_every_form_of_import_finds_the_same_files(body: str, wanted: float | None, tmp_path: Path) -> None:
    """`import` inside a function, in each of its forms, finds the files that are kept, and what Python refuses fails."""
    files = {
        "p/__init__.py": "BASE = 1.5\n",
        "p/n.py": "V = 2\n",
        "p/q/r.py": "from ..n import V\nW = V + 1\n",
        "p/m.py": f"def f(x):\n    {body}\n",
    }
    if wanted is None:
        with pytest.raises(ArchitectureError):
            value(bound(program("p.m:f"), written(tmp_path, files)))
    else:
        assert value(bound(program("p.m:f"), written(tmp_path, files))) == wanted


def test_code_that_is_not_what_its_digest_says_is_refused(tmp_path: Path) -> None:
    """A program whose code was exchanged under the same digest is not run."""
    made = bound(program(), written(tmp_path, {**FILES, "shop/late.py": "SHIFT = 99\n"}))
    assert made.code is not None
    files = tuple(msgspec.structs.replace(file, text=file.text + "# \n") for file in made.code.files)
    with pytest.raises(ArchitectureError) as caught:
        learn(msgspec.structs.replace(made, code=msgspec.structs.replace(made.code, files=files)))
    assert caught.value.code == "MLA608"
