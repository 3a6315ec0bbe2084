"""The smallest nets that show what the zoo shows: fixtures for the tests, not part of the zoo itself.

    .cache/venv/bin/python scripts/zoo/make.py --tiny --out fixtures/zoo
    .cache/venv/bin/python scripts/zoo/prune.py --tiny --out fixtures/zoo
"""

from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images, noise, together, tokens
from nets.shuffle import channel_shuffle


class Attention(nn.Module):
    """A transformer block: queries, keys and values in one matrix, two heads."""

    def __init__(self, dim: int = 8, heads: int = 2) -> None:
        super().__init__()
        self.num_heads, self.scale = heads, (dim // heads) ** -0.5
        self.embed = nn.Linear(4, dim)
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.fc1, self.fc2 = nn.Linear(dim, 12), nn.Linear(12, dim)
        self.head = nn.Linear(dim, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x)
        batch, length, _ = x.shape
        qkv = self.qkv(self.norm1(x)).view(batch, length, 3, self.num_heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        weights = (q @ k.transpose(-2, -1) * self.scale).softmax(-1)
        x = x + self.proj((weights @ v).transpose(1, 2).reshape(batch, length, -1))
        x = x + self.fc2(F.gelu(self.fc1(self.norm2(x))))
        return self.head(x.mean(1))


class Grouped(nn.Module):
    """A ResNeXt block: a convolution in two groups between two of 1x1, around it a residual stream."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(2, 8, 3, padding=1)
        self.conv1, self.bn1 = nn.Conv2d(8, 8, 1, bias=False), nn.BatchNorm2d(8)
        self.conv2, self.bn2 = nn.Conv2d(8, 8, 3, padding=1, groups=2, bias=False), nn.BatchNorm2d(8)
        self.conv3, self.bn3 = nn.Conv2d(8, 8, 1, bias=False), nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.stem(x))
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        x = F.relu(self.bn3(self.conv3(y)) + x)
        return self.fc(x.mean((2, 3)))


class SqueezeExcite(nn.Module):
    """A MobileNetV3 block: widen, depthwise, squeeze and excite, narrow."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(2, 6, 3, 2, 1)
        self.expand = nn.Conv2d(6, 12, 1)
        self.depthwise = nn.Conv2d(12, 12, 3, padding=1, groups=12)
        self.squeeze, self.excite = nn.Conv2d(12, 4, 1), nn.Conv2d(4, 12, 1)
        self.project = nn.Conv2d(12, 6, 1)
        self.fc = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.hardswish(self.stem(x))
        y = F.hardswish(self.depthwise(F.hardswish(self.expand(x))))
        gate = F.relu(self.squeeze(F.adaptive_avg_pool2d(y, 1)))
        y = y * F.hardsigmoid(self.excite(gate))
        x = x + self.project(y)
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class Shuffle(nn.Module):
    """A ShuffleNet unit: grouped 1x1, shuffle, depthwise, grouped 1x1."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(2, 8, 3, 2, 1)
        self.conv1 = nn.Conv2d(8, 8, 1, groups=2)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.conv3 = nn.Conv2d(8, 8, 1, groups=2)
        self.fc = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.stem(x))
        y = channel_shuffle(F.relu(self.conv1(x)), 2)
        x = F.relu(x + self.conv3(self.conv2(y)))
        return self.fc(x.mean((2, 3)))


class Skip(nn.Module):
    """A U-Net of one step: down, up by a transposed convolution, and a concatenation across."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(2, 6, 3, padding=1)
        self.down = nn.Conv2d(6, 8, 3, padding=1)
        self.up = nn.ConvTranspose2d(8, 6, 2, 2)
        self.last = nn.Conv2d(12, 6, 3, padding=1)
        self.out = nn.Conv2d(6, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.first(x))
        y = F.relu(self.down(F.max_pool2d(x, 2)))
        y = torch.cat([x, self.up(y)], 1)
        return self.out(F.relu(self.last(y)))


class Dense(nn.Module):
    """A DenseNet block: BatchNorm over everything that came before."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(2, 6, 3, padding=1)
        self.bn1, self.conv1 = nn.BatchNorm2d(6), nn.Conv2d(6, 4, 3, padding=1)
        self.bn2, self.conv2 = nn.BatchNorm2d(10), nn.Conv2d(10, 4, 3, padding=1)
        self.bn3, self.fc = nn.BatchNorm2d(14), nn.Linear(14, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = torch.cat([x, self.conv1(F.relu(self.bn1(x)))], 1)
        x = torch.cat([x, self.conv2(F.relu(self.bn2(x)))], 1)
        return self.fc(F.relu(self.bn3(x)).mean((2, 3)))


class Lstm(nn.Module):
    """Token ids, two layers of an LSTM, the last state."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(7, 4)
        self.lstm = nn.LSTM(4, 6, num_layers=2, batch_first=True)
        self.fc = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        y, _ = self.lstm(self.embedding(x))
        return self.fc(y[:, -1])


class Tied(nn.Module):
    """Token ids to logits of tokens; the embedding is the head."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(7, 8)
        self.fc1, self.fc2 = nn.Linear(8, 12), nn.Linear(12, 8)
        self.head = nn.Linear(8, 7, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, x: Tensor) -> Tensor:
        x = self.embedding(x)
        return self.head(x + self.fc2(torch.tanh(self.fc1(x))))


class TwoInputs(nn.Module):
    """An image and a row of numbers, joined by a concatenation and by a gate."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 6, 3, 2, 1)
        self.row = nn.Linear(5, 6)
        self.gate = nn.Linear(5, 6)
        self.fc1, self.fc2 = nn.Linear(12, 8), nn.Linear(8, 3)

    def forward(self, image: Tensor, row: Tensor) -> Tensor:
        x = F.relu(self.conv(image)).mean((2, 3)) * torch.sigmoid(self.gate(row))
        x = torch.cat([x, F.relu(self.row(row))], 1)
        return self.fc2(F.relu(self.fc1(x)))


def perceptron() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 12), nn.LayerNorm(12), nn.GELU(), nn.Linear(12, 8), nn.GELU(), nn.Linear(8, 3))


