"""Llama-like decoder: RMSNorm, rotary embedding, grouped-query heads, SwiGLU; two ways to repeat keys and values."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, tokens

VOCABULARY = 60
LENGTH = 12


class RMSNorm(nn.Module):
    def __init__(self, dim: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.empty(dim).uniform_(0.5, 1.5))

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def rotate_half(x: Tensor) -> Tensor:
    x1 = x[..., : x.shape[-1] // 2]
    x2 = x[..., x.shape[-1] // 2 :]
    return torch.cat((-x2, x1), dim=-1)


def repeat_kv(x: Tensor, times: int) -> Tensor:
    """The Hugging Face form: expand a new axis, then reshape it away."""
    batch, heads, length, dim = x.shape
    x = x[:, :, None, :, :].expand(batch, heads, times, length, dim)
    return x.reshape(batch, heads * times, length, dim)


class Attention(nn.Module):
    """`repeat`: `expand` for the expand and reshape form, `interleave` for repeat_interleave."""

    def __init__(self, dim: int, heads: int, kv_heads: int, repeat: str) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = heads, kv_heads, dim // heads
        self.repeat = repeat
        self.q_proj = nn.Linear(dim, heads * self.head_dim, bias=False)
        self.k_proj = nn.Linear(dim, kv_heads * self.head_dim, bias=False)
        self.v_proj = nn.Linear(dim, kv_heads * self.head_dim, bias=False)
        self.o_proj = nn.Linear(heads * self.head_dim, dim, bias=False)

    def spread(self, x: Tensor) -> Tensor:
        times = self.heads // self.kv_heads
        return repeat_kv(x, times) if self.repeat == "expand" else x.repeat_interleave(times, dim=1)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        B, T, _ = x.shape
        q = self.q_proj(x).view(B, T, self.heads, self.head_dim).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.kv_heads, self.head_dim).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.kv_heads, self.head_dim).transpose(1, 2)
        q = q * cos + rotate_half(q) * sin
        k = k * cos + rotate_half(k) * sin
        out = F.scaled_dot_product_attention(q, self.spread(k), self.spread(v), is_causal=True)
        return self.o_proj(out.transpose(1, 2).reshape(B, T, -1))


class SwiGLU(nn.Module):
    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(dim, hidden, bias=False)
        self.up_proj = nn.Linear(dim, hidden, bias=False)
        self.down_proj = nn.Linear(hidden, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, dim: int, heads: int, kv_heads: int, repeat: str) -> None:
        super().__init__()
        self.input_layernorm = RMSNorm(dim)
        self.self_attn = Attention(dim, heads, kv_heads, repeat)
        self.post_attention_layernorm = RMSNorm(dim)
        self.mlp = SwiGLU(dim, 40)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    def __init__(self, repeat: str, dim: int = 32, heads: int = 4, kv_heads: int = 2, depth: int = 2) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCABULARY, dim)
        self.layers = nn.ModuleList(Layer(dim, heads, kv_heads, repeat) for _ in range(depth))
        self.norm = RMSNorm(dim)
        self.lm_head = nn.Linear(dim, VOCABULARY, bias=False)
        head_dim = dim // heads
        self.register_buffer("inv_freq", 1.0 / (10000.0 ** (torch.arange(0, head_dim, 2).float() / head_dim)))

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed_tokens(ids)
        angles = torch.outer(torch.arange(ids.shape[1]).float(), self.inv_freq)
        angles = torch.cat((angles, angles), dim=-1)
        cos, sin = angles.cos()[None, None], angles.sin()[None, None]
        for layer in self.layers:
            x = layer(x, cos, sin)
        return self.lm_head(self.norm(x))


IDS = tokens(VOCABULARY, LENGTH)

NETS = {
    "llama": Net(lambda: Llama("expand"), IDS, ("ids",), ("logits",), notes="grouped-query heads by expand and reshape"),
    "llama-interleave": Net(
        lambda: Llama("interleave"), IDS, ("ids",), ("logits",), notes="grouped-query heads by repeat_interleave"
    ),
    "llama-mha": Net(lambda: Llama("expand", kv_heads=4), IDS, ("ids",), ("logits",), notes="as many key as query heads"),
}
