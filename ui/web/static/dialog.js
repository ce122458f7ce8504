// Opens the photo's dialog as soon as Python sends one, and forgets it when it is closed.
const dialog = () => element.querySelector("dialog");
const order = () => window.semapixShown ?? [];

// What lies around the photo comes when it is seen: it takes a search.
const lookAround = async () => {
  const section = dialog()?.querySelector("[data-around]");
  if (!section) return;
  section.replaceChildren();
  section.setAttribute("aria-busy", "true");
  const address = section.dataset.around;
  let found = '<p class="problem" role="alert">Photos like it could not be looked for: the page does not answer.</p>';
  try {
    const answer = await fetch(address);
    if (answer.ok) found = await answer.text();
  } catch { /* said above */ }
  if (section.dataset.around !== address) return; // another photo by now
  section.removeAttribute("aria-busy");
  section.innerHTML = found;
};

const neighbour = (step) => {
  const at = order().indexOf(dialog()?.dataset.photo);
  return at < 0 ? undefined : order()[at + step];
};

// Beyond the last photo of a page lies the next page, where the list it was opened from has some.
const beyond = (step) => order().includes(dialog()?.dataset.photo) && window.semapixBeyond?.can(step);

const turn = (step) => {
  const photo = neighbour(step);
  if (!photo && beyond(step)) window.semapixBeyond.go(step);
  if (photo) trigger("open_photo", { photo_id: photo, box: "", item: "" });
};

let open = "";
const shown = () => {
  const box = dialog();
  if (!box) { open = ""; return; }
  const step = document.activeElement?.dataset?.step;
  if (!box.open) {
    box.close?.();
    box.showModal();
  }
  for (const button of box.querySelectorAll("[data-step]")) {
    const way = Number(button.dataset.step);
    button.disabled = !neighbour(way) && !beyond(way);
  }
  if (step) box.querySelector(`[data-step="${CSS.escape(step)}"]:not(:disabled)`)?.focus();
  if (open === box.dataset.photo) return;
  open = box.dataset.photo;
  box.scrollTop = 0;
  hideKinds();
  lookAround();
};

watch("value", shown);

element.addEventListener("close", () => { if (!dialog()?.open) props.value = ""; }, true);

element.addEventListener("click", (click) => {
  const step = click.target.closest("[data-step]");
  if (step) turn(Number(step.dataset.step));
  const leaves = click.target.closest("[data-close], button[data-event='more_like']");
  if (leaves || click.target === dialog()) dialog()?.close();
});

element.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -1, ArrowRight: 1 };
  if (!steps[event.key] || event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input")) return;
  event.preventDefault();
  turn(steps[event.key]);
});

// A kind that is switched off stays off in the photos that follow.
const off = new Set();
const hideKinds = () => {
  for (const input of element.querySelectorAll(".toggle input")) input.checked = !off.has(input.dataset.kind);
  for (const outline of element.querySelectorAll(".outline")) outline.hidden = off.has(outline.dataset.kind);
};
element.addEventListener("change", (event) => {
  const kind = event.target.closest(".toggle input")?.dataset.kind;
  if (!kind) return;
  if (event.target.checked) off.delete(kind); else off.add(kind);
  hideKinds();
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
