"""Executes work items: the only entry point of the rest of the program to torch. KINDS lists the kinds of work.

An exception means that the attempt failed and may be repeated. An outcome of status "error" is a result like any other.
"""

import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from search.base import serialization
from search.base.serialization import Json
from search.network import macro as macros
from search.network.graph import BadGraph
from search.runtime import numerics as numerics_module
from search.runtime import probe, score
from search.runtime.context import Context, Damaged, Interrupted
from search.runtime.data.images import WrongData
from search.runtime.export import FORMATS
from search.runtime.failures import code_of
from search.runtime.ingest import child as ingest
from search.runtime.latency import measure
from search.runtime.load import Trained, load_weights
from search.runtime.modalities import Modality, modality_of
from search.runtime.training import Diverged, Training, checkpoint
from search.runtime.work import BadWork, graph_of

logger = logging.getLogger(__name__)
EPOCHS_TIMED = 20  # the last epochs whose seconds are reported
MAX_ATTEMPTS = 3  # as many as the leases of the web allow, so that both event logs agree


def execute(work: Json, context: Context) -> Json:
    """The outcome of a work item. Raises Interrupted once `context.should_stop` answers True."""
    if work.get("kind") not in KINDS:
        raise BadWork(f"there is no work of kind {work.get('kind')!r}; there are {', '.join(KINDS)}")
    torch.set_num_threads(context.threads)
    on_cpu = torch.device(context.device).type == "cpu"
    # deterministic algorithms cost nothing on a CPU, but filling uninitialised memory, which comes with them, does
    torch.use_deterministic_algorithms(on_cpu)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    return KINDS[work["kind"]](work, context) | {"numerics": numerics(context)}


def attempt(work: Json, context: Context) -> Json:
    """The outcome after at most MAX_ATTEMPTS attempts; if all of them fail, an outcome with the code of the last error.

    Raises Interrupted, BadWork, WrongData and Damaged at once: another attempt would not help.
    """
    code = ""
    for number in range(1, MAX_ATTEMPTS + 1):
        try:
            return execute(work, context)
        except (Interrupted, BadWork, WrongData, Damaged):
            raise
        except Exception as error:
            logger.warning("attempt %d of %d failed: %s: %s", number, MAX_ATTEMPTS, type(error).__name__, error)
            code = code_of(error)
    return {"status": "error", "code": code, "numerics": numerics(context)}


def numerics(context: Context) -> str:
    return numerics_module.numerics(context.device, context.threads)


def _train(work: Json, context: Context) -> Json:
    """Trains a candidate: the result of its best epoch and, where work["keep"] is set, the weights of that epoch.

    Where work["checkpoint"] is set, there is a checkpoint after each epoch, from which the same work continues.
    """
    modality = modality_of(work)
    training = modality.create_training(work, context, keep_best=bool(work.get("keep")))
    key = checkpoint.key_of(work, numerics(context)) if work.get("checkpoint") else None
    if key is not None:
        _load_checkpoint(training, key, context)
    try:
        while not training.over:
            training.epoch(context.should_stop)
            if key is not None:
                _save_checkpoint(training, key, context)
            context.report({"curve": training.curve})
    except Diverged:
        return {"status": "error", "code": "diverged", "curve": training.curve}
    if not work.get("keep"):
        return _validation_outcome(modality, training)
    training.restore_best()
    weights = _export_file("safetensors", modality.trained_network(training, work), work, context)
    return _validation_outcome(modality, training) | {"files": {"weights": weights["sha256"]}}


def _final(work: Json, context: Context) -> Json:
    """Trains an architecture for the catalog: with checkpoints, and one evaluation on the test part at the end."""
    modality = modality_of(work)
    training = modality.create_training(work, context, keep_best=True)
    key = checkpoint.key_of(work, numerics(context))
    _load_checkpoint(training, key, context)
    finish = bool(work.get("finish"))
    if finish and not training.curve:
        return {"status": "error", "code": "no_checkpoint"}
    stopped = finish and not training.over
    seconds: list[float] = []  # of this process's epochs
    try:
        while not (training.over or finish):
            began = time.perf_counter()
            training.epoch(context.should_stop)
            _save_checkpoint(training, key, context)
            seconds.append(round(time.perf_counter() - began, 4))
            # after the checkpoint, so every reported epoch can be resumed
            context.report({"curve": training.curve, "epoch_seconds": seconds[-EPOCHS_TIMED:]})
        training.restore_best()
        test_result = modality.test_result(training, work, context)
    except Diverged:
        return {"status": "error", "code": "diverged", "curve": training.curve}
    trained = modality.trained_network(training, work)
    return _validation_outcome(modality, training) | {
        **test_result,
        "best_epoch": training.best_epoch["epoch"],
        "stopped": stopped,
        "files": [_export_file(name, trained, work, context) for name in ("safetensors", "architecture")],
    }


def _export(work: Json, context: Context) -> Json:
    """Exports a trained network in another format."""
    if work.get("format") not in FORMATS:
        raise BadWork(f"there is no export format {work.get('format')!r}; there are {', '.join(FORMATS)}")
    trained = load_weights(context.files.path_of(work["weights"]))
    return {"status": "ok", "files": [_export_file(work["format"], trained, work, context)]}


def _measure(work: Json, context: Context) -> Json:
    """Measures the latency on this machine. The scheduler has already matched work["device"] to this machine."""
    try:
        latency = measure(graph_of(work), macros.read(work["macro"]), context.threads, context.should_stop)
    except (BadGraph, serialization.DecodeError) as error:
        raise BadWork(str(error)) from None
    return {"status": "ok", "latency": serialization.to_jsonable(latency)}


KINDS: dict[str, Callable[[Json, Context], Json]] = {
    "train": _train,
    "final": _final,
    "export": _export,
    "ingest": ingest.run,
    "measure": _measure,
    "probe": probe.run,
    "score": score.run,
}


def _load_checkpoint(training: Training, key: str, context: Context) -> None:
    """Continues from the checkpoint of this key, if there is one."""
    if context.checkpoint and (state := checkpoint.load(context.checkpoint, key, context.device)):
        training.load_state_dict(state)


def _save_checkpoint(training: Training, key: str, context: Context) -> None:
    """An OSError, such as a full disk, does not end the training: it is logged."""
    if context.checkpoint is None:
        return
    try:
        checkpoint.save(context.checkpoint, key, training.state_dict())
    except OSError as error:
        logger.warning("the checkpoint of epoch %d could not be saved: %s", len(training.curve), error)
    else:
        context.checkpointed()


def _validation_outcome(modality: Modality, training: Training) -> Json:
    return {
        "status": "ok",
        **modality.validation_result(training),
        "epochs": len(training.curve),
        "curve": training.curve,
    }


def _export_file(name: str, trained: Trained, work: Json, context: Context) -> Json:
    """Writes the network in the format `name` and stores the file."""
    sample, form = modality_of(work).validation_sample(work, trained, context), FORMATS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / form.name
        check = form.write(trained, path, sample)
        file = {"format": name, "name": form.name, "sha256": context.files.put(path), "bytes": path.stat().st_size}
    return file if check is None else file | {"check": check}
