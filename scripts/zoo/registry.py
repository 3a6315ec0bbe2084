"""The nets of the zoo, by name."""

from net import Net
from nets import densenet, mlp, mobilenet, recurrent, resnet, squeezenet, transformer, unet, vgg, vit

FAMILIES = (vgg, resnet, mobilenet, densenet, squeezenet, unet, vit, transformer, recurrent, mlp)

NETS: dict[str, Net] = {name: net for family in FAMILIES for name, net in family.NETS.items()}
