"""Diagnostics rendered, one module a format: for people, for programs, for code scanners, for GitHub's pages."""

from .json import to_json
from .text import color_wanted, first_of, render_text, summary, width_of

__all__ = ["color_wanted", "first_of", "render_text", "summary", "to_json", "width_of"]
