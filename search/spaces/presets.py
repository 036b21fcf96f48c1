"""Published architectures with their sources."""

from dataclasses import dataclass

from search.data.datasets import Kind
from search.network.graph import INPUT, Edge, Graph, Node
from search.network.macro import Activation, ChainMacro, ImageMacro, Macro, TextMacro, data_kind
from search.spaces import chain
from search.spaces.cnn import FAMILIES


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A published architecture. Its accuracy and perplexity are the published figures, not measured here."""

    name: str
    title: str
    source: str
    strategy: str
    space: str
    graph: Graph
    macro: Macro
    accuracy: float | None = None  # top-1, as a fraction
    perplexity: float | None = None  # on the test part

    @property
    def kind(self) -> Kind:
        return data_kind(self.macro)


def _shrinkcnn(activation: Activation) -> ImageMacro:
    """AutoShrink's ImageNet macro at 224 px and 1001 classes (spec section 5): width 1.4, and 1280 head channels."""
    return FAMILIES["published"].macro((3, 224, 224), 1001, width=1.4, activation=activation)


#: Two parallel branches, each concatenated with the cell's input: 6 of the 28 edges of the complete 8-node cell.
SHRINKCNN_CELL = Graph(
    (Node(0, INPUT, 0.0), Node(1, "sep3", 1.0), Node(2, "sep3", 2.0), Node(3, "sep3", 3.0), Node(4, "conv1", 4.0)),
    (Edge(0, 1), Edge(0, 2), Edge(0, 3), Edge(0, 4), Edge(1, 3), Edge(2, 4)),
)

#: 12 of the 15 edges of the complete 6-node cell; mask and activations are from the released evaluation code.
SHRINKRNN_CELL = Graph(
    tuple(
        Node(number, op, float(number))
        for number, op in enumerate((INPUT, "identity", "sigmoid", "sigmoid", "tanh", "identity"))
    ),
    tuple(
        Edge(source, target)
        for source in range(6)
        for target in range(source + 1, 6)
        if (source, target) not in ((1, 2), (2, 3), (4, 5))
    ),
)

_AUTOSHRINK = "AutoShrink, AAAI 2020 (arXiv 1911.09251)"
_ZICO = (
    "ZiCo, ICLR 2023 (arXiv 2301.11300): top-1 on ImageNet, with squeeze-and-excitation and distillation, which this "
    "network leaves out"
)


def _zico(name: str, title: str, blocks: str, accuracy: float) -> Preset:
    """A structure string of ZiCo's repository, at 224 px and 1000 classes."""
    return Preset(
        name=name,
        title=title,
        source=_ZICO,
        strategy="zico",
        space="chain",
        graph=chain.decode(blocks),
        macro=ChainMacro(input=(3, 224, 224), classes=1000, head_filters=2048, resolution=224),
        accuracy=accuracy,
    )


PRESETS: dict[str, Preset] = {
    "shrinkcnn-a": Preset(
        name="shrinkcnn-a",
        title="ShrinkCNN-A",
        source=f"{_AUTOSHRINK}: ReLU, top-1 on ImageNet",
        strategy="autoshrink",
        space="cnn",
        graph=SHRINKCNN_CELL,
        macro=_shrinkcnn("relu"),
        accuracy=0.739,
    ),
    "shrinkcnn-b": Preset(
        name="shrinkcnn-b",
        title="ShrinkCNN-B",
        source=f"{_AUTOSHRINK}: Swish, top-1 on ImageNet",
        strategy="autoshrink",
        space="cnn",
        graph=SHRINKCNN_CELL,
        macro=_shrinkcnn("swish"),
        accuracy=0.751,
    ),
    "shrinkrnn": Preset(
        name="shrinkrnn",
        title="ShrinkRNN",
        # the paper says 24M parameters; its code with its vocabulary and width gives 23.0M
        source=f"{_AUTOSHRINK}: perplexity on the test part of the Penn Treebank (58.5 on validation)",
        strategy="autoshrink",
        space="rnn",
        graph=SHRINKRNN_CELL,
        macro=TextMacro(vocabulary=10_000, hidden=745),
        perplexity=56.5,
    ),
    "zico-450m": _zico(
        "zico-450m",
        "ZiCo 450M",
        "SuperConvK3BNRELU(3,16,2,1)SuperResIDWE1K7(16,40,2,40,1)SuperResIDWE2K7(40,80,2,64,1)"
        "SuperResIDWE4K7(80,96,2,96,5)SuperResIDWE2K7(96,224,2,224,5)",
        0.781,
    ),
    "zico-600m": _zico(
        "zico-600m",
        "ZiCo 600M",
        "SuperConvK3BNRELU(3,24,2,1)SuperResIDWE1K7(24,48,2,48,1)SuperResIDWE2K7(48,72,2,72,1)"
        "SuperResIDWE6K5(72,160,2,96,1)SuperResIDWE6K7(160,200,2,112,5)SuperResIDWE6K7(200,168,1,168,4)",
        0.794,
    ),
    "zico-1g": _zico(
        "zico-1g",
        "ZiCo 1G",
        "SuperConvK3BNRELU(3,48,2,1)SuperResIDWE1K7(48,48,2,72,1)SuperResIDWE1K7(48,80,2,128,1)"
        "SuperResIDWE2K7(80,160,2,144,3)SuperResIDWE4K7(160,288,2,232,4)SuperResIDWE6K5(288,232,1,208,5)",
        0.805,
    ),
}
