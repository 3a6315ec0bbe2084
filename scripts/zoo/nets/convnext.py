"""Modern convolutional nets: ConvNeXt, ConvMixer, PoolFormer, EdgeNeXt-like split depthwise encoder."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images


class LayerNorm2d(nn.Module):
    """LayerNorm over the channels of [batch, channels, height, width], written out."""

    def __init__(self, channels: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels).uniform_(0.5, 1.5))
        self.bias = nn.Parameter(torch.randn(channels) * 0.2)
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        u = x.mean(1, keepdim=True)
        s = (x - u).pow(2).mean(1, keepdim=True)
        x = (x - u) / torch.sqrt(s + self.eps)
        return self.weight[:, None, None] * x + self.bias[:, None, None]


class PermutedLayerNorm(nn.LayerNorm):
    """LayerNorm over channels by permuting there and back, as torchvision does."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute(0, 2, 3, 1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(dim, dim, kernel_size=7, padding=3, groups=dim)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.pwconv1 = nn.Linear(dim, 3 * dim)
        self.act = nn.GELU()
        self.pwconv2 = nn.Linear(3 * dim, dim)
        self.gamma = nn.Parameter(torch.empty(dim).uniform_(0.3, 0.9))

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x
        x = self.dwconv(x)
        x = x.permute(0, 2, 3, 1)
        x = self.pwconv2(self.act(self.pwconv1(self.norm(x))))
        x = self.gamma * x
        x = x.permute(0, 3, 1, 2)
        return shortcut + x