def series() -> nn.Module:
    return nn.Sequential(
        nn.Conv1d(2, 6, 5, 2, bias=False),
        nn.BatchNorm1d(6),
        nn.ReLU(),
        nn.Conv1d(6, 8, 3),
        nn.ReLU(),
        nn.MaxPool1d(2),
        nn.Flatten(),
        nn.Linear(24, 3),
    )


def without_traces(path: Path, net: Net) -> None:
    """Leaves out which line of which Python file on this machine made a node."""
    model = onnx.load(path)
    for owner in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output):
        owner.ClearField("doc_string")
        owner.ClearField("metadata_props")
    onnx.save(model, path)


def tiny(build, inputs, **options) -> Net:
    return Net(build, inputs, after=without_traces, **options)


NETS = {
    "attention": tiny(Attention, noise(5, 4)),
    "conv1d": tiny(series, noise(2, 20)),
    "dense-concat": tiny(Dense, images(2, 6), optimise=False),
    "grouped-conv": tiny(Grouped, images(2, 6)),
    "lstm": tiny(Lstm, tokens(7, 5)),
    "norm-gelu-mlp": tiny(perceptron, noise(6)),
    "shuffle": tiny(Shuffle, images(2, 8)),
    "skip-concat": tiny(Skip, images(2, 8)),
    "squeeze-excite": tiny(SqueezeExcite, images(2, 8)),
    "tied-embedding": tiny(Tied, tokens(7, 5)),
    "two-inputs": tiny(TwoInputs, together(images(2, 6), noise(5)), input_names=("image", "row")),
}
