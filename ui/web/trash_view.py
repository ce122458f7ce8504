"""The trash: what was removed, back again, or gone for good after a question."""

import gradio as gr

from common import errors
from ui import client
from ui.web import blocks, cards, trash_cards, words

SHOWN = 60


class TrashView:
    """The blocks of the trash, wired among themselves."""

    def __init__(self, library: client.Client, acts: gr.State) -> None:
        self._keeping = library.housekeeping
        with gr.Accordion("Trash", open=False, elem_id="home-trash") as self._frame:
            self._list = blocks.cards("trash-list")
        self._frame.expand(self._opened, acts, self.shown, **blocks.QUIET)
        self.restored = self._list.restore_photo(self._restore, acts, self.shown, **blocks.QUIET)
        self._list.empty_trash(self._empty, acts, self.shown, **blocks.SHOWN)

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

    def _opened(self, acts: blocks.Acts) -> list[object]:
        return acts.unless_overtaken(self.refresh)

    def _restore(self, acts: blocks.Acts, event: gr.EventData) -> list[object]:
        acts.begin()
        try:
            (failed,) = self._keeping.restore([blocks.item(event)])
        except errors.SemapixError as error:
            failed = error
        said = cards.problem(words.sentence(failed)) if failed else cards.note("The photo is back.")
        return self.refresh(said)

    def _empty(self, acts: blocks.Acts) -> list[object]:
        acts.begin()
        deleted = 0
        try:
            for done, _ in self._keeping.empty():
                deleted = done
        except errors.SemapixError as error:
            return self.refresh(cards.problem(words.sentence(error)))
        return self.refresh(cards.note(f"{words.count(deleted, 'photo')} deleted for good."))
