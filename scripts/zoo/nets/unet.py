"""Encoder-decoders for dense prediction: U-Net with three kinds of upsampling, FPN, a segmentation head."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images


class DoubleConv(nn.Sequential):
    def __init__(self, inner: int, outer: int) -> None:
        super().__init__(
            nn.Conv2d(inner, outer, 3, padding=1, bias=False),
            nn.BatchNorm2d(outer),
            nn.ReLU(inplace=True),
            nn.Conv2d(outer, outer, 3, padding=1, bias=False),
            nn.BatchNorm2d(outer),
            nn.ReLU(inplace=True),
        )


class Up(nn.Module):
    """Twice the size by ConvTranspose or by interpolation, then the skip in front."""

    def __init__(self, inner: int, outer: int, mode: str) -> None:
        super().__init__()
        if mode == "transpose":
            self.up: nn.Module = nn.ConvTranspose2d(inner, outer, 2, stride=2)
        else:
            corners = None if mode == "nearest" else mode == "bilinear-corners"
            resize = nn.Upsample(scale_factor=2, mode=mode.split("-")[0], align_corners=corners)
            self.up = nn.Sequential(resize, nn.Conv2d(inner, outer, 1))
        self.conv = DoubleConv(outer * 2, outer)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.conv(torch.cat([skip, self.up(x)], dim=1))


class UNet(nn.Module):
    def __init__(self, mode: str, classes: int = 3) -> None:
        super().__init__()
        self.inc = DoubleConv(3, 8)
        self.down1 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(8, 12))
        self.down2 = nn.Sequential(nn.MaxPool2d(2), DoubleConv(12, 16))
        self.up1 = Up(16, 12, mode)
        self.up2 = Up(12, 8, mode)
        self.outc = nn.Conv2d(8, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        x1 = self.inc(x)
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        return self.outc(self.up2(self.up1(x3, x2), x1))


class FPN(nn.Module):
    """Top-down pathway by addition, then a segmentation head over all levels and a box head on each."""

    def __init__(self, width: int = 16, classes: int = 4) -> None:
        super().__init__()
        self.c2 = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU())
        self.c3 = nn.Sequential(nn.Conv2d(8, 12, 3, 2, 1), nn.BatchNorm2d(12), nn.ReLU())
        self.c4 = nn.Sequential(nn.Conv2d(12, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU())
        self.lateral = nn.ModuleList(nn.Conv2d(c, width, 1) for c in (8, 12, 16))
        self.smooth = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(3))
        self.boxes = nn.Sequential(nn.Conv2d(width, 12, 3, padding=1), nn.ReLU(), nn.Conv2d(12, 4, 1))
        self.segment = nn.Conv2d(3 * width, classes, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = [self.c2(x)]
        features.append(self.c3(features[-1]))
        features.append(self.c4(features[-1]))
        levels = [conv(f) for conv, f in zip(self.lateral, features)]
        for i in (1, 0):
            levels[i] = levels[i] + F.interpolate(levels[i + 1], scale_factor=2, mode="nearest")
        levels = [conv(level) for conv, level in zip(self.smooth, levels)]
        boxes = torch.cat([self.boxes(level).flatten(2).transpose(1, 2) for level in levels], dim=1)
        size = levels[0].shape[-2:]
        merged = torch.cat(
            [levels[0], *(F.interpolate(level, size=size, mode="bilinear", align_corners=False) for level in levels[1:])], 1
        )
        return self.segment(merged), boxes


class ASPP(nn.Module):
    """DeepLab: dilated branches, an image-level branch spread back over the map, concatenated."""

    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU()
        )
        self.branches = nn.ModuleList(
            nn.Sequential(nn.Conv2d(16, 8, 3, padding=d, dilation=d, bias=False), nn.BatchNorm2d(8), nn.ReLU()) for d in (1, 2, 4)
        )
        self.pooling = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(16, 8, 1), nn.ReLU())
        self.project = nn.Sequential(nn.Conv2d(32, 16, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.Dropout(0.5))
        self.head = nn.Conv2d(16, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[-2:]
        x = self.backbone(x)
        pooled = F.interpolate(self.pooling(x), size=x.shape[-2:], mode="bilinear", align_corners=False)
        x = torch.cat([branch(x) for branch in self.branches] + [pooled], dim=1)
        x = self.head(self.project(x))
        return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


IMAGE = images(3, 32)

NETS = {
    "unet-transpose": Net(lambda: UNet("transpose"), IMAGE, notes="ConvTranspose"),
    "unet-nearest": Net(lambda: UNet("nearest"), IMAGE),
    "unet-bilinear": Net(lambda: UNet("bilinear-corners"), IMAGE, notes="align_corners"),
    "fpn": Net(FPN, IMAGE, output_names=("segments", "boxes"), notes="a head shared by three levels, two outputs"),
    "deeplab": Net(ASPP, IMAGE, notes="dilated branches, image-level branch"),
}
