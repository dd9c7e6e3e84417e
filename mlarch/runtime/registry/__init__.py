"""Tracking and registry: runs are recorded, and versions that passed their gate are registered, in MLflow."""
