// Sends the clicks on buttons inside a block of cards to Python, with what they stand for.
const events = [
  "open_photo", "more_like", "remove_photo", "forget_like", "restore_photo",
  "pause_import", "resume_import", "cancel_import", "retry_rejected", "forget_rejected", "empty_trash",
];

element.addEventListener("click", (click) => {
  const button = click.target.closest("button[data-event]");
  if (!button || !events.includes(button.dataset.event)) return;
  const { event, photo, box, item } = button.dataset;
  // Photos are turned over in the order in which they stand where the first of them was opened.
  if (event === "open_photo" && !button.closest("dialog")) {
    const shown = element.querySelectorAll("button[data-event='open_photo']");
    window.semapixShown = [...new Set([...shown].map((one) => one.dataset.photo))];
    window.semapixBeyond = null;
    element.dispatchEvent(new CustomEvent("opens"));
  }
  trigger(event, { photo_id: photo, box: box || "", item: item || "" });
});
