"""DenseNet: every layer reads the concatenation of all earlier ones."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images


class DenseLayer(nn.Module):
    def __init__(self, inner: int, growth: int, bottleneck: int = 2) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inner)
        self.conv1 = nn.Conv2d(inner, bottleneck * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(bottleneck * growth)
        self.conv2 = nn.Conv2d(bottleneck * growth, growth, 3, padding=1, bias=False)

    def forward(self, features: list[Tensor]) -> Tensor:
        x = torch.cat(features, 1)
        x = self.conv1(F.relu(self.norm1(x), inplace=True))
        return self.conv2(F.relu(self.norm2(x), inplace=True))


class DenseBlock(nn.Module):
    def __init__(self, layers: int, inner: int, growth: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DenseLayer(inner + i * growth, growth) for i in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        features = [x]
        for layer in self.layers:
            features.append(layer(features))
        return torch.cat(features, 1)


def transition(inner: int, outer: int) -> nn.Sequential:
    return nn.Sequential(nn.BatchNorm2d(inner), nn.ReLU(inplace=True), nn.Conv2d(inner, outer, 1, bias=False), nn.AvgPool2d(2, 2))


class DenseNet(nn.Module):
    def __init__(self, growth: int = 8, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True))
        self.block1 = DenseBlock(3, 16, growth)
        self.trans1 = transition(16 + 3 * growth, 20)
        self.block2 = DenseBlock(3, 20, growth)
        self.norm = nn.BatchNorm2d(20 + 3 * growth)
        self.classifier = nn.Linear(20 + 3 * growth, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.block2(self.trans1(self.block1(self.stem(x))))
        out = F.relu(self.norm(x), inplace=True)
        out = F.adaptive_avg_pool2d(out, (1, 1))
        out = torch.flatten(out, 1)
        return self.classifier(out)


NETS = {"densenet": Net(DenseNet, images(3, 32))}
