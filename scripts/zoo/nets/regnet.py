"""RegNet X and Y: grouped bottlenecks of ratio one, Y with squeeze and excite; RepVGG and Res2Net blocks."""

import torch
from torch import Tensor, nn

from net import Net, images


class YBlock(nn.Module):
    """1x1, grouped 3x3, (squeeze and excite), 1x1."""

    def __init__(self, inner: int, outer: int, stride: int, group_width: int, se: bool) -> None:
        super().__init__()
        self.a = nn.Sequential(nn.Conv2d(inner, outer, 1, bias=False), nn.BatchNorm2d(outer), nn.ReLU(inplace=True))
        self.b = nn.Sequential(
            nn.Conv2d(outer, outer, 3, stride, 1, groups=outer // group_width, bias=False),
            nn.BatchNorm2d(outer),
            nn.ReLU(inplace=True),
        )
        self.se = SqueezeExcitation(outer, max(4, inner // 4)) if se else None
        self.c = nn.Sequential(nn.Conv2d(outer, outer, 1, bias=False), nn.BatchNorm2d(outer))
        self.proj = None
        if stride != 1 or inner != outer:
            self.proj = nn.Sequential(nn.Conv2d(inner, outer, 1, stride, bias=False), nn.BatchNorm2d(outer))
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.b(self.a(x))
        if self.se is not None:
            y = self.se(y)
        y = self.c(y)
        return self.activation((self.proj(x) if self.proj is not None else x) + y)


class SqueezeExcitation(nn.Module):
    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        scale = x.mean((2, 3), keepdim=True)
        scale = torch.sigmoid(self.fc2(torch.relu(self.fc1(scale))))
        return scale * x


class RegNet(nn.Module):
    def __init__(self, se: bool, widths: tuple[int, ...] = (16, 24, 32), group_width: int = 8, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        blocks: list[nn.Module] = []
        channels = 8
        for index, width in enumerate(widths):
            blocks.append(YBlock(channels, width, 2, group_width, se))
            if index:
                blocks.append(YBlock(width, width, 1, group_width, se))
            channels = width
        self.trunk_output = nn.Sequential(*blocks)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.trunk_output(self.stem(x)))
        return self.fc(x.flatten(start_dim=1))


class RepVGGBlock(nn.Module):
    """The training form: 3x3, 1x1 and identity, each with BatchNorm, added."""

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(nn.Conv2d(inner, outer, 3, stride, 1, bias=False), nn.BatchNorm2d(outer))
        self.one = nn.Sequential(nn.Conv2d(inner, outer, 1, stride, bias=False), nn.BatchNorm2d(outer))
        self.identity = nn.BatchNorm2d(inner) if inner == outer and stride == 1 else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.dense(x) + self.one(x)
        if self.identity is not None:
            y = y + self.identity(x)
        return torch.relu(y)


class RepVGG(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stages = nn.Sequential(
            RepVGGBlock(3, 12, 2), RepVGGBlock(12, 12, 1), RepVGGBlock(12, 24, 2), RepVGGBlock(24, 24, 1), RepVGGBlock(24, 32, 2)
        )
        self.linear = nn.Linear(32, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stages(x)
        x = nn.functional.adaptive_avg_pool2d(x, 1)
        return self.linear(x.view(x.shape[0], -1))


class Res2Block(nn.Module):
    """The channels in four parts, each convolved with what the one before made."""

    def __init__(self, inner: int, width: int, outer: int, scale: int = 4) -> None:
        super().__init__()
        self.width, self.scale = width, scale
        self.conv1 = nn.Conv2d(inner, width * scale, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width * scale)
        self.convs = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(scale - 1))
        self.bns = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(scale - 1))
        self.conv3 = nn.Conv2d(width * scale, outer, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outer)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        parts = torch.split(out, self.width, 1)
        done = []
        for i, (conv, bn) in enumerate(zip(self.convs, self.bns)):
            part = parts[i] if i == 0 else done[-1] + parts[i]
            done.append(self.relu(bn(conv(part))))
        out = torch.cat([*done, parts[-1]], 1)
        return self.relu(self.bn3(self.conv3(out)) + x)


class Res2Net(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.block1 = Res2Block(16, 4, 16)
        self.down = nn.Sequential(nn.Conv2d(16, 24, 3, 2, 1, bias=False), nn.BatchNorm2d(24), nn.ReLU())
        self.block2 = Res2Block(24, 6, 24)
        self.fc = nn.Linear(24, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.block2(self.down(self.block1(self.stem(x))))
        return self.fc(x.mean(dim=(-2, -1)))


class SplitAttention(nn.Module):
    """ResNeSt: two grouped branches, weighted per channel by a softmax over the branches."""

    def __init__(self, channels: int, radix: int = 2) -> None:
        super().__init__()
        self.radix, self.channels = radix, channels
        self.conv = nn.Conv2d(channels, channels * radix, 3, padding=1, groups=radix, bias=False)
        self.bn0 = nn.BatchNorm2d(channels * radix)
        self.fc1 = nn.Conv2d(channels, 8, 1)
        self.bn1 = nn.BatchNorm2d(8)
        self.fc2 = nn.Conv2d(8, channels * radix, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.bn0(self.conv(x)))
        batch = x.shape[0]
        splits = x.reshape(batch, self.radix, self.channels, x.shape[2], x.shape[3])
        gap = splits.sum(dim=1).mean((2, 3), keepdim=True)
        attention = self.fc2(torch.relu(self.bn1(self.fc1(gap))))
        attention = attention.view(batch, self.radix, self.channels).softmax(dim=1)
        return (splits * attention.view(batch, self.radix, self.channels, 1, 1)).sum(dim=1)


class ResNeSt(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.conv1 = nn.Sequential(nn.Conv2d(16, 12, 1, bias=False), nn.BatchNorm2d(12), nn.ReLU())
        self.attention = SplitAttention(12)
        self.conv2 = nn.Sequential(nn.Conv2d(12, 16, 1, bias=False), nn.BatchNorm2d(16))
        self.fc = nn.Linear(16, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = torch.relu(x + self.conv2(self.attention(self.conv1(x))))
        return self.fc(x.mean((2, 3)))


IMAGE = images(3, 32)

NETS = {
    "regnet-x": Net(lambda: RegNet(se=False), IMAGE),
    "regnet-y": Net(lambda: RegNet(se=True), IMAGE, notes="squeeze and excite"),
    "repvgg": Net(RepVGG, IMAGE, notes="three added branches, identity BatchNorm"),
    "res2net": Net(Res2Net, IMAGE, notes="split, hierarchical, concat"),
    "resnest": Net(ResNeSt, IMAGE, notes="radix softmax"),
}
