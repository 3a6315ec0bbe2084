"""MobileNet V1, V2, V3, MnasNet, EfficientNet: depthwise convolutions, inverted residuals, squeeze and excite."""

from collections.abc import Callable

from torch import Tensor, nn

from net import Net, images

Activation = Callable[[], nn.Module]


def conv_bn(inner: int, outer: int, kernel: int, stride: int, groups: int, act: Activation | None) -> nn.Sequential:
    layers = [nn.Conv2d(inner, outer, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outer)]
    return nn.Sequential(*layers, act()) if act else nn.Sequential(*layers)


class MobileNetV1(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()

        def separable(inner: int, outer: int, stride: int) -> nn.Sequential:
            return nn.Sequential(
                conv_bn(inner, inner, 3, stride, inner, nn.ReLU),
                conv_bn(inner, outer, 1, 1, 1, nn.ReLU),
            )

        self.model = nn.Sequential(
            conv_bn(3, 8, 3, 2, 1, nn.ReLU),
            separable(8, 16, 1),
            separable(16, 32, 2),
            separable(32, 32, 1),
            separable(32, 48, 2),
            nn.AvgPool2d(4),
        )
        self.fc = nn.Linear(48, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.model(x)
        x = x.view(-1, 48)
        return self.fc(x)


class SqueezeExcite(nn.Module):
    """The MobileNetV3 form: 1x1 convolutions on the pooled map."""

    def __init__(self, channels: int, squeezed: int, act: Activation, gate: Activation) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)
        self.activation = act()
        self.gate = gate()

    def forward(self, x: Tensor) -> Tensor:
        scale = self.avgpool(x)
        scale = self.activation(self.fc1(scale))
        return self.gate(self.fc2(scale)) * x


class InvertedResidual(nn.Module):
    """Expand, depthwise, (squeeze and excite), project."""

    def __init__(
        self,
        inner: int,
        outer: int,
        stride: int,
        expand: int,
        kernel: int = 3,
        act: Activation = nn.ReLU6,
        gate: Activation | None = None,
    ) -> None:
        super().__init__()
        hidden = inner * expand
        self.use_res_connect = stride == 1 and inner == outer
        layers: list[nn.Module] = []
        if expand != 1:
            layers.append(conv_bn(inner, hidden, 1, 1, 1, act))
        layers.append(conv_bn(hidden, hidden, kernel, stride, hidden, act))
        if gate is not None:
            layers.append(SqueezeExcite(hidden, max(4, hidden // 4), nn.ReLU if gate is nn.Hardsigmoid else nn.SiLU, gate))
        layers.append(conv_bn(hidden, outer, 1, 1, 1, None))
        self.conv = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class Mobile(nn.Module):
    """Stem, inverted residuals, last convolution, classifier."""

    def __init__(self, stem: nn.Module, blocks: list[nn.Module], last: nn.Module, classifier: nn.Module) -> None:
        super().__init__()
        self.features = nn.Sequential(stem, *blocks, last)
        self.classifier = classifier

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = x.mean([2, 3])
        return self.classifier(x)


def mobilenet_v2() -> nn.Module:
    blocks = [
        InvertedResidual(8, 8, 1, 1),
        InvertedResidual(8, 12, 2, 4),
        InvertedResidual(12, 12, 1, 4),
        InvertedResidual(12, 16, 2, 4),
        InvertedResidual(16, 16, 1, 4),
    ]
    classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(48, 10))
    return Mobile(conv_bn(3, 8, 3, 2, 1, nn.ReLU6), blocks, conv_bn(16, 48, 1, 1, 1, nn.ReLU6), classifier)


def mobilenet_v3() -> nn.Module:
    blocks = [
        InvertedResidual(8, 8, 1, 1, 3, nn.ReLU, nn.Hardsigmoid),
        InvertedResidual(8, 12, 2, 4, 3, nn.ReLU),
        InvertedResidual(12, 12, 1, 3, 5, nn.Hardswish, nn.Hardsigmoid),
        InvertedResidual(12, 16, 2, 4, 5, nn.Hardswish, nn.Hardsigmoid),
    ]
    classifier = nn.Sequential(nn.Linear(48, 40), nn.Hardswish(inplace=True), nn.Dropout(0.2), nn.Linear(40, 10))
    return Mobile(conv_bn(3, 8, 3, 2, 1, nn.Hardswish), blocks, conv_bn(16, 48, 1, 1, 1, nn.Hardswish), classifier)


def efficientnet() -> nn.Module:
    blocks = [
        InvertedResidual(8, 8, 1, 1, 3, nn.SiLU, nn.Sigmoid),
        InvertedResidual(8, 12, 2, 4, 3, nn.SiLU, nn.Sigmoid),
        InvertedResidual(12, 12, 1, 4, 3, nn.SiLU, nn.Sigmoid),
        InvertedResidual(12, 16, 2, 4, 5, nn.SiLU, nn.Sigmoid),
        InvertedResidual(16, 16, 1, 4, 5, nn.SiLU, nn.Sigmoid),
    ]
    return Mobile(conv_bn(3, 8, 3, 2, 1, nn.SiLU), blocks, conv_bn(16, 48, 1, 1, 1, nn.SiLU), nn.Linear(48, 10))


def mnasnet() -> nn.Module:
    blocks = [
        InvertedResidual(8, 8, 1, 1, 3, nn.ReLU),
        InvertedResidual(8, 12, 2, 3, 3, nn.ReLU),
        InvertedResidual(12, 12, 1, 3, 3, nn.ReLU),
        InvertedResidual(12, 16, 2, 3, 5, nn.ReLU),
        InvertedResidual(16, 16, 1, 6, 5, nn.ReLU),
    ]
    return Mobile(conv_bn(3, 8, 3, 2, 1, nn.ReLU), blocks, conv_bn(16, 48, 1, 1, 1, nn.ReLU), nn.Linear(48, 10))


NETS = {
    "mobilenet-v1": Net(MobileNetV1, images(3, 32)),
    "mobilenet-v2": Net(mobilenet_v2, images(3, 32)),
    "mobilenet-v2-raw": Net(mobilenet_v2, images(3, 32), optimise=False, notes="BatchNorm not fused"),
    "mobilenet-v3": Net(mobilenet_v3, images(3, 32), notes="hardswish, squeeze and excite with hardsigmoid"),
    "efficientnet": Net(efficientnet, images(3, 32), notes="SiLU, squeeze and excite with sigmoid"),
    "mnasnet": Net(mnasnet, images(3, 32)),
}
