// The summary: bars, and the same as a table.

const count = (items, key) => {
  const counts = new Map();
  for (const item of items) {
    const name = key(item);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
};

const tableOf = (heads, rows) => {
  const cell = (tag) => (text, nth) => make(tag, nth ? { class: "number" } : {}, String(text));
  const body = make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map(cell("td")))));
  return make("table", {}, make("thead", {}, make("tr", {}, ...heads.map(cell("th")))), body);
};

const plot = (title, heads, rows, svg) =>
  make("figure", { class: "plot" }, make("h3", {}, title), svg,
    make("details", {}, make("summary", {}, "as a table"), tableOf(heads, rows)));

/** Bars to the right, one a row of `[name, number, colour]`. */
const bars = (title, heads, rows) => {
  const most = Math.max(1, ...rows.map((row) => row[1]));
  const svg = make("svg:svg", { viewBox: `0 0 380 ${rows.length * 22 + 4}`, "aria-hidden": "true" });
  rows.forEach(([name, number, fill], nth) => {
    const y = nth * 22 + 4;
    const width = (166 * number) / most;
    svg.append(make("svg:text", { x: 162, y: y + 12, "text-anchor": "end" }, name));
    const bar = make("svg:rect", { x: 170, y, width: Math.max(width, number ? 1 : 0), height: 15, class: "bar" });
    if (fill) {
      bar.style.fill = fill;
      bar.classList.add("swatch");
    }
    svg.append(bar, make("svg:text", { x: 176 + width, y: y + 12 }, String(number)));
  });
  return plot(title, heads, rows.map(([name, number]) => [name, number]), svg);
};

/** A histogram over `bins` `[name, number]`; the name of every few stands below. */
const histogram = (title, unit, bins, every) => {
  const most = Math.max(1, ...bins.map((bin) => bin[1]));
  const svg = make("svg:svg", { viewBox: "0 0 380 170", "aria-hidden": "true" });
  const wide = 336 / bins.length;
  svg.append(make("svg:line", { x1: 34, x2: 372, y1: 136, y2: 136, class: "axis" }));
  svg.append(make("svg:text", { x: 30, y: 16, "text-anchor": "end", class: "tick" }, String(most)));
  svg.append(make("svg:text", { x: 30, y: 136, "text-anchor": "end", class: "tick" }, "0"));
  svg.append(make("svg:text", { x: 203, y: 168, "text-anchor": "middle", class: "tick" }, unit));
  bins.forEach(([name, number], nth) => {
    const height = (124 * number) / most;
    svg.append(make("svg:rect", { x: 35 + nth * wide, y: 136 - height, width: wide - 1.5, height, class: "bar" }));
    if (nth % every === 0) svg.append(make("svg:text", { x: 35 + nth * wide, y: 151, "text-anchor": "middle", class: "tick" }, name));
  });
  return plot(title, [unit, "foci"], bins.map(([name, number]) => [`from ${name}`, number]), svg);
};

const drawPlots = () => {
  const byLabel = count(foci, (focus) => focus.label);
  const labels = LABELS.map((label, at) => [label.title, byLabel.get(at) ?? 0, colour(at)]);
  const scores = Array.from({ length: 20 }, (_, bin) => [(bin / 20).toFixed(2).replace(/0$/, ""), 0]);
  for (const focus of foci) scores[Math.min(19, Math.floor(focus.score * 20))][1] += 1;
  const edges = [0, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96];
  const sizes = edges.map((edge) => [String(edge), 0]);
  const sized = foci.filter((focus) => focus.mm !== null);
  for (const focus of sized) sizes[edges.findLastIndex((edge) => focus.mm >= edge)][1] += 1;
  const outcome = (image) => (image.outcome !== "analysed" ? image.outcome : image.foci.length ? "with foci" : "without foci");
  const outcomes = count(images, outcome);
  const rows = ["with foci", "without foci", "skipped", "failed"].map((name) => [name, outcomes.get(name) ?? 0]);
  const unsized = foci.length - sized.length;
  find("plots").append(
    bars("Foci by label", ["label", "foci"], labels),
    histogram("Foci by score", "score", scores, 4),
    histogram(`Foci by longest extent${unsized ? ` (${unsized} without a known spacing left out)` : ""}`, "mm", sizes, 1),
    bars("Images by outcome", ["outcome", "images"], rows),
  );
};
