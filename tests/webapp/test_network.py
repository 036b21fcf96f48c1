"""The whole network of an architecture through the API."""

from collections.abc import Callable

import pytest
from django.test import Client

from search.network.cost import cost_of
from search.network.graph import Graph
from search.network.macro import read
from search.spaces.presets import PRESETS
from tests.webapp.measuring import architecture_of
from webapp.models import Team, User

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


def test_owner_and_colleague_get_the_network_and_a_stranger_does_not(
    team: Team, owner: User, colleague: User, stranger: User, signed_in: SignedIn
) -> None:
    address = f"/api/architectures/{architecture_of(team).pk}/network"
    network = signed_in(owner).get(address).json()
    assert set(network) == {"nodes", "edges"}
    assert network["nodes"][0]["op"] == "input" and network["nodes"][-1]["op"] == "dense"
    assert signed_in(colleague).get(address).json() == network
    assert signed_in(stranger).get(address).status_code == 404


def test_its_costs_are_those_of_the_architecture(team: Team, owner: User, signed_in: SignedIn) -> None:
    architecture = architecture_of(team)
    nodes = signed_in(owner).get(f"/api/architectures/{architecture.pk}/network").json()["nodes"]
    cost = cost_of(Graph.from_dict(architecture.graph), read(architecture.macro))
    assert sum(node["params"] for node in nodes) == cost.params
    assert sum(node["macs"] for node in nodes) == cost.macs


def test_a_scaled_architecture_shows_the_network_that_it_was_scaled_to(
    team: Team, owner: User, signed_in: SignedIn
) -> None:
    browser, architecture = signed_in(owner), architecture_of(team)
    asked = {"budget": {"params": 200_000}, "resolution": 64, "classes": 7}
    scaled = browser.post(f"/api/architectures/{architecture.pk}/scale", asked, content_type="application/json").json()
    nodes = browser.get(f"/api/architectures/{scaled['id']}/network").json()["nodes"]
    assert nodes[0]["shape"] == [3, 64, 64] and nodes[-1]["shape"] == [7, 1, 1]
    assert sum(node["params"] for node in nodes) == scaled["cost"]["params"]


def test_everybody_gets_the_networks_of_published_architectures(stranger: User, signed_in: SignedIn) -> None:
    browser = signed_in(stranger)
    for name in PRESETS:
        architecture = architecture_of(None, name)
        nodes = browser.get(f"/api/architectures/{architecture.pk}/network").json()["nodes"]
        assert sum(node["params"] for node in nodes) == architecture.params
