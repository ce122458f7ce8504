"""Names and texts of strangers are shown, never run."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import samples
from common.imports import ImportRecord, ImportState, Rejection
from common.samples import Hit, Kind, Match, Reason, Stage, StageRecord
from tests.unit.ui_web import web_values
from ui import analyses, answers
from ui.housekeeping import Finding, Trashed, Trouble
from ui.import_client import ImportProgress, RejectedPhoto
from ui.web import (
    around,
    cards,
    cluster_cards,
    import_cards,
    photo_view,
    reports,
    result_cards,
    status_cards,
    trash_cards,
    uploads,
)

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "</button></article><iframe src=javascript:alert(1)>",
    "&lt;b&gt; {{constructor}} ${alert(1)}",
    "\u202e gnp.exe",
)


def gallery(text: str) -> str:
    return cards.gallery([samples.Entry(web_values.facts(text))])


def result(text: str) -> str:
    kinds = (Kind.TEXT, Kind.OBJECT, Kind.PHOTO)
    found = (web_values.sample(kind, text) for kind in kinds)
    matches = tuple(Match(one, 0.3, 0.8, 1.0) for one in found)
    return result_cards.results(web_values.answer(Hit(web_values.facts(text), 0.8, matches)))


def dialog(text: str) -> str:
    found = (web_values.sample(Kind.TEXT, text), web_values.sample(Kind.OBJECT, text))
    stages = (StageRecord(Stage.OCR, "easyocr", text),)
    return photo_view.dialog(samples.Entry(web_values.facts(text), found, stages))


def imported(text: str) -> str:
    upload = uploads.Upload("a", waiting=text, trouble=text)
    upload.tally.add(answers.Imported(0, text, answers.Outcome.REJECTED, message=text))
    record = ImportRecord("a", ImportState.RUNNING, label=text)
    return import_cards.card(ImportProgress(record, 0, 0.0, None), upload)


def rejected(text: str) -> str:
    one = Rejection(1, text, "", Reason.DAMAGED, text, "a", 0)
    return import_cards.rejected([RejectedPhoto(one, kept=True)], 1)


def trashed(text: str) -> str:
    return trash_cards.trash([Trashed(web_values.facts(text), 0)], 1)


def around_it(text: str) -> str:
    return around.alike([Hit(web_values.facts(text), 0.8, ())]) + around.clusters([text])


def status(text: str) -> str:
    services = (answers.ServiceState(text, False, (text,), text),)
    state = answers.Status(services, 1, {}, {}, {}, 1, text, text, 5, (text,))
    record = ImportRecord("a", ImportState.PAUSED, label=text)
    shown = status_cards.imports([ImportProgress(record, 0, 0.0, None)])
    jobs = status_cards.jobs([web_values.job(analyses.ClusterParameters(), text)])
    found = status_cards.findings([Finding(Trouble.GRAPH, text, text, repaired=False)], 1)
    return status_cards.status(state) + shown + jobs + found


def clusters(text: str) -> str:
    one = web_values.sample(Kind.OBJECT, text)
    job = web_values.job(analyses.ClusterParameters(), text)
    named = analyses.Cluster(0, (one,), 0.1, "ab12", name=text)
    guessed = analyses.Cluster(1, (one,), 0.1, "cd34", suggested_name=text)
    found = analyses.Clustering(job, (named, guessed), (one,))
    facts = {web_values.PHOTO_ID: web_values.facts(text)}
    view = cluster_cards.View("job")
    return cluster_cards.clusters(found, view, facts) + reports.job(job)


RENDERERS = (
    *(gallery, result, dialog, imported, rejected, trashed, around_it, status, clusters),
    *(cards.problem, cards.note),
)


@pytest.mark.parametrize("render", RENDERERS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_add_no_tag_and_no_attribute(render: Callable[[str], str], text: str) -> None:
    harmless, hostile = web_values.Read(render("x")), web_values.Read(render(text))
    assert hostile.tags == harmless.tags
    assert [name for name, _ in hostile.attributes] == [name for name, _ in harmless.attributes]


@pytest.mark.parametrize("render", [result, dialog, status, cards.problem])
def test_hostile_words_are_shown_as_they_are(render: Callable[[str], str]) -> None:
    assert HOSTILE[0] in web_values.Read(render(HOSTILE[0])).text


@settings(max_examples=50)  # every page at once
@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60))
def test_any_words_at_all_add_no_tag(text: str) -> None:
    for render in RENDERERS:
        assert web_values.Read(render(text)).tags == web_values.Read(render("x")).tags
