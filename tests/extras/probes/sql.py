"""SQLAlchemy finds the driver of PostgreSQL, which says that nobody listens."""

from __future__ import annotations

import sqlalchemy

engine = sqlalchemy.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none", connect_args={"connect_timeout": 2})
try:
    engine.connect()
except sqlalchemy.exc.OperationalError as problem:
    assert "refused" in str(problem)
else:
    raise AssertionError("somebody listens on port 1")
