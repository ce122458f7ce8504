"""The k-distance plot as SVG: how far each sample is from its neighbours, and the eps on it."""

from collections.abc import Sequence

from markupsafe import Markup

from common.samples import Kind
from ui import analyses
from ui.web import pictures, words

WIDTH, HEIGHT = 640, 180
EXPLAINED = (
    "Each picture’s distance to its nearest neighbours, the closest first. Below the bend pictures "
    "have company; above it they are alone. At the suggested distance most pictures lie in "
    "clusters beside the largest."
)


def plots(found: analyses.Clustering) -> Markup:
    """Return a curve for each run that has one, folded up; nothing without any."""
    curves = [_plot(run, several=len(found.runs) > 1) for run in _runs(found) if run.k_distances]
    if not curves:
        return Markup("")
    return Markup(
        '<details class="distances" open><summary>How near is near: the distances behind it'
        '</summary><div class="curves">{}<p class="quiet">{}</p></div></details>'
    ).format(pictures.joined(curves), EXPLAINED)


def _runs(found: analyses.Clustering) -> Sequence[analyses.ClusterRun]:
    """Return the runs; analyses of earlier versions have their one curve beside."""
    if found.runs:
        return found.runs
    count = found.analysis.samples
    return [
        analyses.ClusterRun(
            found.analysis.kinds, found.eps, found.suggested_eps, found.k_distances, count, 0
        )
    ]


def _plot(run: analyses.ClusterRun, *, several: bool) -> Markup:
    highest = max(*run.k_distances, run.eps, run.suggested_eps, 0.01) * 1.08
    what = "Texts" if run.kinds == (Kind.TEXT,) else "Pictures"
    return Markup(
        '<figure class="distance-plot">{}<svg viewBox="0 0 {} {}" preserveAspectRatio="none"'
        ' role="img" aria-label="{}"><polyline points="{}"/>{}{}</svg>{}{}</figure>'
    ).format(
        Markup("<figcaption>{}</figcaption>").format(what) if several else "",
        WIDTH,
        HEIGHT,
        f"distances from {run.k_distances[0]:.2f} to {run.k_distances[-1]:.2f}",
        _curve(run.k_distances, highest),
        _level(run.eps, highest, "used"),
        _level(run.suggested_eps, highest, "suggested"),
        _labels(run),
        _taking(run),
    )


def _curve(distances: Sequence[float], highest: float) -> str:
    step = WIDTH / max(len(distances) - 1, 1)
    return " ".join(
        f"{number * step:.1f},{_height(distance, highest):.1f}"
        for number, distance in enumerate(distances)
    )


def _height(distance: float, highest: float) -> float:
    return HEIGHT * (1 - distance / highest)


def _level(eps: float, highest: float, name: str) -> Markup:
    if not eps:
        return Markup("")
    return Markup('<line class="{0}" x1="0" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/>').format(
        name, WIDTH, _height(eps, highest)
    )


def _labels(run: analyses.ClusterRun) -> Markup:
    used = f"used {run.eps:.3f}" if run.eps else "HDBSCAN uses no single distance"
    suggested = f"suggested {run.suggested_eps:.3f}" if run.suggested_eps else ""
    return Markup(
        '<div class="levels"><span class="used">{}</span><span class="suggested">{}</span>'
        "<span>{} of {} in no cluster</span></div>"
    ).format(used, suggested, f"{run.noise:,}", words.count(run.samples, "picture"))


def _taking(run: analyses.ClusterRun) -> Markup:
    """Return the button that takes the suggestion where another distance was used."""
    if not run.suggested_eps or abs(run.suggested_eps - run.eps) < 1e-4:
        return Markup("")
    return Markup(
        '<button type="button" class="action" data-eps="{:.4f}">Take the suggested distance'
        "</button>"
    ).format(run.suggested_eps)
