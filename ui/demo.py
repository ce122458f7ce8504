"""`python -m ui.demo`: a library of real photos, questions to it, and the web page.

--once ends after the searches, with exit code 1 if too few of them put a right photo first.
"""

import argparse
import contextlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from common import errors
from common.samples import Kind
from ui import child, console, demo_photos, demo_results, finding, library
from ui.client import Client
from ui.commands import importing
from ui.library import UpFile

PATIENCE_S = 300.0
STOP_S = 60.0
WORD = re.compile(r"[A-Za-z]{4,}")


def main() -> None:
    """Run the demo. Exit code 1 if something failed or the answers are not good enough."""
    given = _arguments()
    try:
        demo = demo_photos.of_folder(given.photos) if given.photos else demo_photos.packaged()
        with _folder(once=given.once, named=given.library) as folder:
            good = _run(demo, folder, once=given.once)
    except KeyboardInterrupt:
        good = True
    except (errors.SemapixError, OSError) as error:
        console.complain(f"demo: {error}")
        good = False
    sys.exit(0 if good else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ui.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the searches")
    parser.add_argument("--photos", type=Path, help="folder of your own photos")
    parser.add_argument("--library", type=Path, help="folder of the library")
    return parser.parse_args()


@contextlib.contextmanager
def _folder(*, once: bool, named: Path | None) -> Iterator[Path]:
    """Yield the library's folder; one that nobody named is gone after a demo that runs once."""
    if named or not once:
        yield named or library.DEFAULT_LIBRARY / "demo"
        return
    with tempfile.TemporaryDirectory(prefix="semapix-demo-") as folder:
        yield Path(folder)


def _run(demo: demo_photos.Demo, folder: Path, *, once: bool) -> bool:
    arguments = ("--free-ports",) if once else ()
    with _up(folder, arguments) as (process, up), Client(up.gateway) as client:
        sent = importing.send(client, demo.photos, PATIENCE_S)
        after = importing.finish_stages(client, PATIENCE_S)
        importing.print_report(importing.report(sent, demo.unreadable, after), after.notices)
        good = _ask(client, demo.questions)
        if "web" in up.services:
            console.output().print(f"web page: http://{up.services['web'].address}", style="bold")
        if not once:
            console.output().print(f"library {folder} stays up until Ctrl-C")
            process.wait()
    return good and sent.tally.ok


def _ask(client: Client, questions: Sequence[demo_photos.Question]) -> bool:
    asked = [*questions]
    if not any(question.group == "word" for question in asked):
        word = _some_word(client)
        asked += [demo_photos.word_question(word)] if word else []
    answered = [demo_results.Answered(q, client.search(q.query).hits) for q in asked]
    demo_results.show(answered)
    return demo_results.verdict(answered)


def _some_word(client: Client) -> str:
    """Return the longest word among the surest text of each photo, "" where nothing was read."""
    ids = [photo.facts.photo_id for photo in finding.listed(client, 1000)[1]]
    photos = [one for one in client.photos(ids) if not isinstance(one, errors.SemapixError)]
    sure = (next((s for s in one.samples if s.kind is Kind.TEXT), None) for one in photos)
    words = [word for sample in sure if sample for word in WORD.findall(sample.text)]
    return max(words, key=len, default="")


@contextlib.contextmanager
def _up(folder: Path, arguments: Sequence[str]) -> Iterator[tuple[subprocess.Popen[bytes], UpFile]]:
    """Yield `semapix up` of `folder` once it is ready. Raises Unavailable if it ends before."""
    command = child.command("ui.main", "up", "--library", str(folder), *arguments)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, process_group=0)
    try:
        yield process, _when_ready(process, folder)
    finally:
        process.terminate()
        process.wait(STOP_S)


def _when_ready(process: subprocess.Popen[bytes], folder: Path) -> UpFile:
    while process.poll() is None:
        up = library.read_up_file(folder)
        if up is not None and up.pid == process.pid:
            return up
        time.sleep(0.3)
    raise errors.Unavailable(f"`semapix up` ended before it was ready; see {folder / 'logs'}")


if __name__ == "__main__":
    main()
