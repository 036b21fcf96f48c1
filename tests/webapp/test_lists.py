"""Lists of searches, architectures, trained models and datasets: filtered, sorted, in pages, with facets and with what
their trainings reached."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from search.base import serialization
from search.base.serialization import Json
from search.data.builtin import DATASETS as BUILT_IN
from search.evaluation.recipes.image import full
from tests.webapp.ended import ended_search
from tests.webapp.endpoints import dataset_of
from webapp import firstrun
from webapp.catalog import architectures, training
from webapp.entries.families import ARCHITECTURES, DATASETS, FAMILIES, SEARCHES, Family
from webapp.models import Architecture, Dataset, Search, Team, TrainedModel, User
from webapp.models.enums import ModelStatus, SearchStatus

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]
MakeSearch = Callable[..., Search]
BUILT_IN_KINDS = Counter(each.kind for each in BUILT_IN.values())
NAMES = [family.name for family in FAMILIES]
STREAMS = {"birch": "descent-and-choice", "alder": "evolution", "cedar": "random", "willow": "recurrent"}


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def grove(team: Team, owner: User, colleague: User) -> dict[str, Search]:
    """Ended searches of several methods; the last one is on a text. Two are the colleague's."""
    people = {"birch": owner, "alder": colleague, "cedar": owner, "willow": colleague}
    made = {name: ended_search(team, people[name], name, stream) for name, stream in STREAMS.items()}
    for model in (Search, Architecture):
        model.objects.filter(name="willow").update(dataset="python-docs")  # the golden stream names an uploaded one
    return made


def trained(architecture: Architecture, user: User, dataset: str = "digits", **figures: Any) -> TrainedModel:
    """A model with these figures, on whatever dataset."""
    assert architecture.team is not None
    return TrainedModel.objects.create(
        team=architecture.team, architecture=architecture, created_by=user, name="Model", dataset=dataset,
        recipe={"epochs": 3}, status=ModelStatus.FINISHED, **figures,
    )  # fmt: skip


def rows(browser: Client, address: str) -> list[Json]:
    answer = browser.get(f"/api/{address}")
    assert answer.status_code == 200, answer.json()
    found: list[Json] = answer.json()["results"]
    return found


def names(browser: Client, address: str) -> list[str]:
    return [row["name"] for row in rows(browser, address)]


def facet(browser: Client, address: str, name: str) -> dict[str, int]:
    return {each["value"]: each["count"] for each in browser.get(f"/api/{address}").json()[name]}


def tag(model: Any, name: str, *tags: str) -> None:
    model.objects.filter(name=name).update(tags={each.lower(): each for each in tags})


@pytest.mark.parametrize("family", ["searches", "architectures"])
def test_rows_are_filtered_by_method_dataset_owner_tag_and_text(
    browser: Client, grove: dict[str, Search], colleague: User, family: str
) -> None:
    model = Search if family == "searches" else Architecture
    tag(model, "birch", "Edge", "watch")
    tag(model, "alder", "edge")
    model.objects.filter(name="cedar").update(notes="Grows on the Ridge.")

    def found(query: str) -> set[str]:
        return set(names(browser, f"{family}?{query}"))

    assert found("method=evolution") == {"alder"}
    assert found("method=evolution&method=random") == {"alder", "cedar"}
    assert found("dataset=python-docs") == {"willow"}
    assert found("dataset=nowhere") == set()
    assert found(f"owner={colleague.pk}") == {"alder", "willow"}
    assert found("tag=EDGE") == {"birch", "alder"}
    assert found("tag=edge&tag=watch") == {"birch"}
    assert found("tag=dge") == set()
    assert found("text=RID") == {"cedar"}
    assert found("text=wat") == {"birch"}
    assert found("text=ede") == set()  # across two tags, or their lower case
    assert found("text=wIl") == {"willow"}
    assert found(f"owner={colleague.pk}&method=random") == set()


