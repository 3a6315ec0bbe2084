"""Inception: v1-like, v3-like (factorised, average pool branch), a tensor concatenated with itself; NAS-like cells."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images


class BasicConv2d(nn.Module):
    def __init__(self, inner: int, outer: int, **conv) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inner, outer, bias=False, **conv)
        self.bn = nn.BatchNorm2d(outer, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)), inplace=True)


class InceptionV1(nn.Module):
    def __init__(self, inner: int, c1: int, r3: int, c3: int, r5: int, c5: int, pool: int) -> None:
        super().__init__()
        self.branch1 = BasicConv2d(inner, c1, kernel_size=1)
        self.branch2 = nn.Sequential(BasicConv2d(inner, r3, kernel_size=1), BasicConv2d(r3, c3, kernel_size=3, padding=1))
        self.branch3 = nn.Sequential(BasicConv2d(inner, r5, kernel_size=1), BasicConv2d(r5, c5, kernel_size=5, padding=2))
        self.branch4 = nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), BasicConv2d(inner, pool, kernel_size=1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class GoogLeNet(nn.Module):
    """With its auxiliary classifier as a second output."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = BasicConv2d(3, 12, kernel_size=3, stride=2, padding=1)
        self.maxpool1 = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.inception3a = InceptionV1(12, 8, 8, 12, 4, 6, 6)
        self.inception3b = InceptionV1(32, 10, 8, 12, 4, 8, 6)
        self.maxpool3 = nn.MaxPool2d(2, 2)
        self.aux = nn.Sequential(nn.AdaptiveAvgPool2d(2), BasicConv2d(32, 8, kernel_size=1), nn.Flatten(), nn.Linear(32, classes))
        self.inception4 = InceptionV1(36, 12, 8, 14, 4, 8, 6)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(40, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.inception3a(self.maxpool1(self.conv1(x)))
        aux = self.aux(x)
        x = self.inception4(self.maxpool3(self.inception3b(x)))
        x = torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)
        return self.fc(self.dropout(x)), aux


class InceptionE(nn.Module):
    """A branch that forks into 1x3 and 3x1, and an average pool branch."""

    def __init__(self, inner: int) -> None:
        super().__init__()
        self.branch1x1 = BasicConv2d(inner, 8, kernel_size=1)
        self.branch3x3_1 = BasicConv2d(inner, 8, kernel_size=1)
        self.branch3x3_2a = BasicConv2d(8, 8, kernel_size=(1, 3), padding=(0, 1))
        self.branch3x3_2b = BasicConv2d(8, 8, kernel_size=(3, 1), padding=(1, 0))
        self.branch7x7_1 = BasicConv2d(inner, 6, kernel_size=1)
        self.branch7x7_2 = BasicConv2d(6, 6, kernel_size=(1, 7), padding=(0, 3))
        self.branch7x7_3 = BasicConv2d(6, 8, kernel_size=(7, 1), padding=(3, 0))
        self.branch_pool = BasicConv2d(inner, 8, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        branch3x3 = self.branch3x3_1(x)
        branch3x3 = torch.cat([self.branch3x3_2a(branch3x3), self.branch3x3_2b(branch3x3)], 1)
        branch7x7 = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        branch_pool = self.branch_pool(F.avg_pool2d(x, kernel_size=3, stride=1, padding=1))
        return torch.cat([self.branch1x1(x), branch3x3, branch7x7, branch_pool], 1)


class InceptionB(nn.Module):
    """Downsampling: a strided branch, a double branch, and the max-pooled input itself."""

    def __init__(self, inner: int) -> None:
        super().__init__()
        self.branch3x3 = BasicConv2d(inner, 12, kernel_size=3, stride=2)
        self.branch3x3dbl_1 = BasicConv2d(inner, 6, kernel_size=1)
        self.branch3x3dbl_2 = BasicConv2d(6, 8, kernel_size=3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        branch_pool = F.max_pool2d(x, kernel_size=3, stride=2)
        return torch.cat([self.branch3x3(x), self.branch3x3dbl_2(self.branch3x3dbl_1(x)), branch_pool], 1)


class InceptionV3(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = BasicConv2d(3, 12, kernel_size=3, stride=2)
        self.mixed1 = InceptionE(12)
        self.mixed2 = InceptionB(40)
        self.mixed3 = InceptionE(60)
        self.fc = nn.Linear(40, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.mixed3(self.mixed2(self.mixed1(self.stem(x))))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, (1, 1)), 1))


class ConcatTwice(nn.Module):
    """A tensor beside itself, and positive and negative parts of one tensor (concatenated ReLU)."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(24, 12, 3, stride=2, padding=1)
        self.conv3 = nn.Conv2d(24, 16, 3, stride=2, padding=1)
        self.fc = nn.Linear(16, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        x = torch.cat([F.relu(x), F.relu(-x)], dim=1)
        x = F.relu(self.conv2(x))
        x = torch.cat([x, x], dim=1)
        x = F.relu(self.conv3(x))
        return self.fc(x.mean(dim=(2, 3)))


class SeparableConv(nn.Module):
    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, kernel, padding=kernel // 2, groups=channels, bias=False)
        self.pointwise = nn.Conv2d(channels, channels, 1, bias=False)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn(self.pointwise(self.depthwise(F.relu(x))))


class Cell(nn.Module):
    """Two inputs (the last two cells), sums of pairs of operations, all sums concatenated."""

    def __init__(self, before: int, inner: int, channels: int) -> None:
        super().__init__()
        self.preprocess0 = nn.Sequential(nn.ReLU(), nn.Conv2d(before, channels, 1, bias=False), nn.BatchNorm2d(channels))
        self.preprocess1 = nn.Sequential(nn.ReLU(), nn.Conv2d(inner, channels, 1, bias=False), nn.BatchNorm2d(channels))
        self.sep3 = SeparableConv(channels, 3)
        self.sep5 = SeparableConv(channels, 5)
        self.dilated = nn.Conv2d(channels, channels, 3, padding=2, dilation=2, groups=channels)
        self.pool = nn.AvgPool2d(3, 1, 1, count_include_pad=False)

    def forward(self, s0: Tensor, s1: Tensor) -> Tensor:
        s0, s1 = self.preprocess0(s0), self.preprocess1(s1)
        a = self.sep3(s1) + s0
        b = self.sep5(s0) + self.pool(s1)
        c = sum([self.dilated(a), b, s1])
        return torch.cat([a, b, c], dim=1)


class NASNet(nn.Module):
    def __init__(self, channels: int = 8, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 12, 3, 2, 1, bias=False), nn.BatchNorm2d(12))
        self.cells = nn.ModuleList(
            [Cell(12, 12, channels), Cell(12, 3 * channels, channels), Cell(3 * channels, 3 * channels, channels)]
        )
        self.classifier = nn.Linear(3 * channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        s0 = s1 = self.stem(x)
        for cell in self.cells:
            s0, s1 = s1, cell(s0, s1)
        out = F.adaptive_avg_pool2d(s1, 1)
        return self.classifier(out.view(out.size(0), -1))


NETS = {
    "inception-v1": Net(GoogLeNet, images(3, 32), output_names=("logits", "aux"), notes="auxiliary classifier"),
    "inception-v3": Net(InceptionV3, images(3, 31), notes="forked branches, average pool branch"),
    "concat-twice": Net(ConcatTwice, images(3, 16), notes="a tensor beside itself, concatenated ReLU"),
    "nasnet": Net(NASNet, images(3, 16), notes="cells with two inputs, many added branches"),
}
