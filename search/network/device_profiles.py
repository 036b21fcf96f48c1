"""Device profiles: budgets that fit a kind of machine, as data with the source of each figure.

None of them limits latency: that holds on the machine where it was measured, so it needs an agent there.
"""

from dataclasses import dataclass

from search.network.budget import Budget

KB, MB = 1024, 1024 * 1024
_INT8 = (
    "It counts one byte an element, as a network has it once it is quantised to int8; what is trained and exported "
    "here computes in float32 and takes four times as much."
)


@dataclass(frozen=True, kw_only=True)
class DeviceProfile:
    name: str
    title: str
    about: str
    source: str
    budget: Budget


DEVICES: dict[str, DeviceProfile] = {
    "microcontroller-small": DeviceProfile(
        name="microcontroller-small",
        title="Small microcontroller",
        about=f"The limits of the Visual Wake Words challenge: is there a person in the picture? {_INT8} "
        "Of 250 KB the weights may take all.",
        source="Chowdhery et al., Visual Wake Words Dataset, 2019 (arXiv 1906.05721), and the challenge held on it "
        "in 2019: 250 KB of peak memory, 250 KB of model, 60 million multiply-adds an inference",
        budget=Budget(params=250_000, peak_memory=250_000, macs=60_000_000, bytes_per_element=1),
    ),
    "microcontroller": DeviceProfile(
        name="microcontroller",
        title="Microcontroller (STM32F746)",
        about=f"A Cortex-M7 with 320 KB of SRAM and 1 MB of flash. {_INT8} The program takes some of both: MCUNet's "
        "networks for it use at most 897 KB of the flash with it.",
        source="Lin et al., MCUNet: Tiny Deep Learning on IoT Devices, NeurIPS 2020 (arXiv 2007.10319), whose networks "
        "are made for the STM32F746 with 320 kB SRAM and 1 MB flash; figures of use: its repository, model list",
        budget=Budget(params=MB, peak_memory=320 * KB, bytes_per_element=1),
    ),
    "watch": DeviceProfile(
        name="watch",
        title="Watch (Bangle.js 2)",
        about=f"A Cortex-M4 of 64 MHz with 256 KB of RAM and 1 MB of flash on the chip. {_INT8} Its firmware takes "
        "some of both, so a network has to stay below.",
        source="Espruino, Bangle.js 2 Technical Information, section Features: nRF52840, 256 kB RAM, 1024 kB on-chip "
        "flash",
        budget=Budget(params=MB, peak_memory=256 * KB, bytes_per_element=1),
    ),
    "phone": DeviceProfile(
        name="phone",
        title="Phone",
        about="The mobile setting of ImageNet: fewer than 600 million multiply-adds at 224 px. For how long it takes, "
        "put an agent on your phone and limit latency there; MnasNet-A1, with 312 million, took 78 ms on a Pixel 1.",
        source="Cai et al., Once-for-All, ICLR 2020 (arXiv 1908.09791): mobile setting, below 600 M MACs; Tan et al., "
        "MnasNet, CVPR 2019 (arXiv 1807.11626), abstract and repository: 312 M multiply-adds, 78 ms on a Pixel phone",
        budget=Budget(macs=600_000_000),
    ),
}
