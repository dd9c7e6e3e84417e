"""Threads of a fit on cores that something else uses too."""

from __future__ import annotations

import os
import subprocess
import sys

#: Fits by one thread and by two, on cores that are busy, and prints the seconds of the processor that each took.
FIT = """
import os, subprocess, sys, time
from mlarch.runtime.engines import quiet
quiet()
import lightgbm, numpy
draw = numpy.random.default_rng(1)
rows = draw.normal(size=(20_000, 10))
others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count())]
try:
    for threads in (1, 2):
        data = lightgbm.Dataset(rows, rows[:, 0] > draw.normal(size=20_000))
        begun = time.process_time()
        lightgbm.train({"objective": "binary", "num_threads": threads, "verbosity": -1}, data, 30)
        print(time.process_time() - begun)
finally:
    for each in others:
        each.kill()
"""


def test_threads_that_wait_do_not_spin() -> None:
    """On cores that are shared, a fit by several threads takes about as much of the processor as one by a single thread."""
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    done = subprocess.run([sys.executable, "-c", FIT], env=environment, capture_output=True, text=True, check=True)
    alone, together = map(float, done.stdout.split())
    assert together < 4 * alone
