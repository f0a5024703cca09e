// What the page shows: one object per focus, in the order of the tables.

const LABELS = JSON.parse(document.querySelector("script.labels").textContent);
const colour = (label) => `rgb(${LABELS[label].colour.join(",")})`;

const images = [];
const foci = [];
for (const element of document.querySelectorAll("script.image")) {
  const image = JSON.parse(element.textContent);
  image.at = images.length;
  // Pictures are parsed when the first of the image is shown.
  const next = element.nextElementSibling;
  image.crops = next && next.className === "crops" ? next : null;
  images.push(image);
  image.foci.forEach((focus, nth) => {
    foci.push({
      image, nth, at: foci.length, number: focus.n, label: focus.l, score: focus.s[0], labelScore: focus.s[1],
      runnerUp: focus.r, box: focus.b, mm: focus.d[0], px: focus.d[1], area: focus.a, evidence: focus.e, notes: focus.t,
      counts: focus.m, window: focus.w, finding: image.findings.find((finding) => finding[0] === focus.f),
      decision: "none", relabel: null, note: "",
    });
  });
}

const picture = (focus) => {
  const { image, nth } = focus;
  if (image.crops && !image.pictures) {
    image.pictures = JSON.parse(image.crops.textContent);
  }
  return image.pictures ? `data:image/jpeg;base64,${image.pictures[nth]}` : "";
};

/** The label the reviewer stands by. */
const settled = (focus) => (focus.decision === "relabel" ? focus.relabel : focus.label);

const words = (name) => name.replaceAll("_", " ");
const two = (score) => score.toFixed(2);
const extent = (focus) => (focus.mm !== null ? `${focus.mm.toFixed(1)} mm` : focus.px !== null ? `${focus.px.toFixed(0)} px` : "no size");

const DECISIONS = { none: "undecided", accept: "accepted", relabel: "relabelled", reject: "rejected" };
const state = (focus) =>
  focus.decision === "relabel" ? `now ${LABELS[focus.relabel].title}` : focus.decision === "none" ? "" : DECISIONS[focus.decision];

/** An element with attributes and children. */
const make = (tag, attributes = {}, ...children) => {
  const element = tag.includes(":")
    ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};
/** The key that gives each label. */
const KEYS = "1234567890qwetyip";
const find = (id) => document.getElementById(id);
