"""Less usual wiring over images: patches in and out of a transformer, gates and kernels from elsewhere, codebooks."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images, noise, together


class MobileViTBlock(nn.Module):
    """Patches unfolded by reshape and transpose, a transformer over them, folded back, fused with the input."""

    def __init__(self, channels: int, dim: int) -> None:
        super().__init__()
        self.local = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.SiLU(),
            nn.Conv2d(channels, dim, 1, bias=False),
        )
        self.layer = nn.TransformerEncoderLayer(dim, 4, 2 * dim, activation="gelu", batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(dim)
        self.proj = nn.Sequential(nn.Conv2d(dim, channels, 1, bias=False), nn.BatchNorm2d(channels), nn.SiLU())
        self.fusion = nn.Sequential(
            nn.Conv2d(2 * channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.SiLU()
        )

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x
        x = self.local(x)
        B, C, H, W = x.shape
        h, w = H // 2, W // 2
        x = x.reshape(B * C * h, 2, w, 2).transpose(1, 2).reshape(B, C, h * w, 4).transpose(1, 3).reshape(B * 4, h * w, C)
        x = self.norm(self.layer(x))
        x = x.contiguous().view(B, 4, h * w, C).transpose(1, 3)
        x = x.reshape(B * C * h, w, 2, 2).transpose(1, 2).reshape(B, C, H, W)
        return self.fusion(torch.cat((shortcut, self.proj(x)), dim=1))


class MobileViT(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 12, 3, 4, 1, bias=False), nn.BatchNorm2d(12), nn.SiLU())
        self.block = MobileViTBlock(12, 16)
        self.head = nn.Linear(12, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.block(self.stem(x)).mean(dim=[2, 3]))


class AttentionUNet(nn.Module):
    """The skip is gated by what comes up from below."""

    def __init__(self) -> None:
        super().__init__()
        self.enc1 = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.enc2 = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
        self.up = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(16, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.w_g = nn.Sequential(nn.Conv2d(8, 6, 1), nn.BatchNorm2d(6))
        self.w_x = nn.Sequential(nn.Conv2d(8, 6, 1), nn.BatchNorm2d(6))
        self.psi = nn.Sequential(nn.Conv2d(6, 1, 1), nn.BatchNorm2d(1), nn.Sigmoid())
        self.out = nn.Conv2d(16, 2, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.enc1(x)
        g = self.up(self.enc2(skip))
        skip = skip * self.psi(F.relu(self.w_g(g) + self.w_x(skip)))
        return self.out(torch.cat((skip, g), dim=1))


class BlurPool(nn.Module):
    """Anti-aliased downsampling: a fixed filter per channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        line = torch.tensor([1.0, 2.0, 1.0])
        kernel = line[:, None] * line[None, :] / 16
        self.channels = channels
        self.register_buffer("kernel", kernel[None, None].repeat(channels, 1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), self.kernel, stride=2, groups=self.channels)


def antialiased() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 12, 3, padding=1), nn.ReLU(), BlurPool(12), nn.Conv2d(12, 16, 3, padding=1), nn.ReLU(), BlurPool(16),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 6),
    )  # fmt: skip


class SpatialTransformer(nn.Module):
    """The net warps its own input: affine_grid and grid_sample."""

    def __init__(self) -> None:
        super().__init__()
        self.localization = nn.Sequential(nn.Conv2d(1, 8, 5), nn.MaxPool2d(2, stride=2), nn.ReLU(True))
        self.fc_loc = nn.Sequential(nn.Linear(8 * 6 * 6, 16), nn.Tanh(), nn.Linear(16, 6))
        self.conv = nn.Conv2d(1, 12, 3)
        self.fc = nn.Linear(12, 5)

    def forward(self, x: Tensor) -> Tensor:
        theta = torch.tanh(self.fc_loc(self.localization(x).view(-1, 8 * 6 * 6))).view(-1, 2, 3)
        x = F.grid_sample(x, F.affine_grid(theta, [x.size(0), 1, 16, 16], align_corners=False), align_corners=False)
        return self.fc(F.relu(self.conv(x)).amax(dim=(2, 3)))


