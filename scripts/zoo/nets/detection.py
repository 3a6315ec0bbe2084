"""Detection and dense nets: YOLO-like, HRNet-like, BiFPN, DETR-like, stacked hourglass; PointNet and graph convolution."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images, noise, together


def conv(inner: int, outer: int, kernel: int = 1, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inner, outer, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outer), nn.SiLU(inplace=True)
    )


class Bottleneck(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.cv1 = conv(channels, channels, 1)
        self.cv2 = conv(channels, channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.cv2(self.cv1(x))


class C3(nn.Module):
    def __init__(self, inner: int, outer: int) -> None:
        super().__init__()
        hidden = outer // 2
        self.cv1 = conv(inner, hidden)
        self.cv2 = conv(inner, hidden)
        self.cv3 = conv(2 * hidden, outer)
        self.m = Bottleneck(hidden)

    def forward(self, x: Tensor) -> Tensor:
        return self.cv3(torch.cat((self.m(self.cv1(x)), self.cv2(x)), 1))


class C2f(nn.Module):
    """One convolution, its output chunked; every stage is kept for the concat."""

    def __init__(self, inner: int, outer: int, depth: int = 2) -> None:
        super().__init__()
        self.c = outer // 2
        self.cv1 = conv(inner, 2 * self.c)
        self.m = nn.ModuleList(Bottleneck(self.c) for _ in range(depth))
        self.cv2 = conv((2 + depth) * self.c, outer)

    def forward(self, x: Tensor) -> Tensor:
        y = list(self.cv1(x).chunk(2, 1))
        y.extend(m(y[-1]) for m in self.m)
        return self.cv2(torch.cat(y, 1))


class SPPF(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.cv1 = conv(channels, channels // 2)
        self.cv2 = conv(channels * 2, channels)
        self.m = nn.MaxPool2d(5, 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.cv1(x)
        y1 = self.m(x)
        y2 = self.m(y1)
        return self.cv2(torch.cat((x, y1, y2, self.m(y2)), 1))


class YOLO(nn.Module):
    """Focus slices, C3 or C2f, SPPF, two levels; anchors unfolded by view and permute, grid decoded."""

    def __init__(self, block, anchors: int = 2, classes: int = 3) -> None:
        super().__init__()
        self.na, self.no = anchors, classes + 5
        self.focus = conv(12, 8, 3)
        self.p3 = nn.Sequential(conv(8, 16, 3, 2), block(16, 16))
        self.p4 = nn.Sequential(conv(16, 24, 3, 2), block(24, 24), SPPF(24))
        self.lateral = conv(24, 16)
        self.top = block(32, 16)
        self.heads = nn.ModuleList(nn.Conv2d(c, self.na * self.no, 1) for c in (16, 24))
        self.register_buffer("anchors", torch.rand(2, 1, anchors, 1, 1, 2) + 0.5)

    def decode(self, x: Tensor, level: int) -> Tensor:
        bs, _, ny, nx = x.shape
        x = x.view(bs, self.na, self.no, ny, nx).permute(0, 1, 3, 4, 2).contiguous().sigmoid()
        xy, wh, conf = x.split((2, 2, self.no - 4), 4)
        yv, xv = torch.meshgrid(torch.arange(ny), torch.arange(nx), indexing="ij")
        grid = torch.stack((xv, yv), 2).view(1, 1, ny, nx, 2).float()
        xy = xy * 2 - 0.5 + grid
        wh = (wh * 2) ** 2 * self.anchors[level]
        return torch.cat((xy, wh, conf), 4).view(bs, -1, self.no)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)
        p3 = self.p3(self.focus(x))
        p4 = self.p4(p3)
        p3 = self.top(torch.cat((F.interpolate(self.lateral(p4), scale_factor=2, mode="nearest"), p3), 1))
        return torch.cat([self.decode(head(p), i) for i, (head, p) in enumerate(zip(self.heads, (p3, p4)))], 1)


def norm_conv(inner: int, outer: int, stride: int = 1, relu: bool = True) -> nn.Sequential:
    act: list[nn.Module] = [nn.ReLU(inplace=True)] if relu else []
    return nn.Sequential(nn.Conv2d(inner, outer, 3, stride, 1, bias=False), nn.BatchNorm2d(outer), *act)


class HRNet(nn.Module):
    """Two resolutions in parallel that exchange by addition; heat maps from their concatenation."""

    def __init__(self, joints: int = 5) -> None:
        super().__init__()
        self.stem = norm_conv(3, 12, 2)
        self.high = norm_conv(12, 12)
        self.low = norm_conv(12, 20, 2)
        self.high_block = nn.Sequential(norm_conv(12, 12), norm_conv(12, 12, relu=False))
        self.low_block = nn.Sequential(norm_conv(20, 20), norm_conv(20, 20, relu=False))
        self.down = norm_conv(12, 20, 2, relu=False)
        self.up = nn.Sequential(nn.Conv2d(20, 12, 1, bias=False), nn.BatchNorm2d(12), nn.Upsample(scale_factor=2, mode="nearest"))
        self.last = nn.Sequential(nn.Conv2d(32, 16, 1), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, joints, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        high, low = self.high(x), self.low(x)
        high = F.relu(self.high_block(high) + high)
        low = F.relu(self.low_block(low) + low)
        high, low = F.relu(high + self.up(low)), F.relu(low + self.down(high))
        low = F.interpolate(low, size=high.shape[2:], mode="bilinear", align_corners=True)
        return self.last(torch.cat([high, low], 1))


class BiFPN(nn.Module):
    """Weighted fusion: learned scalars, normalised by their sum."""

    def __init__(self, width: int = 12, classes: int = 4) -> None:
        super().__init__()
        self.c3, self.c4, self.c5 = norm_conv(3, 8, 2), norm_conv(8, 16, 2), norm_conv(16, 24, 2)
        self.inputs = nn.ModuleList(nn.Conv2d(c, width, 1) for c in (8, 16, 24))
        self.w1 = nn.Parameter(torch.rand(2) + 0.5)
        self.w2 = nn.Parameter(torch.rand(2) + 0.5)
        self.w3 = nn.Parameter(torch.rand(3) + 0.5)
        self.td4, self.out3, self.out4 = (self.separable(width) for _ in range(3))
        self.head = nn.Conv2d(width, classes, 1)

    @staticmethod
    def separable(width: int) -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False), nn.Conv2d(width, width, 1), nn.BatchNorm2d(width)
        )

    @staticmethod
    def fuse(weights: Tensor, *maps: Tensor) -> Tensor:
        w = F.relu(weights)
        w = w / (w.sum() + 1e-4)
        return F.silu(sum(w[i] * m for i, m in enumerate(maps)))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        c3 = self.c3(x)
        c4 = self.c4(c3)
        p3, p4, p5 = (conv1(c) for conv1, c in zip(self.inputs, (c3, c4, self.c5(c4))))
        m4 = self.td4(self.fuse(self.w1, p4, F.interpolate(p5, scale_factor=2)))
        o3 = self.out3(self.fuse(self.w2, p3, F.interpolate(m4, scale_factor=2)))
        o4 = self.out4(self.fuse(self.w3, p4, m4, F.max_pool2d(o3, 3, 2, 1)))
        return self.head(o3), self.head(o4)


class DETR(nn.Module):
    """The demo of the paper: convolutions, nn.Transformer parts, learned queries, two heads."""

    def __init__(self, dim: int = 24, queries: int = 5, classes: int = 4) -> None:
        super().__init__()
        self.backbone = nn.Sequential(norm_conv(3, 12, 2), norm_conv(12, 16, 2), norm_conv(16, 20, 2))
        self.conv = nn.Conv2d(20, dim, 1)
        self.encoder = nn.TransformerEncoderLayer(dim, 4, 40, batch_first=False)
        self.decoder = nn.TransformerDecoderLayer(dim, 4, 40, batch_first=False)
        self.query_pos = nn.Parameter(torch.randn(queries, dim))
        self.row_embed = nn.Parameter(torch.randn(8, dim // 2))
        self.col_embed = nn.Parameter(torch.randn(8, dim // 2))
        self.linear_class = nn.Linear(dim, classes + 1)
        self.bbox_embed = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 4))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = self.conv(self.backbone(x))
        H, W = h.shape[-2:]
        pos = torch.cat([self.col_embed[:W].unsqueeze(0).repeat(H, 1, 1), self.row_embed[:H].unsqueeze(1).repeat(1, W, 1)], dim=-1)
        memory = self.encoder(pos.flatten(0, 1).unsqueeze(1) + 0.5 * h.flatten(2).permute(2, 0, 1))
        queries = self.query_pos.unsqueeze(1).repeat(1, x.shape[0], 1)
        h = self.decoder(queries, memory).transpose(0, 1)
        return self.linear_class(h), self.bbox_embed(h).sigmoid()


class Hourglass(nn.Module):
    """Recursion down and up; two stacks, each predicting, the prediction fed back."""

    def __init__(self, width: int = 12, joints: int = 4) -> None:
        super().__init__()
        self.stem = norm_conv(3, width, 2)
        self.down = nn.ModuleList(nn.ModuleList(norm_conv(width, width) for _ in range(4)) for _ in range(2))
        self.heads = nn.ModuleList(nn.Conv2d(width, joints, 1) for _ in range(2))
        self.back = nn.Conv2d(joints, width, 1)
        self.merge = nn.Conv2d(width, width, 1)

    def glass(self, x: Tensor, convs: nn.ModuleList, level: int) -> Tensor:
        up1 = convs[level](x)
        low = F.max_pool2d(x, 2, stride=2)
        low = self.glass(low, convs, level - 1) if level > 0 else convs[3](low)
        return up1 + F.interpolate(low, scale_factor=2, mode="nearest")

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.stem(x)
        y = self.glass(x, self.down[0], 1)
        first = self.heads[0](y)
        x = x + self.merge(y) + self.back(first)
        return first, self.heads[1](self.glass(x, self.down[1], 1))


class PointNet(nn.Module):
    """A learned 3x3 transform by bmm, shared MLPs as 1-D convolutions, max over points; features back to points."""

    def __init__(self, parts: int = 4) -> None:
        super().__init__()
        self.tnet_conv = nn.Sequential(nn.Conv1d(3, 16, 1), nn.BatchNorm1d(16), nn.ReLU())
        self.tnet_fc = nn.Linear(16, 9)
        self.conv1 = nn.Sequential(nn.Conv1d(3, 16, 1), nn.BatchNorm1d(16), nn.ReLU())
        self.conv2 = nn.Sequential(nn.Conv1d(16, 32, 1), nn.BatchNorm1d(32))
        self.seg = nn.Sequential(nn.Conv1d(48, 20, 1), nn.BatchNorm1d(20), nn.ReLU(), nn.Conv1d(20, parts, 1))

    def forward(self, x: Tensor) -> Tensor:
        n = x.size(2)
        t = torch.max(self.tnet_conv(x), 2, keepdim=True)[0].view(-1, 16)
        t = self.tnet_fc(t).view(-1, 3, 3) + torch.eye(3)
        x = torch.bmm(x.transpose(2, 1), t).transpose(2, 1)
        points = self.conv1(x)
        everything = torch.max(self.conv2(points), 2, keepdim=True)[0]
        everything = everything.view(-1, 32, 1).repeat(1, 1, n)
        return F.log_softmax(self.seg(torch.cat([everything, points], 1)).transpose(2, 1), dim=-1)


class GCN(nn.Module):
    """Graph convolution with a dense adjacency matrix as input."""

    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(10, 20) * 0.3)
        self.b1 = nn.Parameter(torch.randn(20) * 0.1)
        self.w2 = nn.Parameter(torch.randn(20, classes) * 0.3)

    def forward(self, features: Tensor, adjacency: Tensor) -> Tensor:
        x = F.relu(torch.matmul(adjacency, torch.matmul(features, self.w1)) + self.b1)
        return torch.matmul(adjacency, torch.matmul(x, self.w2))


def adjacency(batch: int) -> tuple[Tensor]:
    return (torch.rand(batch, 8, 8).softmax(dim=-1),)


IMAGE = images(3, 32)

NETS = {
    "yolo-c3": Net(lambda: YOLO(C3), IMAGE, notes="focus slices, SPPF, anchors by view and permute"),
    "yolo-c2f": Net(lambda: YOLO(C2f), IMAGE, notes="chunk, all stages concatenated"),
    "hrnet": Net(HRNet, IMAGE, notes="parallel resolutions"),
    "bifpn": Net(BiFPN, IMAGE, output_names=("high", "low"), notes="weighted fusion by learned scalars"),
    "detr": Net(DETR, IMAGE, output_names=("classes", "boxes"), notes="learned queries, sequence first"),
    "hourglass": Net(Hourglass, IMAGE, output_names=("first", "second")),
    "pointnet": Net(PointNet, noise(3, 16), notes="learned transform by bmm, global feature repeated"),
    "gcn": Net(GCN, together(noise(8, 10), adjacency), ("features", "adjacency"), notes="dense adjacency as input"),
}
