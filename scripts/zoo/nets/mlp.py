"""Multi-layer perceptrons: LayerNorm, BatchNorm, PReLU and LeakyReLU."""

from torch import Tensor, nn

from net import Net, noise


def layer_norm_mlp() -> nn.Module:
    return nn.Sequential(
        nn.Linear(20, 32), nn.LayerNorm(32), nn.GELU(), nn.Linear(32, 24), nn.LayerNorm(24), nn.GELU(), nn.Linear(24, 5)
    )


def batch_norm_mlp() -> nn.Module:
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(64, 32),
        nn.BatchNorm1d(32),
        nn.ReLU(),
        nn.Linear(32, 24),
        nn.ReLU(),
        nn.BatchNorm1d(24),
        nn.Linear(24, 5),
    )


class Activations(nn.Module):
    """A slope per channel, one slope for all, and other activations users reach for."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(20, 32)
        self.prelu = nn.PReLU(32)
        self.fc2 = nn.Linear(32, 24)
        self.single = nn.PReLU()
        self.fc3 = nn.Linear(24, 24)
        self.leaky = nn.LeakyReLU(0.2)
        self.fc4 = nn.Linear(24, 20)
        self.mish = nn.Mish()
        self.fc5 = nn.Linear(20, 16)
        self.elu = nn.ELU()
        self.fc6 = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.prelu(self.fc1(x))
        x = self.single(self.fc2(x))
        x = self.leaky(self.fc3(x))
        x = self.mish(self.fc4(x))
        x = self.elu(self.fc5(x))
        return self.fc6(x)


NETS = {
    "mlp-layernorm": Net(layer_norm_mlp, noise(20)),
    "mlp-batchnorm": Net(batch_norm_mlp, noise(1, 8, 8)),
    "mlp-activations": Net(Activations, noise(20), notes="PReLU (per channel, single), LeakyReLU, Mish, ELU"),
}
