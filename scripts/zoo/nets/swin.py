"""Hierarchical vision transformers: Swin (shifted windows), PVT-like (reduced keys), LeViT-like, CoAtNet-like."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images

WINDOW = 4


def window_partition(x: Tensor, size: int) -> Tensor:
    B, H, W, C = x.shape
    x = x.view(B, H // size, size, W // size, size, C)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, size, size, C)


def window_reverse(windows: Tensor, size: int, H: int, W: int) -> Tensor:
    B = windows.shape[0] // (H * W // size // size)
    x = windows.view(B, H // size, W // size, size, size, -1)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(B, H, W, -1)


def relative_position_index(size: int) -> Tensor:
    coords = torch.stack(torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")).flatten(1)
    relative = (coords[:, :, None] - coords[:, None, :]).permute(1, 2, 0) + size - 1
    return relative[..., 0] * (2 * size - 1) + relative[..., 1]


def shift_mask(resolution: int, size: int, shift: int) -> Tensor:
    """Windows that wrap around must not attend across the seam."""
    img = torch.zeros(1, resolution, resolution, 1)
    cuts = (slice(0, -size), slice(-size, -shift), slice(-shift, None))
    for number, (h, w) in enumerate((h, w) for h in cuts for w in cuts):
        img[:, h, w, :] = number
    windows = window_partition(img, size).view(-1, size * size)
    different = windows.unsqueeze(1) - windows.unsqueeze(2)
    return different.masked_fill(different != 0, -100.0)


class WindowAttention(nn.Module):
    def __init__(self, dim: int, heads: int, size: int = WINDOW) -> None:
        super().__init__()
        self.num_heads = heads
        self.scale = (dim // heads) ** -0.5
        self.relative_position_bias_table = nn.Parameter(torch.randn((2 * size - 1) ** 2, heads) * 0.5)
        self.register_buffer("relative_position_index", relative_position_index(size))
        self.qkv = nn.Linear(dim, dim * 3)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        B_, N, C = x.shape
        qkv = self.qkv(x).reshape(B_, N, 3, self.num_heads, C // self.num_heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        attn = (q * self.scale) @ k.transpose(-2, -1)
        bias = self.relative_position_bias_table[self.relative_position_index.view(-1)].view(N, N, -1)
        attn = attn + bias.permute(2, 0, 1).contiguous().unsqueeze(0)
        if mask is not None:
            nW = mask.shape[0]
            attn = attn.view(B_ // nW, nW, self.num_heads, N, N) + mask.unsqueeze(1).unsqueeze(0)
            attn = attn.view(-1, self.num_heads, N, N)
        x = (attn.softmax(dim=-1) @ v).transpose(1, 2).reshape(B_, N, C)
        return self.proj(x)


class SwinBlock(nn.Module):
    def __init__(self, dim: int, heads: int, resolution: int, shift: int) -> None:
        super().__init__()
        self.resolution, self.shift = resolution, shift
        self.norm1 = nn.LayerNorm(dim)
        self.attn = WindowAttention(dim, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.fc1 = nn.Linear(dim, 2 * dim)
        self.fc2 = nn.Linear(2 * dim, dim)
        self.register_buffer("attn_mask", shift_mask(resolution, WINDOW, shift) if shift else None)

    def forward(self, x: Tensor) -> Tensor:
        H = W = self.resolution
        B, L, C = x.shape
        shortcut = x
        x = self.norm1(x).view(B, H, W, C)
        if self.shift:
            x = torch.roll(x, shifts=(-self.shift, -self.shift), dims=(1, 2))
        windows = window_partition(x, WINDOW).view(-1, WINDOW * WINDOW, C)
        windows = self.attn(windows, self.attn_mask).view(-1, WINDOW, WINDOW, C)
        x = window_reverse(windows, WINDOW, H, W)
        if self.shift:
            x = torch.roll(x, shifts=(self.shift, self.shift), dims=(1, 2))
        x = shortcut + x.view(B, H * W, C)
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x))))


class PatchMerging(nn.Module):
    """Each 2x2 of tokens side by side in the channels, then reduced."""

    def __init__(self, dim: int, outer: int, resolution: int) -> None:
        super().__init__()
        self.resolution = resolution
        self.reduction = nn.Linear(4 * dim, outer, bias=False)
        self.norm = nn.LayerNorm(4 * dim)

    def forward(self, x: Tensor) -> Tensor:
        B, L, C = x.shape
        x = x.view(B, self.resolution, self.resolution, C)
        parts = [x[:, 0::2, 0::2, :], x[:, 1::2, 0::2, :], x[:, 0::2, 1::2, :], x[:, 1::2, 1::2, :]]
        x = torch.cat(parts, -1).view(B, -1, 4 * C)
        return self.reduction(self.norm(x))


class Swin(nn.Module):
    def __init__(self, dim: int = 16, classes: int = 10) -> None:
        super().__init__()
        self.patch_embed = nn.Conv2d(3, dim, 4, 4)
        self.patch_norm = nn.LayerNorm(dim)
        self.stage1 = nn.Sequential(SwinBlock(dim, 2, 8, 0), SwinBlock(dim, 2, 8, WINDOW // 2))
        self.merge = PatchMerging(dim, 24, 8)
        self.stage2 = SwinBlock(24, 3, 4, 0)
        self.norm = nn.LayerNorm(24)
        self.avgpool = nn.AdaptiveAvgPool1d(1)
        self.head = nn.Linear(24, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch_norm(self.patch_embed(x).flatten(2).transpose(1, 2))
        x = self.norm(self.stage2(self.merge(self.stage1(x))))
        x = self.avgpool(x.transpose(1, 2))
        return self.head(torch.flatten(x, 1))


class ReducedAttention(nn.Module):
    """PVT: keys and values from a strided convolution over the tokens."""

    def __init__(self, dim: int, heads: int, reduction: int) -> None:
        super().__init__()
        self.num_heads = heads
        self.scale = (dim // heads) ** -0.5
        self.q = nn.Linear(dim, dim)
        self.kv = nn.Linear(dim, dim * 2)
        self.proj = nn.Linear(dim, dim)
        self.sr = nn.Conv2d(dim, dim, reduction, reduction)
        self.norm = nn.LayerNorm(dim)

    def forward(self, x: Tensor, H: int, W: int) -> Tensor:
        B, N, C = x.shape
        q = self.q(x).reshape(B, N, self.num_heads, C // self.num_heads).permute(0, 2, 1, 3)
        x_ = x.permute(0, 2, 1).reshape(B, C, H, W)
        x_ = self.norm(self.sr(x_).reshape(B, C, -1).permute(0, 2, 1))
        kv = self.kv(x_).reshape(B, -1, 2, self.num_heads, C // self.num_heads).permute(2, 0, 3, 1, 4)
        k, v = kv[0], kv[1]
        attn = ((q @ k.transpose(-2, -1)) * self.scale).softmax(dim=-1)
        return self.proj((attn @ v).transpose(1, 2).reshape(B, N, C))


class PVT(nn.Module):
    def __init__(self, dim: int = 24, classes: int = 10) -> None:
        super().__init__()
        self.embed = nn.Conv2d(3, dim, 7, 4, 3)
        self.norm0 = nn.LayerNorm(dim)
        self.norm1 = nn.LayerNorm(dim)
        self.attn = ReducedAttention(dim, 3, 2)
        self.norm2 = nn.LayerNorm(dim)
        self.fc1 = nn.Linear(dim, 48)
        self.dwconv = nn.Conv2d(48, 48, 3, 1, 1, groups=48)
        self.fc2 = nn.Linear(48, dim)
        self.head = nn.Linear(dim, classes)

    def mlp(self, x: Tensor, H: int, W: int) -> Tensor:
        x = self.fc1(x)
        B, N, C = x.shape
        x = self.dwconv(x.transpose(1, 2).view(B, C, H, W)).flatten(2).transpose(1, 2)
        return self.fc2(F.gelu(x))

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x)
        _, _, H, W = x.shape
        x = self.norm0(x.flatten(2).transpose(1, 2))
        x = x + self.attn(self.norm1(x), H, W)
        x = x + self.mlp(self.norm2(x), H, W)
        return self.head(x.mean(dim=1))


class LinearNorm(nn.Module):
    """LeViT: BatchNorm1d over flattened tokens behind a Linear without bias."""

    def __init__(self, inner: int, outer: int) -> None:
        super().__init__()
        self.c = nn.Linear(inner, outer, bias=False)
        self.bn = nn.BatchNorm1d(outer)

    def forward(self, x: Tensor) -> Tensor:
        x = self.c(x)
        return self.bn(x.flatten(0, 1)).reshape_as(x)


class LeViTAttention(nn.Module):
    """Values wider than keys; q, k, v split unequally; a learned bias per offset."""

    def __init__(self, dim: int, heads: int, key: int, ratio: int, tokens: int) -> None:
        super().__init__()
        self.num_heads, self.key_dim, self.d = heads, key, key * ratio
        self.scale = key**-0.5
        self.qkv = LinearNorm(dim, heads * (2 * key + self.d))
        self.proj = nn.Sequential(nn.Hardswish(), LinearNorm(heads * self.d, dim))
        self.attention_biases = nn.Parameter(torch.randn(heads, tokens, tokens) * 0.3)

    def forward(self, x: Tensor) -> Tensor:
        B, N, _ = x.shape
        qkv = self.qkv(x).view(B, N, self.num_heads, -1)
        q, k, v = qkv.split([self.key_dim, self.key_dim, self.d], dim=3)
        q, k, v = q.permute(0, 2, 1, 3), k.permute(0, 2, 1, 3), v.permute(0, 2, 1, 3)
        attn = (q @ k.transpose(-2, -1) * self.scale + self.attention_biases).softmax(dim=-1)
        x = (attn @ v).transpose(1, 2).reshape(B, N, self.num_heads * self.d)
        return self.proj(x)


class LeViT(nn.Module):
    def __init__(self, dim: int = 24, classes: int = 10) -> None:
        super().__init__()
        self.patch = nn.Sequential(
            nn.Conv2d(3, 12, 3, 2, 1, bias=False),
            nn.BatchNorm2d(12),
            nn.Hardswish(),
            nn.Conv2d(12, dim, 3, 4, 1, bias=False),
            nn.BatchNorm2d(dim),
        )
        self.attn = LeViTAttention(dim, heads=3, key=6, ratio=2, tokens=16)
        self.mlp = nn.Sequential(LinearNorm(dim, 2 * dim), nn.Hardswish(), LinearNorm(2 * dim, dim))
        self.bn = nn.BatchNorm1d(dim)
        self.head = nn.Linear(dim, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = x + self.attn(x)
        x = x + self.mlp(x)
        return self.head(self.bn(x.mean(1)))


class CoAtNet(nn.Module):
    """Inverted residual with squeeze and excite, then attention by einsum."""

    def __init__(self, dim: int = 24, heads: int = 3, classes: int = 10) -> None:
        super().__init__()
        self.heads = heads
        self.stem = nn.Sequential(nn.Conv2d(3, 12, 3, 2, 1), nn.BatchNorm2d(12), nn.GELU())
        self.expand = nn.Sequential(nn.BatchNorm2d(12), nn.Conv2d(12, 36, 1), nn.BatchNorm2d(36), nn.GELU())
        self.depthwise = nn.Sequential(nn.Conv2d(36, 36, 3, 2, 1, groups=36), nn.BatchNorm2d(36), nn.GELU())
        self.squeeze = nn.Sequential(nn.Linear(36, 8), nn.GELU(), nn.Linear(8, 36), nn.Sigmoid())
        self.project = nn.Conv2d(36, dim, 1)
        self.shortcut = nn.Sequential(nn.MaxPool2d(3, 2, 1), nn.Conv2d(12, dim, 1))
        self.norm = nn.LayerNorm(dim)
        self.to_qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.to_out = nn.Linear(dim, dim)
        self.head = nn.Linear(dim, classes)

    def mbconv(self, x: Tensor) -> Tensor:
        y = self.depthwise(self.expand(x))
        gate = self.squeeze(y.mean(dim=(2, 3)))
        return self.shortcut(x) + self.project(y * gate[:, :, None, None])

    def attention(self, x: Tensor) -> Tensor:
        b, n, c = x.shape
        q, k, v = (t.view(b, n, self.heads, -1) for t in self.to_qkv(x).chunk(3, dim=-1))
        dots = torch.einsum("bihd,bjhd->bhij", q, k) * (c // self.heads) ** -0.5
        out = torch.einsum("bhij,bjhd->bihd", dots.softmax(dim=-1), v)
        return self.to_out(out.reshape(b, n, c))

    def forward(self, x: Tensor) -> Tensor:
        x = self.mbconv(self.stem(x))
        x = x.flatten(2).transpose(-1, -2)
        x = x + self.attention(self.norm(x))
        return self.head(x.mean(dim=1))


IMAGE = images(3, 32)

NETS = {
    "swin": Net(Swin, IMAGE, notes="windows, relative position bias, torch.roll, patch merging"),
    "pvt": Net(PVT, IMAGE, notes="reduced keys, depthwise conv between Linears"),
    "levit": Net(LeViT, IMAGE, notes="BatchNorm1d over tokens, values wider than keys"),
    "coatnet": Net(CoAtNet, IMAGE, notes="einsum attention"),
}
