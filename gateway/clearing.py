"""A library emptied: every photo for good, or only what can be made again."""

from collections.abc import AsyncIterator

from gateway import removing, steps
from gateway.files import Files
from gateway.keeping import Trash
from gateway.services import Catalogue

Progress = AsyncIterator[tuple[int, int]]


async def everything(files: Files, catalogue: Catalogue, trash: Trash) -> Progress:
    """Delete all photos and the trash; yield how many of how many so far. Raises Unavailable."""
    deleted = 0
    in_trash = (await trash.trashed(size=1)).total
    page = await catalogue.page(size=removing.BATCH)
    total = page.total + in_trash
    yield deleted, total
    while page.entries:
        ids = [entry.facts.photo_id for entry in page.entries]
        results = await removing.removed(files, catalogue, ids)
        deleted += sum(error is None for error in results)
        yield deleted, max(total, deleted)
        page = await catalogue.page(size=removing.BATCH)
    async for emptied, _ in removing.emptied(files, trash):
        yield deleted + emptied, max(total, deleted + emptied)


async def thumbnails(files: Files) -> Progress:
    """Delete all thumbnails; yield how many folders of how many so far."""
    folders = await steps.whole(files.thumbnails.folders)
    for done, folder in enumerate(folders):
        if done % removing.BATCH == 0:
            yield done, len(folders)
        await steps.whole(files.thumbnails.remove, folder.name)
    yield len(folders), len(folders)
