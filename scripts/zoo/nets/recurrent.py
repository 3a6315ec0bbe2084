"""Recurrent nets: LSTM, bidirectional LSTM, GRU, convolution before an LSTM."""

import torch
from torch import Tensor, nn

from net import Net, images, noise, tokens


class Tagger(nn.Module):
    """Embedding, LSTM, a Linear on each step."""

    def __init__(self, bidirectional: bool, tags: int = 6) -> None:
        super().__init__()
        self.embedding = nn.Embedding(50, 16)
        self.lstm = nn.LSTM(16, 20, batch_first=True, bidirectional=bidirectional)
        self.hidden2tag = nn.Linear(20 * (1 + bidirectional), tags)

    def forward(self, sentence: Tensor) -> Tensor:
        out, _ = self.lstm(self.embedding(sentence))
        return self.hidden2tag(out)


class GruRegressor(nn.Module):
    """Two layers, the last step decides."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(6, 20, num_layers=2, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.gru(x)
        return self.fc(out[:, -1, :])


class LastHidden(nn.Module):
    """A classifier on the last hidden states of both directions."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 16, num_layers=2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        _, (hidden, _) = self.lstm(x)
        return self.fc(torch.cat((hidden[-2], hidden[-1]), dim=1))


class CRNN(nn.Module):
    """Text recognition: convolutions, columns as steps, LSTM, class scores per step."""

    def __init__(self, classes: int = 11) -> None:
        super().__init__()
        self.cnn = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d((2, 1)),
        )
        self.map_to_seq = nn.Linear(16 * 4, 24)
        self.rnn = nn.LSTM(24, 16, bidirectional=True)
        self.dense = nn.Linear(32, classes)

    def forward(self, x: Tensor) -> Tensor:
        conv = self.cnn(x)
        batch, channel, height, width = conv.size()
        conv = conv.view(batch, channel * height, width).permute(2, 0, 1)
        out, _ = self.rnn(self.map_to_seq(conv))
        return self.dense(out).permute(1, 0, 2)


class ElmanNet(nn.Module):
    """nn.RNN with tanh, the states pooled over time."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.RNN(6, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.rnn(x)
        return self.fc(out.mean(dim=1))


class Streaming(nn.Module):
    """States come in and go out, as for decoding step by step."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(6, 16)
        self.lstm = nn.LSTM(16, 20)
        self.fc = nn.Linear(20, 3)

    def forward(self, x: Tensor, h0: Tensor, c0: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        out, (h, c) = self.lstm(torch.relu(self.embed(x)), (h0, c0))
        return self.fc(out), h, c


class Cells(nn.Module):
    """LSTMCell and GRUCell in a Python loop: the export unrolls it."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTMCell(6, 16)
        self.gru = nn.GRUCell(16, 12)
        self.fc = nn.Linear(12, 3)

    def forward(self, x: Tensor) -> Tensor:
        h = x.new_zeros(x.size(0), 16)
        c = x.new_zeros(x.size(0), 16)
        g = x.new_zeros(x.size(0), 12)
        for t in range(3):
            h, c = self.lstm(x[:, t], (h, c))
            g = self.gru(h, g)
        return self.fc(g)


class ConvLSTMCell(nn.Module):
    """One convolution over input and state, chunked into four gates."""

    def __init__(self, inner: int, hidden: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inner + hidden, 4 * hidden, 3, padding=1)

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        i, f, o, g = torch.chunk(self.conv(torch.cat([x, h], dim=1)), 4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class ConvLSTM(nn.Module):
    def __init__(self, hidden: int = 8) -> None:
        super().__init__()
        self.hidden = hidden
        self.cell = ConvLSTMCell(3, hidden)
        self.out = nn.Conv2d(hidden, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = c = torch.zeros(x.size(0), self.hidden, x.size(3), x.size(4))
        for t in range(3):
            h, c = self.cell(x[:, t], h, c)
        return self.out(h)


class AttentionPooled(nn.Module):
    """Bidirectional GRU, a learned weight per step, weighted sum."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 16)
        self.gru = nn.GRU(16, 12, bidirectional=True, batch_first=True)
        self.score = nn.Sequential(nn.Linear(24, 10), nn.Tanh(), nn.Linear(10, 1, bias=False))
        self.fc = nn.Linear(24, 4)

    def forward(self, ids: Tensor) -> Tensor:
        out, _ = self.gru(self.embed(ids))
        weights = torch.softmax(self.score(out), dim=1)
        return self.fc((out * weights).sum(dim=1))


def states(batch: int) -> tuple[Tensor, Tensor, Tensor]:
    return torch.randn(5, batch, 6), torch.randn(1, batch, 20), torch.randn(1, batch, 20)


NETS = {
    "lstm": Net(lambda: Tagger(bidirectional=False), tokens(50, 10), ("sentence",), ("tags",)),
    "lstm-bidirectional": Net(lambda: Tagger(bidirectional=True), tokens(50, 10), ("sentence",), ("tags",)),
    "lstm-last-hidden": Net(LastHidden, noise(10, 6), notes="two layers, both directions, last hidden states"),
    "rnn": Net(ElmanNet, noise(10, 6), notes="tanh"),
    "lstm-states": Net(
        Streaming,
        states,
        ("x", "h0", "c0"),
        ("out", "h", "c"),
        axes=({1: "batch"}, {1: "batch"}, {1: "batch"}),
        notes="states in and out, sequence first",
    ),
    "rnn-cells": Net(Cells, noise(3, 6), notes="LSTMCell and GRUCell unrolled"),
    "conv-lstm": Net(ConvLSTM, noise(3, 3, 8, 8), notes="unrolled, gates by chunk"),
    "gru-attention": Net(AttentionPooled, tokens(50, 10), ("ids",), ("logits",), notes="attention pooling"),
    "gru": Net(GruRegressor, noise(10, 6), notes="two layers"),
    "crnn": Net(CRNN, images(1, 16, 32), notes="convolutions, then LSTM over columns"),
}
