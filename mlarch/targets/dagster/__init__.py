"""Dagster: the steps of training as assets, with blocking checks for the data and for the gate."""
