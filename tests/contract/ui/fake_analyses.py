"""The analyses of the small real gateway for the command line."""

from semapix.v1 import analysis_pb2, analysis_pb2_grpc, clusters_pb2, duplicates_pb2


class Analysis(analysis_pb2_grpc.AnalysisServiceServicer):
    """Every job succeeds after two steps, but for clusters with an eps of 2."""

    def __init__(self, gateway, sample):
        self.gateway, self.sample, self.jobs, self.names = gateway, sample, {}, {}

    def job(self, analysis_id, state, progress):
        spec = self.jobs[analysis_id]
        failed = spec.clusters.eps == 2 and state == 3
        return analysis_pb2.Analysis(
            analysis_id=analysis_id, spec=spec, state=4 if failed else state, progress=progress,
            step="t-SNE", samples=2, error="eps is too wide" if failed else "",
        )  # fmt: skip

    async def StartAnalysis(self, request, context):
        analysis_id = f"job{len(self.jobs)}"
        self.jobs[analysis_id] = request.spec
        return analysis_pb2.StartAnalysisResponse(analysis=self.job(analysis_id, 1, 0.0))

    async def WatchAnalysis(self, request, context):
        for state, progress in ((2, 0.5), (3, 1.0)):
            yield analysis_pb2.WatchAnalysisResponse(
                analysis=self.job(request.analysis_id, state, progress)
            )

    async def DeleteAnalyses(self, request, context):
        deleted = len(self.jobs)
        self.jobs.clear()
        return analysis_pb2.DeleteAnalysesResponse(deleted=deleted)

    async def GetClusters(self, request, context):
        samples = [self.sample(photo_id) for photo_id in sorted(self.gateway.photos)]
        return analysis_pb2.GetClustersResponse(
            analysis=self.job(request.analysis_id, 3, 1.0),
            clusters=[
                clusters_pb2.Cluster(
                    number=0,
                    samples=samples[:2],
                    spread=0.25,
                    cluster_id="c0",
                    size=2,
                    name=self.names.get("c0", ""),
                    suggested_name="beach",
                )
            ],
            noise=samples[2:],
        )

    async def ListAnalyses(self, request, context):
        jobs = [self.job(analysis_id, 3, 1.0) for analysis_id in reversed(self.jobs)]
        return analysis_pb2.ListAnalysesResponse(analyses=jobs)

    async def NameCluster(self, request, context):
        self.names[request.cluster_id] = request.name
        named = clusters_pb2.Cluster(cluster_id=request.cluster_id, name=request.name, size=2)
        return analysis_pb2.NameClusterResponse(cluster=named)

    async def GetMap(self, request, context):
        points = [
            analysis_pb2.MapPoint(sample=self.sample(photo_id), x=0.5, y=-0.5, z=0.25)
            for photo_id in sorted(self.gateway.photos)
        ]
        job = self.job(request.analysis_id, 3, 1.0)
        return analysis_pb2.GetMapResponse(analysis=job, points=points)

    async def GetDuplicates(self, request, context):
        """Each kind finds more: two, three, then all but that the last is tied by a chain."""
        job = self.job(request.analysis_id, 3, 1.0)
        size = job.spec.duplicates.kind + 1
        photos = [
            duplicates_pb2.DuplicatePhoto(
                photo_id=photo_id,
                width=4,
                height=3,
                bytes=7,
                sharpness=12.5,
                like_best=place < 2,
                differing_bits=place,
            )
            for place, photo_id in enumerate(sorted(self.gateway.photos)[:size])
        ]
        groups = [duplicates_pb2.DuplicateGroup(photos=photos, why="sharpest")]
        return analysis_pb2.GetDuplicatesResponse(
            analysis=job, groups=groups if len(photos) > 1 else [], not_compared=5
        )