def test_searches_and_models_are_filtered_by_status(
    browser: Client, grove: dict[str, Search], make_search: MakeSearch, owner: User
) -> None:
    make_search("Live")
    assert names(browser, "searches?status=queued") == ["Live"]
    assert set(names(browser, "searches?status=finished&status=queued")) == {"Live", *STREAMS}
    found = grove["birch"].architectures.get()
    trained(found, owner)
    TrainedModel.objects.update(name="Done")
    training.train(found, grove["birch"].team, owner, "digits", 1, serialization.to_jsonable(full("digits")))
    assert names(browser, "models?status=finished") == ["Done"]
    assert names(browser, "models?status=queued") == ["Handwritten digits, seed 1"]
    assert len(rows(browser, "models?method=autoshrink&dataset=digits&text=birch")) == 2


def test_architectures_are_filtered_by_kind_and_by_their_cell(
    browser: Client, grove: dict[str, Search], team: Team, owner: User
) -> None:
    firstrun._publish()
    parent = grove["birch"].architectures.get()
    architectures.scale(parent, team, owner, "small birch", None, parent.macro, parent.cost, {"bytes_per_element": 4})
    ended_search(team, owner, "birch again")
    assert names(browser, "architectures?kind=scaled") == ["small birch"]
    assert len(rows(browser, "architectures?kind=published")) == Architecture.objects.filter(team=None).count() > 0
    same = {"birch", "small birch", "birch again"}
    found = rows(browser, f"architectures?hash={parent.hash}")
    assert {row["name"] for row in found} == same
    assert {row["alike"] for row in found} == {2}
    assert {row["alike"] for row in rows(browser, "architectures?method=evolution")} == {0}


def test_equal_cells_of_another_team_are_not_counted(browser: Client, grove: dict[str, Search], stranger: User) -> None:
    ended_search(stranger.teams.get(), stranger, "theirs")
    assert {row["alike"] for row in rows(browser, "architectures")} == {0}


def priced(
    name: str, params: int, macs: int, peak: int, bytes_per_element: int = 4, optimal: int | None = None
) -> None:
    """Gives the architecture these costs."""
    memory = {"io": 1, "live": peak, "optimal": optimal, "exact": True}
    cost = {"params": params, "params_no_bn": 1, "macs": macs, "peak_memory": memory, "latency": None}
    Architecture.objects.filter(name=name).update(
        params=params, macs=macs, cost=cost, bytes_per_element=bytes_per_element
    )


@pytest.fixture
def priced_grove(grove: dict[str, Search]) -> None:
    """As float32, cedar needs 4,000 bytes. Willow runs in an order that needs 2,000 of the 9,000 in its file."""
    priced("birch", 100, 1_000, 2_000)
    priced("alder", 200, 900, 3_000)
    priced("cedar", 300, 800, 1_000, bytes_per_element=1)
    priced("willow", 400, 700, 9_000, optimal=2_000)


@pytest.mark.parametrize(
    ("query", "fitting"),
    [
        ("max_params=200", {"birch", "alder"}),
        ("max_params=199", {"birch"}),
        ("max_macs=800", {"cedar", "willow"}),
        ("max_peak_memory=2000", {"birch", "willow"}),
        ("max_peak_memory=3999", {"birch", "willow", "alder"}),
        ("max_peak_memory=4000", {"birch", "willow", "alder", "cedar"}),
        ("max_peak_memory=999&bytes_per_element=1", {"birch", "willow", "alder"}),
        ("max_peak_memory=1000&bytes_per_element=1", {"birch", "willow", "alder", "cedar"}),
        ("max_params=300&max_macs=900&max_peak_memory=3000", {"alder"}),
        ("max_params=300&method=random&method=evolution", {"alder", "cedar"}),
        ("max_params=300&text=birch", {"birch"}),
        ("max_params=99", set()),
    ],
)
def test_architectures_that_fit_a_device_are_found_memory_at_the_same_precision(
    browser: Client, priced_grove: None, query: str, fitting: set[str]
) -> None:
    assert set(names(browser, f"architectures?{query}")) == fitting
    counts = facet(browser, f"architectures/facets?{query}", "kind")
    assert counts == ({"found": len(fitting)} if fitting else {})


def test_limits_of_a_device_keep_order_and_pages(browser: Client, priced_grove: None) -> None:
    query = "architectures?max_params=300&sort=-macs&page_size=2"
    assert browser.get(f"/api/{query}").json()["count"] == 3
    assert names(browser, query) == ["birch", "alder"]
    assert names(browser, f"{query}&page=2") == ["cedar"]


