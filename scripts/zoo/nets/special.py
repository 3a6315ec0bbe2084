"""Files with more than a flat float graph: If, Loop, Scan, quantised (QDQ and dynamic), functions; old and new opsets."""

from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from onnx import helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_dynamic, quantize_static
from torch import Tensor, nn
from torch._higher_order_ops.scan import scan
from torch._higher_order_ops.while_loop import while_loop

from net import Net, images, noise
from nets.precision import SmallCNN, SmallMLP
from nets.resnet import ResNet
from nets.vit import ViT


class Branching(nn.Module):
    """Which of two layers runs depends on the data."""

    def __init__(self) -> None:
        super().__init__()
        self.inlet = nn.Linear(12, 16)
        self.warm = nn.Linear(16, 20)
        self.cold = nn.Linear(16, 20)
        self.outlet = nn.Linear(20, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.inlet(x))
        if torch.jit.is_scripting():
            if bool(x.mean() > 0.4):
                h = torch.relu(self.warm(x))
            else:
                h = torch.tanh(self.cold(x))
        else:
            h = self.choose(x)
        return self.outlet(h)

    @torch.jit.unused
    def choose(self, x: Tensor) -> Tensor:
        return torch.cond(x.mean() > 0.4, lambda x: torch.relu(self.warm(x)), lambda x: torch.tanh(self.cold(x)), (x,))


class Iterating(nn.Module):
    """The same layer as often as an input says."""

    def __init__(self) -> None:
        super().__init__()
        self.inlet = nn.Linear(12, 16)
        self.step = nn.Linear(16, 16)
        self.outlet = nn.Linear(16, 4)

    def forward(self, x: Tensor, times: Tensor) -> Tensor:
        h = torch.tanh(self.inlet(x))
        if torch.jit.is_scripting():
            for _ in range(int(times)):
                h = torch.tanh(self.step(h)) + h * 0.5
        else:
            h = self.repeat(h, times)
        return self.outlet(h)

    @torch.jit.unused
    def repeat(self, h: Tensor, times: Tensor) -> Tensor:
        return while_loop(
            lambda i, h, n: i < n,
            lambda i, h, n: (i + 1, torch.tanh(self.step(h)) + h * 0.5, n.clone()),
            (torch.zeros((), dtype=torch.int64), h, times),
        )[1]


