"""Photos by the first digits of their id, lists of any length, removals of any number."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from common import errors
from common.samples import Entry
from ui.client import Client

PAGE = 1000
WHOLE_ID = re.compile(r"[0-9a-f]{64}")
SHORT_ID = re.compile(r"[0-9a-f]{6,64}")


def full_id(client: Client, given: str) -> str:
    """Return the id that starts with `given`; a whole one is not looked up.

    Raises InvalidInput if it is too short, no id, or fits several photos; NotFound if none.
    """
    wanted = given.strip().lower()
    if WHOLE_ID.fullmatch(wanted):
        return wanted
    ids = (photo.facts.photo_id for photo in every_photo(client))
    return the_one(ids, wanted, "semapix list")


def the_one(ids: Iterable[str], given: str, command: str) -> str:
    """Return the one of `ids` that starts with `given`; `command` is what shows them.

    Raises InvalidInput if it is too short, no id, or fits several; NotFound if none.
    """
    wanted = given.strip().lower()
    if not SHORT_ID.fullmatch(wanted):
        raise errors.InvalidInput("id", f"{given[:80]!r} is not an id of 6 to 64 hex digits")
    fitting = list(islice((photo_id for photo_id in ids if photo_id.startswith(wanted)), 2))
    if len(fitting) > 1:
        raise errors.InvalidInput("id", f"several photos start with {wanted}: give more digits")
    if not fitting:
        raise errors.NotFound(f"no photo starts with {wanted}; `{command}` shows what there is")
    return fitting[0]


def every_photo(client: Client) -> Iterator[Entry]:
    """Yield all photos without samples, newest first."""
    token = ""
    while True:
        page = client.list_photos(page_size=PAGE, token=token)
        yield from page.photos
        token = page.next_token
        if not token:
            return


def listed(client: Client, limit: int) -> tuple[int, list[Entry]]:
    """Return how many photos there are, and the `limit` newest; 0 is all."""
    total = client.list_photos(page_size=1).total
    return total, list(islice(every_photo(client), limit or None))


def removed(
    client: Client, given: Sequence[str], *, permanently: bool = False
) -> list[errors.SemapixError | None]:
    """Remove the photos with these ids or beginnings of ids; return what went wrong with each."""
    found = [_looked_up(client, text) for text in given]
    ids = [one for one in found if isinstance(one, str)]
    results: list[errors.SemapixError | None] = []
    for at in range(0, len(ids), PAGE):
        results += client.remove(ids[at : at + PAGE], permanently=permanently)
    answers = iter(results)
    return [next(answers) if isinstance(one, str) else one for one in found]


def _looked_up(client: Client, given: str) -> str | errors.SemapixError:
    try:
        return full_id(client, given)
    except (errors.InvalidInput, errors.NotFound) as error:
        return error
