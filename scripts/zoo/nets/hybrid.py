"""Less usual wiring: gates from elsewhere, weights that are computed, latents, codebooks, masks, low rank, one by one."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images, noise, together, tokens


class MobileViTBlock(nn.Module):
    """Patches unfolded by reshape and transpose, a transformer over them, folded back, fused with the input."""

    def __init__(self, channels: int, dim: int) -> None:
        super().__init__()
        self.local = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.SiLU(),
            nn.Conv2d(channels, dim, 1, bias=False),
        )
        self.layer = nn.TransformerEncoderLayer(dim, 4, 2 * dim, activation="gelu", batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(dim)
        self.proj = nn.Sequential(nn.Conv2d(dim, channels, 1, bias=False), nn.BatchNorm2d(channels), nn.SiLU())
        self.fusion = nn.Sequential(
            nn.Conv2d(2 * channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.SiLU()
        )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x
        x = self.local(x)
        B, C, H, W = x.shape
        h, w = H // 2, W // 2
        x = x.reshape(B * C * h, 2, w, 2).transpose(1, 2).reshape(B, C, h * w, 4).transpose(1, 3).reshape(B * 4, h * w, C)
        x = self.norm(self.layer(x))
        x = x.contiguous().view(B, 4, h * w, C).transpose(1, 3)
        x = x.reshape(B * C * h, w, 2, 2).transpose(1, 2).reshape(B, C, H, W)
        return self.fusion(torch.cat((shortcut, self.proj(x)), dim=1))


class MobileViT(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 12, 3, 4, 1, bias=False), nn.BatchNorm2d(12), nn.SiLU())
        self.block = MobileViTBlock(12, 16)
        self.head = nn.Linear(12, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.block(self.stem(x)).mean(dim=[2, 3]))


class AttentionUNet(nn.Module):
    """The skip is gated by what comes up from below."""

    def __init__(self) -> None:
        super().__init__()
        self.enc1 = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.enc2 = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
        self.up = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(16, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.w_g = nn.Sequential(nn.Conv2d(8, 6, 1), nn.BatchNorm2d(6))
        self.w_x = nn.Sequential(nn.Conv2d(8, 6, 1), nn.BatchNorm2d(6))
        self.psi = nn.Sequential(nn.Conv2d(6, 1, 1), nn.BatchNorm2d(1), nn.Sigmoid())
        self.out = nn.Conv2d(16, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.enc1(x)
        g = self.up(self.enc2(skip))
        skip = skip * self.psi(F.relu(self.w_g(g) + self.w_x(skip)))
        return self.out(torch.cat((skip, g), dim=1))


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


class BlurPool(nn.Module):
    """Anti-aliased downsampling: a fixed filter per channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        line = torch.tensor([1.0, 2.0, 1.0])
        kernel = line[:, None] * line[None, :] / 16
        self.channels = channels
        self.register_buffer("kernel", kernel[None, None].repeat(channels, 1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), self.kernel, stride=2, groups=self.channels)


def antialiased() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 12, 3, padding=1), nn.ReLU(), BlurPool(12), nn.Conv2d(12, 16, 3, padding=1), nn.ReLU(), BlurPool(16),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 6),
    )  # fmt: skip


class SpatialTransformer(nn.Module):
    """The net warps its own input: affine_grid and grid_sample."""

    def __init__(self) -> None:
        super().__init__()
        self.localization = nn.Sequential(nn.Conv2d(1, 8, 5), nn.MaxPool2d(2, stride=2), nn.ReLU(True))
        self.fc_loc = nn.Sequential(nn.Linear(8 * 6 * 6, 16), nn.Tanh(), nn.Linear(16, 6))
        self.conv = nn.Conv2d(1, 12, 3)
        self.fc = nn.Linear(12, 5)

    def forward(self, x: Tensor) -> Tensor:
        theta = torch.tanh(self.fc_loc(self.localization(x).view(-1, 8 * 6 * 6))).view(-1, 2, 3)
        x = F.grid_sample(x, F.affine_grid(theta, [x.size(0), 1, 16, 16], align_corners=False), align_corners=False)
        return self.fc(F.relu(self.conv(x)).amax(dim=(2, 3)))


class DynamicConv(nn.Module):
    """The kernel is a mixture of kernels, weighed by the (mean of the) input; one for the whole batch."""

    def __init__(self, experts: int = 3) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 3, padding=1)
        self.kernels = nn.Parameter(torch.randn(experts, 16, 12, 3, 3) * 0.1)
        self.route = nn.Linear(12, experts)
        self.fc = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.stem(x))
        weights = self.route(x.mean((0, 2, 3))).softmax(0)
        kernel = (self.kernels * weights.view(-1, 1, 1, 1, 1)).sum(0)
        return self.fc(F.relu(F.conv2d(x, kernel, padding=1)).mean((2, 3)))


