// Leads from one view of the clusters to another, sends a name, and takes the suggested distance.
element.addEventListener("click", (click) => {
  const go = click.target.closest("[data-go]");
  const take = click.target.closest("[data-eps]");
  if (take) trigger("take_eps", { eps: take.dataset.eps });
  if (!go) return;
  const { go: part, analysis, number, page } = go.dataset;
  trigger("go_to", { part, analysis_id: analysis, number, page });
  element.scrollIntoView({ block: "start" });
});

element.addEventListener("submit", (submit) => {
  const form = submit.target.closest("form[data-naming]");
  if (!form) return;
  submit.preventDefault();
  const [part, number, page] = form.dataset.back.split(" ");
  const { naming: cluster_id, analysis: analysis_id } = form.dataset;
  trigger("name_cluster", { part, number, page, analysis_id, cluster_id, name: form.elements.name.value });
});

// Opened to rename: the name is there to be typed over.
element.addEventListener("toggle", (toggle) => {
  if (toggle.target.matches(".naming[open]")) toggle.target.querySelector("input").select();
}, true);
