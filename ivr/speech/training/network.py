"""A small neural network that tells phone states from features, trained in numpy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
CONTEXT: Final = 9
"""Frames that are seen before and after the one in question."""
HIDDEN: Final = 256
_BATCH: Final = 512
_FIRST_STEP, _LAST_STEP = 2e-3, 1e-4
_DECAY_1, _DECAY_2, _TINY = 0.9, 0.999, 1e-8
"""Of Adam (Kingma and Ba, 2015)."""


@dataclass(frozen=True, slots=True)
class Layer:
    weights: Matrix
    """Outputs x inputs."""
    bias: Matrix


@dataclass(frozen=True, slots=True)
class Frames:
    """All utterances in one row."""

    features: Matrix
    labels: NDArray[np.int32]
    first: NDArray[np.int64]
    """For each frame the first of its utterance."""
    last: NDArray[np.int64]

    def around(self, chosen: NDArray[np.int64]) -> Matrix:
        """The features of the chosen frames and their neighbours; beyond an end its frame is repeated."""
        at = chosen[:, None] + np.arange(-CONTEXT, CONTEXT + 1)
        at = np.clip(at, self.first[chosen, None], self.last[chosen, None])
        around: Matrix = self.features[at].reshape(len(chosen), -1)
        return around


def frames_of(features: Sequence[Matrix], labels: Sequence[NDArray[np.int32]]) -> Frames:
    lengths = np.array([len(part) for part in features])
    ends = np.cumsum(lengths)
    return Frames(
        np.concatenate(features),
        np.concatenate(labels),
        np.repeat(ends - lengths, lengths),
        np.repeat(ends - 1, lengths),
    )


class Trainer:
    """Three affine layers with rectifiers between them, cross-entropy, Adam."""

    def __init__(self, frames: Frames, states: int, rng: Generator) -> None:
        self._frames, self._rng = frames, rng
        self._mean = frames.features.mean(axis=0)
        self._deviation = frames.features.std(axis=0) + 1e-3
        inputs = frames.features.shape[1] * (2 * CONTEXT + 1)
        sizes = [(inputs, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, states)]
        self._weights = [
            (rng.standard_normal(size) * np.sqrt(2 / size[0])).astype(np.float32) for size in sizes
        ]
        self._biases = [np.zeros(size[1], dtype=np.float32) for size in sizes]
        parameters = self._weights + self._biases
        self._first = [np.zeros_like(values) for values in parameters]
        self._second = [np.zeros_like(values) for values in parameters]
        self._steps = 0

    def train(self, epochs: int, progress: Callable[[int, float], None]) -> None:
        """`progress` hears the epochs done and the mean loss of the last, in nats a frame."""
        batches = len(self._frames.labels) // _BATCH
        for epoch in range(epochs):
            order = self._rng.permutation(len(self._frames.labels))
            loss = 0.0
            for batch in range(batches):
                done = (epoch + batch / batches) / epochs
                step = _FIRST_STEP * (_LAST_STEP / _FIRST_STEP) ** done
                loss += self._learn(order[batch * _BATCH : (batch + 1) * _BATCH], step)
            progress(epoch + 1, loss / batches)

    def layers(self, prior_share: float) -> list[Layer]:
        """The network for features as they come. Its outputs are log probabilities (but for a constant of the
        frame) less `prior_share` of the states' own: likelihoods, where a decoder wants them."""
        counts = np.bincount(self._frames.labels, minlength=self._weights[2].shape[1]) + 10.0
        prior = np.log(counts / counts.sum())
        times = 2 * CONTEXT + 1
        deviation, mean = np.tile(self._deviation, times), np.tile(self._mean, times)
        first = (self._weights[0] / deviation[:, None]).T
        return [
            Layer(first, self._biases[0] - first @ mean),
            Layer(self._weights[1].T, self._biases[1]),
            Layer(self._weights[2].T, (self._biases[2] - prior_share * prior).astype(np.float32)),
        ]

    def _learn(self, chosen: NDArray[np.int64], step: float) -> float:
        loss, gradients = self._gradients(chosen)
        self._steps += 1
        scale = step * np.sqrt(1 - _DECAY_2**self._steps) / (1 - _DECAY_1**self._steps)
        for index, (values, gradient) in enumerate(zip(self._weights + self._biases, gradients, strict=True)):
            first, second = self._first[index], self._second[index]
            first += (1 - _DECAY_1) * (gradient - first)
            second += (1 - _DECAY_2) * (gradient * gradient - second)
            values -= (scale * first / (np.sqrt(second) + _TINY)).astype(np.float32)
        return loss

    def _gradients(self, chosen: NDArray[np.int64]) -> tuple[float, list[Matrix]]:
        normal = np.tile(self._mean, 2 * CONTEXT + 1), np.tile(self._deviation, 2 * CONTEXT + 1)
        seen = [(self._frames.around(chosen) - normal[0]) / normal[1]]
        for weights, bias in zip(self._weights[:2], self._biases[:2], strict=True):
            seen.append(np.maximum(seen[-1] @ weights + bias, 0))
        scores = seen[-1] @ self._weights[2] + self._biases[2]
        scores -= scores.max(axis=1, keepdims=True)
        scores = np.exp(scores)
        scores /= scores.sum(axis=1, keepdims=True)
        rows, labels = np.arange(len(chosen)), self._frames.labels[chosen]
        loss = -float(np.log(scores[rows, labels] + 1e-9).mean())
        scores[rows, labels] -= 1
        back: Matrix = scores / len(chosen)
        weights_back: list[Matrix] = []
        biases_back: list[Matrix] = []
        for layer in (2, 1, 0):
            weights_back.insert(0, seen[layer].T @ back)
            biases_back.insert(0, back.sum(axis=0))
            if layer:
                back = (back @ self._weights[layer].T) * (seen[layer] > 0)
        return loss, weights_back + biases_back