class FiLM(nn.Module):
    """A second input scales and shifts the channels of the first."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 12, 3, padding=1)
        self.bn = nn.BatchNorm2d(12, affine=False)
        self.film = nn.Linear(7, 24)
        self.conv2 = nn.Conv2d(12, 16, 3, 2, 1)
        self.fc = nn.Linear(16, 5)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        x = self.bn(self.conv1(x))
        gamma, beta = self.film(condition).chunk(2, dim=-1)
        x = F.relu((1 + gamma[..., None, None]) * x + beta[..., None, None])
        return self.fc(F.relu(self.conv2(x)).flatten(2).mean(-1))


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


class VectorQuantizer(nn.Module):
    """VQ-VAE: the nearest entry of a codebook stands for each position."""

    def __init__(self, codes: int = 12, dim: int = 8) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 12, 4, 2, 1), nn.ReLU(), nn.Conv2d(12, dim, 3, padding=1))
        self.codebook = nn.Embedding(codes, dim)
        self.decoder = nn.Sequential(nn.Conv2d(dim, 12, 3, padding=1), nn.ReLU(), nn.ConvTranspose2d(12, 1, 4, 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        z = self.encoder(x).permute(0, 2, 3, 1)
        flat = z.reshape(-1, z.shape[-1])
        distances = flat.pow(2).sum(1, keepdim=True) - 2 * flat @ self.codebook.weight.t() + self.codebook.weight.pow(2).sum(1)
        codes = self.codebook(distances.argmin(dim=1)).view(z.shape)
        return self.decoder(codes.permute(0, 3, 1, 2))


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


class QNet(nn.Module):
    """Dueling DQN: value plus advantage minus its mean."""

    def __init__(self, actions: int = 4) -> None:
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(4, 12, 4, 2), nn.ReLU(), nn.Conv2d(12, 16, 3, 2), nn.ReLU(), nn.Flatten())
        self.value = nn.Sequential(nn.Linear(16 * 9, 20), nn.ReLU(), nn.Linear(20, 1))
        self.advantage = nn.Sequential(nn.Linear(16 * 9, 20), nn.ReLU(), nn.Linear(20, actions))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x / 2)
        a = self.advantage(x)
        return self.value(x) + a - a.mean(dim=1, keepdim=True)


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


class ChannelsLast(nn.Module):
    """Images arrive as [batch, height, width, channels]; outputs leave so too."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 12, 3, padding=1)
        self.dense = nn.Linear(12, 20)
        self.conv2 = nn.Conv2d(20, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x.permute(0, 3, 1, 2)))
        x = torch.tanh(self.dense(x.movedim(1, -1)))
        return self.conv2(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


NETS = {
    "mobilevit": Net(MobileViT, images(3, 32), notes="unfold and fold by reshape, transformer over patches"),
    "attention-unet": Net(AttentionUNet, images(1, 16), notes="gated skip"),
    "perceiver": Net(Perceiver, noise(9, 10), notes="learned latents, kdim and vdim, learned query"),
    "blurpool": Net(antialiased, images(3, 16), notes="a fixed depthwise filter"),
    "spatial-transformer": Net(SpatialTransformer, images(1, 16), opset=20, notes="affine_grid, grid_sample"),
    "dynamic-conv": Net(DynamicConv, images(3, 16), notes="a computed kernel"),
    "film": Net(FiLM, together(images(3, 16), noise(7)), ("image", "condition"), notes="scale and shift from another input"),
    "made": Net(made, noise(10), optimise=False, notes="masked weights, product in the graph"),
    "linear-attention": Net(LinearAttention, noise(7, 8), notes="unflatten, elu feature map"),
    "lora": Net(
        lambda: nn.Sequential(LoRA(12, 24), nn.ReLU(), LoRA(24, 16), nn.ReLU(), nn.Linear(16, 4)),
        noise(12),
        notes="low-rank branch",
    ),
    "mamba": Net(StateSpace, noise(5, 6), notes="selective scan unrolled"),
    "vq-vae": Net(VectorQuantizer, images(1, 16), notes="argmin into a codebook"),
    "n-beats": Net(NBeats, noise(12), notes="doubly residual, split"),
    "moe-topk": Net(TopKMoE, tokens(40, 8), ("ids",), ("logits",), notes="topk, scatter, expert weights as one tensor, einsum"),
    "text-cnn": Net(TextCNN, tokens(50, 12), ("ids",), ("logits",), notes="kernels over embeddings"),
    "dueling-dqn": Net(QNet, images(4, 16), output_names=("q",), notes="value and advantage"),
    "maxout": Net(Maxout, noise(12), notes="max over pieces of a view"),
    "channels-last": Net(ChannelsLast, noise(8, 8, 3), notes="channels last at both ends"),
}
