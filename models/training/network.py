"""The network: YOLOX-nano's shape (CSPDarknet with depthwise convolutions, PAFPN, decoupled head).

The layer order in every `forward` is the order of the published ONNX graph: `initial.py` pairs the
convolutions of both by execution order, so reordering calls here breaks `--init`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.training.boxes import STRIDES

_BN_EPS = 1e-3
_BN_MOMENTUM = 0.03


@dataclass(frozen=True)
class NetworkSize:
    """How wide and deep the network is; the defaults are YOLOX-nano's (0.9 M parameters)."""

    width: float = 0.25
    depth: float = 0.33

    def channels(self, base: int) -> int:
        return int(base * self.width)

    def repeats(self, base: int) -> int:
        return max(round(base * self.depth), 1)


class ConvBlock(nn.Module):  # type: ignore[misc]  # torch carries no usable types
    """Convolution, batch normalisation, SiLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=_BN_EPS, momentum=_BN_MOMENTUM)
        self.act = nn.SiLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.norm(self.conv(x)))


def depthwise(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """A depthwise convolution followed by a pointwise one."""
    return nn.Sequential(ConvBlock(inputs, inputs, kernel, stride, groups=inputs), ConvBlock(inputs, outputs, 1))


class Bottleneck(nn.Module):  # type: ignore[misc]  # torch carries no usable types
    def __init__(self, channels: int, shortcut: bool) -> None:
        super().__init__()
        self.reduce = ConvBlock(channels, channels, 1)
        self.spatial = depthwise(channels, channels, 3)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        y = self.spatial(self.reduce(x))
        return x + y if self.shortcut else y


class CspLayer(nn.Module):  # type: ignore[misc]  # torch carries no usable types
    """Cross-stage partial layer: half of the channels take the bottlenecks, half go around them."""

    def __init__(self, inputs: int, outputs: int, repeats: int, shortcut: bool = True) -> None:
        super().__init__()
        hidden = outputs // 2
        self.main = ConvBlock(inputs, hidden, 1)
        self.around = ConvBlock(inputs, hidden, 1)
        self.blocks = nn.Sequential(*(Bottleneck(hidden, shortcut) for _ in range(repeats)))
        self.merge = ConvBlock(2 * hidden, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        main, around = self.main(x), self.around(x)
        return self.merge(torch.cat((self.blocks(main), around), dim=1))


class SpatialPyramid(nn.Module):  # type: ignore[misc]  # torch carries no usable types
    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = channels // 2
        self.reduce = ConvBlock(channels, hidden, 1)
        self.pools = nn.ModuleList(nn.MaxPool2d(k, stride=1, padding=k // 2) for k in (5, 9, 13))
        self.merge = ConvBlock(hidden * 4, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.reduce(x)
        return self.merge(torch.cat([x, *(pool(x) for pool in self.pools)], dim=1))


class Focus(nn.Module):  # type: ignore[misc]  # torch carries no usable types
    """Folds each 2x2 block of pixels into channels before the first convolution."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.conv = ConvBlock(12, outputs, 3)

    def forward(self, x: Tensor) -> Tensor:
        parts = (x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2])
        return self.conv(torch.cat(parts, dim=1))


