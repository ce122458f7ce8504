// Finds the point under the pointer by projecting all of them: plotly would draw them once more to
// know it, which takes a processor without a graphics card longer than a person can wait.
const REACH_PX = 10;
const FINGER_PX = 24;

// The product of two matrices of 16 numbers, column by column.
const product = (a, b) => Array.from({ length: 16 }, (_, at) =>
  [0, 1, 2, 3].reduce((sum, k) => sum + a[(at % 4) + 4 * k] * b[4 * Math.floor(at / 4) + k], 0));

const deepView = (scene, { clientWidth: width, clientHeight: height }) => {
  const { projection, view, model } = scene.glplot.cameraParams;
  const m = product(projection, product(view, model));
  const [a, b, c] = scene.dataScale;
  return (x, y, z) => {
    const [X, Y, Z] = [a * x, b * y, c * z];
    const w = m[3] * X + m[7] * Y + m[11] * Z + m[15];
    if (w <= 0) return null; // behind the eye
    const across = (m[0] * X + m[4] * Y + m[8] * Z + m[12]) / w;
    const up = (m[1] * X + m[5] * Y + m[9] * Z + m[13]) / w;
    return [width * (1 + across) / 2, height * (1 - up) / 2, w];
  };
};

const flatView = ({ xaxis, yaxis }) => (x, y) => [
  xaxis._offset + xaxis.l2p(x), yaxis._offset + yaxis.l2p(y), 0,
];

// Returns what tells where on the plot, in pixels, a point lies, and how far from the eye.
const viewOf = (plot) => {
  const { scene, xaxis, yaxis } = plot._fullLayout ?? {};
  if (scene?._scene?.glplot) return deepView(scene._scene, plot);
  return xaxis && yaxis ? flatView({ xaxis, yaxis }) : null;
};

// Returns the nearest point within reach as { point, x, y }: of those under the pointer, the foremost.
const pointAt = (plot, left, top, reach) => {
  const view = viewOf(plot);
  let best = null;
  for (const trace of view ? plot.data : []) {
    if (trace.visible === false) continue;
    const under = trace.marker.size / 2;
    for (let at = 0; at < trace.x.length; at += 1) {
      const seen = view(trace.x[at], trace.y[at], trace.z?.[at]);
      if (!seen || Math.abs(seen[0] - left) > reach || Math.abs(seen[1] - top) > reach) continue;
      const beside = Math.max(Math.hypot(seen[0] - left, seen[1] - top) - under, 0);
      if (beside > reach || (best && (beside > best.beside || (beside === best.beside && seen[2] > best.depth)))) continue;
      best = { point: trace.customdata[at], x: seen[0], y: seen[1], beside, depth: seen[2] };
    }
  }
  return best;
};

// Plotly's own search is switched off: it draws whenever the camera has moved, too.
const leavePickingToUs = (plot) => {
  const glplot = plot._fullLayout?.scene?._scene?.glplot;
  if (!glplot?.mouseListener) return;
  glplot.mouseListener.enabled = false;
  for (const drawn of glplot.objects) drawn.drawPick = null;
};
