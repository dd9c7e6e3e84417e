"""ML architecture as code."""
