"""The trash: what was removed, back again, or gone for good after a question."""

import gradio as gr

from common import errors
from ui import client
from ui.web import blocks, cards, trash_cards, words

SHOWN = 60


class TrashView:
    """The blocks of the trash, wired among themselves."""

    def __init__(self, library: client.Client) -> None:
        self._keeping = library.housekeeping
        with gr.Accordion("Trash", open=False, elem_id="home-trash") as self._frame:
            self._list = blocks.cards("trash-list")
        opened = self._frame.expand(self.refresh, None, self.shown, **blocks.QUIET)
        blocks.overtaken(opened, self._list.restore_photo, self._list.empty_trash)
        self.restored = self._list.restore_photo(self._restore, None, self.shown, **blocks.QUIET)
        self._list.empty_trash(self._empty, None, self.shown, **blocks.SHOWN)

    @property
    def shown(self) -> list[blocks.Block]:
        """The blocks that `refresh` fills."""
        return [self._frame, self._list]

    def refresh(self, said: str = "") -> list[object]:
        """Return title and photos as they are now."""
        try:
            photos, total = self._keeping.first_trashed(limit=SHOWN)
        except errors.SemapixError as error:
            return [gr.skip(), cards.problem(words.sentence(error))]
        title = f"Trash ({total:,})" if total else "Trash: empty"
        return [gr.update(label=title), said + trash_cards.trash(photos, total)]

    def _restore(self, event: gr.EventData) -> list[object]:
        try:
            (failed,) = self._keeping.restore([blocks.item(event)])
        except errors.SemapixError as error:
            failed = error
        said = cards.problem(words.sentence(failed)) if failed else cards.note("The photo is back.")
        return self.refresh(said)

    def _empty(self) -> list[object]:
        deleted = 0
        try:
            for done, _ in self._keeping.empty():
                deleted = done
        except errors.SemapixError as error:
            return self.refresh(cards.problem(words.sentence(error)))
        return self.refresh(cards.note(f"{words.count(deleted, 'photo')} deleted for good."))
