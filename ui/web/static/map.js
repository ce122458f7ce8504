// Draws the map whose address Python sent, and shows the picture of the point under the pointer.
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

const colour = (name) => getComputedStyle(element).getPropertyValue(name).trim();

const trace = (group) => ({
  type: "scatter3d", mode: "markers", name: group.name,
  x: group.x, y: group.y, z: group.z, customdata: group.points,
  marker: { size: 5, color: group.colour, opacity: 0.9, line: { width: 0 } },
  hoverinfo: "none",
});

const axis = () => ({
  title: { text: "" }, showticklabels: false, zeroline: false, showspikes: false,
  gridcolor: colour("--border-color-primary"), showbackground: false,
});

const layout = () => ({
  margin: { l: 0, r: 0, t: 0, b: 0 }, paper_bgcolor: "rgba(0,0,0,0)", uirevision: "map",
  font: { family: "system-ui, sans-serif", color: colour("--body-text-color") },
  legend: { orientation: "h", itemsizing: "constant", y: 0 },
  scene: { xaxis: axis(), yaxis: axis(), zaxis: axis(), aspectmode: "cube", camera: { eye: { x: 1.2, y: 1.2, z: 0.8 } } },
});

const tip = () => element.querySelector(".map-tip");

const show = (point) => {
  const [photo, name] = point.customdata;
  tip().querySelector("img").src = `thumbnails/${photo}?size=240`;
  tip().querySelector("span").textContent = name;
  tip().hidden = false;
};

element.addEventListener("mousemove", (move) => {
  if (!tip()) return;
  const frame = element.querySelector(".map").getBoundingClientRect();
  const left = Math.min(move.clientX - frame.left + 16, frame.width - tip().offsetWidth - 8);
  const top = Math.min(move.clientY - frame.top + 16, frame.height - tip().offsetHeight - 8);
  tip().style.transform = `translate(${Math.max(left, 8)}px, ${Math.max(top, 8)}px)`;
});

const say = (sentence) => { element.querySelector(".map-words").textContent = sentence; };

const draw = async () => {
  const place = element.querySelector(".map-plot");
  const source = element.querySelector(".map")?.dataset.source;
  if (!place || !source) return;
  const answer = await fetch(source);
  const map = await answer.json();
  say(map.message);
  if (!map.groups.length || !place.isConnected) return;
  const Plotly = await plotly();
  const config = { responsive: true, displaylogo: false, scrollZoom: true, displayModeBar: false };
  await Plotly.newPlot(place, map.groups.map(trace), layout(), config);
  place.on("plotly_hover", (event) => show(event.points[0]));
  place.on("plotly_unhover", () => { tip().hidden = true; });
  place.on("plotly_click", (event) => trigger("open_photo", { photo_id: event.points[0].customdata[0], box: "" }));
};

const tried = () => draw().catch((error) => say(`The map could not be drawn: ${error.message}`));
watch("value", tried);
tried();