def test_an_architecture_without_a_cost_fits_no_limit_on_it(browser: Client, priced_grove: None) -> None:
    Architecture.objects.filter(name="birch").update(cost={"params": 100, "macs": 1_000})
    fitting = set(names(browser, "architectures?max_peak_memory=1000000&archived=no"))
    assert fitting == {"alder", "cedar", "willow"}


def test_of_what_fits_a_stranger_sees_published_architectures_alone(
    stranger: User, signed_in: SignedIn, priced_grove: None
) -> None:
    firstrun._publish()
    smallest = min(Architecture.objects.filter(team=None).values_list("params", flat=True))
    found = rows(signed_in(stranger), f"architectures?max_params={smallest}")
    assert {(each["kind"], each["cost"]["params"]) for each in found} == {("published", smallest)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=name", ["alder", "birch", "cedar", "willow"]),
        ("sort=-name", ["willow", "cedar", "birch", "alder"]),
        ("sort=-created_at", ["willow", "cedar", "alder", "birch"]),
        ("", ["willow", "cedar", "alder", "birch"]),
    ],
)
def test_lists_are_sorted_and_the_newest_come_first_if_nothing_else_is_said(
    browser: Client, grove: dict[str, Search], query: str, expected: list[str]
) -> None:
    for number, name in enumerate(STREAMS):  # the rows were created in one transaction, at nearly one time
        for model in (Search, Architecture):
            model.objects.filter(name=name).update(created_at=f"2026-01-0{number + 1}T00:00:00Z")
    assert names(browser, f"searches?{query}") == expected
    assert names(browser, f"architectures?{query}") == expected


@pytest.mark.parametrize("column", ["params", "macs", "peak_memory"])
@pytest.mark.parametrize("family", ["searches", "architectures"])
def test_costs_are_sorted_as_numbers(browser: Client, grove: dict[str, Search], family: str, column: str) -> None:
    def costs(sort: str) -> list[int]:
        found = [row["cost"][column] for row in rows(browser, f"{family}?sort={sort}")]
        return [each["live"] if column == "peak_memory" else each for each in found]

    assert costs(column) == sorted(costs(column)) == costs(f"-{column}")[::-1]
    assert len(set(costs(column))) > 1


@pytest.mark.parametrize("family", [SEARCHES, ARCHITECTURES], ids=["searches", "architectures"])
def test_accuracy_and_perplexity_are_never_one_order(browser: Client, grove: dict[str, Search], family: Family) -> None:
    for sort in ("accuracy", "-accuracy"):
        found = rows(browser, f"{family.name}?sort={sort}")
        assert [row["metric"] for row in found] == ["accuracy"] * 3 + ["perplexity"]
        values = [row["best_quality"] if family is SEARCHES else row["val_accuracy"] for row in found[:3]]
        assert values == sorted(values, reverse=sort.startswith("-"))
    for sort in ("perplexity", "-perplexity"):
        assert names(browser, f"{family.name}?sort={sort}")[0] == "willow"


def test_published_figures_take_their_place_among_the_measured_ones(browser: Client, grove: dict[str, Search]) -> None:
    firstrun._publish()
    for sort in ("accuracy", "-accuracy"):
        found = [row for row in rows(browser, f"architectures?sort={sort}") if row["metric"] == "accuracy"]
        values = [row["published_accuracy"] if row["kind"] == "published" else row["val_accuracy"] for row in found]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=sort.startswith("-")) == values[: len(known)]
        assert {row["kind"] for row in found[: len(known)]} == {"found", "published"}


def test_missing_values_come_last_in_both_directions(
    browser: Client, grove: dict[str, Search], make_search: MakeSearch
) -> None:
    Search.objects.filter(name="birch").update(ended_at=None)
    for sort in ("ended_at", "-ended_at"):
        assert names(browser, f"searches?sort={sort}")[-1] == "birch"
    Search.objects.filter(name="cedar").update(cost=None)
    for sort in ("params", "-params", "peak_memory", "-peak_memory"):
        assert names(browser, f"searches?sort={sort}")[-1] == "cedar"


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
def test_everything_a_list_offers_to_sort_by_can_be_asked_for(
    browser: Client, grove: dict[str, Search], owner: User, team: Team, tmp_path: Path, family: Family
) -> None:
    trained(grove["birch"].architectures.get(), owner, val_accuracy=0.5)
    dataset_of(team, owner, tmp_path)
    count = len(rows(browser, family.name))
    for sort in family.sorts:
        for sign in ("", "-"):
            assert len(rows(browser, f"{family.name}?sort={sign}{sort}")) == count > 0


