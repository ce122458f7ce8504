"""Maps of the fake library: a few points along a spiral, or as many as one asks for in heaps."""

import math
import random
from collections.abc import Iterable, Sequence

from semapix.v1 import analysis_pb2 as apb
from semapix.v1 import types_pb2 as tpb

HEAPS = 24


def spiral(samples: Sequence[tpb.Sample]) -> list[apb.MapPoint]:
    """Return a point per sample."""
    return [
        apb.MapPoint(sample=one, x=math.cos(n), y=math.sin(n), z=n / 10 - 0.5)
        for n, one in enumerate(samples)
    ]


def crowd(samples: Sequence[tpb.Sample], count: int) -> list[apb.MapPoint]:
    """Return so many points in heaps; the samples come again and again, each with its own id."""
    chance = random.Random(7)
    heaps = [[chance.uniform(-0.7, 0.7) for _ in range(3)] for _ in range(HEAPS)]
    points = []
    for number in range(count):
        sample = tpb.Sample()
        sample.CopyFrom(samples[number % len(samples)])
        sample.sample_id = f"{number:032x}"
        x, y, z = (chance.gauss(middle, 0.07) for middle in heaps[number % HEAPS])
        points.append(apb.MapPoint(sample=sample, x=x, y=y, z=z))
    return points


def placed(points: Iterable[apb.MapPoint], dimensions: int) -> list[apb.MapPoint]:
    """Return the points in so many dimensions, 0 for three."""
    flat = dimensions == 2
    return [apb.MapPoint(sample=p.sample, x=p.x, y=p.y, z=0 if flat else p.z) for p in points]
