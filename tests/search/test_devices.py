"""Device profiles: budgets with their sources, in the units of the cost model."""

import pytest

from search.base import serialization
from search.network.budget import LIMITS, Budget
from search.network.cost import cost_of
from search.network.device_profiles import DEVICES, DeviceProfile
from search.spaces import cnn
from search.spaces.presets import PRESETS

PROFILES = [pytest.param(profile, id=name) for name, profile in DEVICES.items()]


def test_the_profiles_include_a_microcontroller_a_watch_and_a_phone() -> None:
    assert {"microcontroller", "watch", "phone"} <= DEVICES.keys()
    assert all(name == profile.name for name, profile in DEVICES.items())


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_has_a_limit_a_source_and_a_json_form(profile: DeviceProfile) -> None:
    assert any(profile.budget.allowed(limit) for limit in LIMITS)
    assert profile.title and profile.about and profile.source
    assert serialization.decode(Budget, serialization.loads(serialization.dumps(profile.budget))) == profile.budget


@pytest.mark.parametrize("profile", PROFILES)
def test_no_profile_limits_latency(profile: DeviceProfile) -> None:
    assert profile.budget.latency is None and profile.budget.device is None


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles_at_one_byte_per_element_mention_float32(profile: DeviceProfile) -> None:
    assert ("computes in float32" in profile.about) == (profile.budget.bytes_per_element == 1)


def test_the_published_network_fits_a_phone_and_no_microcontroller() -> None:
    preset = PRESETS["shrinkcnn-a"]
    fits = {
        name: not profile.budget.over(cost_of(preset.graph, preset.macro, profile.budget.bytes_per_element))
        for name, profile in DEVICES.items()
    }
    assert fits == {"microcontroller-small": False, "microcontroller": False, "watch": False, "phone": True}


def test_a_small_searched_network_fits_the_smallest_profile() -> None:
    budget = DEVICES["microcontroller-small"].budget
    assert not budget.over(cost_of(cnn.dense(4), cnn.search_macro((3, 32, 32), 10), budget.bytes_per_element))