class Scanning(nn.Module):
    """A recurrent cell by torch's scan: the weights lie outside of the body."""

    def __init__(self) -> None:
        super().__init__()
        self.inlet = nn.Linear(8, 16)
        self.recur = nn.Linear(16, 16)
        self.outlet = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.inlet(x).transpose(0, 1)

        def step(h: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
            h = torch.tanh(self.recur(h) + x)
            return h, h.clone()

        _, states = scan(step, x[0] * 0, x)
        return self.outlet(states.transpose(0, 1))


class RMSNormSDPA(nn.Module):
    """nn.RMSNorm and F.scaled_dot_product_attention, which opset 23 has operators for."""

    def __init__(self, dim: int = 24, heads: int = 3) -> None:
        super().__init__()
        self.heads = heads
        self.inlet = nn.Linear(8, dim)
        self.norm = nn.RMSNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.norm2 = nn.RMSNorm(dim)
        self.up = nn.Linear(dim, 40)
        self.down = nn.Linear(40, dim)
        self.head = nn.Linear(dim, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.inlet(x)
        B, N, C = x.shape
        q, k, v = self.qkv(self.norm(x)).view(B, N, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, N, C)
        x = x + self.proj(y)
        x = x + self.down(F.silu(self.up(self.norm2(x))))
        return self.head(x.mean(dim=1))


class Calibration(CalibrationDataReader):
    """A few batches of noise."""

    def __init__(self, net: Net) -> None:
        self.batches = iter(dict(zip(net.input_names, (x.numpy() for x in net.example(8, 100 + i)))) for i in range(4))

    def get_next(self):
        return next(self.batches, None)


def quantize_qdq(path: Path, net: Net) -> None:
    """Static, per channel, QuantizeLinear and DequantizeLinear around each operator."""
    quantize_static(path, path, Calibration(net), quant_format=QuantFormat.QDQ, per_channel=True)


def quantize_weights(path: Path, net: Net) -> None:
    """Dynamic: 8-bit weights, activations quantised when it runs."""
    quantize_dynamic(path, path)


DOMAIN = "zoo"


def use_functions(path: Path, net: Net) -> None:
    """Each Gemm followed by Relu becomes a call of zoo.LinearRelu, which calls zoo.Linear."""
    model = onnx.load(path)
    version = next(entry.version for entry in model.opset_import if not entry.domain)
    imports = [helper.make_opsetid("", version), helper.make_opsetid(DOMAIN, 1)]
    linear = helper.make_function(
        DOMAIN, "Linear", ["x", "w", "b"], ["y"], [helper.make_node("Gemm", ["x", "w", "b"], ["y"], transB=1)], imports
    )
    inner = [
        helper.make_node("Linear", ["x", "w", "b"], ["h"], domain=DOMAIN),
        helper.make_node("Relu", ["h"], ["y"]),
    ]
    linear_relu = helper.make_function(DOMAIN, "LinearRelu", ["x", "w", "b"], ["y"], inner, imports)
    nodes = list(model.graph.node)
    rewritten = []
    while nodes:
        node = nodes.pop(0)
        if node.op_type == "Gemm" and nodes and nodes[0].op_type == "Relu" and nodes[0].input[0] == node.output[0]:
            relu = nodes.pop(0)
            node = helper.make_node("LinearRelu", node.input, relu.output, name=node.name, domain=DOMAIN)
        rewritten.append(node)
    del model.graph.node[:]
    model.graph.node.extend(rewritten)
    model.functions.extend([linear, linear_relu])
    model.opset_import.append(helper.make_opsetid(DOMAIN, 1))
    onnx.checker.check_model(model)
    onnx.save(model, path)


def image_mlp() -> nn.Module:
    return nn.Sequential(nn.Flatten(), SmallMLP())


NETS = {
    "if": Net(Branching, noise(12), calibrated=False, legacy_form=torch.jit.script, notes="If; scripted, or torch.cond"),
    "loop": Net(
        Iterating,
        lambda batch: (torch.randn(batch, 12), torch.tensor(3)),
        ("input", "times"),
        axes=({0: "batch"}, {}),
        calibrated=False,
        legacy_form=torch.jit.script,
        notes="Loop; scripted, or while_loop",
    ),
    "scan": Net(Scanning, noise(6, 8), calibrated=False, exporters=("dynamo",), notes="Scan"),
    "cnn-qdq": Net(SmallCNN, images(3, 16), after=quantize_qdq, tolerance=0.5, notes="static quantisation, QDQ, per channel"),
    "mlp-quantized": Net(SmallMLP, noise(12), after=quantize_weights, tolerance=0.5, notes="dynamic quantisation"),
    "functions": Net(image_mlp, noise(3, 4), after=use_functions, notes="local functions, one calls the other"),
    "resnet-opset9": Net(ResNet, images(3, 32), exporters=("legacy",), opset=9, notes="old opset"),
    "vit-opset11": Net(lambda: ViT("manual"), images(3, 32), exporters=("legacy",), opset=11, notes="old opset"),
    "vit-sdpa-opset23": Net(lambda: ViT("fused"), images(3, 32), exporters=("dynamo",), opset=23, notes="new opset"),
    "rmsnorm-sdpa-opset23": Net(RMSNormSDPA, noise(6, 8), exporters=("dynamo",), opset=23, notes="new opset"),
    "rmsnorm-sdpa": Net(
        RMSNormSDPA, noise(6, 8), exporters=("dynamo",), notes="nn.RMSNorm, which the legacy exporter does not know"
    ),
}
