"""ShuffleNet V1 and V2 (channel shuffle by view and transpose), GhostNet."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images


def channel_shuffle(x: Tensor, groups: int) -> Tensor:
    batch, channels, height, width = x.size()
    x = x.view(batch, groups, channels // groups, height, width)
    x = torch.transpose(x, 1, 2).contiguous()
    return x.view(batch, channels, height, width)


class ShuffleUnitV1(nn.Module):
    """Grouped 1x1, shuffle, depthwise, grouped 1x1; a downsampling unit concatenates its pooled input."""

    def __init__(self, inner: int, outer: int, stride: int, groups: int) -> None:
        super().__init__()
        self.stride, self.groups = stride, groups
        middle = outer // 4
        branch = outer - inner if stride == 2 else outer
        self.conv1 = nn.Conv2d(inner, middle, 1, groups=groups, bias=False)
        self.bn1 = nn.BatchNorm2d(middle)
        self.conv2 = nn.Conv2d(middle, middle, 3, stride, 1, groups=middle, bias=False)
        self.bn2 = nn.BatchNorm2d(middle)
        self.conv3 = nn.Conv2d(middle, branch, 1, groups=groups, bias=False)
        self.bn3 = nn.BatchNorm2d(branch)

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.bn1(self.conv1(x)))
        out = channel_shuffle(out, self.groups)
        out = self.bn3(self.conv3(self.bn2(self.conv2(out))))
        if self.stride == 2:
            return F.relu(torch.cat([out, F.avg_pool2d(x, 3, 2, 1)], 1))
        return F.relu(out + x)


class ShuffleNetV1(nn.Module):
    def __init__(self, groups: int = 2, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.units = nn.Sequential(
            ShuffleUnitV1(16, 48, 2, groups), ShuffleUnitV1(48, 48, 1, groups), ShuffleUnitV1(48, 80, 2, groups)
        )
        self.fc = nn.Linear(80, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.units(self.conv1(x))
        x = x.mean([2, 3])
        return self.fc(x)


class ShuffleUnitV2(nn.Module):
    """Half of the channels pass by; then a shuffle of the two halves."""

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        half = outer // 2
        self.branch1 = nn.Sequential()
        if stride > 1:
            self.branch1 = nn.Sequential(
                nn.Conv2d(inner, inner, 3, stride, 1, groups=inner, bias=False),
                nn.BatchNorm2d(inner),
                nn.Conv2d(inner, half, 1, bias=False),
                nn.BatchNorm2d(half),
                nn.ReLU(inplace=True),
            )
        self.branch2 = nn.Sequential(
            nn.Conv2d(inner if stride > 1 else half, half, 1, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(inplace=True),
            nn.Conv2d(half, half, 3, stride, 1, groups=half, bias=False),
            nn.BatchNorm2d(half),
            nn.Conv2d(half, half, 1, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        if self.stride == 1:
            x1, x2 = x.chunk(2, dim=1)
            out = torch.cat((x1, self.branch2(x2)), dim=1)
        else:
            out = torch.cat((self.branch1(x), self.branch2(x)), dim=1)
        return channel_shuffle(out, 2)


class ShuffleNetV2(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(3, 12, 3, 2, 1, bias=False), nn.BatchNorm2d(12), nn.ReLU(inplace=True))
        self.stage2 = nn.Sequential(ShuffleUnitV2(12, 24, 2), ShuffleUnitV2(24, 24, 1))
        self.stage3 = nn.Sequential(ShuffleUnitV2(24, 32, 2), ShuffleUnitV2(32, 32, 1))
        self.conv5 = nn.Sequential(nn.Conv2d(32, 40, 1, bias=False), nn.BatchNorm2d(40), nn.ReLU(inplace=True))
        self.fc = nn.Linear(40, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv5(self.stage3(self.stage2(self.conv1(x))))
        x = x.mean([2, 3])
        return self.fc(x)


class GhostModule(nn.Module):
    """Half the features by a convolution, the rest by a depthwise one on them; cut to the width."""

    def __init__(self, inner: int, outer: int, relu: bool = True) -> None:
        super().__init__()
        self.outer = outer
        primary = math.ceil(outer / 2)
        act: list[nn.Module] = [nn.ReLU(inplace=True)] if relu else []
        self.primary_conv = nn.Sequential(nn.Conv2d(inner, primary, 1, bias=False), nn.BatchNorm2d(primary), *act)
        self.cheap_operation = nn.Sequential(
            nn.Conv2d(primary, primary, 3, 1, 1, groups=primary, bias=False), nn.BatchNorm2d(primary), *act
        )

    def forward(self, x: Tensor) -> Tensor:
        x1 = self.primary_conv(x)
        x2 = self.cheap_operation(x1)
        out = torch.cat([x1, x2], dim=1)
        return out[:, : self.outer, :, :]


class GhostBottleneck(nn.Module):
    def __init__(self, inner: int, hidden: int, outer: int, stride: int) -> None:
        super().__init__()
        self.ghost1 = GhostModule(inner, hidden)
        self.down = nn.Identity()
        self.shortcut = nn.Identity()
        if stride > 1:
            self.down = nn.Sequential(nn.Conv2d(hidden, hidden, 3, stride, 1, groups=hidden, bias=False), nn.BatchNorm2d(hidden))
            self.shortcut = nn.Sequential(
                nn.Conv2d(inner, inner, 3, stride, 1, groups=inner, bias=False),
                nn.BatchNorm2d(inner),
                nn.Conv2d(inner, outer, 1, bias=False),
                nn.BatchNorm2d(outer),
            )
        self.ghost2 = GhostModule(hidden, outer, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.ghost2(self.down(self.ghost1(x))) + self.shortcut(x)


class GhostNet(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.blocks = nn.Sequential(GhostBottleneck(8, 16, 8, 1), GhostBottleneck(8, 24, 15, 2), GhostBottleneck(15, 30, 15, 1))
        self.conv_head = nn.Conv2d(15, 40, 1)
        self.classifier = nn.Linear(40, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(self.stem(x))
        x = F.adaptive_avg_pool2d(x, 1)
        x = F.relu(self.conv_head(x))
        x = x.view(x.size(0), -1)
        return self.classifier(x)


NETS = {
    "shufflenet-v1": Net(ShuffleNetV1, images(3, 32), notes="grouped 1x1, channel shuffle, concat with the pooled input"),
    "shufflenet-v2": Net(ShuffleNetV2, images(3, 32), notes="chunk, concat, channel shuffle"),
    "ghostnet": Net(GhostNet, images(3, 32), notes="concat, sliced to an odd width"),
}
