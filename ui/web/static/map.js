// Draws the map whose address Python sent, shows the picture of the point under the pointer, and on
// a flat map the photos that were selected. The plot outlives its frame: WebGL contexts are few.
const SELECTED_AT_MOST = 300;
const plot = document.createElement("div");
plot.className = "map-plot";
const part = (name) => element.querySelector(`.map-${name}`);
const colour = (name) => getComputedStyle(element).getPropertyValue(name).trim();
const say = (sentence) => { part("words").textContent = sentence; };

const plotly = () => {
  window.semapixPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = "static-semapix/plotly.min.js";
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("plotly.js did not load"));
    document.head.append(script);
  });
  return window.semapixPlotly;
};

const trace = (group, flat, many) => ({
  type: flat ? "scattergl" : "scatter3d", mode: "markers", name: "",
  x: group.x, y: group.y, ...(flat ? {} : { z: group.z }), customdata: group.points,
  // Plotly draws a circle in space as a figure of very many corners; small, a square looks the same.
  marker: { symbol: many && !flat ? "square" : "circle", size: many ? (flat ? 5 : 3) : (flat ? 8 : 5), color: group.colour, opacity: flat ? 0.85 : 1, line: { width: 0 } },
  hoverinfo: "skip",
});

const axis = (more) => ({
  title: { text: "" }, showticklabels: false, zeroline: false, gridcolor: colour("--border-color-primary"), ...more,
});

const layout = (flat) => {
  const common = {
    margin: { l: 0, r: 0, t: 0, b: 0 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    uirevision: flat ? "flat" : "deep", showlegend: false, hovermode: false, autosize: true,
    newselection: { line: { color: colour("--body-text-color"), width: 1.5, dash: "dash" } },
  };
  if (flat) {
    const range = [-1.05, 1.05];
    return { ...common, dragmode: mode, xaxis: axis({ range }), yaxis: axis({ range, scaleanchor: "x" }) };
  }
  const deep = { showspikes: false, showbackground: false };
  const scene = { xaxis: axis(deep), yaxis: axis(deep), zaxis: axis(deep), aspectmode: "cube",
    dragmode: "orbit", hovermode: false, camera: { eye: { x: 1.15, y: 1.15, z: 0.75 }, center: { x: 0, y: 0, z: -0.08 } } };
  return { ...common, scene };
};

// The picture of a point. A finger cannot hover: its first tap shows the picture, a tap on that opens it.
let shown = null;
let finger = false;

const show = ([photo, words]) => {
  const tip = part("tip");
  if (shown !== photo || tip.hidden) tip.querySelector("img").src = `thumbnails/${photo}?size=240`;
  tip.querySelector("img").alt = words || "Photo";
  tip.querySelector("span").textContent = words;
  tip.classList.toggle("touched", finger);
  tip.dataset.photo = shown = photo;
  tip.hidden = false;
};
const hide = () => {
  for (const name of ["tip", "ring"]) if (part(name)) part(name).hidden = true;
};

const place = (event) => {
  const frame = part("stage").getBoundingClientRect();
  return { frame, left: event.clientX - frame.left, top: event.clientY - frame.top };
};

// Shows what lies under the pointer, and a ring around it; returns it.
const point = (event) => {
  if (!part("stage") || !plot.isConnected) return null;
  const { frame, left, top } = place(event);
  const found = pointAt(plot, left, top, finger ? FINGER_PX : REACH_PX);
  plot.style.cursor = found && !finger ? "pointer" : "";
  if (!found) { hide(); return null; }
  show(found.point);
  part("ring").hidden = false;
  part("ring").style.transform = `translate(${found.x}px, ${found.y}px)`;
  const across = Math.min(left + 16, frame.width - 236);
  const down = Math.min(top + 16, frame.height - 260);
  part("tip").style.transform = `translate(${Math.max(across, 8)}px, ${Math.max(down, 8)}px)`;
  return found.point;
};

// As often as the screen is drawn, and not while something is dragged.
let last = null;
element.addEventListener("pointermove", (move) => {
  if (move.pointerType !== "mouse" || move.buttons || !move.target.closest(".map-stage")) return;
  finger = false;
  if (!last) requestAnimationFrame(() => { const latest = last; last = null; if (!pressed) point(latest); });
  last = move;
});
element.addEventListener("pointerout", (left) => {
  if (left.pointerType === "mouse" && !left.relatedTarget?.closest?.(".map-stage")) hide();
});
element.addEventListener("wheel", hide, { capture: true, passive: true });

// A press that does not move is a click.
let pressed = null;
element.addEventListener("pointerdown", (press) => {
  if (!press.target.closest(".map-stage") || press.target.closest(".map-tip")) return;
  finger = press.pointerType !== "mouse";
  hide();
  pressed = press.button === 0 && press.isPrimary ? press : null;
}, true);
window.addEventListener("pointerup", (release) => {
  const begun = pressed;
  pressed = null;
  if (!begun || Math.hypot(release.clientX - begun.clientX, release.clientY - begun.clientY) > 5) return;
  const found = point(release);
  if (found && !finger) trigger("open_photo", { photo_id: found[0], box: "" });
});
window.addEventListener("pointercancel", () => { pressed = null; });

// Lasso and box, on a flat map.
let mode = "lasso";
const choose = (photos) => {
  const place = part("picked");
  place.replaceChildren();
  if (!photos) return;
  const line = document.createElement("p");
  line.className = "quiet";
  line.textContent = photos.length === 1 ? "1 photo selected" : `${photos.length.toLocaleString("en")} photos selected`;
  if (photos.length > SELECTED_AT_MOST) line.textContent += `, the first ${SELECTED_AT_MOST} shown`;
  const strip = document.createElement("div");
  strip.className = "strip";
  strip.append(...photos.slice(0, SELECTED_AT_MOST).map(([photo, words]) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", title: words || "Open" });
    Object.assign(button.dataset, { event: "open_photo", photo });
    const image = Object.assign(new Image(), { loading: "lazy", alt: words || "Photo", src: `thumbnails/${photo}?size=160` });
    button.append(image);
    return button;
  }));
  place.append(line, strip);
};
const selected = (event) => {
  const photos = new Map((event?.points ?? []).map((point) => point.customdata));
  choose(event ? [...photos] : null);
};

