"""Nets over time and volume: 1-D conv net, TCN, WaveNet-like, Conformer-like, 3-D conv net, factorised 3-D."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, noise


class AudioNet(nn.Module):
    """Raw waveform: wide strided first convolution, then pooling (the M5 net)."""

    def __init__(self, classes: int = 6) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(1, 16, kernel_size=16, stride=4)
        self.bn1 = nn.BatchNorm1d(16)
        self.pool1 = nn.MaxPool1d(2)
        self.conv2 = nn.Conv1d(16, 24, kernel_size=3)
        self.bn2 = nn.BatchNorm1d(24)
        self.pool2 = nn.MaxPool1d(2)
        self.conv3 = nn.Conv1d(24, 32, kernel_size=3)
        self.bn3 = nn.BatchNorm1d(32)
        self.fc1 = nn.Linear(32, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool1(F.relu(self.bn1(self.conv1(x))))
        x = self.pool2(F.relu(self.bn2(self.conv2(x))))
        x = F.relu(self.bn3(self.conv3(x)))
        x = F.avg_pool1d(x, x.shape[-1])
        x = x.permute(0, 2, 1)
        return F.log_softmax(self.fc1(x), dim=2).squeeze(1)


class Chomp1d(nn.Module):
    def __init__(self, chomp: int) -> None:
        super().__init__()
        self.chomp = chomp

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, : -self.chomp].contiguous()


class TemporalBlock(nn.Module):
    """Two dilated convolutions, padded on both sides and cut on the right; weight_norm as in the paper."""

    def __init__(self, inner: int, outer: int, dilation: int) -> None:
        super().__init__()
        norm = nn.utils.parametrizations.weight_norm
        padding = 2 * dilation
        self.net = nn.Sequential(
            norm(nn.Conv1d(inner, outer, 3, padding=padding, dilation=dilation)),
            Chomp1d(padding),
            nn.ReLU(),
            nn.Dropout(0.2),
            norm(nn.Conv1d(outer, outer, 3, padding=padding, dilation=dilation)),
            Chomp1d(padding),
            nn.ReLU(),
            nn.Dropout(0.2),
        )
        self.downsample = nn.Conv1d(inner, outer, 1) if inner != outer else None

    def forward(self, x: Tensor) -> Tensor:
        out = self.net(x)
        res = x if self.downsample is None else self.downsample(x)
        return F.relu(out + res)


class TCN(nn.Module):
    def __init__(self, classes: int = 5) -> None:
        super().__init__()
        self.tcn = nn.Sequential(TemporalBlock(4, 12, 1), TemporalBlock(12, 12, 2), TemporalBlock(12, 16, 4))
        self.linear = nn.Linear(16, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(self.tcn(x)[:, :, -1])


class WaveNetLayer(nn.Module):
    """Gated dilated convolution; a residual and a skip from one 1x1 each."""

    def __init__(self, channels: int, skips: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.filter = nn.Conv1d(channels, channels, 2, dilation=dilation)
        self.gate = nn.Conv1d(channels, channels, 2, dilation=dilation)
        self.residual = nn.Conv1d(channels, channels, 1)
        self.skip = nn.Conv1d(channels, skips, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        padded = F.pad(x, (self.dilation, 0))
        y = torch.tanh(self.filter(padded)) * torch.sigmoid(self.gate(padded))
        return self.residual(y) + x, self.skip(y)


class WaveNet(nn.Module):
    def __init__(self, channels: int = 12, skips: int = 16, classes: int = 8) -> None:
        super().__init__()
        self.causal = nn.Conv1d(1, channels, 1)
        self.layers = nn.ModuleList(WaveNetLayer(channels, skips, 2**i) for i in range(4))
        self.post = nn.Sequential(nn.ReLU(), nn.Conv1d(skips, skips, 1), nn.ReLU(), nn.Conv1d(skips, classes, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.causal(x)
        total: Tensor | float = 0.0
        for layer in self.layers:
            x, skip = layer(x)
            total = total + skip
        return self.post(total)


class ConformerBlock(nn.Module):
    """Half feed-forward, attention, convolution module with GLU and BatchNorm, half feed-forward."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.ff1 = self.feed_forward(dim)
        self.norm = nn.LayerNorm(dim)
        self.attn = nn.MultiheadAttention(dim, heads, batch_first=True)
        self.conv_norm = nn.LayerNorm(dim)
        self.pointwise1 = nn.Conv1d(dim, 2 * dim, 1)
        self.depthwise = nn.Conv1d(dim, dim, 5, padding=2, groups=dim)
        self.bn = nn.BatchNorm1d(dim)
        self.pointwise2 = nn.Conv1d(dim, dim, 1)
        self.ff2 = self.feed_forward(dim)
        self.final = nn.LayerNorm(dim)

    @staticmethod
    def feed_forward(dim: int) -> nn.Sequential:
        return nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 2 * dim), nn.SiLU(), nn.Dropout(0.1), nn.Linear(2 * dim, dim))

    def forward(self, x: Tensor) -> Tensor:
        x = x + 0.5 * self.ff1(x)
        y = self.norm(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        y = F.glu(self.pointwise1(self.conv_norm(x).transpose(1, 2)), dim=1)
        y = self.pointwise2(F.silu(self.bn(self.depthwise(y))))
        x = x + y.transpose(1, 2)
        return self.final(x + 0.5 * self.ff2(x))


class Conformer(nn.Module):
    def __init__(self, dim: int = 24, classes: int = 8) -> None:
        super().__init__()
        self.subsample = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU())
        self.linear = nn.Linear(8 * 5, dim)
        self.blocks = nn.Sequential(ConformerBlock(dim, 4), ConformerBlock(dim, 4))
        self.head = nn.Linear(dim, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.subsample(x.unsqueeze(1))
        b, c, t, f = x.size()
        x = self.linear(x.transpose(1, 2).contiguous().view(b, t, c * f))
        return self.head(self.blocks(x))


class C3D(nn.Module):
    """Video: 3-D convolutions and pools."""

    def __init__(self, classes: int = 5) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(3, 8, 3, padding=1)
        self.bn1 = nn.BatchNorm3d(8)
        self.pool1 = nn.MaxPool3d((1, 2, 2))
        self.conv2 = nn.Conv3d(8, 12, 3, padding=1)
        self.pool2 = nn.MaxPool3d(2)
        self.fc6 = nn.Linear(12 * 2 * 4 * 4, 24)
        self.fc7 = nn.Linear(24, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool1(F.relu(self.bn1(self.conv1(x))))
        x = self.pool2(F.relu(self.conv2(x)))
        x = x.view(-1, 12 * 2 * 4 * 4)
        return self.fc7(F.relu(self.fc6(x)))


class R2Plus1D(nn.Module):
    """Space, then time; a residual block of such pairs."""

    def __init__(self, classes: int = 5) -> None:
        super().__init__()

        def pair(inner: int, middle: int, outer: int, stride: int = 1) -> nn.Sequential:
            return nn.Sequential(
                nn.Conv3d(inner, middle, (1, 3, 3), (1, stride, stride), (0, 1, 1), bias=False),
                nn.BatchNorm3d(middle),
                nn.ReLU(inplace=True),
                nn.Conv3d(middle, outer, (3, 1, 1), (stride, 1, 1), (1, 0, 0), bias=False),
                nn.BatchNorm3d(outer),
            )

        self.stem = nn.Sequential(pair(3, 8, 12, 2), nn.ReLU(inplace=True))
        self.first = nn.Sequential(pair(12, 14, 12), nn.ReLU(inplace=True))
        self.second = pair(12, 14, 12)
        self.fc = nn.Linear(12, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = F.relu(x + self.second(self.first(x)))
        return self.fc(F.adaptive_avg_pool3d(x, 1).flatten(1))


NETS = {
    "audio-conv": Net(AudioNet, noise(1, 256), notes="1-D convolutions"),
    "tcn": Net(TCN, noise(4, 16), notes="dilated, chomped, weight_norm"),
    "wavenet": Net(WaveNet, noise(1, 24), notes="gated, causal padding, summed skips"),
    "conformer": Net(Conformer, noise(16, 10), notes="attention and depthwise conv, GLU"),
    "c3d": Net(C3D, noise(3, 4, 16, 16), notes="3-D convolutions"),
    "r2plus1d": Net(R2Plus1D, noise(3, 4, 16, 16), notes="factorised 3-D convolutions, residual"),
}
