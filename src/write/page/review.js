// Decisions, and the file they are saved to. Nothing leaves the page but by that file.

const FORMAT = 1;
const software = images.find((image) => image.software)?.software ?? ["calxray", "", ""];
/** Where the browser keeps decisions until they are saved: per set of images and settings. */
const memory = (() => {
  let hash = 5381;
  for (const text of [...software, ...images.map((image) => `${image.image}${image.foci.length}`)]) {
    for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 33) ^ text.charCodeAt(at)) >>> 0;
  }
  return `calxray-corrections-${hash}`;
})();
let unsaved = 0;

const decide = (focus, decision, label = null) => {
  if (decision === "relabel" && label === focus.label) decision = "accept";
  focus.decision = decision;
  focus.relabel = decision === "relabel" ? label : null;
  unsaved += 1;
  remember();
};

const setNote = (focus, text) => {
  focus.note = text;
  unsaved += 1;
  remember();
};

/** The corrections as they are saved: every image with a decision or a note, all its foci. */
const corrections = () => {
  const touched = (focus) => focus.decision !== "none" || focus.note !== "";
  const own = new Map();
  for (const focus of foci) {
    if (!own.has(focus.image)) own.set(focus.image, []);
    own.get(focus.image).push(focus);
  }
  const rows = [];
  for (const [image, all] of own) {
    if (!all.some(touched)) continue;
    rows.push({
      path: image.path, image: image.image, frame: image.frame, rows: image.size[0], columns: image.size[1],
      foci: all.map((focus) => ({
        focus: focus.number, box: focus.box, predicted: LABELS[focus.label].name, score: focus.score, decision: focus.decision,
        label: focus.decision === "reject" ? null : LABELS[settled(focus)].name, note: focus.note,
        segmentation: { size: image.size, counts: focus.counts },
      })),
    });
  }
  return {
    calxray_corrections: FORMAT,
    about: "Decisions of a reviewer on foci found by calxray. Foci that were not found are not in it; foci without a decision count neither way.",
    software: software[0], classifier: software[1], settings_digest: software[2], images: rows,
  };
};

/** Takes decisions over; gives how many foci fitted and how many did not. */
const take = (file) => {
  if (file?.calxray_corrections !== FORMAT || !Array.isArray(file.images)) {
    throw new Error("this is no file of corrections that this page can read");
  }
  const known = new Map(foci.map((focus) => [`${focus.image.image} ${focus.image.path} ${focus.number}`, focus]));
  let fitted = 0, strange = 0;
  for (const image of file.images) {
    for (const row of image.foci) {
      const focus = known.get(`${image.image} ${image.path} ${row.focus}`);
      const label = LABELS.findIndex((own) => own.name === row.label);
      const same = focus && focus.counts === row.segmentation?.counts && row.decision in DECISIONS;
      if (!same || (row.decision === "relabel" && label < 0)) {
        strange += row.decision === "none" && !row.note ? 0 : 1;
        continue;
      }
      focus.decision = row.decision;
      focus.relabel = row.decision === "relabel" ? label : null;
      focus.note = String(row.note ?? "");
      fitted += row.decision === "none" && !focus.note ? 0 : 1;
    }
  }
  return [fitted, strange];
};

/** Keeps decisions in the browser, so that a closed page loses nothing. Where that is forbidden, saving still works. */
let waiting = null;
const remember = () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    try {
      localStorage.setItem(memory, JSON.stringify(corrections()));
    } catch {
      waiting = null;
    }
  }, 400);
};
const recall = () => {
  try {
    const kept = localStorage.getItem(memory);
    return kept ? take(JSON.parse(kept))[0] : 0;
  } catch {
    return 0;
  }
};

const say = (text) => {
  find("message").textContent = text;
};

const save = () => {
  const text = JSON.stringify(corrections(), null, 1);
  const link = make("a", { download: "corrections.json", href: URL.createObjectURL(new Blob([text], { type: "application/json" })) });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  unsaved = 0;
  say("Corrections saved as corrections.json.");
  drawProgress();
};

const load = async (file) => {
  try {
    const [fitted, strange] = take(JSON.parse(await file.text()));
    say(`${fitted} decisions loaded${strange ? `; ${strange} are about foci that this page does not have` : ""}.`);
    remember();
  } catch (error) {
    say(`Not loaded: ${error.message}.`);
  }
  refresh();
};

addEventListener("beforeunload", (event) => {
  if (unsaved > 0) event.preventDefault();
});
