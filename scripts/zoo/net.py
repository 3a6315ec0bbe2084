"""What the zoo knows of one net: how to build it, what to feed it, how to export it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

EXPORTERS = ("legacy", "dynamo")

Inputs = Callable[[int], tuple[Tensor, ...]]


@dataclass(frozen=True)
class Net:
    """One architecture. `inputs` makes random inputs for a batch size."""

    build: Callable[[], nn.Module]
    inputs: Inputs
    input_names: tuple[str, ...] = ("input",)
    output_names: tuple[str, ...] = ("output",)
    axes: tuple[dict[int, str], ...] | None = None
    """Dynamic axes per input; None: axis 0 of every input is `batch`."""
    fixed: tuple[str, ...] = ()
    """Exporters that cannot keep the axes dynamic: their files have the example's sizes."""
    exporters: tuple[str, ...] = EXPORTERS
    optimise: bool = True
    """False: without constant folding and fusion (BatchNormalization stays a node)."""
    calibrated: bool = True
    """False: weights as drawn, for control flow that admits no hooks (see weights.py)."""
    dtype: torch.dtype = torch.float32
    opset: int | None = None
    """None: 17 for the legacy exporter, its own choice for the other."""
    runtime: Literal["onnxruntime", "reference"] = "onnxruntime"
    """What checks the files: ONNX Runtime, or onnx.reference where ONNX Runtime has no kernel."""
    tolerance: float = 1e-3
    legacy_form: Callable[[nn.Module], nn.Module] | None = None
    """What the legacy exporter gets instead of the module (e.g. its scripted form)."""
    after: Callable[[Path, "Net"], None] | None = None
    """Rewrites the exported file in place."""
    notes: str = ""

    @property
    def dynamic_axes(self) -> tuple[dict[int, str], ...]:
        return self.axes if self.axes is not None else tuple({0: "batch"} for _ in self.input_names)

    def example(self, batch: int, seed: int) -> tuple[Tensor, ...]:
        """Random inputs, in the dtype of the net."""
        torch.manual_seed(seed)
        return tuple(x.to(self.dtype) if x.is_floating_point() else x for x in self.inputs(batch))


def images(channels: int = 3, height: int = 32, width: int | None = None) -> Inputs:
    """Normal noise [batch, channels, height, width]."""
    return lambda batch: (torch.randn(batch, channels, height, width or height),)


def noise(*shape: int) -> Inputs:
    """Normal noise [batch, *shape]."""
    return lambda batch: (torch.randn(batch, *shape),)


def tokens(vocabulary: int, length: int) -> Inputs:
    """Random token ids [batch, length], int64."""
    return lambda batch: (torch.randint(0, vocabulary, (batch, length)),)


def together(*parts: Inputs) -> Inputs:
    """Several inputs side by side."""
    return lambda batch: tuple(x for part in parts for x in part(batch))
