"""The model at every stage of its making, so that it can be seen what each one brings."""

from collections.abc import Iterator
from dataclasses import fields, replace

from embedder_service import mini_tuned
from embedder_service.training import maps, reading, school
from embedder_service.training.material import Material

Stage = tuple[str, mini_tuned.Tuned]


def stages(
    material: Material, texts: reading.Texts, towers: school.Towers, recipe: school.Recipe
) -> Iterator[Stage]:
    """Yield what there is before the towers are tuned, by name."""
    alone = replace(recipe, breadth_weight=0.0)
    yield "frozen towers", school.frozen(_whole(material), texts, towers, alone)[0]
    yield "+ augmentation", school.frozen(material, texts, towers, alone)[0]
    if recipe.towers.epochs:
        yield "+ breadth", school.frozen(material, texts, towers, recipe)[0]


def _whole(material: Material) -> Material:
    """Return the pictures in their first view alone."""
    return Material(*(_first(getattr(material, field.name)) for field in fields(material)))


def _first(those: maps.Maps) -> maps.Maps:
    arrays = (those.maps[:, :1], those.pooled[:, :1], those.shares[:, :1])
    return maps.Maps(those.examples, *arrays)
