"""What torch-pruning makes of some nets of the zoo: the outside reference for pruning by importance.

    .cache/venv/bin/python scripts/zoo/prune.py [--out .cache/zoo] [--only NAME ..] [--tiny]

(Not called torch_pruning.py: a script of that name would import itself instead of the package.)

For each net below, DIR/NAME/torch-pruning.npz has, starting from the weights of seed 0 (those of legacy-0.onnx):

    in_NAME, out_NAME    inputs, and what the pruned net answers; the same inputs as in check.npz
    original_NAME        what the unpruned net answers
    params               number of parameters before and after
    out:LAYER, in:LAYER  positions that a layer keeps of its outputs and of its inputs, where it loses any
    options              what was used, in words

Options, those of the paper's code: MetaPruner (BasePruner), GroupMagnitudeImportance(p=2), local, pruning_ratio 0.5, output
layers ignored; heads keep their number and lose dimensions. The scale of the attention stays that of the unpruned net, as it
does in a file. Where the exporter folds BatchNorm into the convolution before it, it is folded before pruning too, since it
changes the importance; nets whose name ends in -raw keep it, and so do their files.
"""

import argparse
import importlib.metadata
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch_pruning as tp
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from export import check_inputs, expected
from net import Net
from nets.vit import Attention
from registry import NETS, TINY
from weights import BATCH_NORMS, member

RATIO = 0.5
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


@dataclass(frozen=True)
class Target:
    """What to leave alone, and what torch-pruning has to be told."""

    outputs: tuple[str, ...]
    num_heads: Callable[[nn.Module], dict[nn.Module, int]] = field(default=lambda model: {})
    after: Callable[[nn.Module], None] = field(default=lambda model: None)
    """Settles what the modules remember of their widths."""
    unfolded: tuple[str, ...] = ()
    """BatchNorms behind a convolution whose output others read too: they stay."""


def fused_qkv(model: nn.Module) -> dict[nn.Module, int]:
    return {m.qkv: m.num_heads for m in model.modules() if hasattr(m, "qkv")}


def narrow_heads(model: nn.Module) -> None:
    for m in model.modules():
        if isinstance(m, Attention):
            m.head_dim = m.qkv.out_features // (3 * m.num_heads)


TARGETS = {
    "vgg": Target(("classifier.6",)),
    "vgg-bn": Target(("classifier.6",)),
    "vgg-bn-raw": Target(("classifier.6",)),
    "resnet-basic": Target(("fc",)),
    "resnet-basic-raw": Target(("fc",)),
    "resnet-bottleneck": Target(("fc",)),
    "resnet-preact": Target(("linear",), unfolded=("blocks.0.bn1",)),
    "resnext": Target(("fc",)),
    "regnet-x": Target(("fc",)),
    "mobilenet-v2": Target(("classifier.1",)),
    "mobilenet-v2-raw": Target(("classifier.1",)),
    "densenet": Target(("classifier",)),
    "inception-v3": Target(("fc",)),
    "squeezenet": Target(("classifier.1",)),
    "unet-transpose": Target(("outc",)),
    "convnext-permuted": Target(("head",)),
    "vit": Target(("head",), fused_qkv, narrow_heads),
    "mlp": Target(("layers.4",)),
    "mlp-layernorm": Target(("6",)),
    "audio-conv": Target(("fc1",)),
}

TINY_TARGETS = {
    "attention": Target(("head",), fused_qkv),
    "conv1d": Target(("7",)),
    "dense-concat": Target(("fc",)),
    "grouped-conv": Target(("fc",)),
    "skip-concat": Target(("out",)),
    "squeeze-excite": Target(("fc",)),
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Prunes nets of the zoo by torch-pruning.")
    parser.add_argument("--out", type=Path, default=Path(".cache/zoo"))
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument("--tiny", action="store_true", help="of the fixtures of the tests in place of the zoo")
    options = parser.parse_args()
    nets, targets = (TINY, TINY_TARGETS) if options.tiny else (NETS, TARGETS)
    failed = 0
    for name in options.only or targets:
        try:
            before, after = prune(nets[name], targets[name], options.out / name)
            print(f"{name}: {before} parameters, {after} after", flush=True)
        except Exception as error:
            failed += 1
            print(f"{name}: {type(error).__name__}: {error}", flush=True)
    return 1 if failed else 0


def prune(net: Net, target: Target, folder: Path) -> tuple[int, int]:
    """Prunes one net and writes its file; the number of parameters before and after."""
    model = member(net, 0)
    inputs = check_inputs(net)
    original = expected(model, inputs)
    if net.optimise:
        fold_batch_norms(model, inputs, target.unfolded)
        difference = max(float((a - b).abs().max()) for a, b in zip(expected(model, inputs), original))
        if difference > 1e-4:
            raise ValueError(f"folding changed the outputs by {difference:.3g}")
    sizes = widths(model)
    before = parameters(model)
    kept = step(model, target, inputs, sizes)
    target.after(model)
    pruned = expected(model, inputs)
    arrays = {f"in_{name}": x.numpy() for name, x in zip(net.input_names, inputs)}
    arrays |= {f"out_{name}": x.numpy() for name, x in zip(net.output_names, pruned)}
    arrays |= {f"original_{name}": x.numpy() for name, x in zip(net.output_names, original)}
    arrays |= {key: np.array(positions) for key, positions in kept.items()}
    arrays["params"] = np.array([before, parameters(model)])
    arrays["options"] = np.array(words(net, target))
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "torch-pruning.npz", **arrays)
    return before, parameters(model)


