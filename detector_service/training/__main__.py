"""Train the `mini` detector.

python -m detector_service.training --data DIR --teacher ONNX --out DIR

DIR of the data holds flickr8k/ and coco/. Run it again to resume; what is done is not done again.
"""

import argparse
import logging
from pathlib import Path

import torch

from detector_service import classes, evaluation, mini, onnx_detector, weights
from detector_service.mini_network import MiniNetwork
from detector_service.training import batches, development, imagenet, result
from detector_service.training.labelling import labelled
from detector_service.training.loop import Plan, Training
from detector_service.training.ranks import joined
from detector_service.training.scenes import Scene, coco_scenes, flickr8k_photos
from detector_service.training.teacher import Teacher


def main() -> None:
    """Label, train, write the weights, judge them, write the card."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    given = _arguments()
    torch.set_num_threads(given.threads)
    given.out.mkdir(parents=True, exist_ok=True)
    plan = Plan(
        steps=given.steps, batch=given.batch, seed=given.seed, rate=given.rate, fall=given.fall
    )
    ranks = joined(given.device)
    with ranks.first_before_others():
        scenes, certain = _scenes(given)
    network = _network(plan, given.weights, half=given.bf16)
    training = Training(network, plan, given.out, device=given.device, ranks=ranks)
    training.run(scenes, batches.frequencies(scenes, certain=certain))
    if ranks.first:
        start = weights.fingerprint(given.weights) if given.weights else ""
        photos = len(scenes) - certain
        _write(training, given, result.Sources(given.teacher.stem, photos, certain, start))


def _write(training: Training, given: argparse.Namespace, sources: result.Sources) -> None:
    """Write the best of the averaged weights and their card."""
    teacher = onnx_detector.load(given.teacher, device="cpu", confidence=development.DOUBTFUL)
    photos = list(flickr8k_photos(given.data / "flickr8k", split="val"))
    questions = development.exam(photos, teacher)
    choice = development.chosen(training.states.iterdir(), questions, given.out)
    path = given.out / result.WEIGHTS
    account = result.Account(training.plan, sources, choice, _reports(path, given))
    logging.info("%s and %s", path, result.write_card(path, account))


def _network(plan: Plan, start: Path | None, *, half: bool) -> MiniNetwork:
    """Return the network as the training starts, the same for the same seed."""
    torch.manual_seed(plan.seed)
    network = MiniNetwork(mini.kinds_of(classes.COCO_80), half=half)
    if start:
        network.load_state_dict(mini.stored(start).state)
    else:
        imagenet.load_into(network.backbone)
    network.backbone.freeze(plan.frozen_stages)
    return network


def _scenes(given: argparse.Namespace) -> tuple[list[Scene], int]:
    """Return all scenes; how many at their end were labelled by people."""
    teacher = Teacher(onnx_detector.load(given.teacher, device="cpu", confidence=0.0))
    photos = flickr8k_photos(given.data / "flickr8k")
    taught = labelled(photos, teacher, given.out / "labels.npz")
    certain = coco_scenes(given.data / "coco", classes.COCO_80, split="train")
    return [*taught, *certain], len(certain)


def _reports(path: Path, given: argparse.Namespace) -> tuple[evaluation.Report, ...]:
    """Return the figures of the new weights and of the teacher over photos not trained on."""
    photos = evaluation.labelled(given.data / "coco", split="val")
    low = evaluation.CONFIDENCE
    student = mini.load(path, device="cpu", confidence=low)
    teacher = onnx_detector.load(given.teacher, device="cpu", confidence=low)
    return evaluation.report(student, photos), evaluation.report(teacher, photos)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m detector_service.training")
    usual = Plan()
    parser.add_argument("--data", type=Path, required=True, help="holds flickr8k/ and coco/")
    parser.add_argument("--teacher", type=Path, required=True, help="an .onnx detector")
    parser.add_argument("--out", type=Path, required=True, help="for checkpoint, weights and card")
    parser.add_argument("--weights", type=Path, help="weights to go on from, by default ImageNet's")
    parser.add_argument("--rate", type=float, default=usual.rate, help="learning rate")
    parser.add_argument("--fall", type=float, default=usual.fall, help="share of falling rate")
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--batch", type=int, default=usual.batch, help="pictures a step")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--threads", type=int, default=2, help="1 is faster on a busy machine")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