@pytest.mark.parametrize(
    ("query", "attr", "message"),
    [
        ("searches?sort=secret", "sort", "There is no such column to sort by; choose from created_at, -created_at, "),
        ("searches?status=asleep", "status", "There is no such status; choose from queued, running, paused, "),
        ("searches?method=luck&method=random", "method", "There is no such method; choose from autoshrink, "),
        ("architectures?kind=odd", "kind", "There is no such kind; choose from found, published, scaled."),
        ("datasets?kind=sound", "kind", "There is no such kind; choose from image, text."),
        ("models?archived=maybe", "archived", "There is no such choice; choose from no, only, all."),
        ("models?owner=me", "owner", "A valid integer is required."),
        ("architectures?search=cell", "search", "There is no such parameter; choose from text, tag, archived, page, "),
        ("datasets?page_size=1000", "page_size", "Ensure this value is less than or equal to 200."),
        ("datasets?page=0", "page", "Ensure this value is greater than or equal to 1."),
        ("searches/facets?status=asleep", "status", "There is no such status; choose from queued, "),
        ("searches?text=a%00b", "text", "Null characters are not allowed."),
        ("architectures?max_params=-1", "max_params", "Ensure this value is greater than or equal to 1."),
        ("architectures?max_macs=lots", "max_macs", "A valid integer is required."),
        ("architectures?max_params=1e99", "max_params", "A valid integer is required."),
        (
            f"architectures?max_macs={10**15 + 1}",
            "max_macs",
            "Ensure this value is less than or equal to 1000000000000",
        ),
        ("architectures/facets?max_peak_memory=0", "max_peak_memory", "Ensure this value is greater than or equal to"),
        ("architectures?max_peak_memory=9&bytes_per_element=3", "bytes_per_element", "Choose from 1, 2, 4, 8."),
        ("searches?max_params=9", "max_params", "There is no such parameter; choose from text, tag, archived, page, "),
    ],
)
def test_a_wrong_value_is_rejected_with_those_that_are_allowed(
    browser: Client, query: str, attr: str, message: str
) -> None:
    answer = browser.get(f"/api/{query}")
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["attr"].partition(".")[0]) == (400, attr)
    assert error["detail"].startswith(message)


@pytest.mark.parametrize("family", ["searches", "architectures"])
def test_a_list_comes_in_pages(browser: Client, grove: dict[str, Search], family: str) -> None:
    first = browser.get(f"/api/{family}?sort=name&page_size=3").json()
    assert (first["count"], [row["name"] for row in first["results"]]) == (4, ["alder", "birch", "cedar"])
    assert names(browser, f"{family}?sort=name&page_size=3&page=2") == ["willow"]
    beyond = browser.get(f"/api/{family}?page=9")
    assert (beyond.status_code, beyond.json()["errors"][0]["detail"]) == (
        404,
        "There is no such page: the list is shorter.",
    )


def test_pages_of_datasets_begin_with_the_built_in_ones(
    browser: Client, team: Team, owner: User, tmp_path: Path
) -> None:
    for title in ("b", "a", "c"):
        dataset_of(team, owner, tmp_path)
        Dataset.objects.filter(title="Leaves").update(title=title, tags={"edge": "Edge"})
    built_in = [each.title for each in BUILT_IN.values()]

    def titles(query: str) -> list[str]:
        return [row["title"] for row in rows(browser, f"datasets?{query}")]

    everything = [*built_in, "a", "b", "c"]
    assert titles("sort=name") == everything
    pages = [titles(f"sort=name&page_size=2&page={page}") for page in (1, 2, 3)]
    assert [title for page in pages for title in page] == everything
    assert titles("sort=-name") == [*built_in, "c", "b", "a"]
    assert titles("text=handwritten") == ["Handwritten digits"]
    assert titles("kind=text") == [each.title for each in BUILT_IN.values() if each.kind == "text"]
    assert titles(f"owner={owner.pk}&sort=name") == titles("tag=edge&sort=name") == ["a", "b", "c"]
    assert titles("archived=only") == []


