"""VGG, plain and with BatchNorm; AlexNet."""

import torch
from torch import Tensor, nn

from net import Net, images

PLAN = (8, "pool", 16, "pool", 24, 24, "pool", 32, 32, "pool")


def stages(normed: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    channels = 3
    for step in PLAN:
        if step == "pool":
            layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            continue
        layers.append(nn.Conv2d(channels, step, kernel_size=3, padding=1))
        if normed:
            layers.append(nn.BatchNorm2d(step))
        layers.append(nn.ReLU(inplace=True))
        channels = step
    return nn.Sequential(*layers)


class VGG(nn.Module):
    def __init__(self, normed: bool, classes: int = 10) -> None:
        super().__init__()
        self.features = stages(normed)
        self.avgpool = nn.AdaptiveAvgPool2d((2, 2))
        self.classifier = nn.Sequential(
            nn.Linear(32 * 2 * 2, 48),
            nn.ReLU(True),
            nn.Dropout(),
            nn.Linear(48, 32),
            nn.ReLU(True),
            nn.Dropout(),
            nn.Linear(32, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = self.avgpool(x)
        x = torch.flatten(x, 1)
        return self.classifier(x)


class AlexNet(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, kernel_size=5, stride=2, padding=2),
            nn.ReLU(),
            nn.LocalResponseNorm(5),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(16, 24, kernel_size=5, padding=2, groups=2),
            nn.ReLU(),
            nn.LocalResponseNorm(5),
            nn.MaxPool2d(3, 2),
            nn.Conv2d(24, 32, kernel_size=3, padding=1),
            nn.ReLU(),
        )
        self.classifier = nn.Sequential(nn.Linear(32 * 3 * 3, 48), nn.ReLU(), nn.Linear(48, classes))

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = x.view(x.size(0), -1)
        return self.classifier(x)


NETS = {
    "vgg": Net(lambda: VGG(normed=False), images(3, 32)),
    "vgg-bn": Net(lambda: VGG(normed=True), images(3, 32)),
    "vgg-bn-raw": Net(lambda: VGG(normed=True), images(3, 32), optimise=False, notes="BatchNorm not fused"),
    "alexnet": Net(AlexNet, images(3, 32), notes="grouped conv, LocalResponseNorm"),
}
