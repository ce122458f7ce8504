// Sends the clicks on buttons inside a block of cards to Python, with the photo they stand for.
const events = ["open_photo", "more_like", "remove_photo", "forget_like"];

element.addEventListener("click", (click) => {
  const button = click.target.closest("button[data-event]");
  if (!button || !events.includes(button.dataset.event)) return;
  trigger(button.dataset.event, { photo_id: button.dataset.photo, box: button.dataset.box || "" });
});
