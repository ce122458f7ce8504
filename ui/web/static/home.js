// The gallery by keyboard: arrows go from photo to photo, page keys turn the pages.
const tiles = () => [...element.querySelectorAll(".tile")];
const middle = (box) => box.left + box.width / 2;

// Of the row above or below, the tile that stands nearest.
const nearest = (from, down) => {
  const here = from.getBoundingClientRect();
  const beyond = tiles().map((tile) => [tile, tile.getBoundingClientRect()])
    .filter(([, box]) => (down ? box.top >= here.bottom : box.bottom <= here.top));
  const row = down ? Math.min(...beyond.map(([, box]) => box.top)) : Math.max(...beyond.map(([, box]) => box.top));
  const level = beyond.filter(([, box]) => Math.abs(box.top - row) < 4);
  level.sort(([, a], [, b]) => Math.abs(middle(a) - middle(here)) - Math.abs(middle(b) - middle(here)));
  return level[0]?.[0];
};

const turn = (id) => {
  const button = document.getElementById(id);
  if (!button || button.disabled) return;
  button.click();
};

// A photo at large leads on from page to page: the gallery turns behind it, then the photo follows.
let follows = 0;
const other = (step) => document.getElementById(step > 0 ? "home-older" : "home-newer");
element.addEventListener("opens", () => {
  window.semapixBeyond = {
    can: (step) => Boolean(other(step)) && !other(step).disabled,
    go: (step) => { if (!follows) { follows = step; other(step).click(); } },
  };
});
watch("value", () => {
  const [step, shown] = [follows, tiles().map((tile) => tile.dataset.photo)];
  follows = 0;
  if (!step || !shown.length) return;
  window.semapixShown = shown;
  trigger("open_photo", { photo_id: step > 0 ? shown[0] : shown.at(-1), box: "", item: "" });
});

element.addEventListener("keydown", (event) => {
  const tile = event.target.closest(".tile");
  if (!tile || event.ctrlKey || event.altKey || event.metaKey) return;
  const all = tiles();
  const at = all.indexOf(tile);
  const steps = {
    ArrowRight: () => all[at + 1], ArrowLeft: () => all[at - 1], Home: () => all[0], End: () => all.at(-1),
    ArrowDown: () => nearest(tile, true), ArrowUp: () => nearest(tile, false),
    PageDown: () => turn("home-older"), PageUp: () => turn("home-newer"),
  };
  if (!steps[event.key]) return;
  event.preventDefault();
  steps[event.key]()?.focus();
});

// Folders that are dropped beside the files go the way of a folder that was chosen.
const read = (folder) => new Promise((done, fail) => {
  const reader = folder.createReader();
  const found = [];
  const next = () => reader.readEntries((some) => {
    if (!some.length) return done(found);
    found.push(...some);
    next();
  }, fail);
  next();
});

const filesOf = async (entry) => {
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
  return (await Promise.all((await read(entry)).map(filesOf))).flat();
};

document.addEventListener("drop", async (event) => {
  const over = event.target.closest?.("#home-files, #home-folder");
  const entries = [...(event.dataTransfer?.items ?? [])].map((one) => one.webkitGetAsEntry?.()).filter(Boolean);
  if (!over || !entries.some((one) => one.isDirectory)) return;
  event.preventDefault();
  event.stopPropagation();
  const input = document.querySelector("#home-folder input[type=file]");
  const carried = new DataTransfer();
  for (const file of (await Promise.all(entries.map(filesOf))).flat()) carried.items.add(file);
  if (!input || !carried.files.length) return;
  input.files = carried.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}, true);
