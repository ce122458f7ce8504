// Results: the address bar follows the question, a line of a card shows its region, more on request.
const told = (search) => {
  const kept = new URLSearchParams();
  for (const [name, words] of new URLSearchParams(search)) {
    if (!name.startsWith("__")) kept.append(name, words); // Gradio's own, as __theme
  }
  kept.sort();
  return kept;
};
const subject = (search) => JSON.stringify(["q", "like", "picture"].map((name) => told(search).get(name)));

// What an address brought back must not become a further entry.
let restoring = told(location.search).size > 0;

// Changed weights and filters take the place of the question's entry: going back leaves the question.
const follow = () => {
  const found = element.querySelector(".found");
  if (!found) return;
  const replaces = restoring;
  restoring = false;
  const wanted = found.dataset.address;
  if (told(wanted).toString() === told(location.search).toString()) return;
  const own = new URLSearchParams(location.search);
  for (const name of told(location.search).keys()) own.delete(name);
  const rest = own.toString();
  const query = rest ? `${wanted || "?"}${wanted ? "&" : ""}${rest}` : wanted;
  const same = subject(wanted) === subject(location.search);
  history[replaces || same ? "replaceState" : "pushState"](null, "", location.pathname + query + location.hash);
};

watch("value", follow);
follow();

window.addEventListener("popstate", () => {
  const found = element.querySelector(".found")?.dataset.address ?? "";
  if (told(found).toString() === told(location.search).toString()) return;
  restoring = true;
  trigger("go_back", { address: location.search });
});

element.addEventListener("click", (click) => {
  const button = click.target.closest("[data-more]");
  if (!button || button.disabled) return;
  button.disabled = true;
  trigger("more_results", {});
});

// Pointing at a match shows where it lies; without, the best one is outlined.
const point = (event, on) => {
  const line = event.target.closest(".card [data-sample]:not(.outline)");
  if (!line) return;
  const shape = line.closest(".card").querySelector(`.outline[data-sample="${CSS.escape(line.dataset.sample)}"]`);
  shape?.classList.toggle("pointed", on);
};
for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
  element.addEventListener(name, (event) => point(event, on));
}
