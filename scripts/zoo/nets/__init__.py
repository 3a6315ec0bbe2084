"""One file per family of architectures, written from torch.nn alone, small widths and depths."""
