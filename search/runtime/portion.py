"""The first images of a training part, for candidates that are only to be ranked."""

import hashlib

import torch

from search.runtime.data import Images, TrainingData


def portion(data: TrainingData, split: str, count: int) -> TrainingData:
    """Trains on `count` images, as many of each class as there are to have; validation stays whole.

    The order is the split's: each class by the hashes of (split, place in the training part), then the classes' first
    images, their second ones, and so on. So fewer images are always some of the more.
    """
    if count >= len(data.train.labels):
        return data
    chosen = torch.tensor(sorted(_order(data.train.labels.tolist(), split)[:count]), device=data.train.labels.device)
    return data._replace(train=Images(data.train.images[chosen], data.train.labels[chosen]))


def _order(labels: list[int], split: str) -> list[int]:
    places = sorted(range(len(labels)), key=lambda place: hashlib.sha256(f"{split}/{place}".encode()).digest())
    seen: dict[int, int] = {}
    turns: list[tuple[int, int, int]] = []
    for place in places:
        label = labels[place]
        seen[label] = seen.get(label, 0) + 1
        turns.append((seen[label], label, place))
    return [place for _, _, place in sorted(turns)]
