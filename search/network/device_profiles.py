"""Device profiles: budgets for kinds of machines, with the source of each figure.

No profile limits latency, which is valid only on the machine where an agent measured it.
"""

from dataclasses import dataclass

from search.network.budget import Budget

KB, MB = 1024, 1024 * 1024
_INT8 = (
    "Memory is counted at one byte per element, as after quantisation to int8. A network trained and exported here "
    "computes in float32 and takes four times as much."
)


@dataclass(frozen=True, kw_only=True)
class DeviceProfile:
    """A budget with a title, a description and the source of its figures."""

    name: str
    title: str
    about: str
    source: str
    budget: Budget


DEVICES: dict[str, DeviceProfile] = {
    "microcontroller-small": DeviceProfile(
        name="microcontroller-small",
        title="Small microcontroller",
        about=f"The limits of the Visual Wake Words challenge, which asks whether a picture shows a person. {_INT8} "
        "Weights may use all 250 KB.",
        source="Chowdhery et al., Visual Wake Words Dataset, 2019 (arXiv 1906.05721), and the challenge held on it "
        "in 2019: 250 KB of peak memory, 250 KB of model, 60 million multiply-adds per inference",
        budget=Budget(params=250_000, peak_memory=250_000, macs=60_000_000, bytes_per_element=1),
    ),
    "microcontroller": DeviceProfile(
        name="microcontroller",
        title="Microcontroller (STM32F746)",
        about=f"A Cortex-M7 with 320 KB of SRAM and 1 MB of flash. {_INT8} The program needs some of both: MCUNet's "
        "networks for this chip use at most 897 KB of the flash including the program.",
        source="Lin et al., MCUNet: Tiny Deep Learning on IoT Devices, NeurIPS 2020 (arXiv 2007.10319), whose networks "
        "are made for the STM32F746 with 320 kB SRAM and 1 MB flash; flash use: its repository, model list",
        budget=Budget(params=MB, peak_memory=320 * KB, bytes_per_element=1),
    ),
    "watch": DeviceProfile(
        name="watch",
        title="Watch (Bangle.js 2)",
        about=f"A Cortex-M4 at 64 MHz with 256 KB of RAM and 1 MB of flash on the chip. {_INT8} Its firmware "
        "needs some of both, so a network must stay below the limits.",
        source="Espruino, Bangle.js 2 Technical Information, section Features: nRF52840, 256 kB RAM, 1024 kB on-chip "
        "flash",
        budget=Budget(params=MB, peak_memory=256 * KB, bytes_per_element=1),
    ),
    "phone": DeviceProfile(
        name="phone",
        title="Phone",
        about="The mobile setting of ImageNet: fewer than 600 million multiply-adds at 224 px. To limit latency too, "
        "run an agent on your phone. MnasNet-A1, with 312 million multiply-adds, took 78 ms on a Pixel 1.",
        source="Cai et al., Once-for-All, ICLR 2020 (arXiv 1908.09791): mobile setting, below 600 M MACs; Tan et al., "
        "MnasNet, CVPR 2019 (arXiv 1807.11626), abstract and repository: 312 M multiply-adds, 78 ms on a Pixel phone",
        budget=Budget(macs=600_000_000),
    ),
}
