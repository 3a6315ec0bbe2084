"""ResNets: basic and bottleneck blocks, deep and tiered stems, wide, pre-activation, ResNeXt, SE, GroupNorm."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from net import Net, images

Norm = Callable[[int], nn.Module]


class SqueezeExcite(nn.Module):
    """The SENet form: Linear layers around a view."""

    def __init__(self, channels: int, reduction: int = 4) -> None:
        super().__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(
            nn.Linear(channels, channels // reduction, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(channels // reduction, channels, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        b, c, _, _ = x.size()
        y = self.avg_pool(x).view(b, c)
        y = self.fc(y).view(b, c, 1, 1)
        return x * y.expand_as(x)


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inner: int, planes: int, stride: int, norm: Norm, shortcut: nn.Module, se: bool, groups: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inner, planes, 3, stride, 1, bias=False)
        self.bn1 = norm(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = norm(planes)
        self.se = SqueezeExcite(planes) if se else nn.Identity()
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.se(self.bn2(self.conv2(out)))
        out += self.shortcut(x)
        return self.relu(out)


class Bottleneck(nn.Module):
    expansion = 2

    def __init__(self, inner: int, planes: int, stride: int, norm: Norm, shortcut: nn.Module, se: bool, groups: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inner, planes, 1, bias=False)
        self.bn1 = norm(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, groups=groups, bias=False)
        self.bn2 = norm(planes)
        self.conv3 = nn.Conv2d(planes, planes * self.expansion, 1, bias=False)
        self.bn3 = norm(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.se = SqueezeExcite(planes * self.expansion) if se else nn.Identity()
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        identity = self.shortcut(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.se(self.bn3(self.conv3(out)))
        return self.relu(out + identity)


def plain_stem(width: int, norm: Norm) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, width, 7, 2, 3, bias=False), norm(width), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1))


def deep_stem(width: int, norm: Norm, widths: tuple[int, int]) -> nn.Sequential:
    """Three 3x3 convolutions: of equal widths in ResNet-D, of rising widths in ResNet-T."""
    a, b = widths
    return nn.Sequential(
        nn.Conv2d(3, a, 3, 2, 1, bias=False),
        norm(a),
        nn.ReLU(inplace=True),
        nn.Conv2d(a, b, 3, 1, 1, bias=False),
        norm(b),
        nn.ReLU(inplace=True),
        nn.Conv2d(b, width, 3, 1, 1, bias=False),
        norm(width),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, 2, 1),
    )


def shortcut(inner: int, outer: int, stride: int, norm: Norm, average: bool) -> nn.Module:
    if stride == 1 and inner == outer:
        return nn.Identity()
    if average:
        pool = nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False) if stride == 2 else nn.Identity()
        return nn.Sequential(pool, nn.Conv2d(inner, outer, 1, bias=False), norm(outer))
    return nn.Sequential(nn.Conv2d(inner, outer, 1, stride, bias=False), norm(outer))


class ResNet(nn.Module):
    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck] = BasicBlock,
        widths: tuple[int, ...] = (8, 16, 24),
        depth: int = 2,
        stem: tuple[int, int] | None = None,
        norm: Norm = nn.BatchNorm2d,
        se: bool = False,
        groups: int = 1,
        classes: int = 10,
    ) -> None:
        super().__init__()
        channels = widths[0]
        self.stem = deep_stem(channels, norm, stem) if stem else plain_stem(channels, norm)
        stages = []
        for index, planes in enumerate(widths):
            blocks = []
            for position in range(depth):
                stride = 2 if index and not position else 1
                skip = shortcut(channels, planes * block.expansion, stride, norm, average=stem is not None)
                blocks.append(block(channels, planes, stride, norm, skip, se, groups))
                channels = planes * block.expansion
            stages.append(nn.Sequential(*blocks))
        self.layer1, self.layer2, self.layer3 = stages
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.layer3(self.layer2(self.layer1(x)))
        x = self.avgpool(x)
        x = torch.flatten(x, 1)
        return self.fc(x)


class PreActivation(nn.Module):
    """BatchNorm and ReLU before each convolution; the projection reads the activated tensor."""

    def __init__(self, inner: int, planes: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv1 = nn.Conv2d(inner, planes, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        if stride != 1 or inner != planes:
            self.shortcut = nn.Conv2d(inner, planes, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        out = torch.relu(self.bn1(x))
        shortcut = self.shortcut(out) if hasattr(self, "shortcut") else x
        out = self.conv1(out)
        out = self.conv2(torch.relu(self.bn2(out)))
        return out + shortcut


class PreActivationResNet(nn.Module):
    def __init__(self, widths: tuple[int, ...] = (8, 16, 24), classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        blocks: list[nn.Module] = []
        channels = widths[0]
        for index, planes in enumerate(widths):
            blocks += [PreActivation(channels, planes, 2 if index else 1), PreActivation(planes, planes, 1)]
            channels = planes
        self.blocks = nn.ModuleList(blocks)
        self.bn = nn.BatchNorm2d(channels)
        self.linear = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        for block in self.blocks:
            x = block(x)
        x = torch.relu(self.bn(x))
        x = nn.functional.avg_pool2d(x, 4)
        x = x.view(x.size(0), -1)
        return self.linear(x)


IMAGE = images(3, 32)

NETS = {
    "resnet-basic": Net(ResNet, IMAGE),
    "resnet-basic-raw": Net(ResNet, IMAGE, optimise=False, notes="BatchNorm not fused"),
    "resnet-bottleneck": Net(lambda: ResNet(Bottleneck), IMAGE),
    "resnet-d": Net(lambda: ResNet(Bottleneck, stem=(8, 8)), IMAGE, notes="deep stem, average pool in the shortcut"),
    "resnet-t": Net(lambda: ResNet(Bottleneck, widths=(16, 24, 32), depth=1, stem=(6, 8)), IMAGE, notes="tiered stem"),
    "resnet-wide": Net(lambda: ResNet(widths=(16, 32, 32), depth=1), IMAGE),
    "resnet-preact": Net(lambda: PreActivationResNet((8, 16, 16)), images(3, 16), notes="pre-activation"),
    "resnext": Net(lambda: ResNet(Bottleneck, widths=(16, 24, 32), depth=1, groups=4), IMAGE, notes="grouped conv"),
    "resnet-se": Net(lambda: ResNet(se=True), IMAGE, notes="squeeze and excite with view and Linear"),
    "resnet-gn": Net(lambda: ResNet(norm=lambda c: nn.GroupNorm(4, c)), IMAGE, notes="GroupNorm"),
}
