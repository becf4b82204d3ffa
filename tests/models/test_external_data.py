from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from models.errors import ModelRefused
from models.external_data import refuse_external_data
from tests.models.parcels import graph


def outside(name: str = "w") -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../../etc/passwd")
    return tensor


def inside(name: str = "w") -> TensorProto:
    return numpy_helper.from_array(np.zeros(1, np.float32), name)


def model(tensor: TensorProto, place: str) -> bytes:
    """A model that holds a tensor in one of the places where ONNX allows one."""
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    nodes, initializers, functions, sparse = [], [], [], []
    if place == "initializer":
        initializers = [tensor]
    elif place == "sparse":
        sparse = [helper.make_sparse_tensor(tensor, helper.make_tensor("i", TensorProto.INT64, [1], [0]), [4])]
    elif place == "constant":
        nodes = [helper.make_node("Constant", [], ["y"], value=tensor)]
    elif place == "subgraph":
        branch = helper.make_graph([], "branch", [], [out], [tensor])
        nodes = [helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)]
    elif place == "function":
        body = [helper.make_node("Constant", [], ["y"], value=tensor)]
        functions = [helper.make_function("own", "f", [], ["y"], body, [helper.make_opsetid("", 17)])]
    made = helper.make_graph(nodes, "g", [], [out], initializers, sparse_initializer=sparse)
    return bytes(helper.make_model(made, functions=functions).SerializeToString())


PLACES = ["initializer", "sparse", "constant", "subgraph", "function"]


@pytest.mark.parametrize("place", PLACES)
def test_a_tensor_in_another_file_is_refused_wherever_it_stands(place: str) -> None:
    with pytest.raises(ModelRefused, match="external data"):
        refuse_external_data(model(outside(), place), "mine.onnx")
    refuse_external_data(model(inside(), place), "mine.onnx")


def test_a_location_without_the_external_mark_is_refused_too() -> None:
    tensor = outside()
    tensor.ClearField("data_location")
    with pytest.raises(ModelRefused):
        refuse_external_data(model(tensor, "initializer"), "mine.onnx")


def test_an_unknown_group_before_it_does_not_hide_it() -> None:
    group = b"\xa3\x06" + b"\x08\x01" + b"\xa4\x06"  # field 100: start of a group, a number, its end
    hidden = group + model(outside(), "initializer")
    assert onnx.load_model_from_string(hidden).graph.initializer[0].external_data
    with pytest.raises(ModelRefused):
        refuse_external_data(hidden, "mine.onnx")


def test_graphs_nested_beyond_reason_are_refused_not_followed() -> None:
    made = helper.make_graph([], "g", [], [])
    for _ in range(20):
        made = helper.make_graph([helper.make_node("If", [], [], then_branch=made)], "g", [], [])
    refuse_external_data(graph(), "mine.onnx")
    deep = helper.make_model(made).SerializeToString()
    refuse_external_data(deep, "mine.onnx")
    message = b""
    for _ in range(200):
        for field in (6, 5, 1):  # graph of an attribute of a node
            message = bytes([field << 3 | 2]) + varint(len(message)) + message
    with pytest.raises(ModelRefused):
        refuse_external_data(b"\x3a" + varint(len(message)) + message, "mine.onnx")


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def test_onnx_files_that_ship_pass() -> None:
    for path in (Path(__file__).parents[2] / "models" / "weights").glob("*.onnx"):
        refuse_external_data(path.read_bytes(), str(path))


@given(st.binary(max_size=200))
def test_bytes_that_are_no_graph_neither_raise_nor_hang(content: bytes) -> None:
    with suppress(ModelRefused):
        refuse_external_data(content, "x")


@given(st.data())
def test_no_changed_byte_hides_external_data_from_us_that_onnx_still_sees(data: st.DataObject) -> None:
    content = bytearray(model(outside(), data.draw(st.sampled_from(PLACES))))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        seen = onnx.load_model_from_string(bytes(content))
    except Exception:  # noqa: BLE001 - whatever the reader says, it did not load
        return
    from onnx.external_data_helper import _get_all_tensors, uses_external_data

    if any(uses_external_data(tensor) for tensor in _get_all_tensors(seen)):
        with pytest.raises(ModelRefused):
            refuse_external_data(bytes(content), "x")
