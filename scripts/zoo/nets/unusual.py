"""Less usual wiring over vectors and sequences: latents, masked and low-rank weights, scans, experts."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, noise, tokens


class Perceiver(nn.Module):
    """Learned latents ask the input; then they ask each other; a learned query reads out."""

    def __init__(self, dim: int = 24, latents: int = 6) -> None:
        super().__init__()
        self.embed = nn.Linear(10, 16)
        self.latents = nn.Parameter(torch.randn(latents, dim) * 0.7)
        self.norm_q, self.norm_kv = nn.LayerNorm(dim), nn.LayerNorm(16)
        self.cross = nn.MultiheadAttention(dim, 3, kdim=16, vdim=16, batch_first=True)
        self.norm_self = nn.LayerNorm(dim)
        self.attention = nn.MultiheadAttention(dim, 3, batch_first=True)
        self.mlp = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 40), nn.GELU(), nn.Linear(40, dim))
        self.query = nn.Parameter(torch.randn(1, 1, dim))
        self.decode = nn.MultiheadAttention(dim, 2, batch_first=True)
        self.head = nn.Linear(dim, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm_kv(self.embed(x))
        z = self.latents.unsqueeze(0).expand(x.shape[0], -1, -1)
        z = z + self.cross(self.norm_q(z), x, x)[0]
        y = self.norm_self(z)
        z = z + self.attention(y, y, y)[0]
        z = z + self.mlp(z)
        query = self.query.expand(x.shape[0], -1, -1)
        return self.head(self.decode(query, z, z)[0]).squeeze(1)


class MaskedLinear(nn.Linear):
    """Weights times a fixed mask."""

    def __init__(self, inner: int, outer: int, mask: Tensor) -> None:
        super().__init__(inner, outer)
        self.register_buffer("mask", mask)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.mask * self.weight, self.bias)


def made(size: int = 10, hidden: int = 24) -> nn.Module:
    """Masked autoencoder for density estimation."""
    order = torch.arange(size)
    degree = torch.arange(hidden) % (size - 1)
    first = (degree[:, None] >= order[None, :]).float()
    middle = (degree[:, None] >= degree[None, :]).float()
    last = (order[:, None] > degree[None, :]).float()
    return nn.Sequential(
        MaskedLinear(size, hidden, first),
        nn.ReLU(),
        MaskedLinear(hidden, hidden, middle),
        nn.ReLU(),
        MaskedLinear(hidden, size, last),
    )


class LinearAttention(nn.Module):
    """Softmax-free: a feature map on q and k, k and v multiplied first."""

    def __init__(self, dim: int = 24, heads: int = 3) -> None:
        super().__init__()
        self.heads = heads
        self.embed = nn.Linear(8, dim)
        self.norm = nn.LayerNorm(dim)
        self.q, self.k, self.v = nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.out = nn.Linear(dim, dim)
        self.head = nn.Linear(dim, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x)
        y = self.norm(x)
        q, k, v = (f(y).unflatten(-1, (self.heads, -1)).transpose(1, 2) for f in (self.q, self.k, self.v))
        q, k = F.elu(q) + 1, F.elu(k) + 1
        z = 1 / (q @ k.sum(dim=-2, keepdim=True).transpose(-1, -2) + 1e-6)
        y = (q @ (k.transpose(-1, -2) @ v)) * z
        x = x + self.out(y.transpose(1, 2).flatten(2))
        return self.head(x.mean(1))


class LoRA(nn.Module):
    """A Linear and its low-rank correction, not merged."""

    def __init__(self, inner: int, outer: int, rank: int = 4) -> None:
        super().__init__()
        self.base = nn.Linear(inner, outer)
        self.down = nn.Linear(inner, rank, bias=False)
        self.up = nn.Linear(rank, outer, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.base(x) + 0.5 * self.up(self.down(x))


class StateSpace(nn.Module):
    """Mamba-like: gates, causal depthwise convolution, a selective scan written as a loop over time."""

    def __init__(self, dim: int = 16, state: int = 4) -> None:
        super().__init__()
        self.dim, self.state = 2 * dim, state
        self.embed = nn.Linear(6, dim)
        self.in_proj = nn.Linear(dim, 4 * dim, bias=False)
        self.conv1d = nn.Conv1d(2 * dim, 2 * dim, 3, groups=2 * dim, padding=2)
        self.x_proj = nn.Linear(2 * dim, 4 + 2 * state, bias=False)
        self.dt_proj = nn.Linear(4, 2 * dim)
        self.A_log = nn.Parameter(
            torch.log(torch.arange(1, state + 1).float()).repeat(2 * dim, 1) + torch.randn(2 * dim, state) * 0.1
        )
        self.D = nn.Parameter(torch.empty(2 * dim).uniform_(0.5, 1.5))
        self.out_proj = nn.Linear(2 * dim, dim, bias=False)
        self.head = nn.Linear(dim, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x)
        length = 5
        u, z = self.in_proj(x).chunk(2, dim=-1)
        u = F.silu(self.conv1d(u.transpose(1, 2))[..., :length]).transpose(1, 2)
        dt, B, C = self.x_proj(u).split([4, self.state, self.state], dim=-1)
        dt = F.softplus(self.dt_proj(dt) - 2)
        A = -torch.exp(self.A_log)
        h = torch.zeros(x.shape[0], self.dim, self.state)
        ys = []
        for t in range(length):
            h = torch.exp(dt[:, t, :, None] * A) * h + dt[:, t, :, None] * B[:, t, None, :] * u[:, t, :, None]
            ys.append((h * C[:, t, None, :]).sum(-1))
        y = torch.stack(ys, dim=1) + u * self.D
        return self.head(x + self.out_proj(y * F.silu(z)))


class NBeats(nn.Module):
    """Doubly residual: each block subtracts its backcast and adds its forecast."""

    def __init__(self, back: int = 12, ahead: int = 4) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(back, 20), nn.ReLU(), nn.Linear(20, 20), nn.ReLU(), nn.Linear(20, back + ahead))
            for _ in range(3)
        )
        self.back, self.ahead = back, ahead

    def forward(self, x: Tensor) -> Tensor:
        forecast = torch.zeros(x.shape[0], self.ahead)
        for block in self.blocks:
            backcast, ahead = torch.split(block(x), [self.back, self.ahead], dim=1)
            x = x - backcast
            forecast = forecast + ahead
        return forecast


class TopKMoE(nn.Module):
    """Only the two best gates are kept: topk and scatter."""

    def __init__(self, experts: int = 4) -> None:
        super().__init__()
        self.embed = nn.Embedding(40, 16)
        self.router = nn.Linear(16, experts, bias=False)
        self.w1 = nn.Parameter(torch.randn(experts, 16, 24) * 0.3)
        self.w2 = nn.Parameter(torch.randn(experts, 24, 16) * 0.3)
        self.norm = nn.LayerNorm(16)
        self.head = nn.Linear(16, 5)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids)
        scores, chosen = torch.topk(self.router(x), 2, dim=-1)
        gates = torch.zeros(*x.shape[:-1], self.w1.shape[0]).scatter(-1, chosen, scores.softmax(dim=-1))
        h = F.gelu(torch.einsum("btd,edh->bteh", x, self.w1))
        y = torch.einsum("bteh,ehd->bted", h, self.w2)
        return self.head(self.norm(x + (y * gates.unsqueeze(-1)).sum(dim=2)))


class TextCNN(nn.Module):
    """Kim's sentence classifier: kernels of three heights over embeddings, max over time, concat."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 16)
        self.convs = nn.ModuleList(nn.Conv2d(1, 10, (k, 16)) for k in (2, 3, 4))
        self.fc = nn.Linear(30, 4)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids).unsqueeze(1)
        pooled = [F.relu(conv(x)).squeeze(3) for conv in self.convs]
        pooled = [F.max_pool1d(p, p.size(2)).squeeze(2) for p in pooled]
        return self.fc(torch.cat(pooled, 1))


