"""The nets of the zoo, by name."""

from net import Net
from nets import (
    attention,
    convnext,
    densenet,
    detection,
    generative,
    hybrid,
    inception,
    llama,
    mixer,
    mlp,
    mobilenet,
    multi,
    precision,
    recurrent,
    regnet,
    resnet,
    seq2seq,
    shuffle,
    signal,
    special,
    squeezenet,
    swin,
    tiny,
    transformer,
    unet,
    unusual,
    vgg,
    vit,
)

FAMILIES = (
    vgg,
    resnet,
    regnet,
    mobilenet,
    shuffle,
    densenet,
    inception,
    squeezenet,
    unet,
    convnext,
    attention,
    mixer,
    vit,
    swin,
    transformer,
    llama,
    seq2seq,
    recurrent,
    signal,
    generative,
    multi,
    detection,
    hybrid,
    unusual,
    mlp,
    precision,
    special,
)

NETS: dict[str, Net] = {name: net for family in FAMILIES for name, net in family.NETS.items()}

TINY: dict[str, Net] = tiny.NETS
"""Fixtures of the tests; make.py --tiny."""
