"""Feast: the repository that a standard client, its command line and its screen read."""
