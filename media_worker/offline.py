"""Import pyannote.audio so that it loads on this machine and sends nothing out.

Import this module before torch, pyannote.audio, faster_whisper or huggingface_hub.
"""

from __future__ import annotations

from media_worker import environment  # noqa: F401  is read by the imports below

# isort: split
import importlib
import sys
import warnings
from types import ModuleType

import torch


def _no_alignment(*_arguments: object, **_options: object) -> None:
    raise RuntimeError("torchaudio's compiled extension is not loaded")


def stub_torchaudio_extension() -> None:
    """Stand in for torchaudio's compiled extension where torch has no CUDA.

    The published torchaudio 2.11 is a CUDA build whose extension cannot be loaded beside a CPU
    build of torch. Only torchaudio's resampler and Kaldi features are used here, which are Python.
    """
    if torch.version.cuda is not None or "torchaudio" in sys.modules:
        return
    stub = ModuleType("torchaudio._extension")
    stub.__dict__.update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False,
        _IS_ALIGN_AVAILABLE=False,
        _check_cuda_version=lambda: None,
        fail_if_no_align=lambda _function: _no_alignment,
    )
    sys.modules["torchaudio._extension"] = stub


def import_pyannote() -> None:
    """Import pyannote.audio without its warning that torchcodec cannot decode files.

    Sound is always handed to it as samples, so nothing here needs torchcodec.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("pyannote.audio")


stub_torchaudio_extension()
import_pyannote()
