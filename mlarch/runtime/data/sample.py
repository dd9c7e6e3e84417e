"""Small generated tables that a starter project runs on until it has data of its own; the same rows every time."""

from __future__ import annotations

import csv
import io
import math
import random

from ...architecture.blocks.system import Problem

ROWS = 400


def sample(problem: Problem) -> tuple[str, str, str]:
    """Return a name, the CSV text, and the label's column, for a problem type."""
    if problem is Problem.REGRESSION:
        return "homes", _csv(("home_id", "rooms", "area", "age", "district", "price"), _homes()), "price"
    return "visits", _csv(("visit_id", "seconds", "pages", "device", "returning", "bought"), _visits()), "bought"


def _csv(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def _visits() -> list[tuple[object, ...]]:
    """Visits to a shop: longer ones, with more pages, by returning visitors, end in a purchase more often."""
    draw = random.Random(11)
    rows: list[tuple[object, ...]] = []
    for number in range(1, ROWS + 1):
        seconds, pages = round(draw.lognormvariate(4, 0.8), 1), 1 + min(30, int(draw.expovariate(0.2)))
        device, returning = draw.choice(("phone", "laptop", "tablet")), draw.random() < 0.4
        pull = -4.2 + 0.008 * seconds + 0.22 * pages + 1.4 * returning + (0.8 if device == "laptop" else 0)
        bought = draw.random() < 1 / (1 + math.exp(-pull))
        rows.append((f"v{number:04}", seconds, pages, device, str(returning).lower(), str(bought).lower()))
    return rows


def _homes() -> list[tuple[object, ...]]:
    """Homes for sale: price follows area, rooms, age and district, with noise."""
    draw = random.Random(12)
    worth = {"centre": 1.5, "river": 1.2, "hills": 1.0, "south": 0.8}
    rows: list[tuple[object, ...]] = []
    for number in range(1, ROWS + 1):
        rooms, age, district = draw.randint(1, 6), draw.randint(0, 90), draw.choice(sorted(worth))
        area = round(rooms * draw.uniform(14, 26) + 10, 1)
        price = (2400 * area + 9000 * rooms) * worth[district] * (1 - 0.003 * age) * draw.gauss(1, 0.08)
        rows.append((f"h{number:04}", rooms, area, age, district, round(price, -2)))
    return rows
