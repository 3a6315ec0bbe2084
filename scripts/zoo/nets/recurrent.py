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


NETS = {
    "lstm": Net(lambda: Tagger(bidirectional=False), tokens(50, 10), ("sentence",), ("tags",)),
    "lstm-bidirectional": Net(lambda: Tagger(bidirectional=True), tokens(50, 10), ("sentence",), ("tags",)),
    "lstm-last-hidden": Net(LastHidden, noise(10, 6), notes="two layers, both directions, last hidden states"),
    "gru": Net(GruRegressor, noise(10, 6), notes="two layers"),
    "crnn": Net(CRNN, images(1, 16, 32), notes="convolutions, then LSTM over columns"),
}
