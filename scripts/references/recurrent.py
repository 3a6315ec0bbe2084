"""What PyTorch makes of small recurrent nets in ten steps of SGD: fixtures/recurrent/*.onnx and their losses, *.npz.

    python scripts/references/recurrent.py fixtures/recurrent

Made with torch 2.13.0 (CPU), onnx 1.23.2, numpy 2.4.6. The product and its tests need no Python; this makes their references.

In each .npz:
    input, labels  ten batches
    rate           of SGD with momentum 0.9
    loss           cross entropy of each batch, before its update
"""
import io
import os
import sys
import warnings

import numpy as np
import onnx
import torch
import torch.nn as nn

warnings.filterwarnings('ignore')
OUT = sys.argv[1]
STEPS, BATCH, LENGTH, INPUTS, HIDDEN, CLASSES, RATE = 10, 6, 5, 3, 4, 3, 0.5


class Both(nn.Module):
    """Both directions, and a mean over the steps."""

    def __init__(self):
        super().__init__()
        self.layers = nn.LSTM(INPUTS, HIDDEN, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * HIDDEN, CLASSES)

    def forward(self, x):
        return self.fc(self.layers(x)[0].mean(1))


class States(nn.Module):
    """The hidden and the cell's state behind the last step."""

    def __init__(self):
        super().__init__()
        self.layers = nn.LSTM(INPUTS, HIDDEN, batch_first=True)
        self.fc = nn.Linear(2 * HIDDEN, CLASSES)

    def forward(self, x):
        h, c = self.layers(x)[1]
        return self.fc(torch.cat([h[-1], c[-1]], 1))


class Last(nn.Module):
    """The last step of some layers."""

    def __init__(self, layers):
        super().__init__()
        self.layers = layers
        self.fc = nn.Linear(HIDDEN, CLASSES)

    def forward(self, x):
        return self.fc(self.layers(x)[0][:, -1])


def export(net, x, dynamo):
    buffer = io.BytesIO()
    batch, steps = torch.export.Dim('batch'), torch.export.Dim('steps')
    axes = {'dynamic_shapes': ({0: batch, 1: steps},)} if dynamo else {'dynamic_axes': {'input': {0: 'batch', 1: 'steps'}}}
    torch.onnx.export(net, (x,), buffer, dynamo=dynamo, input_names=['input'], output_names=['logits'], verbose=False, **axes)
    model = onnx.load_model_from_string(buffer.getvalue())
    # The newer exporter notes where in the source each node comes from.
    del model.metadata_props[:]
    for each in [model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output]:
        del each.metadata_props[:]
        each.doc_string = ''
    return model


def make(name, build, dynamo):
    torch.manual_seed(0)
    net = build()
    random = torch.Generator().manual_seed(1)
    inputs = torch.randn(STEPS, BATCH, LENGTH, INPUTS, generator=random)
    labels = torch.randint(0, CLASSES, (STEPS, BATCH), generator=random)
    onnx.save(export(net, inputs[0], dynamo), os.path.join(OUT, f'{name}.onnx'))
    net.train()
    sgd = torch.optim.SGD(net.parameters(), lr=RATE, momentum=0.9)
    losses = []
    for x, label in zip(inputs, labels):
        loss = nn.functional.cross_entropy(net(x), label)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        losses.append(loss.item())
    arrays = {'input': inputs.numpy(), 'labels': labels.numpy(), 'rate': np.float32([RATE]), 'loss': np.float32(losses)}
    np.savez_compressed(os.path.join(OUT, f'{name}.npz'), **arrays)


os.makedirs(OUT, exist_ok=True)
make('lstm-both', Both, True)
make('lstm-states', States, False)
make('gru', lambda: Last(nn.GRU(INPUTS, HIDDEN, num_layers=2, batch_first=True)), True)
make('rnn', lambda: Last(nn.RNN(INPUTS, HIDDEN, nonlinearity='relu', batch_first=True)), False)
