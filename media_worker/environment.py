"""Set the environment that the speech libraries read while they are imported.

Nothing is sent out, and nothing is fetched. Threads that wait sleep instead of spinning: on a
machine that other processes share, spinning makes the same work take ten times as long.
"""

from __future__ import annotations

import os

SILENT_ENVIRONMENT = {
    "PYANNOTE_METRICS_ENABLED": "0",  # pyannote.audio reports usage to its makers by default
    "OTEL_SDK_DISABLED": "true",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
PATIENT_ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0", "KMP_BLOCKTIME": "0"}


def prepare() -> None:
    """Set both environments; what waiting threads do may be set otherwise from outside."""
    os.environ.update(SILENT_ENVIRONMENT)
    for name, value in PATIENT_ENVIRONMENT.items():
        os.environ.setdefault(name, value)


prepare()
