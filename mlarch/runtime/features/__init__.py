"""The feature program at work: fitted on training rows, then lowered to tables (Polars) and to single requests (closures)."""
