"""Clusters through the gateway: it suggests names and hands over those that a person gives."""

from pathlib import Path

from common import clients
from semapix.v1 import analysis_pb2 as pb
from tests.contract.gateway.gateway_house import house


async def test_clusters_get_the_name_of_the_nearest_label_and_texts_their_own(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as running:
        plain = pb.GetClustersRequest(analysis_id="a1")
        answer = await clients.call(running.analysis.GetClusters(plain))
        whole = pb.GetClustersRequest(analysis_id="a1", with_centres=True)
        with_centres = await clients.call(running.analysis.GetClusters(whole))
    assert [c.suggested_name for c in answer.clusters] == ["blue sky", "white sale"]
    assert not any(c.HasField("centre") for c in answer.clusters)
    assert not any(run.mean for run in answer.runs)
    assert all(c.HasField("centre") for c in with_centres.clusters)


async def test_clusters_come_without_suggestions_while_the_embedder_is_away(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as running:
        await running.served["embedder"].stop()
        request = pb.GetClustersRequest(analysis_id="a1")
        answer = await clients.call(running.analysis.GetClusters(request))
    assert [c.suggested_name for c in answer.clusters] == ["", "white sale"]


async def test_name_that_a_person_gives_is_handed_over(tmp_path: Path) -> None:
    async with house(tmp_path) as running:
        request = pb.NameClusterRequest(analysis_id="a1", cluster_id="c", name="Horses")
        answer = await clients.call(running.analysis.NameCluster(request))
    assert (answer.cluster.cluster_id, answer.cluster.name) == ("c", "Horses")
