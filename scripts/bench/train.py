"""The steps of `npm run bench -- train` in PyTorch: python train.py NET BATCH STEPS THREADS [cpu|cuda]; prints seconds a step and peak bytes."""

import json
import resource
import statistics
import sys
import time

import torch
from torch import nn


def mlp():
    sizes = [3072, 512, 512, 512, 10]
    layers = [nn.Flatten()]
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layers += [nn.Linear(a, b, bias=False)] + ([nn.ReLU()] if i < 3 else [])
    return nn.Sequential(*layers)


def lenet():
    return nn.Sequential(
        nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )


def vgg11():
    layers, width = [], 3
    for step in [64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0]:
        layers += [nn.MaxPool2d(2)] if step == 0 else [nn.Conv2d(width, step, 3, padding=1), nn.ReLU()]
        width = step or width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 10))


class Block(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b))
        plain = a == b and stride == 1
        self.down = nn.Identity() if plain else nn.Sequential(nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b))

    def forward(self, x):
        return torch.relu(self.second(self.first(x)) + self.down(x))


def resnet18():
    layers = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    width = 64
    for stage, size in enumerate([64, 128, 256, 512]):
        for block in range(2):
            layers.append(Block(width, size, 2 if block == 0 and stage > 0 else 1))
            width = size
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


net, batch, steps, threads = sys.argv[1], *map(int, sys.argv[2:5])
device = sys.argv[5] if len(sys.argv) > 5 else "cpu"
torch.set_num_threads(threads)
model = {"mlp": mlp, "lenet": lenet, "vgg11": vgg11, "resnet18": resnet18}[net]().train().to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
inputs, labels = torch.randn(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
times = []
for _ in range(steps + 2):
    start = time.perf_counter()
    loss = nn.functional.cross_entropy(model(inputs.to(device)), labels.to(device))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    loss.item()
    times.append(time.perf_counter() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": statistics.median(times[2:]), "peakBytes": peak}))
