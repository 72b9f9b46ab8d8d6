// A QR code from its modules (rows of booleans), drawn as one path.

const SVG = "http://www.w3.org/2000/svg";

export function drawQr(rows, label) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("class", "qr");
  svg.setAttribute("shape-rendering", "crispEdges");
  const ground = document.createElementNS(SVG, "rect");
  ground.setAttribute("width", rows.length);
  ground.setAttribute("height", rows.length);
  ground.setAttribute("fill", "#fff");
  const path = document.createElementNS(SVG, "path");
  const dark = rows.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : "")));
  path.setAttribute("d", dark.join(""));
  path.setAttribute("fill", "#000");
  svg.append(ground, path);
  return svg;
}