def step(
    model: nn.Module, target: Target, inputs: tuple[Tensor, ...], sizes: dict[str, int]
) -> dict[str, list[int]]:
    """Prunes the model in place; the positions that stay of the unpruned net, by `out:LAYER` and `in:LAYER`."""
    names = {module: name for name, module in model.named_modules()}
    kept: dict[str, list[int]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pruner = tp.pruner.MetaPruner(
            model,
            inputs if len(inputs) > 1 else inputs[0],
            importance=tp.importance.GroupMagnitudeImportance(p=2),
            pruning_ratio=RATIO,
            ignored_layers=[model.get_submodule(name) for name in target.outputs],
            num_heads=target.num_heads(model),
            prune_num_heads=False,
        )
        for group in pruner.step(interactive=True):
            # A layer behind a concatenation loses positions group by group: the later ones count what is left.
            removed: dict[str, set[int]] = {}
            for dependency, positions in group:
                if dependency.target.module in names and not isinstance(dependency.target.module, nn.Identity):
                    side = "out" if pruner.DG.is_out_channel_pruning_fn(dependency.handler) else "in"
                    removed.setdefault(f"{side}:{names[dependency.target.module]}", set()).update(map(int, positions))
            for key, gone in removed.items():
                left = kept.get(key, range(sizes[key]))
                kept[key] = [position for at, position in enumerate(left) if at not in gone]
            group.prune()
    return kept


def widths(model: nn.Module) -> dict[str, int]:
    """Outputs and inputs of every layer that has a weight."""
    sizes = {}
    for name, module in model.named_modules():
        for side, attributes in (("out", ("out_channels", "out_features")), ("in", ("in_channels", "in_features"))):
            for attribute in (*attributes, "num_features", "num_channels"):
                if hasattr(module, attribute):
                    sizes[f"{side}:{name}"] = getattr(module, attribute)
        if isinstance(module, nn.LayerNorm):
            sizes[f"out:{name}"] = sizes[f"in:{name}"] = module.normalized_shape[-1]
    return sizes


def fold_batch_norms(model: nn.Module, inputs: tuple[Tensor, ...], unfolded: tuple[str, ...]) -> None:
    """Each BatchNorm that reads a convolution's output goes into that convolution, as the exporters do."""
    made: dict[int, nn.Module] = {}
    alive: list[Tensor] = []
    pairs: list[tuple[nn.Module, nn.Module]] = []

    def produced(module: nn.Module, _: object, output: Tensor) -> None:
        alive.append(output)
        made[id(output)] = module

    def read(module: nn.Module, args: tuple[Tensor, ...]) -> None:
        if id(args[0]) in made:
            pairs.append((made[id(args[0])], module))

    hooks = [m.register_forward_hook(produced) for m in model.modules() if isinstance(m, CONVOLUTIONS)]
    hooks += [m.register_forward_pre_hook(read) for m in model.modules() if isinstance(m, BATCH_NORMS)]
    expected(model, inputs)
    for hook in hooks:
        hook.remove()
    names = {module: name for name, module in model.named_modules()}
    for conv, norm in pairs:
        if names[norm] in unfolded:
            continue
        conv.weight, conv.bias = fuse_conv_bn_weights(
            conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
        )
        parent, _, last = names[norm].rpartition(".")
        setattr(model.get_submodule(parent), last, nn.Identity())


def parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def words(net: Net, target: Target) -> str:
    folded = "BatchNorm behind a convolution folded before pruning" if net.optimise else "BatchNorm kept"
    version = importlib.metadata.version("torch-pruning")
    return (
        f"torch-pruning {version}, MetaPruner, GroupMagnitudeImportance(p=2), local, pruning_ratio={RATIO}, "
        f"ignored {', '.join(target.outputs)}, prune_num_heads=False, attention scale unchanged; {folded}; weights of seed 0"
    )


if __name__ == "__main__":
    sys.exit(main())
