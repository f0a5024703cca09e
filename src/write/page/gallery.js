// The gallery: only cards in sight are in the document, however many foci there are.

const CARD = { width: 160, height: 214 };
let order = [];
let chosen = 0;
const cards = new Map();

const chosenFocus = () => foci[order[chosen]];
const across = () => Math.max(1, Math.floor((find("gallery").clientWidth - 8) / CARD.width));

const text = (focus) => {
  const said = state(focus);
  return `${LABELS[focus.label].title}, score ${two(focus.score)}, ${extent(focus)}, ${said || "undecided"}${focus.note ? ", with a note" : ""}`;
};

const card = (at) => {
  const focus = foci[order[at]];
  const element = make("div", {
    class: `card ${focus.decision}`, role: "option", id: `focus-${focus.at}`, "aria-posinset": at + 1, "aria-setsize": order.length, "aria-label": text(focus),
  });
  const dot = make("span", { class: "dot" });
  dot.style.background = colour(focus.label);
  element.append(
    shown(focus, true),
    make("span", { class: "words" }, dot, LABELS[focus.label].title),
    make("span", { class: "words more" }, `${two(focus.score)} · ${extent(focus)} · ${words(focus.image.part)}`),
    make("span", { class: "words state" }, `${state(focus)}${focus.note ? " ✎" : ""}`),
  );
  element.onclick = () => choose(at);
  return element;
};

/** Puts the cards in sight in their places; `anew` draws those that are there again. */
const layOut = (anew) => {
  const gallery = find("gallery");
  const columns = across();
  find("room").style.height = `${Math.ceil(order.length / columns) * CARD.height + 8}px`;
  const first = Math.max(0, Math.floor(gallery.scrollTop / CARD.height) - 1) * columns;
  const last = Math.min(order.length, Math.ceil((gallery.scrollTop + gallery.clientHeight) / CARD.height + 1) * columns);
  for (const [at, element] of cards) {
    if (anew || at < first || at >= last) {
      element.remove();
      cards.delete(at);
    }
  }
  for (let at = first; at < last; at++) {
    let element = cards.get(at);
    if (!element) {
      element = card(at);
      cards.set(at, element);
      find("room").append(element);
    }
    element.style.left = `${(at % columns) * CARD.width + 6}px`;
    element.style.top = `${Math.floor(at / columns) * CARD.height + 6}px`;
  }
  const active = foci[order[chosen]];
  for (const [at, element] of cards) element.setAttribute("aria-selected", String(at === chosen));
  if (active && cards.has(chosen)) gallery.setAttribute("aria-activedescendant", `focus-${active.at}`);
  else gallery.removeAttribute("aria-activedescendant");
};

const choose = (at) => {
  if (!order.length) return;
  const before = chosenFocus();
  chosen = Math.max(0, Math.min(order.length - 1, at));
  if (before !== chosenFocus()) find("detail").scrollTop = 0;
  const gallery = find("gallery");
  const top = Math.floor(chosen / across()) * CARD.height;
  if (top < gallery.scrollTop) gallery.scrollTop = top;
  else if (top + CARD.height + 8 > gallery.scrollTop + gallery.clientHeight) gallery.scrollTop = top + CARD.height + 8 - gallery.clientHeight;
  layOut(false);
  drawDetail(chosenFocus());
  find("said").textContent = `${chosen + 1} of ${order.length}: ${text(chosenFocus())}`;
};

/** Tells how far the review is. */
const drawProgress = () => {
  const decided = foci.filter((focus) => focus.decision !== "none").length;
  find("progress").textContent = `${decided} of ${foci.length} decided${unsaved ? ", not yet saved" : ""}`;
};

/** Draws everything that decisions change. */
const refresh = () => {
  layOut(true);
  drawDetail(chosenFocus());
  drawProgress();
};

/** Decides on the chosen focus and goes on to the next. */
const act = (decision, label = null) => {
  const focus = chosenFocus();
  if (!focus) return;
  decide(focus, decision, label);
  cards.get(chosen)?.remove();
  cards.delete(chosen);
  drawProgress();
  choose(decision !== "none" ? chosen + 1 : chosen);
  find("said").textContent = `${state(focus) || "undecided"}. ${find("said").textContent}`;
};

const orders = {
  image: () => 0,
  score: (a, b) => b.score - a.score,
  unsure: (a, b) => a.labelScore - b.labelScore,
  size: (a, b) => (b.mm ?? -1) - (a.mm ?? -1) || (b.px ?? 0) - (a.px ?? 0),
  label: (a, b) => a.label - b.label,
};

/** All foci in an order, sorted when it is first asked for: what is sorted by does not change. */
const ranked = (by) => {
  ranks[by] ??= [...foci].sort((a, b) => orders[by](a, b) || a.at - b.at);
  return ranks[by];
};
const ranks = {};

const filter = () => {
  const number = (id, without) => (find(id).value === "" ? without : Number(find(id).value));
  const labels = LABELS.map((_, at) => find(`label-${at}`).checked);
  const part = find("filter-part").value;
  const decision = find("filter-decision").value;
  const path = find("filter-path").value.toLowerCase();
  const [low, high] = [number("score-from", 0), number("score-to", 1)];
  const [small, large] = [number("size-from", 0), number("size-to", Infinity)];
  const anySize = small <= 0 && large === Infinity;
  const fits = (focus) =>
    labels[focus.label] && focus.score >= low && focus.score <= high && (!part || focus.image.part === part) &&
    (!decision || (decision === "note" ? focus.note !== "" : focus.decision === decision)) &&
    (anySize || (focus.mm !== null && focus.mm >= small && focus.mm <= large)) &&
    (!path || focus.image.path.toLowerCase().includes(path));
  const before = chosenFocus();
  order = ranked(find("order").value).filter(fits).map((focus) => focus.at);
  chosen = Math.max(0, before ? order.indexOf(before.at) : 0);
  find("count").textContent = `${order.length} of ${foci.length} foci`;
  find("gallery").scrollTop = 0;
  drawProgress();
  layOut(true);
  if (order.length) choose(chosen);
  else drawDetail(undefined);
};

const step = (key) => {
  const columns = across();
  const page = columns * Math.max(1, Math.floor(find("gallery").clientHeight / CARD.height));
  return { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[key];
};

const pressed = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const by = step(event.key);
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (by !== undefined) choose(by === Infinity ? order.length - 1 : by === -Infinity ? 0 : chosen + by);
  else if (key === "a" || key === "Enter") act("accept");
  else if (key === "r") act("reject");
  else if (key === "u") act("none");
  else if (key.length === 1 && KEYS.slice(0, LABELS.length).includes(key)) act("relabel", KEYS.indexOf(key));
  else if (key === "n") find("note")?.focus();
  else if (key === "o") find("outlines").click();
  else if (key === "s") save();
  else return;
  event.preventDefault();
};
