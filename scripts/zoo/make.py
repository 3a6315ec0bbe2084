"""Exports a zoo of PyTorch architectures to ONNX, by both exporters: nets that nobody wrote for this tool.

Set up once, in a virtual environment of its own:

    python -m venv .cache/venv
    .cache/venv/bin/pip install torch==2.13.0 onnx onnxscript onnxruntime numpy torch-pruning

Then, from the root of the repository:

    .cache/venv/bin/python scripts/zoo/make.py [--out .cache/zoo] [--only NAME ..] [--exporter legacy|dynamo]
                                               [--seeds 3] [--tiny] [--force] [--list]

For each net it writes DIR/NAME/legacy-0.onnx, legacy-1.onnx, .. (the TorchScript exporter, opset 17) and dynamo-0.onnx, ..
(the torch.export exporter, its default opset): members with the random weights of seeds 0, 1, ..; the files of one seed
hold the same weights. DIR/NAME/check.npz has inputs (`in_NAME`) and PyTorch's outputs (`out_NAME`) for seed 0, bfloat16 as
float32. Each file is run once in ONNX Runtime on these inputs, which have another batch size than those of the export, and
must agree with PyTorch. What exists is skipped, unless --force. A net that an exporter cannot export is reported as
`NAME exporter: error`, and the rest goes on. All of it takes about a quarter of an hour on one core.

prune.py adds what torch-pruning makes of some of the nets, from the weights of seed 0.

nets/ has one file per family, from torch.nn alone; registry.py lists them; weights.py draws the weights.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

from export import check_inputs, difference, expected, export
from net import EXPORTERS, Net
from registry import NETS, TINY
from weights import member


def main() -> int:
    options = arguments()
    nets = TINY if options.tiny else NETS
    names = options.only or list(nets)
    unknown = [name for name in names if name not in nets]
    if unknown:
        print(f"no such net: {', '.join(unknown)}; --list shows them")
        return 2
    if options.list:
        for name, net in nets.items():
            print(f"{name:28} {net.notes}".rstrip())
        return 0
    counts = {"written": 0, "skipped": 0, "failed": 0}
    for name in names:
        make(name, nets[name], options, counts)
    print(f"{len(names)} nets: " + ", ".join(f"{count} files {what}" for what, count in counts.items()))
    return 1 if counts["failed"] else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Exports the zoo to ONNX files.")
    parser.add_argument("--out", type=Path, default=Path(".cache/zoo"))
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument("--exporter", choices=EXPORTERS)
    parser.add_argument("--seeds", type=int, help="3; of the tiny ones 2")
    parser.add_argument("--tiny", action="store_true", help="the fixtures of the tests in place of the zoo")
    parser.add_argument("--force", action="store_true")
    parser.add_argument("--list", action="store_true", help="the nets, and nothing else")
    return parser.parse_args()


def make(name: str, net: Net, options: argparse.Namespace, counts: dict[str, int]) -> None:
    """All files of one net, and one line about them."""
    folder: Path = options.out / name
    folder.mkdir(parents=True, exist_ok=True)
    exporters = [e for e in net.exporters if options.exporter in (None, e)]
    line = []
    for exporter in exporters:
        differences = []
        for seed in range(options.seeds or (2 if options.tiny else 3)):
            path = folder / f"{exporter}-{seed}.onnx"
            if path.exists() and not options.force:
                counts["skipped"] += 1
                continue
            try:
                differences.append(make_file(net, exporter, seed, path, check=not options.tiny))
                counts["written"] += 1
            except Exception as error:
                counts["failed"] += 1
                print(f"{name} {exporter}: {summary(error)}", flush=True)
                break
        if differences:
            size = (folder / f"{exporter}-0.onnx").stat().st_size // 1024
            line.append(f"{exporter} {len(differences)} files, {size} KB, difference {max(differences):.1e}")
    print(f"{name}: {'; '.join(line) or 'nothing new'}", flush=True)


def make_file(net: Net, exporter: str, seed: int, path: Path, check: bool) -> float:
    """One file, checked; the check of seed 0 is kept where asked for. Returns the difference to PyTorch."""
    model = member(net, seed)
    inputs = check_inputs(net)
    outputs = expected(model, inputs)
    for output in outputs:
        spread = output.double().std().item()
        if not 0.001 < spread < 100:
            raise ValueError(f"degenerate output: standard deviation {spread:.3g}")
    draft = path.with_suffix(".draft")
    export(net, model, exporter, draft)
    try:
        largest = difference(net, draft, inputs, outputs)
        if not largest < net.tolerance:
            raise ValueError(f"ONNX Runtime differs from PyTorch by {largest:.3g}")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    if check and seed == 0:
        named = [*zip(("in_" + n for n in net.input_names), inputs), *zip(("out_" + n for n in net.output_names), outputs)]
        arrays = {name: (x.float() if x.dtype == torch.bfloat16 else x).numpy() for name, x in named}
        np.savez(path.parent / "check.npz", **arrays)
    return largest


def summary(error: Exception) -> str:
    """The first line of the message that started it all; exporters wrap it in long ones."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    return f"{type(cause).__name__}: {lines[0] if lines else ''}"[:300]


if __name__ == "__main__":
    sys.exit(main())
