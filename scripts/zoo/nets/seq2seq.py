"""Encoder and decoder: T5-like, nn.Transformer, a GRU with attention; ALBERT (one layer, used again and again)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from net import Net, together, tokens
from nets.llama import RMSNorm

VOCABULARY = 50


class T5Attention(nn.Module):
    """No bias, no scale; heads of a width of their own; keys from another sequence where given."""

    def __init__(self, dim: int, heads: int, kv: int) -> None:
        super().__init__()
        self.heads, self.kv = heads, kv
        self.q = nn.Linear(dim, heads * kv, bias=False)
        self.k = nn.Linear(dim, heads * kv, bias=False)
        self.v = nn.Linear(dim, heads * kv, bias=False)
        self.o = nn.Linear(heads * kv, dim, bias=False)

    def forward(self, x: Tensor, memory: Tensor, bias: Tensor | None) -> Tensor:
        batch = x.size(0)

        def shape(states: Tensor) -> Tensor:
            return states.view(batch, -1, self.heads, self.kv).transpose(1, 2)

        q, k, v = shape(self.q(x)), shape(self.k(memory)), shape(self.v(memory))
        scores = torch.matmul(q, k.transpose(3, 2)) * 0.3
        if bias is not None:
            scores = scores + bias
        out = torch.matmul(F.softmax(scores, dim=-1), v)
        return self.o(out.transpose(1, 2).contiguous().view(batch, -1, self.heads * self.kv))


class T5FF(nn.Module):
    """Gated GELU, as in T5 1.1."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.wi_0 = nn.Linear(dim, hidden, bias=False)
        self.wi_1 = nn.Linear(dim, hidden, bias=False)
        self.wo = nn.Linear(hidden, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.wo(F.gelu(self.wi_0(x), approximate="tanh") * self.wi_1(x))


class T5Block(nn.Module):
    def __init__(self, dim: int, heads: int, kv: int, cross: bool) -> None:
        super().__init__()
        self.norm1 = RMSNorm(dim)
        self.attention = T5Attention(dim, heads, kv)
        self.norm2 = RMSNorm(dim)
        self.cross = T5Attention(dim, heads, kv) if cross else None
        self.norm3 = RMSNorm(dim) if cross else None
        self.ff = T5FF(dim, 40)

    def forward(self, x: Tensor, bias: Tensor, memory: Tensor | None = None) -> Tensor:
        y = self.norm1(x)
        x = x + self.attention(y, y, bias)
        if memory is not None:
            x = x + self.cross(self.norm3(x), memory, None)
        return x + self.ff(self.norm2(x))


class T5(nn.Module):
    """One table for both sides; a relative position bias, shared by the layers of a side."""

    def __init__(self, dim: int = 24, heads: int = 3, kv: int = 8, depth: int = 2) -> None:
        super().__init__()
        self.shared = nn.Embedding(VOCABULARY, dim)
        self.encoder = nn.ModuleList(T5Block(dim, heads, kv, cross=False) for _ in range(depth))
        self.decoder = nn.ModuleList(T5Block(dim, heads, kv, cross=True) for _ in range(depth))
        self.encoder_bias = nn.Embedding(16, heads)
        self.decoder_bias = nn.Embedding(16, heads)
        self.encoder_norm = RMSNorm(dim)
        self.decoder_norm = RMSNorm(dim)
        self.lm_head = nn.Linear(dim, VOCABULARY, bias=False)

    def bias(self, table: nn.Embedding, length: int) -> Tensor:
        position = torch.arange(length)
        distance = (position[None, :] - position[:, None]).abs().clamp(max=15)
        return table(distance).permute(2, 0, 1).unsqueeze(0)

    def forward(self, input_ids: Tensor, decoder_input_ids: Tensor) -> Tensor:
        memory = self.shared(input_ids)
        bias = self.bias(self.encoder_bias, input_ids.shape[1])
        for block in self.encoder:
            memory = block(memory, bias)
        memory = self.encoder_norm(memory)
        x = self.shared(decoder_input_ids)
        length = decoder_input_ids.shape[1]
        causal = torch.full((length, length), -1e4).triu(1)
        bias = self.bias(self.decoder_bias, length) + causal
        for block in self.decoder:
            x = block(x, bias, memory)
        return self.lm_head(self.decoder_norm(x))


class TorchTransformer(nn.Module):
    """nn.Transformer with its causal mask."""

    def __init__(self, dim: int = 24) -> None:
        super().__init__()
        self.source = nn.Embedding(VOCABULARY, dim)
        self.target = nn.Embedding(VOCABULARY, dim)
        self.transformer = nn.Transformer(dim, 4, 1, 1, 40, batch_first=True)
        self.generator = nn.Linear(dim, VOCABULARY)

    def forward(self, src: Tensor, tgt: Tensor) -> Tensor:
        mask = torch.triu(torch.full((tgt.shape[1], tgt.shape[1]), float("-inf")), diagonal=1)
        out = self.transformer(self.source(src), self.target(tgt), tgt_mask=mask, tgt_is_causal=True)
        return self.generator(out)


class AttentionGru(nn.Module):
    """Bahdanau attention: the decoder's states ask the encoder's."""

    def __init__(self, dim: int = 16) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, dim)
        self.encoder = nn.GRU(dim, dim, batch_first=True, bidirectional=True)
        self.decoder = nn.GRU(dim, 2 * dim, batch_first=True)
        self.W1 = nn.Linear(2 * dim, 20)
        self.W2 = nn.Linear(2 * dim, 20)
        self.V = nn.Linear(20, 1)
        self.out = nn.Linear(4 * dim, VOCABULARY)

    def forward(self, src: Tensor, tgt: Tensor) -> Tensor:
        memory, hidden = self.encoder(self.embedding(src))
        start = torch.cat((hidden[0], hidden[1]), dim=1).unsqueeze(0)
        states, _ = self.decoder(self.embedding(tgt), start)
        scores = self.V(torch.tanh(self.W1(states).unsqueeze(2) + self.W2(memory).unsqueeze(1))).squeeze(-1)
        context = torch.bmm(F.softmax(scores, dim=-1), memory)
        return self.out(torch.cat((states, context), dim=-1))


