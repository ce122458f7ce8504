"""The network without its weights: shapes, kinds, losses, folding, and files of weights."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from common.samples import OBJECT_KINDS, Kind
from detector_service import classes, mini
from detector_service.mini_network import SIZE_PX, MiniNetwork
from detector_service.mini_regions import Found, Targets
from detector_service.training import imagenet, result

KINDS = mini.kinds_of(classes.COCO_80)
DOG = classes.COCO_80.index("dog")
CAT = classes.COCO_80.index("cat")
CUP = classes.COCO_80.index("cup")


@pytest.fixture(scope="module")
def network() -> MiniNetwork:
    torch.manual_seed(0)
    return MiniNetwork(KINDS).eval()


def targets(*columns: int) -> Targets:
    chances = torch.zeros(len(columns), 81)
    chances[range(len(columns)), [1 + column for column in columns]] = 1
    boxes = torch.tensor([[20.0, 20, 100, 90]]).repeat(len(columns), 1)
    return Targets(boxes, chances)


def test_every_class_has_the_place_of_its_kind():
    assert len(KINDS) == 80
    assert OBJECT_KINDS[KINDS[DOG]] is Kind.ANIMAL
    assert OBJECT_KINDS[KINDS[CUP]] is Kind.OBJECT


def test_score_of_a_kind_is_the_sum_over_its_classes(network: MiniNetwork):
    chances = torch.zeros(1, 81)
    chances[0, 0], chances[0, 1 + DOG], chances[0, 1 + CAT], chances[0, 1 + CUP] = (
        0.1,
        0.3,
        0.2,
        0.4,
    )
    found = network.regions._kept(chances, torch.tensor([[0.0, 0, 50, 50]]))
    assert OBJECT_KINDS[int(found.kinds[0])] is Kind.ANIMAL
    assert float(found.scores[0]) == pytest.approx(0.5)
    assert int(found.classes[0]) == DOG
    assert float(found.shares[0]) == pytest.approx(0.6)


def test_of_two_boxes_on_the_same_thing_the_surer_is_kept(network: MiniNetwork):
    chances = torch.zeros(3, 81)
    chances[:, 1 + DOG] = torch.tensor([0.4, 0.9, 0.5])
    boxes = torch.tensor([[0.0, 0, 50, 50], [1, 0, 50, 50], [100, 100, 150, 150]])
    found = network.regions._kept(chances, boxes)
    assert found.scores.tolist() == pytest.approx([0.9, 0.5])


def test_losses_are_finite_with_and_without_objects(network: MiniNetwork):
    pixels = torch.zeros(2, 3, 96, 128)
    network.train()
    losses = network.losses(pixels, [targets(DOG), targets()])
    network.eval()
    assert {"class", "kind", "box"} < set(losses)
    assert all(torch.isfinite(value) for value in losses.values())


def test_frozen_part_gets_no_gradient_and_the_rest_does():
    network = MiniNetwork(KINDS)
    network.backbone.freeze(3)
    losses = network.losses(torch.rand(1, 3, 96, 96), [targets(DOG)])
    torch.stack(list(losses.values())).sum().backward()
    assert all(values.grad is None for values in network.backbone.stages[:3].parameters())
    assert network.backbone.stages[6][0].layers[0].weight.grad.abs().sum() > 0
    assert network.regions.box_predictor.scores.weight.grad.abs().sum() > 0


def test_freezing_changes_no_feature(network: MiniNetwork):
    frozen = MiniNetwork(KINDS)
    frozen.load_state_dict(network.state_dict())
    frozen.backbone.freeze(3)
    pixels = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        pairs = zip(network.backbone(pixels), frozen.backbone(pixels), strict=True)
        shapes = [one.shape[-1] for one, other in pairs if torch.allclose(one, other, atol=1e-4)]
    assert shapes == [8, 4, 2]


def test_folded_convolution_does_the_work_of_its_norm():
    torch.manual_seed(1)
    convolution, norm = nn.Conv2d(4, 6, 3, bias=False), nn.BatchNorm2d(6).eval()
    nn.init.uniform_(norm.weight, 0.5, 2)
    nn.init.uniform_(norm.bias)
    norm.running_mean = torch.rand(6)
    norm.running_var = torch.rand(6) + 0.5
    pixels = torch.rand(1, 4, 9, 9)
    weight, bias = imagenet.folded(convolution.weight, norm)
    made = nn.functional.conv2d(pixels, weight, bias)
    assert torch.allclose(made, norm(convolution(pixels)), atol=1e-5)


def test_boxes_come_back_in_shares_of_the_photo_and_doubtful_names_stay_out(network: MiniNetwork):
    detector = mini.MiniDetector(mini.About("mini", "", "cpu"), classes.COCO_80, 0.45, network)
    boxes = torch.tensor(
        [[0.0, 0, SIZE_PX / 2, SIZE_PX], [SIZE_PX / 2, 0, SIZE_PX, 64], [0, 0, 9, 9]]
    )
    kind = torch.tensor([KINDS[DOG], KINDS[CUP], KINDS[CUP]])
    found = Found(
        boxes,
        kind,
        torch.tensor([DOG, CUP, CUP]),
        torch.tensor([0.9, 0.6, 0.2]),
        torch.tensor([0.8, 0.3, 0.9]),
    )
    first, second = detector._detections(found)
    assert (first.kind, first.label, second.label) == (Kind.ANIMAL, "dog", "")
    assert (first.box.x, first.box.width, first.box.height) == pytest.approx((0, 0.5, 1))
    assert second.box.height == pytest.approx(64 / SIZE_PX)


def test_written_weights_load_and_find_the_same(network: MiniNetwork, tmp_path: Path):
    path = result.write_weights(network.state_dict(), classes.COCO_80, tmp_path)
    assert path.stat().st_size < 15e6
    loaded = mini.load(path, device="cpu", confidence=0.01)
    assert loaded.names == classes.COCO_80
    image = Image.effect_noise((90, 60), 80).convert("RGB")
    assert loaded.detect(image) == mini.load(path, device="cpu", confidence=0.01).detect(image)
    for key, values in loaded.network.state_dict().items():
        assert torch.allclose(values.float(), network.state_dict()[key], rtol=1e-2, atol=1e-3), key


def test_files_that_are_no_weights_are_refused(tmp_path: Path):
    garbage, foreign = tmp_path / "garbage.safetensors", tmp_path / "foreign.safetensors"
    garbage.write_bytes(b"nothing of the kind")
    save_file({"a": torch.zeros(1)}, foreign)
    for path in (garbage, foreign):
        with pytest.raises(ValueError, match="does not hold the weights of mini"):
            mini.load(path, device="cpu", confidence=0.0)
    with pytest.raises(FileNotFoundError):
        mini.load(tmp_path / "absent.safetensors", device="cpu", confidence=0.0)
