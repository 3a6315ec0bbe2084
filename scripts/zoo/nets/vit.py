"""Vision transformers: ViT with nn.MultiheadAttention and with hand-written attention, DeiT."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, images


class Mlp(nn.Module):
    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.act(self.fc1(x)))


class Attention(nn.Module):
    """The timm form: one Linear for q, k, v; reshape, permute, unbind."""

    def __init__(self, dim: int, heads: int, fused: bool) -> None:
        super().__init__()
        self.num_heads = heads
        self.head_dim = dim // heads
        self.scale = self.head_dim**-0.5
        self.fused = fused
        self.qkv = nn.Linear(dim, dim * 3)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        B, N, C = x.shape
        qkv = self.qkv(x).reshape(B, N, 3, self.num_heads, self.head_dim).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        if self.fused:
            x = F.scaled_dot_product_attention(q, k, v)
        else:
            attn = (q * self.scale) @ k.transpose(-2, -1)
            x = attn.softmax(dim=-1) @ v
        x = x.transpose(1, 2).reshape(B, N, C)
        return self.proj(x)


class TorchAttention(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.self_attention = nn.MultiheadAttention(dim, heads, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.self_attention(x, x, x, need_weights=False)
        return out


class Block(nn.Module):
    def __init__(self, dim: int, attention: nn.Module) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = attention
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = Mlp(dim, dim * 2)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class ViT(nn.Module):
    """`kind`: which attention; `distilled`: DeiT's second token and second head."""

    def __init__(self, kind: str, dim: int = 32, heads: int = 4, depth: int = 2, distilled: bool = False) -> None:
        super().__init__()
        self.conv_proj = nn.Conv2d(3, dim, kernel_size=8, stride=8)
        self.cls_token = nn.Parameter(torch.randn(1, 1, dim) * 0.5)
        self.dist_token = nn.Parameter(torch.randn(1, 1, dim) * 0.5) if distilled else None
        self.pos_embed = nn.Parameter(torch.randn(1, 16 + 1 + distilled, dim) * 0.3)
        attention = {
            "torch": lambda: TorchAttention(dim, heads),
            "fused": lambda: Attention(dim, heads, fused=True),
            "manual": lambda: Attention(dim, heads, fused=False),
        }[kind]
        self.blocks = nn.Sequential(*(Block(dim, attention()) for _ in range(depth)))
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.head = nn.Linear(dim, 10)
        self.head_dist = nn.Linear(dim, 10) if distilled else None

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        B = x.shape[0]
        x = self.conv_proj(x).flatten(2).transpose(1, 2)
        first = [self.cls_token.expand(B, -1, -1)]
        if self.dist_token is not None:
            first.append(self.dist_token.expand(B, -1, -1))
        x = torch.cat((*first, x), dim=1)
        x = self.blocks(x + self.pos_embed)
        x = self.norm(x)
        if self.head_dist is not None:
            return self.head(x[:, 0]), self.head_dist(x[:, 1])
        return self.head(x[:, 0])


NETS = {
    "vit": Net(lambda: ViT("manual"), images(3, 32), notes="hand-written attention: qkv, reshape, permute, unbind"),
    "vit-sdpa": Net(lambda: ViT("fused"), images(3, 32), notes="F.scaled_dot_product_attention"),
    "vit-mha": Net(lambda: ViT("torch"), images(3, 32), notes="nn.MultiheadAttention"),
    "deit": Net(
        lambda: ViT("fused", distilled=True), images(3, 32), output_names=("logits", "distilled"), notes="two tokens, two heads"
    ),
}
