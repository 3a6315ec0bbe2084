"""Text transformers: BERT-like encoder, nn.TransformerEncoder, GPT-like decoder."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, together, tokens

VOCABULARY = 60
LENGTH = 12


class BertSelfAttention(nn.Module):
    """The Hugging Face form: three Linears, view, permute, additive mask."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.head_size = dim // heads
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)

    def split(self, x: Tensor) -> Tensor:
        return x.view(x.size()[:-1] + (self.heads, self.head_size)).permute(0, 2, 1, 3)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        q, k, v = self.split(self.query(hidden)), self.split(self.key(hidden)), self.split(self.value(hidden))
        scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(self.head_size)
        probabilities = F.softmax(scores + mask, dim=-1)
        context = torch.matmul(probabilities, v).permute(0, 2, 1, 3).contiguous()
        return context.view(context.size()[:-2] + (self.heads * self.head_size,))


class BertLayer(nn.Module):
    def __init__(self, dim: int, heads: int, inner: int) -> None:
        super().__init__()
        self.attention = BertSelfAttention(dim, heads)
        self.dense = nn.Linear(dim, dim)
        self.norm1 = nn.LayerNorm(dim, eps=1e-12)
        self.intermediate = nn.Linear(dim, inner)
        self.output = nn.Linear(inner, dim)
        self.norm2 = nn.LayerNorm(dim, eps=1e-12)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        hidden = self.norm1(self.dense(self.attention(hidden, mask)) + hidden)
        return self.norm2(self.output(F.gelu(self.intermediate(hidden))) + hidden)


class Bert(nn.Module):
    def __init__(self, dim: int = 32, heads: int = 4, depth: int = 2, classes: int = 5) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(VOCABULARY, dim, padding_idx=0)
        self.position_embeddings = nn.Embedding(32, dim)
        self.token_type_embeddings = nn.Embedding(2, dim)
        self.norm = nn.LayerNorm(dim, eps=1e-12)
        self.register_buffer("position_ids", torch.arange(32).expand((1, -1)))
        self.layer = nn.ModuleList(BertLayer(dim, heads, 48) for _ in range(depth))
        self.pooler = nn.Linear(dim, dim)
        self.classifier = nn.Linear(dim, classes)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        positions = self.position_ids[:, : input_ids.size(1)]
        hidden = self.word_embeddings(input_ids) + self.token_type_embeddings(token_type_ids)
        hidden = self.norm(hidden + self.position_embeddings(positions))
        mask = (1.0 - attention_mask[:, None, None, :].to(hidden.dtype)) * -10000.0
        for layer in self.layer:
            hidden = layer(hidden, mask)
        pooled = torch.tanh(self.pooler(hidden[:, 0]))
        return hidden, self.classifier(pooled)


def padding_mask(batch: int) -> tuple[Tensor]:
    mask = torch.ones(batch, LENGTH, dtype=torch.int64)
    mask[0, LENGTH - 3 :] = 0
    return (mask,)


class PositionalEncoding(nn.Module):
    """Sines and cosines, from the PyTorch tutorial."""

    def __init__(self, dim: int, longest: int = 64) -> None:
        super().__init__()
        position = torch.arange(longest).unsqueeze(1)
        rate = torch.exp(torch.arange(0, dim, 2) * (-math.log(10000.0) / dim))
        pe = torch.zeros(1, longest, dim)
        pe[0, :, 0::2] = torch.sin(position * rate)
        pe[0, :, 1::2] = torch.cos(position * rate)
        self.register_buffer("pe", pe)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.pe[:, : x.size(1)]


class TorchEncoder(nn.Module):
    def __init__(self, dim: int = 32, classes: int = 5, norm_first: bool = False) -> None:
        super().__init__()
        self.dim = dim
        self.embed = nn.Embedding(VOCABULARY, dim)
        self.position = PositionalEncoding(dim)
        layer = nn.TransformerEncoderLayer(
            dim, 4, 48, activation="gelu" if norm_first else "relu", batch_first=True, norm_first=norm_first
        )
        self.encoder = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(dim) if norm_first else None, enable_nested_tensor=False)
        self.head = nn.Linear(dim, classes)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.position(self.embed(ids) * math.sqrt(self.dim) * 0.2)
        return self.head(self.encoder(x).mean(dim=1))


class CausalSelfAttention(nn.Module):
    """The nanoGPT form: split of one Linear, a triangular buffer as mask."""

    def __init__(self, dim: int, heads: int, longest: int) -> None:
        super().__init__()
        self.n_head, self.n_embd = heads, dim
        self.c_attn = nn.Linear(dim, 3 * dim)
        self.c_proj = nn.Linear(dim, dim)
        self.register_buffer("bias", torch.tril(torch.ones(longest, longest)).view(1, 1, longest, longest))

    def forward(self, x: Tensor) -> Tensor:
        B, T, C = x.size()
        q, k, v = self.c_attn(x).split(self.n_embd, dim=2)
        k = k.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        q = q.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        v = v.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf"))
        y = F.softmax(att, dim=-1) @ v
        y = y.transpose(1, 2).contiguous().view(B, T, C)
        return self.c_proj(y)


class GPTBlock(nn.Module):
    def __init__(self, dim: int, heads: int, longest: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(dim)
        self.attn = CausalSelfAttention(dim, heads, longest)
        self.ln_2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 2 * dim), nn.GELU(approximate="tanh"), nn.Linear(2 * dim, dim))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    """The language model head is the embedding table."""

    def __init__(self, dim: int = 32, heads: int = 4, depth: int = 2, longest: int = 16) -> None:
        super().__init__()
        self.wte = nn.Embedding(VOCABULARY, dim)
        self.wpe = nn.Embedding(longest, dim)
        self.h = nn.ModuleList(GPTBlock(dim, heads, longest) for _ in range(depth))
        self.ln_f = nn.LayerNorm(dim)
        self.lm_head = nn.Linear(dim, VOCABULARY, bias=False)
        self.wte.weight = self.lm_head.weight

    def forward(self, idx: Tensor) -> Tensor:
        _, t = idx.size()
        pos = torch.arange(0, t, dtype=torch.long, device=idx.device)
        x = self.wte(idx) + self.wpe(pos)
        for block in self.h:
            x = block(x)
        return self.lm_head(self.ln_f(x))


SEQUENCE = {0: "batch", 1: "sequence"}

NETS = {
    "bert": Net(
        Bert,
        together(tokens(VOCABULARY, LENGTH), tokens(2, LENGTH), padding_mask),
        input_names=("input_ids", "token_type_ids", "attention_mask"),
        output_names=("hidden", "logits"),
        axes=(SEQUENCE, SEQUENCE, SEQUENCE),
        notes="int64 inputs, token types, additive mask, batch and sequence dynamic",
    ),
    "transformer-encoder": Net(TorchEncoder, tokens(VOCABULARY, LENGTH), ("ids",), notes="nn.TransformerEncoder, post-norm"),
    "transformer-encoder-prenorm": Net(
        lambda: TorchEncoder(norm_first=True), tokens(VOCABULARY, LENGTH), ("ids",), notes="nn.TransformerEncoder, pre-norm"
    ),
    "gpt": Net(GPT, tokens(VOCABULARY, LENGTH), ("ids",), ("logits",), axes=(SEQUENCE,), notes="causal mask, tied embedding"),
}
