"""Nets that make images: autoencoders (tied, variational), GAN generator, style transfer, super-resolution, diffusion."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images, noise


class TiedAutoencoder(nn.Module):
    """The decoder's weights are the encoder's, transposed."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(36, 24)
        self.fc2 = nn.Linear(24, 12)
        self.bias1 = nn.Parameter(torch.randn(24) * 0.1)
        self.bias0 = nn.Parameter(torch.randn(36) * 0.1)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.fc1(x))
        z = torch.tanh(self.fc2(x))
        x = torch.tanh(F.linear(z, self.fc2.weight.t(), self.bias1))
        return F.linear(x, self.fc1.weight.t(), self.bias0)


class ConvAutoencoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 24, 4),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(24, 16, 4),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 3, stride=2, padding=1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 3, stride=2, padding=1, output_padding=1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))


class VAE(nn.Module):
    """Deterministic in eval mode: the mean is decoded; mean and log variance are outputs too."""

    def __init__(self, latent: int = 6) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 8, 4, 2, 1), nn.ReLU(), nn.Conv2d(8, 12, 4, 2, 1), nn.ReLU())
        self.fc_mu = nn.Linear(12 * 16, latent)
        self.fc_var = nn.Linear(12 * 16, latent)
        self.decoder_input = nn.Linear(latent, 12 * 16)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(12, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.LeakyReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1), nn.Tanh()
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = torch.flatten(self.encoder(x), start_dim=1)
        mu, log_var = self.fc_mu(h), self.fc_var(h)
        z = self.decoder_input(mu).view(-1, 12, 4, 4)
        return self.decoder(z), mu, log_var


class VAEDecoder(nn.Module):
    def __init__(self, latent: int = 8) -> None:
        super().__init__()
        self.fc = nn.Linear(latent, 16 * 4 * 4)
        self.up = nn.Sequential(
            nn.Unflatten(1, (16, 4, 4)),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(16, 12, 3, padding=1),
            nn.GroupNorm(3, 12),
            nn.SiLU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(12, 8, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(8, 1, 3, padding=1),
        )

    def forward(self, z: Tensor) -> Tensor:
        return torch.sigmoid(self.up(F.relu(self.fc(z))))


class Generator(nn.Module):
    """DCGAN: a vector becomes a map by a 4x4 transposed convolution."""

    def __init__(self, latent: int = 12) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(latent, 24, 4, 1, 0, bias=False),
            nn.BatchNorm2d(24),
            nn.ReLU(True),
            nn.ConvTranspose2d(24, 12, 4, 2, 1, bias=False),
            nn.BatchNorm2d(12),
            nn.ReLU(True),
            nn.ConvTranspose2d(12, 3, 4, 2, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, z: Tensor) -> Tensor:
        return self.main(z)


class Discriminator(nn.Module):
    """DCGAN, with spectral norm removed again, as before an export."""

    def __init__(self) -> None:
        super().__init__()
        convolutions = [nn.Conv2d(3, 8, 4, 2, 1), nn.Conv2d(8, 16, 4, 2, 1), nn.Conv2d(16, 1, 4)]
        normed = [nn.utils.parametrizations.spectral_norm(conv) for conv in convolutions]
        for conv in normed:
            nn.utils.parametrize.remove_parametrizations(conv, "weight")
        self.conv1, self.conv2, self.conv3 = normed
        self.act = nn.LeakyReLU(0.2, inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv3(self.act(self.conv2(self.act(self.conv1(x))))).view(-1)


class StyleTransfer(nn.Module):
    """Reflection padding, InstanceNorm with affine, residual blocks, upsampling."""

    def __init__(self, width: int = 12) -> None:
        super().__init__()

        def layer(inner: int, outer: int, kernel: int, stride: int) -> nn.Sequential:
            return nn.Sequential(
                nn.ReflectionPad2d(kernel // 2), nn.Conv2d(inner, outer, kernel, stride), nn.InstanceNorm2d(outer, affine=True)
            )

        self.down1 = layer(3, 8, 5, 1)
        self.down2 = layer(8, width, 3, 2)
        self.res1 = nn.ModuleList(layer(width, width, 3, 1) for _ in range(2))
        self.res2 = nn.ModuleList(layer(width, width, 3, 1) for _ in range(2))
        self.up1 = layer(width, 8, 3, 1)
        self.out = nn.Sequential(nn.ReflectionPad2d(2), nn.Conv2d(8, 3, 5))

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.down2(F.relu(self.down1(x))))
        for first, second in zip(self.res1, self.res2):
            x = second(F.relu(first(x))) + x
        x = F.interpolate(x, scale_factor=2, mode="nearest")
        return self.out(F.relu(self.up1(x)))


class ESPCN(nn.Module):
    """Super-resolution by pixel shuffle."""

    def __init__(self, upscale: int = 2) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 24, 5, 1, 2)
        self.conv2 = nn.Conv2d(24, 16, 3, 1, 1)
        self.conv3 = nn.Conv2d(16, upscale**2, 3, 1, 1)
        self.pixel_shuffle = nn.PixelShuffle(upscale)

    def forward(self, x: Tensor) -> Tensor:
        return self.pixel_shuffle(self.conv3(torch.tanh(self.conv2(torch.tanh(self.conv1(x))))))


class EDSR(nn.Module):
    """Residual super-resolution; the pixel shuffle lies between convolutions that can be pruned."""

    def __init__(self, width: int = 12) -> None:
        super().__init__()
        self.head = nn.Conv2d(3, width, 3, padding=1)
        self.body = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU(True), nn.Conv2d(width, width, 3, padding=1))
            for _ in range(2)
        )
        self.up = nn.Sequential(nn.Conv2d(width, 4 * width, 3, padding=1), nn.PixelShuffle(2))
        self.tail = nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.head(x)
        res = x
        for block in self.body:
            res = res + block(res).mul(0.3)
        return self.tail(self.up(x + res))


