"""Scores of architectures by proxies: asked for, computed at once or by a worker, tried again, removed; and what a list
says of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.proxies import PROXIES
from search.evaluation.proxies.scoring import Batches
from search.network.cost import cost_of
from search.network.graph import Graph
from search.network.macro import adapt, read
from tests.webapp.ended import ended_search
from tests.webapp.endpoints import dataset_of
from tests.webapp.fakes import NUMERICS, WORKER
from tests.webapp.locks import InAThread, at_once, wait_for_the_lock
from tests.webapp.measuring import architecture_of
from tests.webapp.test_lists import names, rows, trained
from webapp import tasks
from webapp.catalog import score_table, scores
from webapp.core import clock
from webapp.core.errors import NotFound
from webapp.datasets import lookup
from webapp.entries import changes
from webapp.entries.families import ARCHITECTURES, DATASETS
from webapp.models import Architecture, Dataset, Score, Team, User, Work
from webapp.models.enums import ScoreStatus
from webapp.models.kinds import SCORE
from webapp.scheduling import leases
from webapp.scheduling.leases import Lease

pytestmark = pytest.mark.django_db

#: For other connections, which see only what is committed: those of a worker and of threads.
several_transactions = pytest.mark.django_db(transaction=True)
SignedIn = Callable[[User], Client]
COMPUTED = ["zico", "naswot"]
SMALL: Json = {"proxies": COMPUTED, "dataset": "digits", "batch_size": 8}


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR, settings.SCRATCH_DIR = tmp_path / "files", tmp_path / "scratch"


@pytest.fixture
def architecture(team: Team, owner: User) -> Architecture:
    return ended_search(team, owner).architectures.get()


@pytest.fixture
def dataset(team: Team, owner: User, tmp_path: Path) -> Dataset:
    return dataset_of(team, owner, tmp_path)


def address(architecture: Architecture) -> str:
    return f"/api/architectures/{architecture.pk}/scores"


def ask(browser: Client, architecture: Architecture, status: int = 201, **changes: Any) -> Any:
    answer = browser.post(address(architecture), {**SMALL, **changes}, content_type="application/json")
    assert answer.status_code == status, answer.json()
    return answer.json()


def refused(browser: Client, architecture: Architecture, **changes: Any) -> tuple[str | None, str]:
    (problem,) = ask(browser, architecture, 400, **changes)["errors"]
    return problem["attr"], problem["detail"]


def listed(browser: Client, architecture: Architecture) -> dict[str, Json]:
    return {row["proxy"]: row for row in browser.get(address(architecture)).json()}


def claimed() -> Lease:
    lease = leases.claim(WORKER)
    assert lease is not None
    return lease


def scored(
    architecture: Architecture, user: User, proxy: str, value: float, dataset: str = "digits", seed: int = 0
) -> Score:
    """A score with this value, of whatever dataset."""
    team = architecture.team or user.teams.get()
    return Score.objects.create(
        team=team, architecture=architecture, created_by=user, proxy=proxy, dataset=dataset, split="0", batch_size=8,
        batches=2, side=0, seed=seed, status=ScoreStatus.DONE, value=value, seconds=0.1,
    )  # fmt: skip


@several_transactions
def test_a_worker_computes_what_is_not_in_closed_form(browser: Client, architecture: Architecture) -> None:
    asked = ask(browser, architecture, proxies=["zico", "params", "naswot"])
    assert [(row["proxy"], row["status"]) for row in asked] == [
        ("zico", "waiting"), ("params", "done"), ("naswot", "waiting"),
    ]  # fmt: skip
    tasks.work("cpu")
    found = listed(browser, architecture)
    assert list(found) == ["zico", "naswot", "params"]
    assert {row["status"] for row in found.values()} == {"done"}
    assert found["zico"]["value"] > 0 and found["zico"]["seconds"] > 0
    assert found["naswot"]["value"] != found["zico"]["value"]
    assert (found["zico"]["batch_size"], found["zico"]["batches"], found["zico"]["seed"]) == (8, 2, 0)


@several_transactions
def test_images_are_scaled_to_the_side_that_was_asked_for(browser: Client, architecture: Architecture) -> None:
    own, scaled = (ask(browser, architecture, proxies=["zico", "macs"], side=side) for side in (0, 12))
    assert [(row["proxy"], row["side"]) for row in own + scaled] == [
        ("zico", 0), ("macs", 0), ("zico", 12), ("macs", 0),
    ]  # fmt: skip
    inputs = [serialization.loads(bytes(item.payload))["macro"]["input"] for item in Work.objects.order_by("pk")]
    assert sorted(inputs) == [[1, 8, 8], [1, 12, 12]]
    tasks.work("cpu")
    assert len(set(Score.objects.filter(proxy="zico", status="done").values_list("value", flat=True))) == 2


def test_proxies_in_closed_form_are_those_of_the_network_on_the_dataset(
    browser: Client, architecture: Architecture, dataset: Dataset
) -> None:
    asked = ask(browser, architecture, proxies=["params", "macs"], dataset=dataset.pk)
    graph, macro = Graph.from_dict(architecture.graph), read(architecture.macro)
    cost = cost_of(graph, adapt(macro, lookup.find(dataset.team, dataset.pk).data))
    assert [row["value"] for row in asked] == [cost.params, cost.macs]
    assert cost.params < architecture.params  # fewer classes
    assert not Work.objects.filter(kind=SCORE).exists()
    assert {row["batch_size"] for row in asked} == {0}


@several_transactions
def test_what_is_there_or_waiting_is_not_made_again(browser: Client, architecture: Architecture) -> None:
    first = ask(browser, architecture, proxies=["zico", "macs", "zico"])
    assert ask(browser, architecture, proxies=["zico", "macs"]) == first
    tasks.work("cpu")
    again = ask(browser, architecture, proxies=["zico", "macs"], batch_size=8)
    assert [row["id"] for row in again] == [row["id"] for row in first] and again[0]["status"] == "done"
    assert Score.objects.count() == 2 and Work.objects.count() == 1
    ask(browser, architecture, proxies=["zico", "macs"], batch_size=9)
    ask(browser, architecture, proxies=["zico", "macs"], seed=1)
    assert sorted(Score.objects.values_list("proxy", "batch_size", "seed")) == [
        ("macs", 0, 0), ("zico", 8, 0), ("zico", 8, 1), ("zico", 9, 0),
    ]  # fmt: skip


@several_transactions
def test_a_published_architecture_of_colour_images_is_scored_on_grey_ones(
    browser: Client, stranger: User, signed_in: SignedIn
) -> None:
    published = architecture_of(None)
    assert published.macro["input"][0] == 3
    ask(browser, published, proxies=["grad_norm"])
    tasks.work("cpu")
    assert listed(browser, published)["grad_norm"]["value"] > 0
    assert listed(signed_in(stranger), published) == {}


def test_equal_networks_are_scored_each_without_waiting_for_the_other(
    browser: Client, architecture: Architecture, team: Team, owner: User
) -> None:
    twin = ended_search(team, owner, "Twin").architectures.get()
    assert twin.hash == architecture.hash
    for each in (architecture, twin):
        ask(browser, each, proxies=["zico"])
    first, second = claimed(), claimed()
    assert first.payload == second.payload and {first.key} != {second.key}


@several_transactions
def test_a_failed_score_says_why_and_is_tried_again_on_request(browser: Client, architecture: Architecture) -> None:
    ask(browser, architecture, proxies=["zico"])
    for _ in range(leases.MAX_TRIES):
        leases.fail(claimed(), "exception", "RuntimeError: no such luck", NUMERICS)
    (row,) = listed(browser, architecture).values()
    assert (row["status"], row["code"], row["error"]) == ("failed", "exception", "RuntimeError: no such luck")
    assert ask(browser, architecture, proxies=["zico"])[0]["status"] == "waiting"
    tasks.work("cpu")
    (row,) = listed(browser, architecture).values()
    assert (row["status"], row["code"], row["error"]) == ("done", None, None)


@pytest.mark.parametrize(
    ("result", "code", "error"),
    [
        ({"status": "ok", "scores": {"zico": None}}, "not_finite", "is not a finite number"),
        ({"status": "error", "code": "out_of_memory"}, "out_of_memory", "Choose a smaller batch size"),
    ],
)
def test_a_network_without_a_score_is_a_result(
    browser: Client, architecture: Architecture, result: Json, code: str, error: str
) -> None:
    ask(browser, architecture, proxies=["zico"])
    assert leases.complete(claimed(), {"status": "ok", "results": [result | {"seconds": 0.1}]}, NUMERICS)
    (row,) = listed(browser, architecture).values()
    assert (row["status"], row["value"], row["code"]) == ("failed", None, code)
    assert error in row["error"]


def test_a_score_fails_after_ten_lost_leases(browser: Client, architecture: Architecture) -> None:
    ask(browser, architecture, proxies=["zico"])
    Work.objects.update(lost_leases=leases.MAX_LOST_LEASES)
    leases.give_up_repeatedly_lost("score")
    assert listed(browser, architecture)["zico"]["code"] == "lost"


def test_too_few_images_are_refused_with_what_to_do(
    browser: Client, architecture: Architecture, dataset: Dataset
) -> None:
    assert refused(browser, architecture, batch_size=630) == (
        "batch_size",
        "2 batches of 630 need 1,260 training images, and there are 1,259; choose smaller batches.",
    )
    assert refused(browser, architecture, dataset=dataset.pk)[0] == "batch_size"
    ask(browser, architecture, batch_size=629)
    assert not Score.objects.exclude(batch_size=629).exists()


def test_language_models_are_not_scored(browser: Client, team: Team, owner: User) -> None:
    recurrent = ended_search(team, owner, "willow", "recurrent").architectures.get()
    for data in ("digits", "python-docs"):
        found = refused(browser, recurrent, dataset=data)
        assert found == ("proxies", "Proxies score image networks; train language models instead.")


@pytest.mark.parametrize(
    ("wrong", "attr"),
    [
        ({"proxies": []}, "proxies"),
        ({"proxies": ["magic"]}, "proxies.0"),
        ({"dataset": "nowhere"}, "dataset"),
        ({"dataset": "python-docs"}, "dataset"),
        ({"batch_size": 1}, "batch_size"),
        ({"batch_size": 5_000}, "batch_size"),
        ({"seed": -1}, "seed"),
        ({"side": -1}, "side"),
        ({"side": 2_049}, "side"),
        ({"sede": 1}, "sede"),
    ],
)
def test_what_cannot_be_scored_is_refused_by_field(
    browser: Client, architecture: Architecture, wrong: Json, attr: str
) -> None:
    assert refused(browser, architecture, **wrong)[0] == attr
    assert not Score.objects.exists()


def test_too_many_waiting_scores_are_refused_and_none_of_them_is_made(
    browser: Client, architecture: Architecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "MAX_WAITING", 1)
    (problem,) = ask(browser, architecture, 409)["errors"]
    assert problem["detail"] == "1 scores of the team are waiting. Wait until some are done."
    assert not Score.objects.exists() and not Work.objects.exists()


def test_a_score_that_is_removed_leaves_no_work_behind(
    browser: Client, architecture: Architecture, viewer: User, signed_in: SignedIn
) -> None:
    ask(browser, architecture)
    running = claimed()
    removed = f"{address(architecture)}/{running.score}"
    assert signed_in(viewer).delete(removed).status_code == 403
    assert browser.delete(removed).status_code == 204
    assert browser.delete(removed).status_code == 404
    assert leases.renew(running) == "stop"
    assert not leases.complete(running, {"status": "ok", "results": []}, NUMERICS)
    assert Score.objects.count() == 1 and Work.objects.count() == 1


def test_scores_of_a_deleted_architecture_are_not_computed_and_go_with_it(
    browser: Client, architecture: Architecture, owner: User
) -> None:
    ask(browser, architecture, proxies=["zico", "naswot", "macs"])
    running = claimed()
    changes.delete(ARCHITECTURES, architecture.pk, owner)
    assert browser.get(address(architecture)).status_code == 404
    assert leases.renew(running) == "stop"
    assert leases.release(running) and leases.claim(WORKER) is None
    changes.restore(ARCHITECTURES, architecture.pk)
    assert claimed().work == running.work
    changes.delete(ARCHITECTURES, architecture.pk, owner)
    Architecture.objects.update(deleted_at=clock.after(-changes.RESTORE_SECONDS))
    changes.delete_expired()
    assert not Score.objects.exists() and not Work.objects.exists()


def test_scores_on_a_deleted_dataset_are_hidden_and_go_with_it(
    browser: Client, architecture: Architecture, dataset: Dataset, owner: User
) -> None:
    Dataset.objects.update(counts={"train": 20, "validation": 2, "test": 2})
    ask(browser, architecture, proxies=["zico", "macs"], dataset=dataset.pk)
    assert set(listed(browser, architecture)) == {"zico", "macs"}
    changes.delete(DATASETS, dataset.pk, owner)
    assert listed(browser, architecture) == {} and leases.claim(WORKER) is None
    Dataset.objects.update(deleted_at=clock.after(-changes.RESTORE_SECONDS))
    changes.delete_expired()
    assert not Score.objects.exists() and not Work.objects.exists()


@several_transactions
def test_an_architecture_that_is_being_deleted_is_not_scored(
    architecture: Architecture, team: Team, owner: User
) -> None:
    with transaction.atomic():
        changes.delete(ARCHITECTURES, architecture.pk, owner)
        asked = InAThread(lambda: scores.request(architecture, team, owner, COMPUTED, "digits", Batches(size=8), 0))
        wait_for_the_lock()
    assert isinstance(asked.result, NotFound) and not Score.objects.exists()


@several_transactions
def test_of_two_equal_requests_at_once_the_second_finds_what_the_first_made(
    architecture: Architecture, team: Team, owner: User
) -> None:
    def request() -> list[str]:
        asked = scores.request(architecture, team, owner, ["zico", "macs"], "digits", Batches(size=8), 0)
        return [score.pk for score in asked]

    first, second = at_once(request, request)
    assert first == second and Score.objects.count() == 2 and Work.objects.count() == 1


def test_the_engine_lists_the_proxies_with_what_they_need(browser: Client) -> None:
    engine = browser.get("/api/engine").json()
    assert [row["name"] for row in engine["proxies"]] == list(PROXIES)
    zico, macs = (next(row for row in engine["proxies"] if row["name"] == name) for name in ("zico", "macs"))
    assert (zico["title"], zico["inputs"], zico["closed"]) == ("ZiCo", "labelled images", False)
    assert (macs["inputs"], macs["closed"]) == ("nothing", True)
    assert engine["batches"] == {"size": 128, "count": 2} and engine["limits"]["batch_size"] == 4_096


@pytest.fixture
def grove(team: Team, owner: User) -> list[Architecture]:
    """Six architectures with scores: better ones are trained better, but for one pair."""
    accuracies = [0.1, 0.2, 0.3, 0.5, 0.4, 0.6]
    made = [ended_search(team, owner, f"tree {number}").architectures.get() for number in range(len(accuracies))]
    for number, (each, accuracy) in enumerate(zip(made, accuracies, strict=True)):
        scored(each, owner, "zico", -1.0)
        scored(each, owner, "zico", float(number), seed=1)  # as most
        trained(each, owner, val_accuracy=accuracy / 2)
        trained(each, owner, val_accuracy=accuracy)
        trained(each, owner, "leaves", val_accuracy=0.99)
    scored(made[0], owner, "naswot", 7.5, seed=1)
    return made


def test_a_list_has_the_scores_of_most_on_one_dataset_and_is_sorted_by_them(
    browser: Client, grove: list[Architecture], owner: User, team: Team
) -> None:
    unscored = ended_search(team, owner, "shrub").architectures.get()
    scored(unscored, owner, "zico", 99.0, dataset="leaves")
    found = rows(browser, "architectures?scored_on=digits&sort=-score_zico")
    assert [row["name"] for row in found] == [f"tree {number}" for number in (5, 4, 3, 2, 1, 0)]
    assert found[-1]["by_proxy"] == {"zico": 0.0, "naswot": 7.5}
    assert [row["trained_accuracy"] for row in found[:2]] == [0.6, 0.4]
    by_accuracy = names(browser, "architectures?scored_on=digits&sort=trained_accuracy&page_size=3")
    assert by_accuracy == ["tree 0", "tree 1", "tree 2"]
    assert names(browser, "architectures?scored_on=digits&sort=score_naswot")[0] == "tree 0"
    assert names(browser, "architectures?scored_on=leaves") == ["shrub"]
    assert browser.get("/api/architectures/facets?scored_on=leaves").json()["kind"][0]["count"] == 1
    unscored_rows = rows(browser, "architectures")
    assert len(unscored_rows) == 7 and {(row["by_proxy"], row["trained_accuracy"]) for row in unscored_rows} == {
        (None, None)
    }


def test_a_list_is_sorted_by_scores_of_a_named_dataset_only(browser: Client) -> None:
    answer = browser.get("/api/architectures?sort=score_zico")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"] == "Name the dataset of the scores to sort by."


def test_proxies_are_compared_with_the_trained_accuracy(browser: Client, grove: list[Architecture]) -> None:
    table = browser.get("/api/architectures/scores").json()
    assert table["datasets"] == [{"name": "digits", "architectures": 6}] and table["dataset"] == "digits"
    zico, naswot = table["proxies"]
    assert (zico["proxy"], zico["architectures"], zico["both"]) == ("zico", 6, 6)
    assert zico["tau"] == pytest.approx((14 - 1) / 15)
    assert naswot == {"proxy": "naswot", "architectures": 1, "both": 1, "tau": None}
    Architecture.objects.filter(pk=grove[0].pk).update(archived_at=clock.now())
    assert browser.get("/api/architectures/scores?dataset=digits").json()["proxies"] == [
        {"proxy": "zico", "architectures": 5, "both": 5, "tau": pytest.approx(0.8)}
    ]


def test_scores_of_other_images_are_not_compared(
    browser: Client, grove: list[Architecture], owner: User, team: Team
) -> None:
    shrub = ended_search(team, owner, "shrub").architectures.get()
    scored(shrub, owner, "zico", 99.0, seed=2)
    ask(browser, grove[0], proxies=["macs"])
    table = browser.get("/api/architectures/scores").json()
    assert table["given"] == {"batch_size": 8, "batches": 2, "side": 0, "seed": 1}
    counts = {row["proxy"]: row["architectures"] for row in table["proxies"]}
    assert counts == {"zico": 6, "naswot": 1, "macs": 1}
    listed_scores = {row["name"]: row["by_proxy"] for row in rows(browser, "architectures?scored_on=digits")}
    assert not listed_scores["shrub"] and listed_scores["tree 0"].keys() == {"zico", "naswot", "macs"}
    scored(grove[0], owner, "zico", 1.0, dataset="leaves", seed=9)
    assert browser.get("/api/architectures/scores?dataset=leaves").json()["given"]["seed"] == 9


def test_a_table_of_no_possible_dataset_is_refused(browser: Client) -> None:
    for wrong in ("dataset=%00", "dataset=" + "d" * 81, "data=digits"):
        assert browser.get(f"/api/architectures/scores?{wrong}").status_code == 400
    assert browser.get("/api/architectures/scores?dataset=nowhere").json()["proxies"] == []


def test_what_another_team_scored_and_trained_counts_for_nobody_else(
    grove: list[Architecture], stranger: User, signed_in: SignedIn
) -> None:
    Architecture.objects.update(team=None)  # which everybody sees
    theirs = signed_in(stranger)
    assert theirs.get("/api/architectures/scores?dataset=digits").json()["proxies"] == []
    assert rows(theirs, "architectures?scored_on=digits") == []


def test_kendalls_tau_counts_ties_as_scipy_does() -> None:
    from scipy.stats import kendalltau

    first, second = [1.0, 2.0, 2.0, 3.0, 5.0, 4.0, 0.5, 2.0], [0.2, 0.1, 0.3, 0.3, 0.4, 0.6, 0.2, 0.3]
    assert score_table.kendall_tau(first, second) == pytest.approx(kendalltau(first, second).statistic)
    assert score_table.kendall_tau([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) is None
    assert score_table.kendall_tau([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]) == -1
