"""What `dagster dev` shows when it is started in this folder."""

from mlarch.dagster import standalone

defs = standalone("flights.mlarch")
