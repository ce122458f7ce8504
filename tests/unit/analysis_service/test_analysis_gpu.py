"""Maps on a GPU: the same gradient as openTSNE's from all pairs, and the processor where it fails.

NumPy stands for CuPy, whose functions have the same names: what they compute is the same.
"""

import logging
import sys
import types

import numpy as np
import pytest
import scipy.sparse
from openTSNE.tsne import kl_divergence_bh

from analysis_service import gpu, maps, pairwise_gradient, tsne
from analysis_service.pairwise_gradient import PairwiseGradient
from analysis_service.specs import MapParameters
from common.vectors import Floats, normalised

WANTED = MapParameters(iterations=250)


def affinities(count: int) -> scipy.sparse.csr_matrix:
    random = np.random.default_rng(count)
    some = scipy.sparse.random(count, count, density=0.2, random_state=random, format="csr")
    some.setdiag(0)
    some.eliminate_zeros()
    both = (some + some.T).tocsr()
    return both / both.sum()


def vectors(count: int) -> Floats:
    rows = np.random.default_rng(0).normal(size=(count, 16))
    return normalised(rows.astype(np.float32))


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("spread", [1e-4, 1.0, 30.0])
@pytest.mark.parametrize("pairs", [100, 2**26])
def test_gradient_is_that_of_the_exact_tree(
    monkeypatch: pytest.MonkeyPatch, dimensions: int, spread: float, pairs: int
) -> None:
    monkeypatch.setattr(pairwise_gradient, "MOST_PAIRS", pairs)
    near = affinities(40)
    points = spread * np.random.default_rng(1).normal(size=(40, dimensions))
    exact = {"theta": 0.0}
    wanted, slope = kl_divergence_bh(points, near, 1.0, exact, should_eval_error=True)
    found, ours = PairwiseGradient(np)(points, near)
    assert found == pytest.approx(wanted, rel=1e-4)
    np.testing.assert_allclose(ours, slope, rtol=1e-3, atol=1e-5 * np.abs(slope).max())


def drawn(monkeypatch: pytest.MonkeyPatch, arrays: object) -> Floats:
    monkeypatch.setattr(tsne, "MANY", 10)
    monkeypatch.setattr(gpu, "arrays", lambda: arrays)
    return maps.draw(vectors(60), WANTED, report=lambda *_: None).points


def test_map_of_all_pairs_is_as_true_as_that_of_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    tree, pairs = drawn(monkeypatch, None), drawn(monkeypatch, np)
    assert not np.array_equal(tree, pairs)
    assert kept(pairs) >= kept(tree) - 0.05


def kept(points: Floats) -> float:
    """Return the share of the five nearest vectors that are among the ten nearest points."""
    near, there = vectors(60) @ vectors(60).T, -np.linalg.norm(points[:, None] - points, axis=2)
    wanted, found = np.argsort(-near)[:, 1:6], np.argsort(-there)[:, 1:11]
    return float(np.mean([np.isin(a, b).mean() for a, b in zip(wanted, found, strict=True)]))


class Failing(types.ModuleType):
    """A GPU that breaks in the middle of early exaggeration."""

    calls = 0

    def __getattr__(self, name: str) -> object:
        return getattr(np, name)

    def maximum(self, *given: object) -> object:
        self.calls += 1
        if self.calls > 20:
            raise RuntimeError("cudaErrorIllegalAddress")
        return np.maximum(*given)  # type: ignore[call-overload]


def test_processor_draws_the_map_where_the_gpu_gives_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    np.testing.assert_array_equal(drawn(monkeypatch, Failing("cupy")), drawn(monkeypatch, None))
    assert "the GPU gave up, the processor draws the map: cudaErrorIllegalAddress" in caplog.text


@pytest.mark.parametrize(("count", "there"), [(2, True), (0, False)])
def test_cupy_is_taken_where_it_finds_a_gpu(
    monkeypatch: pytest.MonkeyPatch, count: int, there: bool
) -> None:
    library = installed(monkeypatch, lambda: count)
    assert gpu.arrays() is (library if there else None)


def test_cupy_without_a_driver_is_told_and_left(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def none() -> int:
        raise RuntimeError("cudaErrorNoDevice")

    installed(monkeypatch, none)
    with caplog.at_level(logging.WARNING):
        assert gpu.arrays() is None
    assert "cudaErrorNoDevice" in caplog.text


def test_without_cupy_there_is_no_gpu_and_nothing_to_tell(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(gpu, "LIBRARY", "cupy_that_nobody_installed")
    assert gpu.arrays() is None
    assert not caplog.text


def installed(monkeypatch: pytest.MonkeyPatch, count: object) -> types.ModuleType:
    library = types.ModuleType("cupy_here")
    library.__spec__ = types.SimpleNamespace()  # type: ignore[assignment]
    library.cuda = types.SimpleNamespace(  # type: ignore[attr-defined]
        runtime=types.SimpleNamespace(getDeviceCount=count)
    )
    monkeypatch.setitem(sys.modules, "cupy_here", library)
    monkeypatch.setattr(gpu, "LIBRARY", "cupy_here")
    return library
