"""The network, its loss and its export (needs torch)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("onnx", reason="the train extra is not installed")

from models.commands.train import train  # noqa: E402
from models.training.assign import assign  # noqa: E402
from models.training.boxes import Detections  # noqa: E402
from models.training.export import export  # noqa: E402
from models.training.folder import CLASSES, write_sample  # noqa: E402
from models.training.initial import (  # noqa: E402
    InitialWeightsError,
    load_graph,
    restore_normalisation,
    with_our_classes,
)
from models.training.loop import CheckpointError, Run, averaged, best_device, on, rate_share  # noqa: E402
from models.training.loss import Target, detection_loss  # noqa: E402
from models.training.network import Network, decode_boxes, grid  # noqa: E402
from models.training.prepare import starting_network  # noqa: E402
from models.training.recipe import Recipe, RecipeError, read_recipe  # noqa: E402

pytestmark = pytest.mark.train
H, W = 96, 128


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


def square(x: int, y: int, side: int, kind: int) -> tuple[torch.Tensor, Target]:
    picture = torch.zeros(3, H, W)
    picture[kind % 3, y : y + side, x : x + side] = 255.0
    box = torch.tensor([[x + side / 2, y + side / 2, side, side]], dtype=torch.float32)
    return picture, Target(box, torch.tensor([kind]), torch.zeros(0, 4))


def test_the_loss_falls_on_a_few_pictures() -> None:
    items = [square(10, 10, 30, 0), square(60, 40, 40, 1), square(70, 10, 24, 2), square(20, 50, 36, 0)]
    pictures, targets = torch.stack([item[0] for item in items]), [item[1] for item in items]
    network = Network(len(CLASSES)).train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3)
    totals = []
    for _ in range(25):
        losses = detection_loss(network(pictures), targets, H, W, distance=True)
        optimiser.zero_grad()
        losses.total.backward()
        optimiser.step()
        totals.append(float(losses.total.detach()))
    assert totals[-1] < 0.7 * totals[0]


def test_every_labelled_box_gets_a_cell_and_no_cell_answers_twice() -> None:
    corners, strides = grid(H, W)
    truth = torch.tensor([[20.0, 20, 30, 30], [90, 60, 60, 50], [3, 3, 4, 4], [64, 48, 120, 90]])
    kinds = torch.tensor([0, 1, 2, 4])
    raw = Network(len(CLASSES))(torch.rand(1, 3, H, W) * 255)[0].detach()
    boxes = decode_boxes(raw[:, :4], corners, strides)
    found = assign(truth, kinds, boxes, raw[:, 4:5], raw[:, 5:], (corners + 0.5) * strides, strides)
    assert set(found.boxes.tolist()) == {0, 1, 2, 3}
    assert len(set(found.cells.tolist())) == len(found.cells)


def test_an_ignore_region_silences_the_objectness_of_its_cells() -> None:
    raw = torch.zeros(1, (H // 8) * (W // 8) + (H // 16) * (W // 16) + (H // 32) * (W // 32), 10)
    nothing = Target(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), torch.zeros(0, 4))
    everywhere = Target(nothing.boxes, nothing.kinds, torch.tensor([[0.0, 0, W, H]]))
    assert float(detection_loss(raw, [nothing], H, W, distance=False).total) > 1
    assert float(detection_loss(raw, [everywhere], H, W, distance=False).total) == 0


def test_the_exported_file_computes_what_the_network_computes(tmp_path: Path) -> None:
    network = Network(len(CLASSES)).train()
    for _ in range(3):  # running statistics other than the initial ones
        network(torch.rand(2, 3, H, W) * 255)
    assert export(network, tmp_path / "x.onnx", W, H) < 1e-3


def test_normalisation_put_back_computes_the_same() -> None:
    network = Network(len(CLASSES)).eval()
    pictures = torch.rand(2, 3, H, W) * 255
    with torch.no_grad():
        before = network(pictures)
        restore_normalisation(network, [pictures])
        after = network.eval()(pictures)
    assert float((before - after).abs().max()) < 1e-3


def test_yolox_nano_is_mapped_completely_and_exactly(footage: Path) -> None:
    import onnxruntime

    path = footage / "weights" / "yolox_nano.onnx"
    network = load_graph(path)
    picture = np.random.default_rng(0).uniform(0, 255, (1, 3, 416, 416)).astype(np.float32)
    (expected,) = onnxruntime.InferenceSession(str(path)).run(None, {"images": picture})
    restore_normalisation(network, [torch.from_numpy(picture)])
    with torch.no_grad():
        output = network.eval()(torch.from_numpy(picture))
    output[..., 4:] = output[..., 4:].sigmoid()
    assert float(np.abs(output.numpy() - expected).max()) < 1e-2
    ours = with_our_classes(network)
    person = ours.head[0].class_out.weight[0]
    assert torch.equal(person, network.head[0].class_out.weight[0])


def test_weights_that_ship_can_be_trained_on(tmp_path: Path) -> None:
    shipped = Network(len(CLASSES)).eval()
    export(shipped, tmp_path / "ours.onnx", W, H)
    small_set(tmp_path)
    recipe = Recipe(width=W, height=H, steps=1, batch=2, folders={"tiny": 1.0})
    start = starting_network(recipe, tmp_path, tmp_path / "ours.onnx").eval()
    picture = torch.rand(1, 3, H, W) * 255
    with torch.no_grad():
        assert float((start(picture) - shipped(picture)).abs().max()) < 1e-3


def test_a_graph_of_another_shape_is_refused(tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    stored = [numpy_helper.from_array(np.zeros((4, 3, 3, 3), np.float32), "w")]
    stored.append(numpy_helper.from_array(np.zeros(4, np.float32), "b"))
    shapes = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("x", "y")]
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w", "b"], ["y"])], "odd", shapes[:1], shapes[1:], stored
    )
    onnx.save(helper.make_model(graph), str(tmp_path / "odd.onnx"))
    with pytest.raises(InitialWeightsError, match=r"odd\.onnx: 1 convolutions"):
        load_graph(tmp_path / "odd.onnx")


def small_set(root: Path) -> None:
    import cv2

    for index in range(4):
        picture = np.full((H, W, 3), 60, np.uint8)
        picture[20:60, 30:90] = 200
        box = np.array([[1, 30 / W, 20 / H, 90 / W, 60 / H]], np.float32)
        write_sample(root / "tiny", f"{index}.png", cv2.imencode(".png", picture)[1].tobytes(), box)


def recipe(steps: int, **more: object) -> Recipe:
    settings = {
        "width": W,
        "height": H,
        "batch": 2,
        "warm_up": 1,
        "save_every": 1,
        "frozen": (),
        "bfloat16": False,
    }
    return Recipe.model_validate({**settings, "steps": steps, "folders": {"tiny": 1.0}, **more})


def test_a_broken_run_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    small_set(tmp_path)
    settings = recipe(4)
    whole = Run(starting_network(settings, tmp_path, None), settings, tmp_path / "whole")
    whole.advance(tmp_path, lambda _: None, workers=0)

    class PowerCutError(Exception):
        pass

    def cut(report: object) -> None:
        if getattr(report, "step", 0) == 2:
            raise PowerCutError

    broken = Run(starting_network(settings, tmp_path, None), settings, tmp_path / "broken")
    with pytest.raises(PowerCutError):
        broken.advance(tmp_path, cut, workers=0)
    again = Run(Network(len(CLASSES)), settings, tmp_path / "broken")
    again.resume()
    again.advance(tmp_path, lambda _: None, workers=0)
    expected, found = (averaged(run.checkpoint).state_dict() for run in (whole, again))
    assert all(torch.allclose(expected[name], found[name], atol=1e-6) for name in expected)


def test_a_checkpoint_of_other_settings_is_refused(tmp_path: Path) -> None:
    settings = recipe(1)
    run = Run(Network(len(CLASSES)), settings, tmp_path)
    run.save()
    with pytest.raises(CheckpointError, match="other settings"):
        Run(Network(len(CLASSES)), recipe(1, rate=0.5), tmp_path).resume()


def test_a_run_may_change_its_length_only_before_the_rate_falls(tmp_path: Path) -> None:
    run = Run(Network(len(CLASSES)), recipe(100, decay_share=0.5), tmp_path)
    run.step = 40
    run.save()
    Run(Network(len(CLASSES)), recipe(80, decay_share=0.5), tmp_path).resume()
    with pytest.raises(CheckpointError, match="other settings"):
        Run(Network(len(CLASSES)), recipe(60, decay_share=0.5), tmp_path).resume()


def test_the_rate_before_its_fall_does_not_depend_on_the_length() -> None:
    short, long = recipe(100, warm_up=10), recipe(1000, warm_up=10)
    assert [rate_share(step, short) for step in range(60)] == [rate_share(step, long) for step in range(60)]
    assert rate_share(99, short) < 0.1


def test_frozen_layers_keep_weights_and_statistics(tmp_path: Path) -> None:
    small_set(tmp_path)
    settings = recipe(2, frozen=("backbone.stem",))
    network = Network(len(CLASSES))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    Run(network, settings, tmp_path / "run").advance(tmp_path, lambda _: None, workers=0)
    after = network.state_dict()
    stem = [name for name in before if name.startswith("backbone.stem.")]
    assert all(torch.equal(before[name], after[name]) for name in stem)
    assert not torch.equal(before["neck.reduce.conv.weight"], after["neck.reduce.conv.weight"])


def test_training_from_scratch_refuses_frozen_layers(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        starting_network(recipe(1, frozen=("backbone.stem",)), tmp_path, None)


def test_a_recipe_with_an_unknown_key_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("stepz = 3\n[folders]\na = 1.0\n")
    with pytest.raises(RecipeError, match="stepz"):
        read_recipe(path)


def test_detections_can_be_narrowed() -> None:
    all_of = Detections(np.zeros((2, 4), np.float32), np.array([0.1, 0.9], np.float32), np.array([0, 1]))
    assert all_of.only(all_of.scores > 0.5).classes.tolist() == [1]


def test_cells_and_truth_go_where_the_network_is() -> None:
    elsewhere = torch.device("meta")
    assert {tensor.device.type for tensor in grid(32, 64, elsewhere)} == {"meta"}
    truth = on(Target(torch.zeros(1, 4), torch.zeros(1, dtype=torch.int64), torch.zeros(0, 4)), elsewhere)
    assert {truth.boxes.device.type, truth.kinds.device.type, truth.ignore.device.type} == {"meta"}


def test_a_graphics_card_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert best_device().type == "cpu"
    small_set(tmp_path)
    answer = CliRunner().invoke(
        train, ["--datasets", str(tmp_path), "--device", "cuda", "--out", str(tmp_path / "run")]
    )
    assert answer.exit_code == 1
    assert "--device cuda: torch finds no graphics card" in answer.output
