"""Other number formats (half, bfloat16, double) and parametrised weights (weight_norm, spectral norm)."""

import torch
from torch import Tensor, nn

from net import Net, images, noise


class SmallCNN(nn.Module):
    def __init__(self, classes: int = 6) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 12, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(12)
        self.conv2 = nn.Conv2d(12, 16, 3, stride=2, padding=1)
        self.bn2 = nn.BatchNorm2d(16)
        self.fc = nn.Linear(16, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        return self.fc(x.mean(dim=(2, 3)))


class SmallMLP(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 16), nn.ReLU(), nn.Linear(16, 4))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class StoredAs(nn.Module):
    """Weights kept in a small format, computed with in float32."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.w1 = nn.Parameter((torch.randn(24, 12) * 0.4).to(dtype))
        self.b1 = nn.Parameter((torch.randn(24) * 0.1).to(dtype))
        self.w2 = nn.Parameter((torch.randn(4, 24) * 0.3).to(dtype))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(nn.functional.linear(x, self.w1.float(), self.b1.float()))
        return nn.functional.linear(x, self.w2.float())


def weight_normed() -> nn.Module:
    norm = nn.utils.parametrizations.weight_norm
    return nn.Sequential(
        norm(nn.Conv2d(3, 12, 3, padding=1)),
        nn.ELU(),
        norm(nn.Conv2d(12, 16, 3, 2, 1)),
        nn.ELU(),
        nn.Flatten(),
        norm(nn.Linear(16 * 64, 6)),
    )


def old_weight_normed() -> nn.Module:
    """The hook form of older PyTorch."""
    norm = nn.utils.weight_norm
    return nn.Sequential(norm(nn.Linear(12, 24)), nn.Tanh(), norm(nn.Linear(24, 16)), nn.Tanh(), nn.Linear(16, 4))


def spectral_normed() -> nn.Module:
    """Kept in place: the weight is divided by u W v when it runs."""
    norm = nn.utils.parametrizations.spectral_norm
    return nn.Sequential(
        norm(nn.Conv2d(3, 12, 3, 2, 1)),
        nn.LeakyReLU(0.1),
        norm(nn.Conv2d(12, 16, 3, 2, 1)),
        nn.LeakyReLU(0.1),
        nn.Flatten(),
        nn.Linear(256, 3),
    )


CNN_IN = images(3, 16)
MLP_IN = noise(12)

NETS = {
    "cnn": Net(SmallCNN, CNN_IN),
    "cnn-raw": Net(SmallCNN, CNN_IN, optimise=False, notes="BatchNorm not fused"),
    "cnn-half": Net(SmallCNN, CNN_IN, dtype=torch.float16, tolerance=2e-2, notes="float16"),
    "cnn-double": Net(SmallCNN, CNN_IN, dtype=torch.float64, runtime="reference", notes="float64"),
    "mlp": Net(SmallMLP, MLP_IN),
    "mlp-half": Net(SmallMLP, MLP_IN, dtype=torch.float16, tolerance=2e-2, notes="float16"),
    "mlp-double": Net(SmallMLP, MLP_IN, dtype=torch.float64, notes="float64"),
    "mlp-bfloat16": Net(SmallMLP, MLP_IN, dtype=torch.bfloat16, runtime="reference", tolerance=1e-1, notes="bfloat16"),
    "cnn-bfloat16": Net(
        SmallCNN,
        CNN_IN,
        dtype=torch.bfloat16,
        exporters=("dynamo",),
        opset=22,
        runtime="reference",
        tolerance=1e-1,
        notes="bfloat16, which Conv takes from opset 22 on",
    ),
    "mlp-stored-half": Net(lambda: StoredAs(torch.float16), MLP_IN, optimise=False, notes="float16 weights behind Cast"),
    "mlp-stored-bfloat16": Net(lambda: StoredAs(torch.bfloat16), MLP_IN, optimise=False, notes="bfloat16 weights behind Cast"),
    "weight-norm": Net(weight_normed, CNN_IN, optimise=False, notes="weights computed in the graph"),
    "weight-norm-hooks": Net(old_weight_normed, MLP_IN, notes="weights computed in the graph, hook form"),
    "spectral-norm": Net(spectral_normed, CNN_IN, exporters=("dynamo",), notes="left in place; the legacy exporter has no vdot"),
}
