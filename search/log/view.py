"""The view of a search that a page shows, folded from its log: `apply(view, event) -> view`.

Pure functions, with a twin in frontend/src/live/reducer.ts: both give equal views of every golden stream. Removed nodes
and edges stay in the view with the state "removed", so that nothing on the page jumps.
"""

from collections.abc import Callable
from typing import Any

from search.base import serialization
from search.log import branches

VERSION = 1
LOG_LENGTH = 200  # the view keeps this many of the newest log lines


def empty() -> serialization.Json:
    """The view before the first event."""
    return {
        "v": VERSION, "seq": 0, "branch": 0, "round": 0, "status": "waiting", "why": "", "task": None, "budget": None,
        "weight": None, "macro": None, "metric": "accuracy", "phase": None, "step": 0, "cost": None, "dense": None,
        "smallest": None, "over": [], "nodes": [], "edges": [], "candidates": [], "refused": [], "history": [],
        "best": None, "candidate_count": 0, "branches": [], "log": [],
    }  # fmt: skip


def apply(view: serialization.Json, event: serialization.Json) -> serialization.Json:
    """The view after one event. An event that is already in the view changes nothing."""
    if event["seq"] <= view["seq"]:
        return view
    view = {**view, "seq": event["seq"], "branch": event["branch"], "round": event["round"]}
    change = _APPLY.get(event["kind"])
    if change is not None:
        view |= change(view, event["payload"])
    line = _log_line(event)
    return view if line is None else view | {"log": [*view["log"], line][-LOG_LENGTH:]}


