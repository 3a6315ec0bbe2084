"""Random weights that behave like trained ones: activations of order one, no neutral normalisation, no zero bias."""

import math
from functools import partial

import torch
from torch import Tensor, nn

from net import Net

GAIN = 1.25
CALIBRATION_BATCH = 16

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
NORMS = (*BATCH_NORMS, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm, nn.InstanceNorm1d, nn.InstanceNorm2d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
PRODUCTS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, *TRANSPOSED)


def member(net: Net, seed: int) -> nn.Module:
    """The net with the weights of a seed, in eval mode."""
    torch.manual_seed(seed)
    model = net.build().eval()
    with torch.no_grad():
        for module in model.modules():
            randomise(module)
        if net.calibrated:
            calibrate(model, net.example(CALIBRATION_BATCH, seed + 1000))
    return model if net.dtype == torch.float32 else model.to(net.dtype)


def randomise(module: nn.Module) -> None:
    """New values for the parameters that PyTorch starts at zero, at one, or too small."""
    if isinstance(module, NORMS):
        fill(module.weight, lambda w: w.uniform_(0.5, 1.5))
        fill(getattr(module, "bias", None), lambda b: b.normal_(0, 0.2))
    elif isinstance(module, PRODUCTS):
        if not hasattr(module, "parametrizations"):
            fill(module.weight, lambda w: w.normal_(0, GAIN / math.sqrt(fan_in(module))))
        fill(module.bias, lambda b: b.normal_(0, 0.1))
    elif isinstance(module, nn.PReLU):
        fill(module.weight, lambda w: w.uniform_(0.05, 0.4))
    elif isinstance(module, nn.MultiheadAttention):
        fill(module.in_proj_bias, lambda b: b.normal_(0, 0.1))


def fill(parameter: Tensor | None, how) -> None:
    if parameter is not None:
        how(parameter)


def fan_in(module: nn.Module) -> float:
    """How many inputs one output sums over."""
    weight = module.weight
    if isinstance(module, TRANSPOSED):
        return weight.shape[0] / module.groups * math.prod(weight.shape[2:]) / math.prod(module.stride)
    return math.prod(weight.shape[1:])


def calibrate(model: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    """One batch sets the biases, so that no unit is always on or off, and the running statistics."""
    norms = [module for module in model.modules() if isinstance(module, BATCH_NORMS)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.train()
        norm.momentum = 1.0
    settled: set[nn.Module] = set()
    hooks = [m.register_forward_hook(partial(settle, settled)) for m in model.modules() if isinstance(m, PRODUCTS)]
    model(*(x.float() if x.is_floating_point() else x for x in inputs))
    for hook in hooks:
        hook.remove()
    for norm, momentum in zip(norms, momenta):
        norm.eval()
        norm.momentum = momentum
        norm.running_var.clamp_(min=0.05).mul_(torch.empty_like(norm.running_var).uniform_(0.7, 1.4))
        norm.running_mean.add_(torch.randn_like(norm.running_mean) * 0.1 * norm.running_var.sqrt())


def settle(settled: set[nn.Module], module: nn.Module, _: object, output: Tensor) -> Tensor:
    """Moves the bias of a module, the first time it runs, such that each unit's mean is near zero."""
    if module in settled or module.bias is None or output.dim() < 2:
        return output
    settled.add(module)
    axis = output.dim() - 1 if isinstance(module, nn.Linear) else 1
    units = output.movedim(axis, 0).flatten(1)
    shift = torch.randn(len(units)) * 0.5 * units.std(1, correction=0) - units.mean(1)
    module.bias.add_(shift)
    return output + shift.view([-1 if d == axis else 1 for d in range(output.dim())])
