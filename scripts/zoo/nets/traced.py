"""What tracing leaves in a graph: weights and lengths that are computed from constants, shapes that are asked of a single place."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images, noise


class StdConv(nn.Conv2d):
    """Weight standardisation: the weight as a batch of one image, normalised by its own statistics and scaled (BiT, NFNet)."""

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.gain = nn.Parameter(torch.empty(self.out_channels).uniform_(0.7, 1.3) / math.sqrt(self.weight[0].numel()))

    def forward(self, x: Tensor) -> Tensor:
        flat = self.weight.reshape(1, self.out_channels, -1)
        weight = F.batch_norm(flat, None, None, self.gain, training=True, momentum=0.0)
        return F.conv2d(x, weight.reshape_as(self.weight), self.bias, self.stride, self.padding)


class StdBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(4, width)
        self.conv1, self.conv2 = StdConv(width, width, 3, padding=1), StdConv(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + 0.5 * self.conv2(F.relu(self.conv1(F.relu(self.norm(x)))))


def root(count: int | Tensor) -> int | Tensor:
    """A whole square root, as code that is also traced writes it."""
    return (count**0.5).to(torch.int64) if isinstance(count, Tensor) else math.isqrt(count)


class PatchGrid(nn.Module):
    """Patches with places, back to an image whose side is the root of their number (DINOv2, DPT)."""

    def __init__(self, dim: int = 24) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, dim, 4, 4)
        self.places = nn.Parameter(torch.randn(1, 16, dim) * 0.5)
        self.norm = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 48), nn.GELU(), nn.Linear(48, dim))
        self.conv = nn.Conv2d(dim, 12, 3, padding=1)
        self.head = nn.Linear(12, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch(x).flatten(2).transpose(1, 2) + self.places
        x = x + self.mlp(self.norm(x))
        side = root(x.shape[1])
        x = x.permute(0, 2, 1).reshape(x.shape[0], -1, side, side)
        return self.head(F.relu(self.conv(x)).mean((2, 3)))


class HalfBatches(nn.Module):
    """Two images on one batch, told apart again behind the shared part (RAFT's features)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 16, 3, padding=1), nn.Conv2d(16, 24, 3, stride=2, padding=1)
        self.fuse = nn.Conv2d(48, 20, 1)
        self.head = nn.Linear(20, 4)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        both = F.relu(self.conv2(F.relu(self.conv1(torch.cat([a, b])))))
        first, second = torch.chunk(both, 2, dim=0)
        return self.head(F.relu(self.fuse(torch.cat([first, second], 1))).mean((2, 3)))


class AskedShape(nn.Module):
    """The places of a sequence from the shape of its last feature (BART's encoder)."""

    def __init__(self, dim: int = 24) -> None:
        super().__init__()
        self.embed = nn.Linear(7, dim)
        self.places = nn.Embedding(32, dim)
        self.block = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 40), nn.GELU(), nn.Linear(40, dim))
        self.head = nn.Linear(dim, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x)
        batch, length = x[:, :, -1].shape
        x = x + self.places(torch.arange(length).expand(batch, -1))
        return self.head((x + self.block(x)).mean(1))


NETS = {
    "std-conv": Net(
        lambda: nn.Sequential(
            StdConv(3, 16, 3, stride=2, padding=1),
            StdBlock(16),
            StdConv(16, 24, 3, stride=2, padding=1),
            StdBlock(24),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(24, 5),
        ),
        images(height=16),
        notes="weights normalised as a batch",
    ),
    "patch-grid": Net(PatchGrid, images(height=16), notes="the side of an image from a root"),
    "half-batches": Net(
        HalfBatches,
        lambda batch: (torch.randn(batch, 3, 12, 12), torch.randn(batch, 3, 12, 12)),
        ("a", "b"),
        fixed=("dynamo",),
        notes="chunk along an open batch",
    ),
    "asked-shape": Net(AskedShape, noise(9, 7), notes="a shape of the last feature"),
}