class DynamicConv(nn.Module):
    """The kernel is a mixture of kernels, weighed by the (mean of the) input; one for the whole batch."""

    def __init__(self, experts: int = 3) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 3, padding=1)
        self.kernels = nn.Parameter(torch.randn(experts, 16, 12, 3, 3) * 0.1)
        self.route = nn.Linear(12, experts)
        self.fc = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.stem(x))
        weights = self.route(x.mean((0, 2, 3))).softmax(0)
        kernel = (self.kernels * weights.view(-1, 1, 1, 1, 1)).sum(0)
        return self.fc(F.relu(F.conv2d(x, kernel, padding=1)).mean((2, 3)))


class FiLM(nn.Module):
    """A second input scales and shifts the channels of the first."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 12, 3, padding=1)
        self.bn = nn.BatchNorm2d(12, affine=False)
        self.film = nn.Linear(7, 24)
        self.conv2 = nn.Conv2d(12, 16, 3, 2, 1)
        self.fc = nn.Linear(16, 5)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        x = self.bn(self.conv1(x))
        gamma, beta = self.film(condition).chunk(2, dim=-1)
        x = F.relu((1 + gamma[..., None, None]) * x + beta[..., None, None])
        return self.fc(F.relu(self.conv2(x)).flatten(2).mean(-1))


class VectorQuantizer(nn.Module):
    """VQ-VAE: the nearest entry of a codebook stands for each position."""

    def __init__(self, codes: int = 12, dim: int = 8) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 12, 4, 2, 1), nn.ReLU(), nn.Conv2d(12, dim, 3, padding=1))
        self.codebook = nn.Embedding(codes, dim)
        self.decoder = nn.Sequential(nn.Conv2d(dim, 12, 3, padding=1), nn.ReLU(), nn.ConvTranspose2d(12, 1, 4, 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        z = self.encoder(x).permute(0, 2, 3, 1)
        flat = z.reshape(-1, z.shape[-1])
        distances = flat.pow(2).sum(1, keepdim=True) - 2 * flat @ self.codebook.weight.t() + self.codebook.weight.pow(2).sum(1)
        codes = self.codebook(distances.argmin(dim=1)).view(z.shape)
        return self.decoder(codes.permute(0, 3, 1, 2))


class QNet(nn.Module):
    """Dueling DQN: value plus advantage minus its mean."""

    def __init__(self, actions: int = 4) -> None:
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(4, 12, 4, 2), nn.ReLU(), nn.Conv2d(12, 16, 3, 2), nn.ReLU(), nn.Flatten())
        self.value = nn.Sequential(nn.Linear(16 * 9, 20), nn.ReLU(), nn.Linear(20, 1))
        self.advantage = nn.Sequential(nn.Linear(16 * 9, 20), nn.ReLU(), nn.Linear(20, actions))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x / 2)
        a = self.advantage(x)
        return self.value(x) + a - a.mean(dim=1, keepdim=True)


class ChannelsLast(nn.Module):
    """Images arrive as [batch, height, width, channels]; outputs leave so too."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 12, 3, padding=1)
        self.dense = nn.Linear(12, 20)
        self.conv2 = nn.Conv2d(20, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x.permute(0, 3, 1, 2)))
        x = torch.tanh(self.dense(x.movedim(1, -1)))
        return self.conv2(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


NETS = {
    "mobilevit": Net(MobileViT, images(3, 32), notes="unfold and fold by reshape, transformer over patches"),
    "attention-unet": Net(AttentionUNet, images(1, 16), notes="gated skip"),
    "blurpool": Net(antialiased, images(3, 16), notes="a fixed depthwise filter"),
    "spatial-transformer": Net(SpatialTransformer, images(1, 16), opset=20, notes="affine_grid, grid_sample"),
    "dynamic-conv": Net(DynamicConv, images(3, 16), notes="a computed kernel"),
    "film": Net(FiLM, together(images(3, 16), noise(7)), ("image", "condition"), notes="scale and shift from another input"),
    "vq-vae": Net(VectorQuantizer, images(1, 16), notes="argmin into a codebook"),
    "dueling-dqn": Net(QNet, images(4, 16), output_names=("q",), notes="value and advantage"),
    "channels-last": Net(ChannelsLast, noise(8, 8, 3), notes="channels last at both ends"),
}
