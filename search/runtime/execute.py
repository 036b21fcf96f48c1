"""Work in, outcome out: the one door to the torch half. The table at the end says what kinds of work there are.

An exception is a failed try, and another try may help; an outcome of status "error" is a result like any other.
"""

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from search.base import serialization
from search.base.serialization import Json
from search.network import macro as macros
from search.network.graph import BadGraph
from search.runtime import numerics as numerics_module
from search.runtime.context import Context, Damaged, Interrupted
from search.runtime.data.images import WrongData
from search.runtime.export import FORMATS
from search.runtime.failures import code_of
from search.runtime.ingest import child as ingest
from search.runtime.latency import measure
from search.runtime.load import Trained, load_weights
from search.runtime.modalities import Family, family
from search.runtime.training import Diverged, Training, checkpoint
from search.runtime.work import BadWork, graph_of

logger = logging.getLogger(__name__)
MOST_TRIES = 3  # as the web's leases allow, so that both logs read alike


def execute(work: Json, context: Context) -> Json:
    """The outcome of a work item. Raises Interrupted when told to stop."""
    if work.get("kind") not in KINDS:
        raise BadWork(f"there is no work of kind {work.get('kind')!r}; there are {', '.join(KINDS)}")
    torch.set_num_threads(context.threads)
    on_cpu = torch.device(context.device).type == "cpu"
    torch.use_deterministic_algorithms(on_cpu)  # free on a CPU; what would differ from run to run is refused
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # its part that is not free
    return KINDS[work["kind"]](work, context) | {"numerics": numerics(context)}


def attempt(work: Json, context: Context) -> Json:
    """The outcome after at most three tries; that none of them brought one is then an outcome too, told by its code.

    Raises at once what no other try can help: Interrupted, BadWork, WrongData, Damaged.
    """
    code = ""
    for number in range(1, MOST_TRIES + 1):
        try:
            return execute(work, context)
        except (Interrupted, BadWork, WrongData, Damaged):
            raise
        except Exception as error:
            logger.warning("try %d of %d failed: %s: %s", number, MOST_TRIES, type(error).__name__, error)
            code = code_of(error)
    return {"status": "error", "code": code, "numerics": numerics(context)}


def numerics(context: Context) -> str:
    return numerics_module.numerics(context.device, context.threads)


def _train(work: Json, context: Context) -> Json:
    """A candidate: what its best epoch reached, and if they are asked for, the weights that had it."""
    kind = family(work)
    training = kind.training(work, context, keep_best=bool(work.get("keep")))
    try:
        while not training.over:
            training.epoch(context.should_stop)
            context.report({"curve": training.curve})
    except Diverged:
        return {"status": "error", "code": "diverged", "curve": training.curve}
    if not work.get("keep"):
        return _measured(kind, training)
    training.take_best()
    weights = _file("safetensors", kind.trained(training, work), work, context)
    return _measured(kind, training) | {"weights": weights["sha256"]}


def _final(work: Json, context: Context) -> Json:
    """An architecture trained to be kept: checkpoints, the best epoch's weights, the test part once at the end."""
    kind = family(work)
    training = kind.training(work, context, keep_best=True)
    key = checkpoint.key_of(work, numerics(context))
    if context.checkpoint and (state := checkpoint.load(context.checkpoint, key, context.device)):
        training.load_state_dict(state)
    finish = bool(work.get("finish"))
    if finish and not training.curve:
        return {"status": "error", "code": "no_checkpoint"}
    stopped = finish and not training.over
    try:
        while not (training.over or finish):
            training.epoch(context.should_stop)
            _keep(training, key, context)
            context.report({"curve": training.curve})  # after the checkpoint: what is shown can be resumed
        training.take_best()
        tested = kind.tested(training, work, context)
    except Diverged:
        return {"status": "error", "code": "diverged", "curve": training.curve}
    trained = kind.trained(training, work)
    return _measured(kind, training) | {
        **tested,
        "best_epoch": training.best_epoch["epoch"],
        "stopped": stopped,
        "files": [_file(name, trained, work, context) for name in ("safetensors", "architecture")],
    }


def _export(work: Json, context: Context) -> Json:
    """A trained network in another form."""
    if work.get("format") not in FORMATS:
        raise BadWork(f"there is no export format {work.get('format')!r}; there are {', '.join(FORMATS)}")
    trained = load_weights(context.files.path_of(work["weights"]))
    return {"status": "ok", "files": [_file(work["format"], trained, work, context)]}


def _measure(work: Json, context: Context) -> Json:
    """How long one inference takes here; that `device` of the work is this machine is for whoever hands work out."""
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
}


def _keep(training: Training, key: str, context: Context) -> None:
    """Writes the checkpoint. A training does not end for want of room for it."""
    if context.checkpoint is None:
        return
    try:
        checkpoint.save(context.checkpoint, key, training.state_dict())
    except OSError as error:
        logger.warning("epoch %d was not kept: %s", len(training.curve), error)
    else:
        context.checkpointed()


def _measured(kind: Family, training: Training) -> Json:
    return {
        "status": "ok",
        **kind.validated(training),
        "epochs": len(training.curve),
        "curve": training.curve,
    }


def _file(name: str, trained: Trained, work: Json, context: Context) -> Json:
    """Writes the network in this form and hands it to the files."""
    sample, form = family(work).sample(work, trained, context), FORMATS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / form.name
        check = form.write(trained, path, sample)
        file = {"format": name, "name": form.name, "sha256": context.files.put(path), "bytes": path.stat().st_size}
    return file if check is None else file | {"check": check}
