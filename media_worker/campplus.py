"""Compute voice embeddings with CAM++, as a pyannote.audio model.

Architecture: Wang et al., "CAM++: A Fast and Efficient Network for Speaker Verification Using
Context-Aware Masking", Interspeech 2023. Module names follow the published weights (3D-Speaker,
Apache-2.0), so that their state dictionary loads as it is.
"""

from __future__ import annotations

import functools

from media_worker import offline  # noqa: F401  prepares the imports below

# isort: split
import torch
import torchaudio.compliance.kaldi as kaldi
from pyannote.audio import Model
from pyannote.audio.models.blocks.pooling import StatsPool
from torch import Tensor, nn
from torch.nn import functional

SAMPLE_RATE = 16_000
DIMENSION = 192
MEL_BINS = 80
GROWTH = 32
BOTTLENECK = 128
SEGMENT_FRAMES = 100
BLOCKS = ((12, 1), (24, 2), (16, 2))
"""Dense blocks as (layers, dilation)."""


def _normalised(channels: int, *, is_affine: bool = True, is_rectified: bool = True) -> nn.Sequential:
    layers = nn.Sequential()
    layers.add_module("batchnorm", nn.BatchNorm1d(channels, affine=is_affine))
    if is_rectified:
        layers.add_module("relu", nn.ReLU(inplace=True))
    return layers


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions over (mel bins, frames); the stride applies to mel bins alone."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, stride=(stride, 1), padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = nn.Sequential()
        if stride != 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, channels, 1, stride=(stride, 1), bias=False),
                nn.BatchNorm2d(channels),
            )

    def forward(self, features: Tensor) -> Tensor:
        inner = functional.relu(self.bn1(self.conv1(features)))
        return functional.relu(self.bn2(self.conv2(inner)) + self.shortcut(features))