class ConvNeXt(nn.Module):
    def __init__(self, norm: type[nn.Module], dims: tuple[int, int] = (16, 24), classes: int = 10) -> None:
        super().__init__()
        a, b = dims
        self.stem = nn.Sequential(nn.Conv2d(3, a, kernel_size=4, stride=4), norm(a))
        self.stage1 = nn.Sequential(ConvNeXtBlock(a), ConvNeXtBlock(a))
        self.downsample = nn.Sequential(norm(a), nn.Conv2d(a, b, kernel_size=2, stride=2))
        self.stage2 = nn.Sequential(ConvNeXtBlock(b), ConvNeXtBlock(b))
        self.norm = nn.LayerNorm(b, eps=1e-6)
        self.head = nn.Linear(b, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stage2(self.downsample(self.stage1(self.stem(x))))
        return self.head(self.norm(x.mean([-2, -1])))


class Residual(nn.Module):
    def __init__(self, fn: nn.Module) -> None:
        super().__init__()
        self.fn = fn

    def forward(self, x: Tensor) -> Tensor:
        return self.fn(x) + x


def conv_mixer(dim: int = 24, depth: int = 3, classes: int = 10) -> nn.Module:
    """The one-expression form of the paper."""
    return nn.Sequential(
        nn.Conv2d(3, dim, kernel_size=4, stride=4),
        nn.GELU(),
        nn.BatchNorm2d(dim),
        *[
            nn.Sequential(
                Residual(nn.Sequential(nn.Conv2d(dim, dim, 5, groups=dim, padding="same"), nn.GELU(), nn.BatchNorm2d(dim))),
                nn.Conv2d(dim, dim, kernel_size=1),
                nn.GELU(),
                nn.BatchNorm2d(dim),
            )
            for _ in range(depth)
        ],
        nn.AdaptiveAvgPool2d((1, 1)),
        nn.Flatten(),
        nn.Linear(dim, classes),
    )


class PoolFormerBlock(nn.Module):
    """Pooling minus identity as token mixer, layer scale as [dim, 1, 1]."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(1, dim)
        self.pool = nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
        self.norm2 = nn.GroupNorm(1, dim)
        self.fc1 = nn.Conv2d(dim, 3 * dim, 1)
        self.fc2 = nn.Conv2d(3 * dim, dim, 1)
        self.layer_scale_1 = nn.Parameter(torch.empty(dim).uniform_(0.3, 0.9))
        self.layer_scale_2 = nn.Parameter(torch.empty(dim).uniform_(0.3, 0.9))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm1(x)
        x = x + self.layer_scale_1.unsqueeze(-1).unsqueeze(-1) * (self.pool(y) - y)
        return x + self.layer_scale_2.unsqueeze(-1).unsqueeze(-1) * self.fc2(F.gelu(self.fc1(self.norm2(x))))


class PoolFormer(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.patch_embed = nn.Conv2d(3, 16, kernel_size=7, stride=4, padding=2)
        self.stage1 = nn.Sequential(PoolFormerBlock(16), PoolFormerBlock(16))
        self.down = nn.Conv2d(16, 24, kernel_size=3, stride=2, padding=1)
        self.stage2 = nn.Sequential(PoolFormerBlock(24))
        self.norm = nn.GroupNorm(1, 24)
        self.head = nn.Linear(24, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.stage2(self.down(self.stage1(self.patch_embed(x)))))
        return self.head(x.mean([-2, -1]))


class SplitDepthwiseEncoder(nn.Module):
    """EdgeNeXt: parts of the channels convolved in turn, then attention over channels (cross-covariance)."""

    def __init__(self, dim: int, scales: int = 3, heads: int = 4) -> None:
        super().__init__()
        self.width = -(-dim // scales)
        self.convs = nn.ModuleList(nn.Conv2d(self.width, self.width, 3, padding=1, groups=self.width) for _ in range(scales - 1))
        self.heads = heads
        self.temperature = nn.Parameter(torch.empty(heads, 1, 1).uniform_(0.5, 1.5))
        self.norm_xca = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.norm = nn.LayerNorm(dim)
        self.pwconv1 = nn.Linear(dim, 2 * dim)
        self.pwconv2 = nn.Linear(2 * dim, dim)
        self.gamma = nn.Parameter(torch.empty(dim).uniform_(0.3, 0.9))

    def xca(self, x: Tensor) -> Tensor:
        B, N, C = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, self.heads, C // self.heads).permute(2, 0, 3, 4, 1)
        q, k, v = qkv[0], qkv[1], qkv[2]
        q = F.normalize(q, dim=-1)
        k = F.normalize(k, dim=-1)
        attn = (q @ k.transpose(-2, -1)) * self.temperature
        x = (attn.softmax(dim=-1) @ v).permute(0, 3, 1, 2).reshape(B, N, C)
        return self.proj(x)

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x
        spx = torch.split(x, self.width, 1)
        sp = spx[0]
        out = []
        for i, conv in enumerate(self.convs):
            sp = conv(spx[i] if i == 0 else sp + spx[i])
            out.append(sp)
        x = torch.cat((*out, spx[-1]), 1)
        B, C, H, W = x.shape
        x = x.reshape(B, C, H * W).permute(0, 2, 1)
        x = x + self.xca(self.norm_xca(x))
        x = x.reshape(B, H, W, C)
        x = self.gamma * self.pwconv2(F.gelu(self.pwconv1(self.norm(x))))
        return shortcut + x.permute(0, 3, 1, 2)


class EdgeNeXt(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 4, 4), LayerNorm2d(16))
        self.stage1 = ConvNeXtBlock(16)
        self.down = nn.Sequential(LayerNorm2d(16), nn.Conv2d(16, 24, 2, 2))
        self.stage2 = SplitDepthwiseEncoder(24)
        self.head = nn.Linear(24, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stage2(self.down(self.stage1(self.stem(x))))
        return self.head(x.mean([-2, -1]))


IMAGE = images(3, 32)

NETS = {
    "convnext": Net(lambda: ConvNeXt(LayerNorm2d), IMAGE, notes="LayerNorm over channels written out, layer scale"),
    "convnext-permuted": Net(lambda: ConvNeXt(PermutedLayerNorm), IMAGE, notes="LayerNorm over channels by permute"),
    "convmixer": Net(conv_mixer, IMAGE, notes="BatchNorm after GELU, same padding"),
    "poolformer": Net(PoolFormer, IMAGE, notes="GroupNorm(1), layer scale"),
    "edgenext": Net(EdgeNeXt, IMAGE, notes="split depthwise, cross-covariance attention"),
}
