"""Writes a trained network as ONNX and proves that the file computes what the network computes."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from models.training.network import ConvBlock, Network

OPSET = 17
INPUT_NAME, OUTPUT_NAME = "images", "output"
_TOLERANCE = 1e-3
_IR_VERSION = 8  # what ONNX Runtime 1.19 and OpenVINO 2024 read


class ExportError(RuntimeError):
    """The exported file does not compute what the network computes."""


class WithScores(nn.Module):  # type: ignore[misc]  # torch carries no usable types
    """The network with objectness and classes after the sigmoid; boxes stay raw (YOLOX's own ONNX form)."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        raw = self.network(images)
        return torch.cat((raw[..., :4], raw[..., 4:].sigmoid()), dim=-1)


def _folded(network: Network) -> Network:
    """A copy for inference with every normalisation folded into its convolution."""
    plain = copy.deepcopy(network)
    plain.eval()
    for block in plain.modules():
        if isinstance(block, ConvBlock):
            block.conv = fuse_conv_bn_eval(block.conv, block.norm)
            block.norm = nn.Identity()
    return plain


def export(network: Network, path: Path, width: int, height: int) -> float:
    """Writes `path`: input images [batch, 3, H, W] BGR 0-255, output [batch, N, 5 + C].

    Returns the largest difference between file and network on random pictures; raises ExportError where
    it is above 0.001.
    """
    wrapped = WithScores(_folded(network)).eval()
    with warnings.catch_warnings():
        # The tracing exporter is on its way out; the new one writes opset 18 and needs onnxscript.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            wrapped,
            (torch.zeros(1, 3, height, width),),
            str(path),
            opset_version=OPSET,
            input_names=[INPUT_NAME],
            output_names=[OUTPUT_NAME],
            dynamic_axes={INPUT_NAME: {0: "batch"}, OUTPUT_NAME: {0: "batch"}},
            dynamo=False,
        )
    graph = onnx.load(str(path))
    graph.ir_version = min(graph.ir_version, _IR_VERSION)
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, str(path))
    return _checked_difference(network, path, width, height)


def _checked_difference(network: Network, path: Path, width: int, height: int) -> float:
    pictures = torch.from_numpy(np.random.default_rng(0).uniform(0, 255, (2, 3, height, width)).astype(np.float32))
    with torch.no_grad():
        expected = WithScores(network.eval())(pictures).numpy()
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(None, {INPUT_NAME: pictures.numpy()})[0]
    difference = float(np.abs(found - expected).max())
    if difference > _TOLERANCE:
        raise ExportError(f"{path}: differs from the network by {difference:.2g}, allowed {_TOLERANCE}")
    return difference
