// From COCO run lengths to the edges of a focus.

/** Runs `[column, top, bottom]` of a mask packed as by pycocotools, columns ascending. */
const columnsOf = (text, rows) => {
  const counts = [];
  for (let at = 0; at < text.length; ) {
    let value = 0, shift = 0, group;
    do {
      group = text.charCodeAt(at++) - 48;
      value += (group & 31) * 2 ** shift;
      shift += 5;
    } while (group & 32);
    if (group & 16) value -= 2 ** shift;
    if (counts.length > 2) value += counts[counts.length - 2];
    counts.push(value);
  }
  const runs = [];
  let position = 0;
  counts.forEach((count, nth) => {
    let end = position + count;
    for (let from = position; nth % 2 && from < end; ) {
      const column = Math.floor(from / rows);
      const to = Math.min(end, (column + 1) * rows);
      runs.push([column, from - column * rows, to - column * rows]);
      from = to;
    }
    position = end;
  });
  return runs;
};

/** The edges of a focus as an SVG path in image pixels. */
const outline = (focus) => {
  if (focus.path !== undefined) return focus.path;
  const byColumn = new Map();
  for (const [column, top, bottom] of columnsOf(focus.counts, focus.image.size[0])) {
    if (!byColumn.has(column)) byColumn.set(column, []);
    byColumn.get(column).push(top, bottom);
  }
  const parts = [];
  const none = [];
  for (const [column, edges] of byColumn) {
    for (const row of edges) parts.push(`M${column} ${row}h1`);
    // Left of a column, and right of one without a neighbour: where exactly one side is in the mask.
    const sides = [[column, byColumn.get(column - 1) ?? none, edges]];
    if (!byColumn.has(column + 1)) sides.push([column + 1, edges, none]);
    for (const [x, left, right] of sides) {
      const all = [...left, ...right].sort((a, b) => a - b);
      for (let at = 0; at < all.length; at += 2) {
        if (all[at] < all[at + 1]) parts.push(`M${x} ${all[at]}V${all[at + 1]}`);
      }
    }
  }
  focus.path = parts.join("");
  return focus.path;
};

/** The crop of a focus with its outline. */
const shown = (focus, lazily) => {
  const box = make("div", { class: "picture" });
  const image = make("img", { alt: "", src: picture(focus), draggable: "false" });
  if (lazily) image.decoding = "async";
  box.append(image);
  if (focus.window) {
    const [top, left, side] = focus.window;
    const svg = make("svg:svg", { viewBox: `${left} ${top} ${side} ${side}`, "aria-hidden": "true" });
    const draw = () => {
      const path = outline(focus);
      svg.append(make("svg:path", { d: path, class: "halo" }));
      svg.append(make("svg:path", { d: path, class: "edge", stroke: colour(settled(focus)) }));
    };
    // Outlines of what is as large as a bone take long: the gallery stands before they do.
    if (lazily) requestAnimationFrame(draw);
    else draw();
    box.append(svg);
  }
  return box;
};