class Albert(nn.Module):
    """A small embedding projected up, and one layer used three times."""

    def __init__(self, dim: int = 24, classes: int = 4) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, 12)
        self.norm = nn.LayerNorm(12)
        self.mapping = nn.Linear(12, dim)
        self.attention = nn.MultiheadAttention(dim, 3, batch_first=True)
        self.norm1 = nn.LayerNorm(dim)
        self.ffn = nn.Linear(dim, 40)
        self.ffn_output = nn.Linear(40, dim)
        self.norm2 = nn.LayerNorm(dim)
        self.classifier = nn.Linear(dim, classes)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.mapping(self.norm(self.embedding(ids)))
        for _ in range(3):
            x = self.norm1(x + self.attention(x, x, x)[0])
            x = self.norm2(x + self.ffn_output(F.gelu(self.ffn(x))))
        return self.classifier(x[:, 0])


PAIR = together(tokens(VOCABULARY, 10), tokens(VOCABULARY, 8))

NETS = {
    "t5": Net(T5, PAIR, ("input_ids", "decoder_input_ids"), ("logits",), notes="cross attention, relative bias, shared table"),
    "transformer": Net(TorchTransformer, PAIR, ("src", "tgt"), ("logits",), notes="nn.Transformer, causal mask"),
    "seq2seq-gru": Net(AttentionGru, PAIR, ("src", "tgt"), ("logits",), notes="encoder state into decoder, additive attention"),
    "albert": Net(Albert, tokens(VOCABULARY, 10), ("ids",), ("logits",), notes="one layer used three times"),
}
