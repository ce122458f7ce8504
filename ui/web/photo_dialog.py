"""The dialog that shows one photo at large, opened from every page."""

import gradio as gr

from common import errors
from ui import client
from ui.web import blocks, cards, photo_view, words

# What is said goes by itself, once nobody points at it.
PASSES = """
let passing;
watch("value", () => {
  clearTimeout(passing);
  const pass = () => {
    if (element.matches(":hover, :focus-within")) passing = setTimeout(pass, 3000);
    else props.value = "";
  };
  passing = setTimeout(pass, 15000);
});
"""


class PhotoDialog:
    """The block of the dialog, and what happens in it."""

    def __init__(self, library: client.Client) -> None:
        self._library = library
        script = blocks.script("cards.js") + blocks.script("dialog.js")
        self.block = gr.HTML(
            "", elem_id="photo", elem_classes="cards", js_on_load=script, padding=False
        )
        passing = blocks.script("cards.js") + PASSES
        self.said = gr.HTML(
            "", elem_id="photo-said", elem_classes="cards", js_on_load=passing, padding=False
        )
        self.opens_from(self.block)

    def opens_from(self, block: gr.HTML) -> None:
        """Open the photo that is clicked on in `block`."""
        block.open_photo(self.show, None, self.block, **blocks.QUIET)

    def show(self, event: gr.EventData) -> str:
        """Return the dialog of the photo that was clicked on."""
        try:
            return photo_view.dialog(self._library.photo(blocks.chosen(event).photo_id))
        except errors.SemapixError as error:
            return photo_view.trouble(words.sentence(error))

    def remove(self, event: gr.EventData) -> tuple[str, str]:
        """Remove the photo; return an empty dialog and what became of it, with a way back."""
        photo_id = blocks.chosen(event).photo_id
        try:
            (failed,) = self._library.remove([photo_id])
        except errors.SemapixError as error:
            failed = error
        if failed:
            return photo_view.trouble(words.sentence(failed)), ""
        return "", photo_view.removed(photo_id)

    def restore(self, event: gr.EventData) -> str:
        """Bring the photo back that was just removed; return what became of it."""
        try:
            (failed,) = self._library.housekeeping.restore([blocks.item(event)])
        except errors.SemapixError as error:
            failed = error
        return cards.problem(words.sentence(failed)) if failed else cards.note("The photo is back.")
