"""`python -m mlarch.targets.json_schema`, given in the checkout, writes the schema anew."""

from __future__ import annotations

from pathlib import Path

from .writing import FILE, text

if __name__ == "__main__":
    path = Path("dsl", FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(), encoding="utf-8")