class Maxout(nn.Module):
    """The best of several Linear pieces, by view and max."""

    def __init__(self, pieces: int = 3) -> None:
        super().__init__()
        self.pieces = pieces
        self.fc1 = nn.Linear(12, 16 * pieces)
        self.fc2 = nn.Linear(16, 12 * pieces)
        self.fc3 = nn.Linear(12, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(x).view(-1, 16, self.pieces).max(dim=2)[0]
        x = self.fc2(x).view(x.shape[0], self.pieces, -1).amax(dim=1)
        return self.fc3(x)


NETS = {
    "perceiver": Net(Perceiver, noise(9, 10), notes="learned latents, kdim and vdim, learned query"),
    "made": Net(made, noise(10), optimise=False, notes="masked weights, product in the graph"),
    "linear-attention": Net(LinearAttention, noise(7, 8), notes="unflatten, elu feature map"),
    "lora": Net(
        lambda: nn.Sequential(LoRA(12, 24), nn.ReLU(), LoRA(24, 16), nn.ReLU(), nn.Linear(16, 4)),
        noise(12),
        notes="low-rank branch",
    ),
    "mamba": Net(StateSpace, noise(5, 6), notes="selective scan unrolled"),
    "n-beats": Net(NBeats, noise(12), notes="doubly residual, split"),
    "moe-topk": Net(TopKMoE, tokens(40, 8), ("ids",), ("logits",), notes="topk, scatter, expert weights as one tensor, einsum"),
    "text-cnn": Net(TextCNN, tokens(50, 12), ("ids",), ("logits",), notes="kernels over embeddings"),
    "maxout": Net(Maxout, noise(12), notes="max over pieces of a view"),
}