class DiffusionBlock(nn.Module):
    """GroupNorm, SiLU, convolution; the time embedding shifts the channels."""

    def __init__(self, inner: int, outer: int, time: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(4, inner)
        self.conv1 = nn.Conv2d(inner, outer, 3, padding=1)
        self.time = nn.Linear(time, outer)
        self.norm2 = nn.GroupNorm(4, outer)
        self.conv2 = nn.Conv2d(outer, outer, 3, padding=1)
        self.shortcut = nn.Conv2d(inner, outer, 1) if inner != outer else nn.Identity()

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.time(F.silu(t))[:, :, None, None]
        return self.conv2(F.silu(self.norm2(h))) + self.shortcut(x)


class Denoiser(nn.Module):
    """A diffusion U-Net: image and time step in, noise out."""

    def __init__(self, width: int = 12) -> None:
        super().__init__()
        self.time = nn.Sequential(nn.Linear(8, 24), nn.SiLU(), nn.Linear(24, 24))
        self.inlet = nn.Conv2d(3, width, 3, padding=1)
        self.down1 = DiffusionBlock(width, width, 24)
        self.pool = nn.Conv2d(width, width, 3, 2, 1)
        self.down2 = DiffusionBlock(width, 16, 24)
        self.up = nn.ConvTranspose2d(16, 16, 4, 2, 1)
        self.up1 = DiffusionBlock(16 + width, width, 24)
        self.outlet = nn.Sequential(nn.GroupNorm(4, width), nn.SiLU(), nn.Conv2d(width, 3, 3, padding=1))

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        rates = torch.exp(torch.arange(4, dtype=torch.float32) * (-math.log(100.0) / 4))
        angles = t[:, None].float() * rates[None]
        emb = self.time(torch.cat((angles.sin(), angles.cos()), dim=-1))
        x1 = self.down1(self.inlet(x), emb)
        x2 = self.down2(self.pool(x1), emb)
        return self.outlet(self.up1(torch.cat((self.up(x2), x1), dim=1), emb))


def noisy_steps(batch: int) -> tuple[Tensor, Tensor]:
    return torch.randn(batch, 3, 16, 16), torch.randint(0, 100, (batch,))


NETS = {
    "autoencoder-tied": Net(TiedAutoencoder, noise(36), notes="the decoder's weights are the encoder's, transposed"),
    "autoencoder-conv": Net(ConvAutoencoder, images(1, 16), notes="ConvTranspose with output padding"),
    "vae": Net(VAE, images(1, 16), output_names=("image", "mu", "log_var")),
    "vae-decoder": Net(VAEDecoder, noise(8), notes="Unflatten, Upsample"),
    "dcgan-generator": Net(Generator, noise(12, 1, 1), notes="ConvTranspose with BatchNorm"),
    "dcgan-discriminator": Net(Discriminator, images(3, 16), notes="spectral norm removed"),
    "style-transfer": Net(StyleTransfer, images(3, 16), notes="InstanceNorm, reflection padding"),
    "espcn": Net(ESPCN, images(1, 16), notes="pixel shuffle at the end"),
    "edsr": Net(EDSR, images(3, 12), notes="pixel shuffle between convolutions"),
    "diffusion-unet": Net(Denoiser, noisy_steps, ("x", "t"), notes="time embedding added per channel, GroupNorm over a concat"),
}
