"""Perplexity per epoch of the published 12-edge cell on the PTB proxy, with the published proxy training.

The published validation loss divides by all 27 rows, of which 26 are predicted: `reported` follows it, and `true`
divides by the predicted words. Options: --seeds, --epochs, --threads.
"""

import argparse
import math
import tarfile
import time
from dataclasses import replace

import torch

from search.data.tokenization import read
from search.evaluation.recipes import RECIPES
from search.evaluation.recipes.text import TextRecipe
from search.network.macro import TextMacro
from search.runtime.context import Context
from search.runtime.data.texts import TrainingText, split_streams
from search.runtime.execute import numerics
from search.runtime.networks.text import build
from search.runtime.training.text import TextTraining
from search.spaces.presets import PRESETS
from tests import ptb

HIDDEN = 100  # published for candidates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    with tarfile.open(ptb.ARCHIVE) as archive:
        text = read(ptb.lines(archive), "blanks")
    data = TrainingText(torch.tensor(text.parts["train"]), torch.tensor(text.parts["validation"]), text.words)
    preset = RECIPES["autoshrink-ptb-proxy"].recipe
    assert isinstance(preset, TextRecipe)
    recipe = replace(preset, epochs=options.epochs)
    print(numerics(Context(threads=options.threads)))
    print(f"{'seed':>4} {'epoch':>5} {'train':>8} {'reported':>8} {'true':>8} {'wall s':>7} {'CPU s':>7}", flush=True)
    for seed in range(options.seeds):
        _train(data, recipe, text.split, seed)


def _train(data: TrainingText, recipe: TextRecipe, split: str, seed: int) -> None:
    macro = TextMacro(vocabulary=len(data.words), hidden=HIDDEN)
    training = TextTraining(build(PRESETS["shrinkrnn"].graph, macro, recipe, seed), data, recipe, split, seed)
    rows = len(split_streams(data.validation, recipe.validation_batch))
    while not training.over:
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        training.epoch(lambda: False)
        point = training.curve[-1]
        losses = (point["train_loss"], point["val_loss"], point["val_loss"] * rows / (rows - 1))
        perplexities = " ".join(f"{math.exp(loss):8.2f}" for loss in losses)
        seconds = f"{time.perf_counter() - wall_start:7.1f} {time.process_time() - cpu_start:7.1f}"
        print(f"{seed:>4} {point['epoch']:>5} {perplexities} {seconds}", flush=True)


if __name__ == "__main__":
    main()