element.addEventListener("click", (click) => {
  const tip = click.target.closest(".map-tip.touched");
  if (tip) trigger("open_photo", { photo_id: tip.dataset.photo, box: "" });
  const way = click.target.closest("[data-mode]");
  if (way) turnTo(way.dataset.mode);
  const group = click.target.closest("[data-group]");
  if (group) toggle(group);
});
const turnTo = (wanted) => {
  if (wanted !== mode) window.Plotly.relayout(plot, { dragmode: wanted });
  mode = wanted;
  for (const button of part("modes").children) button.setAttribute("aria-pressed", button.dataset.mode === mode);
};
const toggle = (button) => {
  const visible = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", visible);
  window.Plotly.restyle(plot, { visible }, [Number(button.dataset.group)]);
};

const legend = (groups) => part("legend").replaceChildren(...groups.map((group, number) => {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "action", title: "Show or hide" });
  button.dataset.group = number;
  button.setAttribute("aria-pressed", "true");
  const dot = document.createElement("i");
  dot.style.setProperty("--dot", group.colour);
  const name = document.createElement("span");
  name.textContent = `${group.name} (${group.points.length.toLocaleString("en")})`;
  button.append(dot, name);
  return button;
}));

const draw = async () => {
  const source = element.querySelector(".map")?.dataset.source;
  if (!source) return;
  const begun = performance.now();
  const answer = await fetch(source);
  if (!answer.ok) throw new Error(await answer.text());
  const [map, Plotly] = [await answer.json(), await plotly()];
  if (element.querySelector(".map")?.dataset.source !== source) return;
  part("stage").prepend(plot);
  say(map.message);
  legend(map.groups);
  part("modes").hidden = !map.flat;
  turnTo(mode);
  const many = map.groups.reduce((sum, group) => sum + group.x.length, 0) > 2000;
  const fetched = performance.now();
  const config = { responsive: true, displaylogo: false, scrollZoom: true, displayModeBar: false, doubleClick: "reset",
    plotGlPixelRatio: Math.min(window.devicePixelRatio || 1, 2) };
  const first = !plot.data;
  await Plotly.react(plot, map.groups.map((group) => trace(group, map.flat, many)), layout(map.flat), config);
  Object.assign(plot.dataset, { fetchMs: Math.round(fetched - begun), drawMs: Math.round(performance.now() - fetched) });
  hide();
  leavePickingToUs(plot);
  if (!first) return;
  plot.on("plotly_selected", selected);
  plot.on("plotly_deselect", () => choose(null));
};

const tried = () => draw().catch((error) => say(`The map could not be drawn: ${error.message}`));
watch("value", tried);
tried();
