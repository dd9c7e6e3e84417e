"""Overrides in Hydra's grammar, applied to the statements of either front end."""
