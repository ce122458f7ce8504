// Opens the photo's dialog as soon as Python sends one, and forgets it when it is closed.
const dialog = () => element.querySelector("dialog");

watch("value", () => {
  if (dialog() && !dialog().open) dialog().showModal();
});

element.addEventListener("close", () => { props.value = ""; }, true);

element.addEventListener("click", (click) => {
  const leaves = click.target.closest("[data-close], button[data-event='more_like']");
  if (leaves || click.target === dialog()) dialog()?.close();
});

// Pointing at a line of the list shows its outline, and the other way round.
const point = (event, on) => {
  const id = event.target.closest("[data-sample]")?.dataset.sample;
  if (!id) return;
  for (const part of element.querySelectorAll(`[data-sample="${CSS.escape(id)}"]`)) {
    part.classList.toggle("pointed", on);
  }
};
for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
  element.addEventListener(name, (event) => point(event, on));
}
