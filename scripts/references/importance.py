"""What torch-pruning says of two small nets: fixtures/importance/*.onnx and their scores, *.npz.

    python scripts/references/importance.py fixtures/importance

Made with torch 2.13.0 (CPU), torch-pruning 1.6.1, onnx 1.23.2, numpy 2.4.6. The product and its tests need no Python; this
makes their references. Scores are computed in double precision from the float32 weights of the file.

In each .npz, the groups of the net one behind the other, in the order of the layers that make them first:
    input, label a data set, so that the file can be given as --data
    sizes        neurons of each group
    MEASURE      torch-pruning's score of each neuron (of channels in groups: averaged over these, as its pruner does)
    global       1 for neurons that stay of l2 with global_pruning at ratio 0.5; isomorphic the same with isomorphic;
    round4       at ratio 0.4 with round_to 4
    activation   the definition of docs/importance.md on `input`, from hooks (torch-pruning has no such measure)
    grad.WEIGHT  gradients of the sum of squared logits, for MEASURE taylor
"""
import copy
import io
import os
import sys
import warnings

import numpy as np
import onnx
import torch
import torch.nn as nn
import torch_pruning as tp

warnings.filterwarnings('ignore')
OUT = sys.argv[1]


class Plain(nn.Module):
    """BatchNormalization, a residual stream, two like blocks, a Flatten, and a perceptron."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 6, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(6)
        self.a1, self.a2 = nn.Conv2d(6, 5, 1), nn.Conv2d(5, 6, 1)
        self.b1, self.b2 = nn.Conv2d(6, 7, 1), nn.Conv2d(7, 6, 1)
        self.fc1, self.fc2, self.fc3 = nn.Linear(6 * 4, 12), nn.Linear(12, 9), nn.Linear(9, 3)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 2)
        x = x + self.a2(torch.relu(self.a1(x)))
        x = x + self.b2(torch.relu(self.b1(x)))
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(torch.flatten(x, 1))))))


class Grouped(nn.Module):
    """A convolution in two groups between two others."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 6, 3, padding=1)
        self.conv2 = nn.Conv2d(6, 8, 3, padding=1, groups=2)
        self.conv3 = nn.Conv2d(8, 5, 1)
        self.fc = nn.Linear(5 * 16, 3)

    def forward(self, x):
        x = self.conv3(torch.relu(self.conv2(torch.relu(self.conv1(x)))))
        return self.fc(torch.flatten(torch.relu(x), 1))


MEASURES = {
    'l2': lambda: tp.importance.GroupMagnitudeImportance(p=2),
    'l1': lambda: tp.importance.GroupMagnitudeImportance(p=1),
    'lamp': lambda: tp.importance.LAMPImportance(),
    'fpgm': lambda: tp.pruner.importance.FPGMImportance(),
    'taylor': lambda: tp.importance.GroupTaylorImportance(),
}


def name_of(net, group):
    """The weight that makes the neurons of a group first."""
    made = [dep.target.module for dep, _ in group if 'out_channels' in dep.handler.__name__]
    return next(n for n, m in net.named_modules() if isinstance(m, (nn.Conv2d, nn.Linear)) and m in made) + '.weight'


class Recorder(tp.pruner.BasePruner):
    """Writes down what it scores and what stays."""

    def scores(self):
        found = {}
        for group in self.DG.get_all_groups(ignored_layers=self.ignored_layers, root_module_types=self.root_module_types):
            scores = self.estimate_importance(group)
            groups = self._get_channel_groups(group)
            found[name_of(self.model, group)] = scores.view(groups, -1).mean(0).numpy()
        return found

    def kept(self):
        sizes = {name: len(scores) for name, scores in self.scores().items()}
        kept = {name: np.ones(size, np.uint8) for name, size in sizes.items()}
        for group in self.step(interactive=True):
            name = name_of(self.model, group)
            kept[name][[int(i) % sizes[name] for i in group[0].idxs]] = 0
        return kept


def pruner(net, x, last, measure='l2', **options):
    return Recorder(net, x, MEASURES[measure](), ignored_layers=[last], **options)


