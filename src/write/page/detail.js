// The chosen focus at the side: large, with its evidence, and buttons for what the keys do.

const evidenceTable = (focus) => {
  const rows = focus.evidence.map(([at, value, support, weight]) => {
    const [about, criterion] = focus.image.criteria[at];
    const bar = make("span", { class: support < 0 ? "bar against" : "bar" });
    bar.style.width = `${Math.round(46 * Math.min(1, Math.abs(support)))}px`;
    return make("tr", {},
      make("td", {}, words(about)), make("td", {}, words(criterion)),
      make("td", { class: "number" }, value === null ? "–" : String(Number(value.toPrecision(3)))),
      make("td", {}, bar, make("span", { class: "hidden" }, `support ${two(support)}, weight ${two(weight)}`)));
  });
  const heads = ["for", "criterion", "value", "support"].map((head) => make("th", { scope: "col" }, head));
  return make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
};

const drawDetail = (focus) => {
  const panel = find("detail");
  if (!focus) {
    panel.replaceChildren(make("p", {}, "No focus fits the filters."));
    return;
  }
  const button = (text, decision, label = null) => {
    const pressed = focus.decision === decision && (decision !== "relabel" || focus.relabel === label);
    const element = make("button", { type: "button" }, text);
    if (decision !== "none") element.setAttribute("aria-pressed", String(pressed));
    element.onclick = () => act(decision, label);
    return element;
  };
  const relabel = make("div", { class: "decide", role: "group", "aria-label": "Relabel as" },
    ...LABELS.map((label, at) => button(`${(KEYS[at] ?? "").toUpperCase()} ${label.title}`.trim(), "relabel", at)));
  const note = make("textarea", { id: "note", "aria-label": "Note", placeholder: "Note" });
  note.value = focus.note;
  note.oninput = () => setNote(focus, note.value);
  note.onkeydown = (event) => {
    if (event.key === "Escape") find("gallery").focus();
  };
  const second = focus.runnerUp ? `; runner-up ${LABELS[focus.runnerUp[0]].title} ${two(focus.runnerUp[1])}` : "";
  const size = focus.area[0] !== null ? `${focus.area[0].toFixed(1)} mm²` : `${focus.area[1]} px`;
  const where = [words(focus.image.part), focus.image.view].filter(Boolean).join(", ");
  panel.replaceChildren(
    shown(focus, false),
    make("h3", {}, `${LABELS[focus.label].title} ${two(focus.labelScore)}`),
    make("p", {}, `Score as a focus ${two(focus.score)}${second}`),
    make("p", {}, `Longest ${extent(focus)}, area ${size}; ${where}`),
    make("p", { class: "path" }, `${focus.image.path}${focus.image.frame > 1 ? `, frame ${focus.image.frame}` : ""}, focus ${focus.number}`),
    make("div", { class: "decide", role: "group", "aria-label": "Decide" },
      button("Accept (A)", "accept"), button("Reject (R)", "reject"), button("Take back (U)", "none")),
    relabel, note,
  );
  if (focus.finding) {
    panel.append(make("p", {}, focus.finding[1]));
    if (focus.finding[2]) panel.append(make("p", {}, `Looks alike: ${focus.finding[2]}`));
  }
  if (focus.notes) panel.append(make("p", {}, focus.notes));
  panel.append(evidenceTable(focus));
};
