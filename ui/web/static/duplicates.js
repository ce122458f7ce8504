// What is checked goes into the trash on a click that says so, and comes back on another.
const place = () => document.querySelector("#duplicates-found .twice")?.dataset ?? {};
const checked = (part) => [...part.querySelectorAll(".copy input:checked")].map((input) => input.value);
const photos = (count) => (count === 1 ? "1 photo" : `${count.toLocaleString("en")} photos`);

const name = (button, part) => {
  const count = checked(part).length;
  const emptied = count > 0 && [...part.querySelectorAll(".copies")]
    .some((copies) => !copies.querySelector("input:not(:checked)"));
  button.disabled = count === 0;
  button.textContent = `Move ${photos(count)} into the trash${emptied ? ": none of a group stays" : ""}`;
};

element.addEventListener("change", (change) => {
  const group = change.target.closest(".group");
  if (!group) return;
  name(group.querySelector("[data-remove]"), group);
  const all = element.querySelector(".asks [data-remove]");
  if (all) name(all, element);
});

element.addEventListener("click", (click) => {
  const { analysis: analysis_id, page } = place();
  const button = click.target.closest("[data-remove], [data-undo], [data-turn]");
  if (!button || button.disabled) return;
  button.disabled = true;
  const { undo, turn } = button.dataset;
  if (turn !== undefined) trigger("turn", { analysis_id, page: turn });
  else if (undo !== undefined) trigger("bring_back", { analysis_id, page });
  else trigger("remove_photos", { analysis_id, page, photos: checked(button.closest(".group") ?? element).join(" ") });
});