@pytest.mark.parametrize("family", ["searches", "architectures"])
def test_facets_count_what_each_choice_would_leave_under_the_other_filters(
    browser: Client, grove: dict[str, Search], owner: User, colleague: User, family: str
) -> None:
    model = Search if family == "searches" else Architecture
    tag(model, "birch", "Edge")
    tag(model, "alder", "edge", "watch")
    address = f"{family}/facets"
    methods = facet(browser, address, "method")
    assert methods == {"autoshrink": 2, "evolution": 1, "random": 1}
    assert facet(browser, address, "owner") == {str(owner.pk): 2, str(colleague.pk): 2}
    assert facet(browser, f"{address}?method=evolution", "owner") == {str(colleague.pk): 1}
    assert facet(browser, f"{address}?method=evolution", "method") == methods  # its own filter does not count
    assert facet(browser, f"{address}?owner={owner.pk}", "dataset") == {"digits": 2}
    tags = facet(browser, address, "tag")
    assert {name.lower(): count for name, count in tags.items()} == {"edge": 2, "watch": 1}
    labels = {each["value"]: each["name"] for each in browser.get(f"/api/{address}").json()["dataset"]}
    assert labels == {"digits": "Handwritten digits", "python-docs": BUILT_IN["python-docs"].title}
    people = {each["name"] for each in browser.get(f"/api/{address}").json()["owner"]}
    assert people == {"Owner", "Colleague"}


def test_facets_of_each_family_name_its_own_filters(
    browser: Client, grove: dict[str, Search], team: Team, owner: User, tmp_path: Path
) -> None:
    trained(grove["birch"].architectures.get(), owner)
    uploaded = dataset_of(team, owner, tmp_path)
    Search.objects.filter(name="cedar").update(dataset=uploaded.pk)
    assert facet(browser, "searches/facets", "status") == {SearchStatus.FINISHED: 4}
    assert facet(browser, "architectures/facets", "kind") == {"found": 4}
    assert facet(browser, "models/facets", "method") == {"autoshrink": 1}
    assert facet(browser, "datasets/facets", "kind") == {**BUILT_IN_KINDS, "image": BUILT_IN_KINDS["image"] + 1}
    found = browser.get("/api/searches/facets").json()["dataset"]
    assert {"value": uploaded.pk, "name": "Leaves", "count": 1} in found


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
def test_a_stranger_counts_and_lists_nothing_of_the_team(
    stranger: User,
    signed_in: SignedIn,
    grove: dict[str, Search],
    team: Team,
    owner: User,
    tmp_path: Path,
    family: Family,
) -> None:
    trained(grove["birch"].architectures.get(), owner)
    dataset_of(team, owner, tmp_path)
    browser = signed_in(stranger)
    assert all(row["owner"] is None for row in rows(browser, f"{family.name}?archived=all"))
    found = browser.get(f"/api/{family.name}/facets").json()
    if family is DATASETS:
        assert {each["value"]: each["count"] for each in found.pop("kind")} == BUILT_IN_KINDS
    assert not any(found.values())


@pytest.mark.parametrize(
    "query", ["", "kind=text", "text=hand", "archived=only", "archived=all", "tag=edge", "owner={}"]
)
def test_facets_of_datasets_count_what_the_list_shows_built_in_ones_included(
    browser: Client, team: Team, owner: User, tmp_path: Path, query: str
) -> None:
    dataset_of(team, owner, tmp_path)
    query = query.format(owner.pk)
    counts = facet(browser, f"datasets/facets?{query}", "kind")
    for kind in ("image", "text"):
        others = "&".join(part for part in query.split("&") if not part.startswith("kind"))
        assert counts.get(kind, 0) == len(rows(browser, f"datasets?kind={kind}&{others}"))
    assert 0 not in counts.values()


