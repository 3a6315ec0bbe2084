"""Random weights that behave like trained ones: activations of order one, no neutral normalisation, no zero bias."""

import math

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
        calibrate(model, net.example(CALIBRATION_BATCH, seed + 1000))
    return model.to(net.dtype).eval()


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
    """Running statistics from one batch, then moved a little: neither neutral nor degenerate."""
    norms = [m for m in model.modules() if isinstance(m, BATCH_NORMS)]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.train()
        norm.momentum = 1.0
    model.float()(*(x.float() if x.is_floating_point() else x for x in inputs))
    for norm, momentum in zip(norms, momenta):
        norm.eval()
        norm.momentum = momentum
        norm.running_var.clamp_(min=0.05).mul_(torch.empty_like(norm.running_var).uniform_(0.7, 1.4))
        norm.running_mean.add_(torch.randn_like(norm.running_mean) * 0.1 * norm.running_var.sqrt())
