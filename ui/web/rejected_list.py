"""The list of rejected photos: why each is not in, once more, or off the list."""

import gradio as gr

from common import errors
from ui import answers, client
from ui.web import blocks, cards, import_cards, words

SHOWN = 100
GOOD = (answers.Outcome.ADDED, answers.Outcome.DUPLICATE)


class RejectedList:
    """The blocks of the list, wired among themselves."""

    def __init__(self, library: client.Client, acts: gr.State) -> None:
        self._imports = library.imports
        with gr.Accordion("Rejected photos", open=False, elem_id="home-rejected") as self._frame:
            self._list = blocks.cards("rejected-list")
        self._frame.expand(self._opened, acts, self.shown, **blocks.QUIET)
        self.retried = self._list.retry_rejected(self._retry, acts, self.shown, **blocks.SHOWN)
        self._list.forget_rejected(self._forget, acts, self.shown, **blocks.QUIET)

    @property
    def shown(self) -> list[blocks.Block]:
        """The blocks that `refresh` fills."""
        return [self._frame, self._list]

    def refresh(self, said: str = "") -> list[object]:
        """Return title and list as they are now."""
        try:
            photos, total = self._imports.first_rejected(limit=SHOWN)
        except errors.SemapixError as error:
            return [gr.skip(), cards.problem(words.sentence(error))]
        title = f"Rejected photos ({total:,})" if total else "Rejected photos: none"
        return [gr.update(label=title), said + import_cards.rejected(photos, total)]

    def _opened(self, acts: blocks.Acts) -> list[object]:
        return acts.unless_overtaken(self.refresh)

    def _retry(self, acts: blocks.Acts, event: gr.EventData) -> list[object]:
        acts.begin()
        try:
            found = [outcome for _, outcome in self._imports.retry(self._chosen(event))]
        except errors.SemapixError as error:
            return self.refresh(cards.problem(words.sentence(error)))
        got_in = sum(isinstance(one, answers.Imported) and one.outcome in GOOD for one in found)
        tried = words.count(len(found), "photo")
        return self.refresh(cards.note(f"Tried {tried} again: {got_in:,} got in."))

    def _forget(self, acts: blocks.Acts, event: gr.EventData) -> list[object]:
        acts.begin()
        try:
            gone = self._imports.forget(self._chosen(event))
        except errors.SemapixError as error:
            return self.refresh(cards.problem(words.sentence(error)))
        return self.refresh(cards.note(f"{words.count(gone, 'photo')} taken off the list."))

    def _chosen(self, event: gr.EventData) -> list[int]:
        """Return the rejection that was clicked on, or all that are shown. Raises NotFound."""
        item = blocks.item(event)
        if item.isdecimal():
            return [int(item)]
        found = [one.rejection.rejection_id for one in self._imports.first_rejected(limit=SHOWN)[0]]
        if not found:
            raise errors.NotFound("the list of rejected photos is empty")
        return found
