"""Which cluster is which of an earlier clustering."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis_service.clusters import Cluster, Clusters
from analysis_service.identities import Register, recognised
from analysis_service.registers import Registers
from analysis_service.specs import ClusterParameters, Spec
from common.samples import Kind, Sample

Members = list[str]
NOTHING = Register()


def after(clusters: list[Members], known: Register = NOTHING) -> tuple[list[str], Register]:
    """Return ids and register of clusters with no noise beside them."""
    return recognised(clusters, [one for members in clusters for one in members], known=known)


def test_order_and_growth_do_not_matter() -> None:
    (a, b), known = after([list("abcd"), list("xyz")])
    found, _ = after([[*"xyz", *"0123456789"], list("abcd")], known)
    assert found == [b, a]


def test_samples_that_are_gone_say_nothing() -> None:
    (a, b), known = after([list("abcdefghij"), list("xyz")])
    found, _ = after([list("a"), list("xyz")], known)
    assert found == [a, b]


def test_larger_part_keeps_the_identity_when_a_cluster_breaks() -> None:
    (a,), known = after([list("abcdef")])
    found, _ = after([list("ab"), list("cdef")], known)
    assert found[1] == a != found[0]


def test_cluster_that_swallows_many_is_a_new_one() -> None:
    old, known = after([list("abc"), list("def"), list("ghi"), list("jkl")])
    (new,), _ = after([list("abcdefghijkl")], known)
    assert new not in old


def test_sample_that_lay_alone_before_counts_against_a_match() -> None:
    a, known = recognised([list("ab")], list("abcdefgh"), known=Register())
    (new,), _ = recognised([list("abcdefgh")], list("abcdefgh"), known=known)
    assert new != a[0]


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=30), st.lists(st.integers(0, 5), max_size=30)
)
def test_no_two_clusters_share_an_id_and_the_same_clusters_keep_theirs(
    first: list[int], second: list[int]
) -> None:
    ids, known = after(grouped(first))
    changed, later = after(grouped(second), known)
    assert len(set(changed)) == len(changed)
    assert after(grouped(second), later)[0] == changed
    assert len(ids) == len(set(first))


def grouped(labels: list[int]) -> list[Members]:
    """Return a cluster per label that occurs."""
    return [
        [str(at) for at, label in enumerate(labels) if label == wanted]
        for wanted in sorted(set(labels))
    ]


def test_unreadable_register_is_set_aside_and_ids_begin_anew(tmp_path: Path) -> None:
    spec = Spec(ClusterParameters())
    samples = [Sample(str(n), "p", Kind.PHOTO) for n in range(3)]
    found = Clusters((Cluster((0, 1), 0.1),), (2,))
    first = Registers(tmp_path).recognised(spec, samples, found)
    assert Registers(tmp_path).recognised(spec, samples, found) == first
    path = tmp_path / "identities" / "photo.json"
    path.write_text("{")
    assert Registers(tmp_path).recognised(spec, samples, found) != first
    assert path.with_suffix(".unreadable").exists()
