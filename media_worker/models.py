"""Describe and verify a folder of speech models.

A models folder holds `manifest.json`, `speech/` (Whisper for CTranslate2) and `diarization/`
(a pyannote pipeline: config.yaml, segmentation, embedding, plda). The manifest records size and
SHA-256 of every file. A folder that differs from its manifest is refused; nothing is ever fetched
from a hub instead.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from .contract import ModelReference
from .strictjson import ContractError, Fields, Message

MANIFEST_NAME = "manifest.json"
MANIFEST_VERSION = 1
SPEECH_FOLDER = "speech"
DIARIZATION_FOLDER = "diarization"
EMBEDDING_FOLDER = "diarization/embedding"
DEFAULT_FOLDER = Path(__file__).resolve().parents[1] / "var" / "models"
READ_BYTES = 1024 * 1024


class ModelsError(Exception):
    """The models cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class ModelFile(Message):
    size_bytes: int
    sha256: str

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(values.integer("size_bytes"), values.digest("sha256"))


@dataclass(frozen=True)
class Model(Message):
    """A model as the manifest names it: path is that of its weights in the folder."""

    name: str
    path: str
    licence: str

    @classmethod
    def read(cls, values: Fields) -> Self:
        return cls(values.text("name"), values.text("path"), values.text("licence"))


@dataclass(frozen=True)
class Manifest(Message):
    """What a models folder holds, by role (speech, segmentation, embedding) and by file.

    voice_distance is the cosine distance from which two voices count as different persons; it
    belongs to the embedding model. is_vocabulary_used tells whether the speech model gains from the
    words that a meeting expects: a small one loses speech when it is prompted with them.
    """

    models: Mapping[str, Model]
    files: Mapping[str, ModelFile]
    voice_distance: float
    is_vocabulary_used: bool
    version: int = MANIFEST_VERSION

    @classmethod
    def read(cls, values: Fields) -> Self:
        models = values.by_name("models", Model.from_json)
        files = values.by_name("files", ModelFile.from_json)
        if missing := sorted({model.path for model in models.values()} - set(files)):
            raise values.refuse("files", f"an entry for {missing[0]}")
        return cls(
            version=values.version(MANIFEST_VERSION),
            models=models,
            files=files,
            voice_distance=values.number("voice_distance", maximum=2),
            is_vocabulary_used=values.flag("is_vocabulary_used"),
        )

    def references(self) -> dict[str, ModelReference]:
        """Return name and digest of each model by role."""
        return {role: ModelReference(model.name, self.files[model.path].sha256) for role, model in self.models.items()}


def models_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return the models folder: MODELS_DIR of the environment, or var/models of the repository."""
    named = (os.environ if environment is None else environment).get("MODELS_DIR", "")
    return Path(named) if named else DEFAULT_FOLDER


def digest_file(path: Path) -> str:
    """Return the SHA-256 digest of a file in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(READ_BYTES):
            digest.update(block)
    return digest.hexdigest()


def list_files(folder: Path) -> dict[str, ModelFile]:
    """Return size and digest of every file below a folder but its manifest."""
    return {
        path.relative_to(folder).as_posix(): ModelFile(path.stat().st_size, digest_file(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST_NAME
    }


def write_manifest(folder: Path, manifest: Manifest) -> None:
    text = json.dumps(manifest.to_json(), indent=2, ensure_ascii=False)
    (folder / MANIFEST_NAME).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a models folder; raise ModelsError."""
    path = folder / MANIFEST_NAME
    try:
        return Manifest.from_json(path.read_bytes())
    except FileNotFoundError as error:
        raise ModelsError(
            f"There are no speech models in {folder}. "
            "Run `python -m media_worker models`, or set MODELS_DIR to a folder that holds them."
        ) from error
    except (OSError, ContractError) as error:
        raise ModelsError(f"{path} cannot be read: {error}") from error


def verify(folder: Path) -> Manifest:
    """Compare every file of a models folder with its manifest; raise ModelsError.

    A file that the manifest does not name is refused too: pyannote would load it.
    """
    manifest = read_manifest(folder)
    found = list_files(folder)
    for name in sorted(set(found) | set(manifest.files)):
        if name not in found:
            fault = "is missing"
        elif name not in manifest.files:
            fault = "is not in the manifest"
        elif found[name] != manifest.files[name]:
            fault = "differs from its recorded digest"
        else:
            continue
        raise ModelsError(f"{folder / name} {fault}: these models are refused. Remove {folder} and assemble it again.")
    return manifest


def describe(manifest: Manifest) -> dict[str, str]:
    """Return "name@sha256:digest" of each model by role, as results record it."""
    return {role: f"{reference.name}@sha256:{reference.sha256}" for role, reference in manifest.references().items()}


def has_models(folder: Path) -> bool:
    """Tell whether a folder holds anything at all, right or wrong."""
    return folder.is_dir() and any(folder.iterdir())
