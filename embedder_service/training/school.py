"""What training begins with: the constants, the texts and the course of lessons."""

import logging
from dataclasses import dataclass, field
from pathlib import Path

import torch

from embedder_service import lite, mini_heads, mini_towers, mini_tuned, minilm
from embedder_service.hardware import Hardware
from embedder_service.training import (
    class_names,
    constants,
    evaluate,
    learning,
    lessons,
    maps,
    reading,
    tuning,
)
from embedder_service.training.material import Material

log = logging.getLogger(__name__)
NAME_PHRASE = "a photo of a {}"
# What few photos hardly show must not weigh millions of times as much in others.
LEAST_SPREAD = 0.05


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides what comes out, besides the photos."""

    fitting: learning.Recipe = field(default_factory=learning.Recipe)
    towers: tuning.Recipe = field(default_factory=tuning.Recipe)
    breadth_weight: float = 0.7


@dataclass(frozen=True, slots=True)
class Towers:
    """Both towers as their packages hold them."""

    pictures: lite.Lite
    texts: minilm.MiniLM


def read_texts(material: Material, towers: Towers, cache: Path, where: Hardware) -> reading.Texts:
    """Return every text that training, evaluation and calibration ask for."""
    layers = towers.texts.layers[-mini_towers.TUNED_LAYERS :]
    tower = mini_towers.TextTower(where, towers.texts, layers)
    return reading.of(tower, _wanted(material), cache / "texts.npz")


def begun(
    material: Material, texts: reading.Texts, towers: Towers, recipe: Recipe
) -> tuple[mini_tuned.Tuned, lessons.Course]:
    """Return towers as they are with untrained heads, and the course that they are to be given."""
    torch.manual_seed(recipe.fitting.seed)
    tuned = mini_tuned.untrained(towers.pictures, towers.texts)
    _set_constants(tuned.heads, material.flickr8k_train, texts, recipe)
    return tuned, _course(tuned.heads, material, towers.pictures.classifier.weight)


def taught(material: Material) -> list[lessons.Lesson]:
    """Return all lessons: of photos, of things, and of the names of ImageNet's classes."""
    flickr8k, coco, things = material.taught
    return [
        *lessons.of_captioned(flickr8k.examples),
        *lessons.of_captioned(coco.examples),
        *lessons.of_names(example.texts[0] for example in things.examples),
        *lessons.of_names(class_names.NAMES),
    ]


def _course(
    heads: mini_heads.Heads, material: Material, classifier: torch.Tensor
) -> lessons.Course:
    looks = torch.from_numpy(material.flickr8k_train.pooled[:, 0]).float()
    length = float(((looks - heads.mean) / heads.spread).norm(dim=1).mean())
    stand_ins = lessons.stand_ins(heads, classifier, length=length)
    return lessons.Course(tuple(taught(material)), material.taught, stand_ins)


def _wanted(material: Material) -> list[str]:
    held_out = (material.flickr8k_val, material.flickr8k_test)
    seen = (*material.taught, *held_out, material.coco_val, material.things_val)
    captions = [text for those in seen for example in those.examples for text in example.texts]
    words = {word for lesson in taught(material) for word in lesson.words}
    single = [word for those in held_out for word in evaluate.words(those.examples).words]
    first = [example.texts[0] for those in held_out for example in those.examples]
    again = [constants.rewritten(text) for text in first]
    return [*captions, *lessons.phrased(sorted(words)), *single, *again]


def _set_constants(
    heads: mini_heads.Heads, seen: maps.Maps, texts: reading.Texts, recipe: Recipe
) -> None:
    """Set what is measured, not learned: standardisation, class names and their main axes."""
    pooled = torch.from_numpy(seen.pooled[:, 0]).float()
    heads.mean.copy_(pooled.mean(0))
    heads.spread.copy_(pooled.std(0).clamp(min=LEAST_SPREAD))
    named = texts.rows([NAME_PHRASE.format(name) for name in class_names.NAMES])
    heads.class_names.copy_(torch.from_numpy(texts.plain[named]).float())
    axes = torch.linalg.svd(heads.class_names, full_matrices=False)[2]
    heads.projection.copy_(axes[: mini_heads.BREADTH].T)
    heads.breadth_weight.fill_(recipe.breadth_weight)
