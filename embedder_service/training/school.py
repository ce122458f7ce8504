"""From features to trained heads: the constants, the course, and the training."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torchvision.models import EfficientNet_B0_Weights

from embedder_service import mini_heads, mini_towers
from embedder_service.hardware import Hardware
from embedder_service.training import constants, evaluate, features, learning, lessons
from embedder_service.training.material import Material

FLICKR8K_TRAIN, COCO_TRAIN = "train", "train2017"
NAME_PHRASE = "a photo of a {}"


@dataclass(frozen=True, slots=True)
class Trained:
    """Heads, and the text vectors that they were trained with and can be measured with."""

    heads: mini_heads.Heads
    texts: features.Texts


def class_names() -> list[str]:
    """Return the names of the 1,000 ImageNet classes in the order of the classifier."""
    names = EfficientNet_B0_Weights.IMAGENET1K_V1.meta["categories"]
    return [str(name).lower() for name in names]


def train(material: Material, cache: Path, recipe: learning.Recipe, hardware: Hardware) -> Trained:
    """Return heads trained on the train splits; nothing of val and test is looked at."""
    torch.manual_seed(recipe.seed)
    taught = _taught(material)
    names = lessons.of_names(class_names())
    every = [lesson for _, group in taught for lesson in group] + names
    texts = features.written(cache / "texts.npz", _wanted(material, every), hardware)
    heads = mini_heads.Heads()
    _set_constants(heads, taught[0][0], texts, recipe)
    courses = [lessons.of_pictures(heads, seen, group) for seen, group in taught]
    courses.append(_of_classes(heads, courses[0], names, hardware))
    course = courses[0]
    for other in courses[1:]:
        course = course.joined(other)
    learning.train(heads, course, texts, recipe)
    return Trained(heads, texts)


def _taught(material: Material) -> list[tuple[features.Pictures, list[lessons.Lesson]]]:
    flickr8k = features.of_split(material.flickr8k, FLICKR8K_TRAIN)
    coco = features.of_split(material.coco, COCO_TRAIN)
    things = features.of_split(material.things, COCO_TRAIN)
    return [
        (flickr8k, lessons.of_captioned(flickr8k.examples)),
        (coco, lessons.of_captioned(coco.examples)),
        (things, lessons.of_names(example.texts[0] for example in things.examples)),
    ]


def _wanted(material: Material, taught: list[lessons.Lesson]) -> list[str]:
    """Return every text that training, evaluation and calibration need a vector of."""
    seen = (*material.flickr8k.examples, *material.coco.examples, *material.things.examples)
    captions = [text for example in seen for text in example.texts]
    words = lessons.phrased(sorted({word for lesson in taught for word in lesson.words}))
    held_out = [features.of_split(material.flickr8k, split).examples for split in ("val", "test")]
    single = [word for examples in held_out for word in evaluate.words(examples).words]
    first = [example.texts[0] for examples in held_out for example in examples]
    again = [constants.rewritten(text) for text in first]
    return [*captions, *words, *single, *again]


def _set_constants(
    heads: mini_heads.Heads,
    seen: features.Pictures,
    texts: features.Texts,
    recipe: learning.Recipe,
) -> None:
    """Set what is measured, not learned: standardisation, class names and their main axes."""
    pooled = torch.from_numpy(seen.pooled).float()
    heads.mean.copy_(pooled.mean(0))
    heads.spread.copy_(pooled.std(0) + 1e-6)
    named = texts.rows([NAME_PHRASE.format(name) for name in class_names()])
    heads.class_names.copy_(torch.from_numpy(texts.vectors[named]).float())
    axes = torch.linalg.svd(heads.class_names, full_matrices=False)[2]
    heads.projection.copy_(axes[: mini_heads.BREADTH].T)
    heads.breadth_weight.fill_(recipe.breadth_weight)


def _of_classes(
    heads: mini_heads.Heads,
    photos: lessons.Course,
    names: list[lessons.Lesson],
    hardware: Hardware,
) -> lessons.Course:
    classifier = mini_towers.PictureTower(hardware).module._fc.weight.detach().float().cpu()
    looks = photos.inputs[:, : mini_towers.PICTURE_WIDTH]
    plain = [name.words[0] for name in names]
    return lessons.of_classes(heads, classifier, plain, length=float(looks.norm(dim=1).mean()))