class Head(nn.Module):
    """(batch, 80, frames) filter banks to (batch, 320, frames)."""

    def __init__(self, channels: int = 32) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.layer1 = nn.Sequential(ResidualBlock(channels, 2), ResidualBlock(channels, 1))
        self.layer2 = nn.Sequential(ResidualBlock(channels, 2), ResidualBlock(channels, 1))
        self.conv2 = nn.Conv2d(channels, channels, 3, stride=(2, 1), padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.out_channels = channels * (MEL_BINS // 8)

    def forward(self, banks: Tensor) -> Tensor:
        maps = functional.relu(self.bn1(self.conv1(banks.unsqueeze(1))))
        maps = self.layer2(self.layer1(maps))
        return functional.relu(self.bn2(self.conv2(maps))).flatten(1, 2)


class TimeDelay(nn.Module):
    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.linear = nn.Conv1d(channels, out_channels, 5, stride=2, padding=2, bias=False)
        self.nonlinear = _normalised(out_channels)

    def forward(self, features: Tensor) -> Tensor:
        normalised: Tensor = self.nonlinear(self.linear(features))
        return normalised


class ContextMask(nn.Module):
    """A convolution whose output is masked by what the whole chunk and its segment hold."""

    def __init__(self, channels: int, out_channels: int, dilation: int) -> None:
        super().__init__()
        self.linear_local = nn.Conv1d(channels, out_channels, 3, padding=dilation, dilation=dilation, bias=False)
        self.linear1 = nn.Conv1d(channels, channels // 2, 1)
        self.linear2 = nn.Conv1d(channels // 2, out_channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        context = features.mean(-1, keepdim=True) + _segment_means(features)
        mask = torch.sigmoid(self.linear2(functional.relu(self.linear1(context))))
        masked: Tensor = self.linear_local(features) * mask
        return masked


def _segment_means(features: Tensor) -> Tensor:
    means = functional.avg_pool1d(features, SEGMENT_FRAMES, SEGMENT_FRAMES, ceil_mode=True)
    return means.repeat_interleave(SEGMENT_FRAMES, dim=-1)[..., : features.shape[-1]]


class DenseLayer(nn.Module):
    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.nonlinear1 = _normalised(channels)
        self.linear1 = nn.Conv1d(channels, BOTTLENECK, 1, bias=False)
        self.nonlinear2 = _normalised(BOTTLENECK)
        self.cam_layer = ContextMask(BOTTLENECK, GROWTH, dilation)

    def forward(self, features: Tensor) -> Tensor:
        inner = self.cam_layer(self.nonlinear2(self.linear1(self.nonlinear1(features))))
        return torch.cat([features, inner], dim=1)


class Transit(nn.Module):
    """Halves the channels that a dense block has gathered."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.nonlinear = _normalised(channels)
        self.linear = nn.Conv1d(channels, channels // 2, 1, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        halved: Tensor = self.linear(self.nonlinear(features))
        return halved


class Embedding(nn.Module):
    """(batch, 1024) statistics to (batch, 192) embeddings."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.linear = nn.Conv1d(channels, DIMENSION, 1, bias=False)
        self.nonlinear = _normalised(DIMENSION, is_affine=False, is_rectified=False)

    def forward(self, statistics: Tensor) -> Tensor:
        embeddings: Tensor = self.nonlinear(self.linear(statistics.unsqueeze(-1)).squeeze(-1))
        return embeddings


def _build_dense_tower(in_channels: int) -> tuple[nn.Sequential, int]:
    tower = nn.Sequential()
    tower.add_module("tdnn", TimeDelay(in_channels, BOTTLENECK))
    channels = BOTTLENECK
    for number, (layers, dilation) in enumerate(BLOCKS, start=1):
        block = nn.Sequential()
        for layer in range(1, layers + 1):
            block.add_module(f"tdnnd{layer}", DenseLayer(channels, dilation))
            channels += GROWTH
        tower.add_module(f"block{number}", block)
        tower.add_module(f"transit{number}", Transit(channels))
        channels //= 2
    tower.add_module("out_nonlinear", _normalised(channels))
    return tower, channels


class CamPlusPlus(Model):
    """Embed voices: (batch, 1, samples) float32 at 16 kHz to (batch, 192)."""

    def __init__(self, sample_rate: int = SAMPLE_RATE, num_channels: int = 1, task: None = None) -> None:
        super().__init__(sample_rate=sample_rate, num_channels=num_channels, task=task)
        self.head = Head()
        self.xvector, channels = _build_dense_tower(self.head.out_channels)
        self.pool = StatsPool()
        self.xvector.add_module("dense", Embedding(2 * channels))
        self._filter_banks = functools.partial(
            kaldi.fbank, num_mel_bins=MEL_BINS, sample_frequency=sample_rate, dither=0.0
        )

    @property
    def dimension(self) -> int:
        return DIMENSION

    def filter_banks(self, waveforms: Tensor) -> Tensor:
        """(batch, 1, samples) to (batch, frames, 80) log mel banks without their mean."""
        banks: Tensor = torch.vmap(self._filter_banks)(waveforms)
        return banks - banks.mean(dim=1, keepdim=True)

    def frames(self, waveforms: Tensor) -> Tensor:
        """(batch, 1, samples) to (batch, 512, frames of 20 ms)."""
        features: Tensor = self.head(self.filter_banks(waveforms).transpose(1, 2))
        for name, module in self.xvector.named_children():
            if name != "dense":
                features = module(features)
        return features

    def forward(  # type: ignore[override]  # pyannote passes weights alone
        self, waveforms: Tensor, weights: Tensor | None = None
    ) -> Tensor:
        """Embed each waveform, or the frames of it that its weights (batch, frames) select.

        pyannote sends a chunk once for each of its local speakers: what is equal is computed once.
        """
        if weights is None:
            return self.embed(self.pool(self.frames(waveforms)))
        distinct, origin = _distinct_neighbours(waveforms)
        return self.embed(self.pool(self.frames(distinct)[origin], weights=weights))

    def embed(self, statistics: Tensor) -> Tensor:
        embeddings: Tensor = self.xvector.get_submodule("dense")(statistics)
        return embeddings


def _distinct_neighbours(waveforms: Tensor) -> tuple[Tensor, Tensor]:
    """Drop waveforms that equal the one before; return the rest and where each row went."""
    is_new = torch.ones(len(waveforms), dtype=torch.bool, device=waveforms.device)
    is_new[1:] = (waveforms[1:] != waveforms[:-1]).flatten(1).any(dim=1)
    return waveforms[is_new], is_new.cumsum(0) - 1
