"""The Status page: services, models, counts and notices in plain words."""

from common import errors
from ui import client
from ui.web import blocks, cards, reports, words


class StatusPage:
    """The block of the page."""

    def __init__(self, library: client.Client) -> None:
        self._library = library
        self.block = blocks.sentences("status")

    def refresh(self) -> str:
        """Return the page as it is now."""
        try:
            return reports.status_page(self._library.status())
        except errors.SemapixError as error:
            return cards.problem(words.sentence(error))