def activations(net, x, names):
    """The mean over the layers that read a group of the sums of E[x^2] |w|^2."""
    seen = {}
    hooks = [
        m.register_forward_pre_hook(lambda m, i, n=n: seen.__setitem__(n, i[0].detach()))
        for n, m in net.named_modules()
        if isinstance(m, (nn.Conv2d, nn.Linear))
    ]
    net(x)
    for hook in hooks:
        hook.remove()
    found = {}
    for group, (size, readers) in names.items():
        terms = []
        for reader in readers:
            values, module = seen[reader], net.get_submodule(reader)
            moments = (values**2).transpose(0, 1).flatten(1).mean(1)
            groups = getattr(module, 'groups', 1)
            if groups > 1:
                moments = moments.view(groups, -1).mean(0)
            energy = (module.weight.detach() ** 2).transpose(0, 1).flatten(1).sum(1)
            term = moments * energy
            if isinstance(module, nn.Linear):
                term = term.view(size, -1).sum(1)
            elif len(term) > size:
                term = term.view(-1, size).mean(0)
            terms.append(term)
        found[group] = (sum(terms) / len(terms)).numpy()
    return found


def make(name, net, last, readers, measures):
    torch.manual_seed(7)
    net = net()
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.normal_(m.bias)
            nn.init.normal_(m.running_mean)
            nn.init.uniform_(m.running_var, 0.5, 1.5)
    net.eval()
    x = torch.randn(6, 2, 4, 4)
    buffer = io.BytesIO()
    torch.onnx.export(
        net, (x,), buffer, input_names=['input'], output_names=['logits'], opset_version=17, dynamo=False,
        dynamic_axes={'input': {0: 'batch'}, 'logits': {0: 'batch'}}, training=torch.onnx.TrainingMode.PRESERVE,
    )
    onnx.save(onnx.load_model_from_string(buffer.getvalue()), os.path.join(OUT, f'{name}.onnx'))

    net = net.double()
    x = x.double()
    (net(x) ** 2).sum().backward()
    last_of = lambda n: n.get_submodule(last)
    joined = lambda found: np.concatenate([found[group] for group in readers])
    arrays = {'input': x.float().numpy(), 'label': np.zeros(len(x), np.int64)}
    for measure in measures:
        scores = pruner(net, x, last_of(net), measure).scores()
        arrays['sizes'] = np.array([len(scores[group]) for group in readers])
        arrays[measure] = joined(scores)
    for kind, options in {
        'global': {'global_pruning': True, 'pruning_ratio': 0.5},
        'isomorphic': {'global_pruning': True, 'isomorphic': True, 'pruning_ratio': 0.5},
        'round4': {'pruning_ratio': 0.4, 'round_to': 4},
    }.items():
        if kind == 'round4' and name == 'grouped':
            continue  # it subtracts neurons of one group from the channels of all
        other = copy.deepcopy(net)
        arrays[kind] = joined(pruner(other, x, last_of(other), **options).kept())
    if 'taylor' in measures:
        for n, parameter in net.named_parameters():
            if n.endswith('weight'):
                arrays[f'grad.{n}'] = parameter.grad.float().numpy()
    arrays['activation'] = joined(activations(net, x, readers))
    np.savez_compressed(os.path.join(OUT, f'{name}.npz'), **arrays)


os.makedirs(OUT, exist_ok=True)
make('plain', Plain, 'fc3', {
    'conv1.weight': (6, ['a1', 'b1', 'fc1']),
    'a1.weight': (5, ['a2']),
    'b1.weight': (7, ['b2']),
    'fc1.weight': (12, ['fc2']),
    'fc2.weight': (9, ['fc3']),
}, ['l2', 'l1', 'lamp', 'fpgm'])
make('grouped', Grouped, 'fc', {
    'conv1.weight': (3, ['conv2']),
    'conv2.weight': (4, ['conv3']),
    'conv3.weight': (5, ['fc']),
}, ['l2', 'l1', 'taylor'])
