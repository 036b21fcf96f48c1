"""Subsets of images, for candidates that only need to be ranked: some of the training part, or AutoShrink's sample."""

import hashlib

import torch
from torch import Generator, Tensor

from search.evaluation.training import PUBLISHED_IMAGES
from search.runtime.data.images import LabelledImages, TrainingData
from search.runtime.rng import seeded_generator

SAMPLED = (PUBLISHED_IMAGES, 100)  # images per class for training and for validation: published


def subset(data: TrainingData, split: str, count: int) -> TrainingData:
    """Reduces the training part to `count` images, balanced between classes; validation stays whole.

    The images of each class are ordered by the hash of (split, index in the training part); then the first of every
    class are taken, the second of every class, and so on. A smaller subset is therefore contained in a larger one.
    """
    if count >= len(data.train.labels):
        return data
    chosen = torch.tensor(sorted(_order(data.train.labels.tolist(), split)[:count]), device=data.train.labels.device)
    return TrainingData(LabelledImages(data.train.images[chosen], data.train.labels[chosen]), data.validation)


def published_sample(train: LabelledImages, test: LabelledImages, split: str, replicate: int) -> TrainingData:
    """The proxy data of AutoShrink's released code (AAAI 2020; spec section 3).

    Images of each class are drawn with replacement, those for validation from the test part. The released code draws
    different images in every run; here the draw depends on the replicate.
    """
    rng = seeded_generator("sample", split, replicate)
    sampled, validation = (_sample(part, count, rng) for part, count in zip((train, test), SAMPLED, strict=True))
    return TrainingData(sampled, validation)


def _sample(part: LabelledImages, count: int, rng: Generator) -> LabelledImages:
    """`count` images of each class, drawn with replacement."""
    labels = part.labels.cpu()
    indices: list[Tensor] = []
    for label in sorted(set(labels.tolist())):
        members = (labels == label).nonzero().flatten()
        indices.append(members[torch.randint(len(members), (count,), generator=rng)])
    chosen = torch.cat(indices).to(part.labels.device)
    return LabelledImages(part.images[chosen], part.labels[chosen])


def _order(labels: list[int], split: str) -> list[int]:
    """Indices in the order in which subsets take them."""
    indices = sorted(range(len(labels)), key=lambda index: hashlib.sha256(f"{split}/{index}".encode()).digest())
    seen: dict[int, int] = {}
    ranked: list[tuple[int, int, int]] = []
    for index in indices:
        label = labels[index]
        seen[label] = seen.get(label, 0) + 1
        ranked.append((seen[label], label, index))
    return [index for _, _, index in sorted(ranked)]
