"""Long files to check: an architecture, and a workflow in the nearest neighbour's language that says about as much in as many lines."""

from __future__ import annotations

from ..lsp.latency import architecture

_TASK = """
# Step @.
task t@ {
  input {
    File rows
COLUMNS
    Array[String] names = ["a", "b"]
  }
  Float total = SUM
  command <<<
    fit --rows ~{rows} --names ~{sep="," names} --total ~{total} > model.json
  >>>
  output {
    File model = "model.json"
    Float score = read_float("score.txt")
  }
  runtime {
    cpu: 2
    memory: "4 GiB"
    docker: "ubuntu:22.04"
  }
  meta {
    description: "What comes of c0 to c11."
  }
}
"""
_CALL = """
  call t@ {
    input:
      rows = rows,
GIVEN
  }
  Boolean good@ = t@.score >= 0.6
"""
_COLUMNS = "\n".join(f"    Float c{each} = {each}.5" for each in range(12))
_SUM = " + ".join(f"c{each} / {each + 1}" for each in range(12))
_GIVEN = ",\n".join(f"      c{each} = least * {each + 1}" for each in range(12))


def ours(lines: int) -> str:
    """Return a right architecture of at least so many lines: sources with all that hangs on them."""
    asked = lines
    while (text := architecture(asked)).count("\n") < lines:
        asked += 10
    return text


def theirs(lines: int) -> str:
    """Return a right workflow of at least so many lines: tasks with typed inputs and expressions, each called once."""
    task, call = _TASK.replace("COLUMNS", _COLUMNS).replace("SUM", _SUM), _CALL.replace("GIVEN", _GIVEN)
    parts = range(1 + lines // (task + call).count("\n"))
    tasks, calls = ("".join(text.replace("@", str(number)) for number in parts) for text in (task, call))
    return f"version 1.0\n{tasks}\nworkflow large {{\n  input {{\n    File rows\n    Float least = 0.5\n  }}\n{calls}}}\n"