def _search_started(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    return {
        "status": "running",
        "task": p["task"],
        "budget": p["task"]["budget"],
        "weight": p["task"]["objective"]["cost_weight"],
        "macro": p["macro"],
        "metric": p["metric"],
        "cost": p["cost"],
        "dense": p["cost"],
        "smallest": p["smallest"],
        "over": p["over"],
        "nodes": [_new_node(node["id"], node["op"], node["rank"]) for node in p["graph"]["nodes"]],
        "edges": [_new_edge(edge["id"], edge["source"], edge["target"]) for edge in p["graph"]["edges"]],
        "branches": branches.first_branch(view, p),
    }


def _candidates_proposed(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    candidates = [
        {
            **candidate,
            "latency": None,
            "status": "waiting" if candidate["feasible"] else "skipped",
            "code": None,
            "quality": None,
            "score": None,
            "curve": [],
        }
        for candidate in p["candidates"]
    ]
    return {
        "phase": p["phase"],
        "candidates": candidates,
        "refused": p["refused"],
        "cost": p["cost"],
        "over": p["over"],
        "branches": branches.update_live(view, edges=len(_active_edges(view)), cost=p["cost"]),
    }


def _candidates_timed(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    timed = {measurement["index"]: measurement for measurement in p["timed"]}
    candidates = [_with_measurement(c, timed[c["index"]]) if c["index"] in timed else c for c in view["candidates"]]
    cost = _with_latency(view["cost"], p["present"])
    return {
        "phase": p["phase"],
        "candidates": candidates,
        "cost": cost,
        "smallest": _with_latency(view["smallest"], p["smallest"]),
        "over": p["over"],
        "branches": branches.update_live(view, cost=cost),
    }


def _with_measurement(candidate: serialization.Json, measurement: serialization.Json) -> serialization.Json:
    return {
        **candidate,
        "cost": _with_latency(candidate["cost"], measurement["latency"]),
        "latency": measurement["latency"],
        "code": measurement["code"],
        "feasible": measurement["feasible"],
        "why_not": measurement["why_not"],
        "status": "waiting" if measurement["feasible"] else "skipped",
    }


def _with_latency(cost: serialization.Json, latency: serialization.Json | None) -> serialization.Json:
    return cost if latency is None else {**cost, "latency": latency["median"]}


def _candidate_scored(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    result = {name: p[name] for name in ("status", "code", "quality", "score", "curve")}
    candidates = [{**c, **result} if c["index"] == p["index"] else c for c in view["candidates"]]
    return {"candidates": candidates, "candidate_count": view["candidate_count"] + 1}


def _step_decided(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    tested = [
        {name: candidate[name] for name in ("edge", "label", "score", "quality", "cost", "feasible")}
        for candidate in view["candidates"]
    ]
    step = {
        name: p[name]
        for name in ("step", "phase", "edge", "label", "score", "quality", "cost", "fits", "edges", "margin")
    }
    gone = [edge["id"] for edge in view["edges"] if edge["state"] == "removed"]
    is_answer = p["fits"] and p["phase"] == "choice"  # the short trainings of a descent only rank candidates
    best = branches.best_quality(view, p["quality"] if is_answer else None)
    return {
        "step": p["step"],
        "cost": p["cost"],
        "over": p["over"],
        "history": [*view["history"], {**step, "gone": gone, "tested": tested}],
        "edges": _with_evidence(view["edges"], view["candidates"]),
        "branches": branches.update_live(view, steps=p["step"], edges=p["edges"], cost=p["cost"], best_quality=best),
    }


def _with_evidence(edges: list[serialization.Json], candidates: list[serialization.Json]) -> list[serialization.Json]:
    scores = {c["edge"]: c["score"] for c in candidates if c["edge"] is not None and c["score"] is not None}
    if not scores:
        return edges
    total = 0.0
    for score in scores.values():  # one by one, in candidate order: the TypeScript twin must round alike
        total += score
    mean = total / len(scores)
    after = []
    for edge in edges:
        if edge["id"] in scores:
            tests, gap_sum = edge["tests"] + 1, edge["gap_sum"] + (mean - scores[edge["id"]])
            edge = {**edge, "tests": tests, "gap_sum": gap_sum, "importance": gap_sum / tests}
        after.append(edge)
    return after


def _edge_removed(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    return _change_edge(view, p["edge"], state="removed", locked=False, step=p["step"], cause=p["cause"])


def _edge_added(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    if any(edge["id"] == p["edge"] for edge in view["edges"]):
        return _change_edge(view, p["edge"], state="active", step=None, cause=None)
    return {"edges": [*view["edges"], _new_edge(p["edge"], p["source"], p["target"])]}


def _node_removed(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    return _change_node(view, p["node"], state="removed", locked=False, step=p["step"], cause=p["cause"])


def _node_added(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    if any(node["id"] == p["node"] for node in view["nodes"]):
        return _change_node(view, p["node"], op=p["op"], state="active", step=None, cause=None)
    return {"nodes": [*view["nodes"], _new_node(p["node"], p["op"], p["rank"])]}


def _op_changed(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    return _change_node(view, p["node"], op=p["op"])


def _edge_locked(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    return _change_edge(view, p["edge"], locked=True)


def _edge_unlocked(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    return _change_edge(view, p["edge"], locked=False)


def _node_locked(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    return _change_node(view, p["node"], locked=True)


def _node_unlocked(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    return _change_node(view, p["node"], locked=False)


def _budget_changed(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    return {"budget": p["budget"], "over": p["over"]}


def _weight_changed(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    return {"weight": p["weight"]}


def _branch_opened(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    """The event holds the whole state; the evidence per edge is counted again from the steps that remain."""
    history = branches.history_to(view, p)
    edges = [{**_new_edge(edge["id"], *map(int, edge["id"].split("-"))), **edge} for edge in p["edges"]]
    for step in history:
        edges = _with_evidence(edges, step["tested"])
    return {
        "status": "running",
        "why": "",
        "phase": p["phase"],
        "step": p["step"],
        "cost": p["cost"],
        "over": p["over"],
        "budget": p["budget"],
        "weight": p["weight"],
        "nodes": p["nodes"],
        "edges": edges,
        "candidates": [],
        "refused": [],
        "history": history,
        "best": None,
        "branches": branches.open_branch(view, p),
    }


def _search_finished(view: serialization.Json, p: serialization.Json) -> serialization.Json:
    best = p["best"]["quality"] if p["best"] is not None else None
    return {
        "status": p["status"],
        "why": p["why"],
        "best": p["best"],
        "candidates": [],
        "refused": [],
        "branches": branches.update_live(view, best_quality=best),
    }


def _active_edges(view: serialization.Json) -> list[serialization.Json]:
    return [edge for edge in view["edges"] if edge["state"] == "active"]


def _new_node(node: int, op: str, rank: float) -> serialization.Json:
    return {"id": node, "op": op, "rank": rank, "state": "active", "locked": False, "step": None, "cause": None}


def _new_edge(edge: str, source: int, target: int) -> serialization.Json:
    return {
        "id": edge, "source": source, "target": target, "state": "active", "locked": False, "step": None,
        "cause": None, "tests": 0, "gap_sum": 0.0, "importance": None,
    }  # fmt: skip


def _change_edge(view: serialization.Json, edge: str, **change: Any) -> serialization.Json:
    return {"edges": [{**e, **change} if e["id"] == edge else e for e in view["edges"]]}


def _change_node(view: serialization.Json, node: int, **change: Any) -> serialization.Json:
    return {"nodes": [{**n, **change} if n["id"] == node else n for n in view["nodes"]]}


_APPLY: dict[str, Callable[[serialization.Json, serialization.Json], serialization.Json]] = {
    "search_started": _search_started,
    "candidates_proposed": _candidates_proposed,
    "candidates_timed": _candidates_timed,
    "candidate_scored": _candidate_scored,
    "edge_removed": _edge_removed,
    "edge_added": _edge_added,
    "node_removed": _node_removed,
    "node_added": _node_added,
    "op_changed": _op_changed,
    "step_decided": _step_decided,
    "edge_locked": _edge_locked,
    "edge_unlocked": _edge_unlocked,
    "node_locked": _node_locked,
    "node_unlocked": _node_unlocked,
    "budget_changed": _budget_changed,
    "weight_changed": _weight_changed,
    "branch_opened": _branch_opened,
    "search_finished": _search_finished,
}

#: Kinds in the page's list of events; scores and proposals are shown elsewhere.
_LOGGED = {
    "search_started", "edge_removed", "edge_added", "node_added", "op_changed", "node_widened", "step_decided",
    "edge_locked", "edge_unlocked", "node_locked", "node_unlocked", "budget_changed", "weight_changed",
    "command_applied", "command_refused", "branch_opened", "search_finished",
}  # fmt: skip


_LINE_FIELDS = ("step", "edge", "node", "budget", "weight", "cause", "by", "reason", "why", "score")


def _log_line(event: serialization.Json) -> serialization.Json | None:
    if event["kind"] not in _LOGGED:
        return None
    p = event["payload"]
    fields = {name: p.get(name) for name in _LINE_FIELDS}
    command = p["kind"] if event["kind"] in ("command_applied", "command_refused") else None
    return {"seq": event["seq"], "at": event["at"], "kind": event["kind"], "command": command, **fields}
