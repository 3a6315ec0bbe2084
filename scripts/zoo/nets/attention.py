"""Attention in convolutional nets: CBAM, ECA, non-local block, coordinate attention, selective kernels."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images


class CBAM(nn.Module):
    """Channel attention (one MLP over two pools), then spatial attention."""

    def __init__(self, channels: int, reduction: int = 4) -> None:
        super().__init__()
        self.fc = nn.Sequential(
            nn.Conv2d(channels, channels // reduction, 1, bias=False),
            nn.ReLU(),
            nn.Conv2d(channels // reduction, channels, 1, bias=False),
        )
        self.conv = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        avg_out = self.fc(F.adaptive_avg_pool2d(x, 1))
        max_out = self.fc(F.adaptive_max_pool2d(x, 1))
        x = torch.sigmoid(avg_out + max_out) * x
        avg_map = torch.mean(x, dim=1, keepdim=True)
        max_map, _ = torch.max(x, dim=1, keepdim=True)
        return torch.sigmoid(self.conv(torch.cat([avg_map, max_map], dim=1))) * x


class ECA(nn.Module):
    """A 1-D convolution along the channels: their order matters."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.conv = nn.Conv1d(1, 1, kernel_size=3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.avg_pool(x)
        y = self.conv(y.squeeze(-1).transpose(-1, -2)).transpose(-1, -2).unsqueeze(-1)
        return x * torch.sigmoid(y).expand_as(x)


class NonLocal(nn.Module):
    """Embedded Gaussian: theta, phi, g; a BatchNorm behind W."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.inter = channels // 2
        self.g = nn.Conv2d(channels, self.inter, 1)
        self.theta = nn.Conv2d(channels, self.inter, 1)
        self.phi = nn.Conv2d(channels, self.inter, 1)
        self.W = nn.Sequential(nn.Conv2d(self.inter, channels, 1), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        batch = x.size(0)
        g_x = self.g(x).view(batch, self.inter, -1).permute(0, 2, 1)
        theta_x = self.theta(x).view(batch, self.inter, -1).permute(0, 2, 1)
        phi_x = self.phi(x).view(batch, self.inter, -1)
        f = F.softmax(torch.matmul(theta_x, phi_x), dim=-1)
        y = torch.matmul(f, g_x).permute(0, 2, 1).contiguous()
        y = y.view(batch, self.inter, *x.size()[2:])
        return self.W(y) + x


class CoordinateAttention(nn.Module):
    """Pools along each axis, concatenated along space, split again, two gates."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 8, 1)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv_h = nn.Conv2d(8, channels, 1)
        self.conv_w = nn.Conv2d(8, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        _, _, h, w = x.size()
        x_h = x.mean(dim=3, keepdim=True)
        x_w = x.mean(dim=2, keepdim=True).permute(0, 1, 3, 2)
        y = F.hardswish(self.bn1(self.conv1(torch.cat([x_h, x_w], dim=2))))
        x_h, x_w = torch.split(y, [h, w], dim=2)
        return x * self.conv_h(x_h).sigmoid() * self.conv_w(x_w.permute(0, 1, 3, 2)).sigmoid()


class SelectiveKernel(nn.Module):
    """Two branches stacked, a softmax across them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(channels, channels, 3, padding=1 + i, dilation=1 + i, groups=4), nn.BatchNorm2d(channels), nn.ReLU()
            )
            for i in range(2)
        )
        self.fc = nn.Sequential(nn.Linear(channels, 8), nn.ReLU())
        self.fcs = nn.ModuleList(nn.Linear(8, channels) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        feats = torch.stack([conv(x) for conv in self.convs], dim=1)
        z = self.fc(feats.sum(dim=1).mean(-1).mean(-1))
        weights = torch.stack([fc(z) for fc in self.fcs], dim=1).softmax(dim=1)
        return (feats * weights.unsqueeze(-1).unsqueeze(-1)).sum(dim=1)


class Attended(nn.Module):
    """A small residual net with an attention module behind each convolution pair."""

    def __init__(self, attention, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True))
        self.conv1 = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16))
        self.att1 = attention(16)
        self.down = nn.Sequential(nn.Conv2d(16, 24, 3, 2, 1, bias=False), nn.BatchNorm2d(24), nn.ReLU(inplace=True))
        self.att2 = attention(24)
        self.fc = nn.Linear(24, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = F.relu(self.att1(self.conv1(x)) + x)
        x = self.att2(self.down(x))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


IMAGE = images(3, 16)

NETS = {
    "cbam": Net(lambda: Attended(CBAM), IMAGE, notes="channel and spatial attention"),
    "eca": Net(lambda: Attended(ECA), IMAGE, notes="a convolution along the channels"),
    "nonlocal": Net(lambda: Attended(NonLocal), IMAGE),
    "coordinate-attention": Net(lambda: Attended(CoordinateAttention), IMAGE),
    "selective-kernel": Net(lambda: Attended(SelectiveKernel), IMAGE, notes="stack, softmax across branches"),
}
