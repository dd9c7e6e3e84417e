"""Evaluation: metrics on rows that training never saw, and the gate."""
