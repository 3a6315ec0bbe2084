"""Nets that mix tokens by Linear layers: MLP-Mixer, gMLP, ResMLP; gated units and highways."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images, noise


class MixerBlock(nn.Module):
    def __init__(self, tokens: int, dim: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.token1 = nn.Linear(tokens, 24)
        self.token2 = nn.Linear(24, tokens)
        self.norm2 = nn.LayerNorm(dim)
        self.channel1 = nn.Linear(dim, 48)
        self.channel2 = nn.Linear(48, dim)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm1(x).transpose(1, 2)
        y = self.token2(F.gelu(self.token1(y)))
        x = x + y.transpose(1, 2)
        return x + self.channel2(F.gelu(self.channel1(self.norm2(x))))


class Patches(nn.Module):
    """A convolution into patches, blocks over them, their mean classified."""

    def __init__(self, block, dim: int = 24, depth: int = 2, classes: int = 10) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, dim, 8, 8)
        self.blocks = nn.Sequential(*(block(16, dim) for _ in range(depth)))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch(x)
        x = x.view(x.size(0), x.size(1), -1).permute(0, 2, 1)
        x = self.norm(self.blocks(x))
        return self.head(x.mean(dim=1))


class SpatialGatingUnit(nn.Module):
    """One half, mixed over tokens, gates the other half."""

    def __init__(self, tokens: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.spatial_proj = nn.Conv1d(tokens, tokens, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        u, v = x.chunk(2, dim=-1)
        return u * self.spatial_proj(self.norm(v))


class GMLPBlock(nn.Module):
    def __init__(self, tokens: int, dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.channel_proj1 = nn.Linear(dim, 48)
        self.sgu = SpatialGatingUnit(tokens, 24)
        self.channel_proj2 = nn.Linear(24, dim)

    def forward(self, x: Tensor) -> Tensor:
        y = F.gelu(self.channel_proj1(self.norm(x)))
        return x + self.channel_proj2(self.sgu(y))


class Affine(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.empty(1, 1, dim).uniform_(0.5, 1.5))
        self.beta = nn.Parameter(torch.randn(1, 1, dim) * 0.2)

    def forward(self, x: Tensor) -> Tensor:
        return torch.addcmul(self.beta, self.alpha, x)


class ResMLPBlock(nn.Module):
    def __init__(self, tokens: int, dim: int) -> None:
        super().__init__()
        self.affine1 = Affine(dim)
        self.attn = nn.Linear(tokens, tokens)
        self.affine2 = Affine(dim)
        self.fc1 = nn.Linear(dim, 48)
        self.fc2 = nn.Linear(48, dim)
        self.gamma = nn.Parameter(torch.empty(dim).uniform_(0.3, 0.9))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.gamma * self.attn(self.affine1(x).transpose(1, 2)).transpose(1, 2)
        return x + self.fc2(F.gelu(self.fc1(self.affine2(x))))


class Highway(nn.Module):
    """A gate decides between a layer and its input."""

    def __init__(self, dim: int = 24, depth: int = 3) -> None:
        super().__init__()
        self.inlet = nn.Linear(12, dim)
        self.nonlinear = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.gate = nn.ModuleList(nn.Linear(dim, dim) for _ in range(depth))
        self.outlet = nn.Linear(dim, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.inlet(x)
        for nonlinear, gate in zip(self.nonlinear, self.gate):
            g = torch.sigmoid(gate(x))
            x = g * F.relu(nonlinear(x)) + (1 - g) * x
        return self.outlet(x)


class GatedConv(nn.Module):
    """F.glu over channels, and the split written out."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(6, 32, 3, padding=1)
        self.conv2 = nn.Conv1d(16, 40, 3, padding=1)
        self.fc = nn.Linear(20, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.glu(self.conv1(x), dim=1)
        a, b = torch.split(self.conv2(x), 20, dim=1)
        x = torch.tanh(a) * torch.sigmoid(b)
        return self.fc(x.amax(dim=2))


NETS = {
    "mlp-mixer": Net(lambda: Patches(MixerBlock), images(3, 32)),
    "gmlp": Net(lambda: Patches(GMLPBlock), images(3, 32), notes="spatial gating, chunk"),
    "resmlp": Net(lambda: Patches(ResMLPBlock), images(3, 32), notes="affine instead of norm, layer scale"),
    "highway": Net(Highway, noise(12)),
    "glu": Net(GatedConv, noise(6, 16), notes="F.glu, split gates"),
}
