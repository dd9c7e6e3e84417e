"""How the engines are spoken to: no usage reports, no chatter, a bounded patience, and threads that do not spin."""

from __future__ import annotations

import logging
import os
import warnings

_ENVIRONMENT = {
    # Threads of OpenMP that wait for each other sleep: by default they spin, and a fit that shares its cores takes ten times as long.
    "OMP_WAIT_POLICY": "passive",
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS": "1",
}


def quiet() -> None:
    """Set what keeps the engines quiet and polite, unless the user has set it; called before the first of them is imported."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    for name in ("alembic", "mlflow", "git", "matplotlib"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Code references and data versions are beta in Dagster, which says so at every use.
    warnings.filterwarnings("ignore", message=r".*is currently in beta.*")
    warnings.filterwarnings("ignore", module=r"mlflow|dagster", category=FutureWarning)