class Backbone(nn.Module):  # type: ignore[misc]  # torch carries no usable types
    def __init__(self, size: NetworkSize) -> None:
        super().__init__()
        c = [size.channels(base) for base in (64, 128, 256, 512, 1024)]
        short, long = size.repeats(3), size.repeats(9)
        self.stem = Focus(c[0])
        self.dark2 = nn.Sequential(depthwise(c[0], c[1], 3, 2), CspLayer(c[1], c[1], short))
        self.dark3 = nn.Sequential(depthwise(c[1], c[2], 3, 2), CspLayer(c[2], c[2], long))
        self.dark4 = nn.Sequential(depthwise(c[2], c[3], 3, 2), CspLayer(c[3], c[3], long))
        self.dark5 = nn.Sequential(
            depthwise(c[3], c[4], 3, 2), SpatialPyramid(c[4]), CspLayer(c[4], c[4], short, shortcut=False)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        fine = self.dark3(self.dark2(self.stem(x)))
        middle = self.dark4(fine)
        return fine, middle, self.dark5(middle)


class Neck(nn.Module):  # type: ignore[misc]  # torch carries no usable types
    """Path-aggregation pyramid: coarse to fine, then fine to coarse."""

    def __init__(self, size: NetworkSize) -> None:
        super().__init__()
        fine, middle, coarse = (size.channels(base) for base in (256, 512, 1024))
        n = size.repeats(3)
        self.lateral = ConvBlock(coarse, middle, 1)
        self.down_middle = CspLayer(2 * middle, middle, n, shortcut=False)
        self.reduce = ConvBlock(middle, fine, 1)
        self.down_fine = CspLayer(2 * fine, fine, n, shortcut=False)
        self.up_fine = depthwise(fine, fine, 3, 2)
        self.up_middle = CspLayer(2 * fine, middle, n, shortcut=False)
        self.up_coarse_in = depthwise(middle, middle, 3, 2)
        self.up_coarse = CspLayer(2 * middle, coarse, n, shortcut=False)
        self.upsample = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, features: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        fine, middle, coarse = features
        top = self.lateral(coarse)
        mid = self.reduce(self.down_middle(torch.cat((self.upsample(top), middle), dim=1)))
        out_fine = self.down_fine(torch.cat((self.upsample(mid), fine), dim=1))
        out_middle = self.up_middle(torch.cat((self.up_fine(out_fine), mid), dim=1))
        out_coarse = self.up_coarse(torch.cat((self.up_coarse_in(out_middle), top), dim=1))
        return out_fine, out_middle, out_coarse


class HeadLevel(nn.Module):  # type: ignore[misc]  # torch carries no usable types
    """The head of one stride: separate towers for the class and for the box with its objectness."""

    def __init__(self, inputs: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.stem = ConvBlock(inputs, hidden, 1)
        self.class_tower = nn.Sequential(depthwise(hidden, hidden, 3), depthwise(hidden, hidden, 3))
        self.class_out = nn.Conv2d(hidden, classes, 1)
        self.box_tower = nn.Sequential(depthwise(hidden, hidden, 3), depthwise(hidden, hidden, 3))
        self.box_out = nn.Conv2d(hidden, 4, 1)
        self.object_out = nn.Conv2d(hidden, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        kind = self.class_out(self.class_tower(x))
        box = self.box_tower(x)
        return torch.cat((self.box_out(box), self.object_out(box), kind), dim=1).flatten(2)


class Network(nn.Module):  # type: ignore[misc]  # torch carries no usable types
    """Detector for `classes` classes.

    Input: float [B, 3, H, W], BGR, 0-255, H and W multiples of 32. Output: float [B, N, 5 + classes] of
    raw values (dx, dy, log w, log h in units of the stride; logits of objectness and classes); N runs
    over the strides 8, 16, 32, row by row.
    """

    def __init__(self, classes: int, size: NetworkSize | None = None) -> None:
        super().__init__()
        size = size or NetworkSize()
        self.classes = classes
        self.backbone = Backbone(size)
        self.neck = Neck(size)
        hidden = size.channels(256)
        self.head = nn.ModuleList(HeadLevel(size.channels(base), hidden, classes) for base in (256, 512, 1024))
        for level in self.head:
            nn.init.constant_(level.class_out.bias, -4.6)
            nn.init.constant_(level.object_out.bias, -4.6)

    def forward(self, x: Tensor) -> Tensor:
        features = self.neck(self.backbone(x))
        levels = [head(feature) for head, feature in zip(self.head, features, strict=True)]
        return torch.cat(levels, dim=2).transpose(1, 2)


def grid(height: int, width: int, device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    """The cells of an input of `height` x `width` px: corner [N, 2] in cells and stride [N, 1] in px."""
    corners, strides = [], []
    for stride in STRIDES:
        rows, columns = torch.meshgrid(
            torch.arange(height // stride), torch.arange(width // stride), indexing="ij"
        )
        corners.append(torch.stack((columns.flatten(), rows.flatten()), dim=1).float())
        strides.append(torch.full((corners[-1].shape[0], 1), float(stride)))
    return torch.cat(corners).to(device), torch.cat(strides).to(device)


def decode_boxes(raw: Tensor, corners: Tensor, strides: Tensor) -> Tensor:
    """Raw box values [..., N, 4] to centre x, centre y, width, height in input pixels."""
    centres = (raw[..., :2] + corners) * strides
    return torch.cat((centres, raw[..., 2:4].clamp(max=8.0).exp() * strides), dim=-1)