def test_tags_are_counted_once_whatever_their_case_the_most_frequent_first(
    browser: Client, grove: dict[str, Search]
) -> None:
    tag(Search, "birch", "watch", "100 %", "Ähre")
    tag(Search, "alder", "Watch", "%s")
    tag(Search, "cedar", "WATCH", "Ähre")
    found = browser.get("/api/searches/facets").json()["tag"]
    assert [(each["name"], each["count"]) for each in found] == [("WATCH", 3), ("Ähre", 2), ("%s", 1), ("100 %", 1)]
    assert all(each["value"] == each["name"] for each in found)
    assert facet(browser, "searches/facets?method=random", "tag") == {"WATCH": 1, "Ähre": 1}
    assert facet(browser, "searches/facets?tag=%25s&text=a", "tag") == {"Watch": 1, "%s": 1}


def test_rows_show_the_best_trained_result_by_its_validation_figure(
    browser: Client, grove: dict[str, Search], owner: User
) -> None:
    found = grove["birch"].architectures.get()
    trained(found, owner, val_accuracy=0.91, test_accuracy=0.95)
    best = trained(found, owner, val_accuracy=0.93, test_accuracy=0.92)
    trained(found, owner)  # nothing yet
    trained(found, owner, "elsewhere", val_accuracy=0.99, test_accuracy=0.99)
    gone = trained(found, owner, val_accuracy=0.98, test_accuracy=0.98, deleted_at="2026-01-01T00:00:00Z")
    expected = {
        **{"model": best.pk, "dataset": "digits", "val_accuracy": 0.93, "test_accuracy": 0.92},
        **{"val_perplexity": None, "test_perplexity": None},
    }
    (row,) = rows(browser, "architectures?text=birch")
    assert (row["best_trained"], row["trained"]) == (expected, 4)
    assert row["val_accuracy"] is not None
    (row,) = rows(browser, "searches?text=birch")
    assert (row["architecture"], row["best_trained"]) == (found.pk, expected)
    assert browser.get(f"/api/searches/{grove['birch'].pk}").json()["best_trained"] == expected
    best.delete()
    gone.delete()
    text = grove["willow"].architectures.get()
    for value in (120.0, 110.0, 130.0):
        trained(text, owner, "python-docs", val_perplexity=value)
    (row,) = rows(browser, "architectures?text=willow")
    assert row["best_trained"]["val_perplexity"] == 110.0
    (row,) = rows(browser, "searches?text=alder")
    assert row["best_trained"] is None


def test_a_row_of_a_model_names_architecture_method_and_figures(
    browser: Client, grove: dict[str, Search], owner: User
) -> None:
    found = grove["willow"].architectures.get()
    trained(found, owner, "python-docs", val_perplexity=110.0, test_perplexity=112.0, seed=4)
    (row,) = rows(browser, "models")
    assert row["architecture"] == {"id": found.pk, "name": "willow"}
    assert (row["strategy"], row["metric"], row["seed"], row["epochs"]) == ("autoshrink", "perplexity", 4, 3)
    assert (row["val_perplexity"], row["test_perplexity"], row["val_accuracy"]) == (110.0, 112.0, None)
    assert row["owner"] == {"id": str(owner.pk), "name": "Owner"}
    assert (row["params"], row["macs"]) == (found.params, found.macs)


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
def test_a_page_takes_a_fixed_number_of_queries_whatever_its_length(
    browser: Client,
    team: Team,
    owner: User,
    tmp_path: Path,
    family: Family,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    queries = {"datasets": 5}.get(family.name, 4)  # session, user, count, rows; and the files of datasets
    for number in range(1, 4):
        found = ended_search(team, owner, f"Search {number}").architectures.get()
        trained(found, owner, val_accuracy=0.5, test_accuracy=0.5)
        dataset_of(team, owner, tmp_path)
        with django_assert_num_queries(queries) as asked:
            assert len([row for row in rows(browser, f"{family.name}?text=&sort=-name") if row["owner"]]) == number
        assert not [query for query in asked.captured_queries if '"summary"' in query["sql"]]


def test_facets_take_a_fixed_number_of_queries(
    browser: Client, grove: dict[str, Search], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(9):  # session, user, five counts, titles of datasets, names of people
        browser.get("/api/searches/facets")
