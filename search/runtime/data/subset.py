"""Fewer images, for candidates that are only to be ranked: the first of a training part, or AutoShrink's sample."""

import hashlib

import torch
from torch import Generator, Tensor

from search.runtime.data.images import Images, TrainingData
from search.runtime.networks.image import generator

SAMPLED = (500, 100)  # images of a class that train and that validate: published


def subset(data: TrainingData, split: str, count: int) -> TrainingData:
    """Trains on `count` images, as many of each class as there are to have; validation stays whole.

    The order is the split's: each class by the hashes of (split, place in the training part), then the classes' first
    images, their second ones, and so on. So fewer images are always some of the more.
    """
    if count >= len(data.train.labels):
        return data
    chosen = torch.tensor(sorted(_order(data.train.labels.tolist(), split)[:count]), device=data.train.labels.device)
    return data._replace(train=Images(data.train.images[chosen], data.train.labels[chosen]))


def published_sample(train: Images, test: Images, split: str, replicate: int) -> TrainingData:
    """The proxy data of AutoShrink's released code (AAAI 2020; spec section 3), with images of each class drawn with
    replacement, and those that validate drawn from the test part. There every run draws anew; here it is the
    replicate's draw."""
    rng = generator("sample", split, replicate)
    drawn = (_drawn(part, count, rng) for part, count in zip((train, test), SAMPLED, strict=True))
    return TrainingData(*drawn)


def _drawn(part: Images, count: int, rng: Generator) -> Images:
    labels = part.labels.cpu()
    places: list[Tensor] = []
    for label in sorted(set(labels.tolist())):
        members = (labels == label).nonzero().flatten()
        places.append(members[torch.randint(len(members), (count,), generator=rng)])
    chosen = torch.cat(places).to(part.labels.device)
    return Images(part.images[chosen], part.labels[chosen])


def _order(labels: list[int], split: str) -> list[int]:
    places = sorted(range(len(labels)), key=lambda place: hashlib.sha256(f"{split}/{place}".encode()).digest())
    seen: dict[int, int] = {}
    turns: list[tuple[int, int, int]] = []
    for place in places:
        label = labels[place]
        seen[label] = seen.get(label, 0) + 1
        turns.append((seen[label], label, place))
    return [place for _, _, place in sorted(turns)]
