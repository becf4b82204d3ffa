"""Starting weights: reads a YOLOX ONNX graph into `Network`, with batch normalisation put back.

The published graph has batch normalisation folded into its convolutions. Folded weights train badly, so
each convolution gets a fresh normalisation whose statistics are measured on calibration pictures and
whose scale and shift undo them: the network computes the same function as the graph and can be trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from models.training.network import ConvBlock, Network

# Rows of the COCO class convolution whose mean starts each of our classes, in our order.
COCO_ROWS: tuple[tuple[int, ...], ...] = (
    (0,),  # person
    (2, 5, 7),  # car, bus, truck
    (1, 3),  # bicycle, motorcycle
    (24, 26, 28),  # backpack, handbag, suitcase
    (25, 13),  # umbrella, bench
)


class InitialWeightsError(ValueError):
    """The file's graph does not fit the network."""


def _graph_convolutions(path: Path) -> list[tuple[Tensor, Tensor]]:
    graph = onnx.load(str(path)).graph
    values = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    pairs = []
    for node in graph.node:
        if node.op_type == "Identity" and node.input[0] in values:  # equal tensors are stored once
            values[node.output[0]] = values[node.input[0]]
        if node.op_type != "Conv":
            continue
        if len(node.input) < 3 or node.input[1] not in values or node.input[2] not in values:
            raise InitialWeightsError(f"{path}: convolution {node.name!r} has no stored weight and bias")
        weight, bias = (torch.from_numpy(np.array(values[name])) for name in node.input[1:3])
        pairs.append((weight, bias))
    return pairs


def _convolutions_in_order(network: Network) -> list[nn.Conv2d]:
    """The network's convolutions in the order in which `forward` runs them."""
    order: list[nn.Conv2d] = []
    hooks = [
        module.register_forward_pre_hook(lambda conv, _: order.append(conv))
        for module in network.modules()
        if isinstance(module, nn.Conv2d)
    ]
    was_training = network.training
    network.eval()
    with torch.no_grad():
        network(torch.zeros(1, 3, 64, 64))
    network.train(was_training)
    for hook in hooks:
        hook.remove()
    return order


def _set_identity(block: ConvBlock, bias: Tensor) -> None:
    norm = block.norm
    norm.running_mean.zero_()
    norm.running_var.fill_(1.0 - norm.eps)
    norm.weight.fill_(1.0)
    norm.bias.copy_(bias)


def load_graph(path: Path) -> Network:
    """The network of as many classes as the graph has, with its weights; normalisations are the identity plus the bias.

    Raises InitialWeightsError where number or shape of the convolutions differ.
    """
    stored = _graph_convolutions(path)
    network = Network(_classes_of(stored, path))
    convolutions = _convolutions_in_order(network)
    blocks = {id(m.conv): m for m in network.modules() if isinstance(m, ConvBlock)}
    with torch.no_grad():
        for index, (conv, (weight, bias)) in enumerate(zip(convolutions, stored, strict=True)):
            if conv.weight.shape != weight.shape:
                raise InitialWeightsError(
                    f"{path}: convolution {index} is {tuple(weight.shape)}, expected {tuple(conv.weight.shape)}"
                )
            conv.weight.copy_(weight)
            if conv.bias is not None:
                conv.bias.copy_(bias)
            else:
                _set_identity(blocks[id(conv)], bias)
    return network


def _classes_of(stored: Sequence[tuple[Tensor, Tensor]], path: Path) -> int:
    network = Network(1)
    convolutions = _convolutions_in_order(network)
    if len(convolutions) != len(stored):
        raise InitialWeightsError(
            f"{path}: {len(stored)} convolutions, YOLOX-nano has {len(convolutions)}; give a YOLOX-nano ONNX file"
        )
    first = next(index for index, conv in enumerate(convolutions) if conv is network.head[0].class_out)
    return int(stored[first][0].shape[0])


def restore_normalisation(network: Network, pictures: Sequence[Tensor]) -> None:
    """Gives every normalisation the statistics of `pictures` (batches [B, 3, H, W]) at unchanged function."""
    sums: dict[nn.Conv2d, list[Tensor]] = {}

    def collect(conv: nn.Conv2d, _inputs: object, output: Tensor) -> None:
        flat = output.detach().double().transpose(0, 1).flatten(1)
        part = torch.stack((flat.sum(1), flat.square().sum(1), torch.full_like(flat[:, 0], flat.shape[1])))
        sums.setdefault(conv, []).append(part)

    blocks = [m for m in network.modules() if isinstance(m, ConvBlock)]
    hooks = [block.conv.register_forward_hook(collect) for block in blocks]
    network.eval()
    with torch.no_grad():
        for batch in pictures:
            network(batch)
    for hook in hooks:
        hook.remove()
    with torch.no_grad():
        for block in blocks:
            total, squares, count = torch.stack(sums[block.conv]).sum(0)
            mean = total / count
            variance = (squares / count - mean.square()).clamp(min=1e-6)
            norm = block.norm
            norm.bias.add_(mean.float())
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
            norm.weight.copy_((variance + norm.eps).sqrt())


def with_our_classes(coco: Network, rows: Sequence[Sequence[int]] = COCO_ROWS) -> Network:
    """The same network with a class convolution for our classes, each the mean of related COCO rows."""
    ours = Network(len(rows))
    state = {k: v for k, v in coco.state_dict().items() if ".class_out." not in k}
    missing, unexpected = ours.load_state_dict(state, strict=False)
    if unexpected or any(".class_out." not in key for key in missing):
        raise InitialWeightsError(f"layers without a counterpart: {missing + unexpected}")
    with torch.no_grad():
        for target, source in zip(ours.head, coco.head, strict=True):
            for index, related in enumerate(rows):
                chosen = torch.tensor(list(related))
                target.class_out.weight[index] = source.class_out.weight[chosen].mean(0)
                target.class_out.bias[index] = source.class_out.bias[chosen].mean()
    return ours
