"""Load pickled checkpoints without letting them run code."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

from media_worker import offline  # noqa: F401  prepares the imports below

# isort: split
import torch
from pyannote.audio.core.task import Problem, Resolution, Specifications
from torch.serialization import safe_globals
from torch.torch_version import TorchVersion

from .models import ModelsError

ALLOWED: list[Callable[..., Any] | tuple[Callable[..., Any], str]] = [Specifications, Problem, Resolution, TorchVersion]
"""All that a checkpoint may hold beside tensors and plain values."""


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Load a checkpoint of tensors, plain values and ALLOWED classes; raise ModelsError.

    pyannote.audio loads with `weights_only=False`, so that a checkpoint may run any code: every
    one passes through here first.
    """
    try:
        with safe_globals(ALLOWED):
            checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise ModelsError(f"{path} is refused: {error}") from error
    if not isinstance(checkpoint, dict):
        raise ModelsError(f"{path} is refused: it holds no dictionary")
    return checkpoint
