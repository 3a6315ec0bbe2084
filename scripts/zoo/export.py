"""A model to an ONNX file by either exporter, and ONNX Runtime's word on the file."""

import contextlib
import io
import logging
import warnings
from pathlib import Path

import ml_dtypes
import numpy as np
import onnxruntime
import torch
from onnx.reference import ReferenceEvaluator
from torch import Tensor, nn

from net import Net

EXPORT_BATCH = 2
CHECK_BATCH = 3

logging.getLogger("torch.onnx").setLevel(logging.ERROR)
logging.getLogger("onnxscript").setLevel(logging.ERROR)
onnxruntime.set_default_logger_severity(3)


def export(net: Net, model: nn.Module, exporter: str, path: Path) -> None:
    """Writes the file, with weights inside; nothing is left behind where that fails."""
    inputs = net.example(EXPORT_BATCH, 0)
    try:
        with quiet():
            legacy(net, model, inputs, path) if exporter == "legacy" else dynamo(net, model, inputs, path)
            if net.after is not None:
                net.after(path, net)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def legacy(net: Net, model: nn.Module, inputs: tuple[Tensor, ...], path: Path) -> None:
    axes = {} if "legacy" in net.fixed else dict(zip(net.input_names, net.dynamic_axes))
    if axes and net.axes is None:
        axes |= {name: {0: "batch"} for name in net.output_names}
    torch.onnx.export(
        net.legacy_form(model) if net.legacy_form else model,
        inputs,
        str(path),
        dynamo=False,
        opset_version=net.opset or 17,
        input_names=list(net.input_names),
        output_names=list(net.output_names),
        dynamic_axes=axes,
        do_constant_folding=net.optimise,
        training=torch.onnx.TrainingMode.EVAL if net.optimise else torch.onnx.TrainingMode.PRESERVE,
    )


def dynamo(net: Net, model: nn.Module, inputs: tuple[Tensor, ...], path: Path) -> None:
    dims = {name: torch.export.Dim(name) for axes in net.dynamic_axes for name in axes.values()}
    shapes = tuple({axis: dims[name] for axis, name in axes.items()} for axes in net.dynamic_axes)
    torch.onnx.export(
        model,
        inputs,
        str(path),
        dynamo=True,
        external_data=False,
        opset_version=net.opset,
        input_names=list(net.input_names),
        output_names=list(net.output_names),
        dynamic_shapes=None if "dynamo" in net.fixed else shapes,
        optimize=net.optimise,
        verbose=False,
    )


@contextlib.contextmanager
def quiet():
    """Exporters talk a lot; what they raise still comes through."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def check_inputs(net: Net) -> tuple[Tensor, ...]:
    """Other inputs than those of the export, and another batch size where the file allows it."""
    return net.example(EXPORT_BATCH if net.fixed else CHECK_BATCH, 7)


def expected(model: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """What PyTorch answers, always as a tuple."""
    with torch.no_grad():
        outputs = model(*inputs)
    return (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)


def difference(net: Net, path: Path, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> float:
    """The largest absolute difference between the file, run outside of PyTorch, and PyTorch."""
    answers = run(net, path, {name: array(x) for name, x in zip(net.input_names, inputs)})
    if len(answers) != len(outputs):
        raise ValueError(f"{len(answers)} outputs, PyTorch has {len(outputs)}")
    return max(float(np.abs(a.astype(np.float64) - o.double().numpy()).max()) for a, o in zip(answers, outputs))


def run(net: Net, path: Path, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    """All outputs of the file."""
    if net.runtime == "reference":
        return ReferenceEvaluator(str(path)).run(None, feeds)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, feeds)


def array(x: Tensor) -> np.ndarray:
    """As numpy, which knows bfloat16 only from ml_dtypes."""
    return x.float().numpy().astype(ml_dtypes.bfloat16) if x.dtype == torch.bfloat16 else x.numpy()
