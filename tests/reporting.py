"""What a run of the tests did and did not do, and why, printed at its end: a plugin that `make test-all` and `make prove` load."""

from __future__ import annotations

from collections import defaultdict

import pytest
from _pytest.reports import TestReport
from _pytest.terminal import TerminalReporter


class Report:
    """Counts by folder; the reasons of what was skipped, each with how often it was given."""

    def __init__(self, reports: dict[str, list[TestReport]]) -> None:
        self.ran: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.seconds: dict[str, float] = defaultdict(float)
        self.reasons: dict[str, list[str]] = defaultdict(list)
        for outcome in ("passed", "failed", "error"):
            for report in reports.get(outcome, []):
                self.ran[folder(report.nodeid)][outcome != "passed"] += 1
        for kind in reports.values():
            for report in kind:
                if isinstance(report, TestReport):
                    self.seconds[folder(report.nodeid)] += report.duration
        for report in reports.get("skipped", []):
            self.reasons[reason(report)].append(report.nodeid)

    def lines(self, left_out: int, chosen: str) -> list[str]:
        """Return the report as lines of text."""
        said = ["What ran:"]
        for name, (passed, failed) in sorted(self.ran.items()):
            said.append(f"  {name:<22} {passed:>5} passed" + (f", {failed} FAILED" if failed else "") + f"  ({self.seconds[name]:.0f} s)")
        said += ["  nothing"] if not self.ran else []
        said.append("What did not run, and why:")
        for why, names in sorted(self.reasons.items()):
            said.append(f"  {len(names):>5} skipped: {why}")
            said += [f"        {name}" for name in names]
        if left_out:
            said.append(f'  {left_out:>5} left out: not chosen by `-m "{chosen}"`; `make help` lists the targets')
        if not self.reasons and not left_out:
            said.append("  nothing was left out")
        return said


def folder(name: str) -> str:
    """Return the folder of a test."""
    return name.partition("::")[0].rpartition("/")[0] or "."


def reason(report: TestReport) -> str:
    """Return why a test was skipped."""
    told = report.longrepr
    text = str(told[2]) if isinstance(told, tuple) else str(told)
    return text.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Print the report after pytest's own summary of failures."""
    left_out = len(terminalreporter.stats.get("deselected", []))
    kept = {name: found for name, found in terminalreporter.stats.items() if name in ("passed", "failed", "error", "skipped")}
    terminalreporter.section("what ran, and what did not")
    for line in Report(kept).lines(left_out, str(config.getoption("markexpr"))):
        terminalreporter.write_line(line)
