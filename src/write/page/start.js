// Ties the parts together.

const listUnread = () => {
  const unread = images.filter((image) => image.outcome !== "analysed");
  find("unread").hidden = unread.length === 0;
  const reasons = count(unread, (image) => `${image.outcome}: ${image.reason}`);
  const rows = [...reasons].sort((a, b) => b[1] - a[1]).slice(0, 50);
  find("unread-list").append(tableOf(["why", "inputs"], rows));
};

const start = () => {
  LABELS.forEach((label, at) => {
    const box = make("input", { type: "checkbox", id: `label-${at}` });
    box.checked = true;
    box.defaultChecked = true;
    const dot = make("span", { class: "dot" });
    dot.style.background = colour(at);
    find("filter-labels").append(make("label", {}, box, " ", dot, label.title));
  });
  const parts = [...new Set(foci.map((focus) => focus.image.part))].sort();
  find("filter-part").append(...parts.map((part) => make("option", { value: part }, words(part))));
  find("version").textContent = software.filter(Boolean).slice(0, 2).join(", ");
  drawPlots();
  listUnread();
  const recalled = recall();
  find("filters").addEventListener("input", filter);
  find("filters").addEventListener("submit", (event) => event.preventDefault());
  find("filters").addEventListener("reset", () => setTimeout(filter));
  find("gallery").addEventListener("scroll", () => requestAnimationFrame(() => layOut(false)), { passive: true });
  find("gallery").addEventListener("keydown", pressed);
  addEventListener("resize", () => layOut(false));
  find("save").onclick = save;
  find("load").onchange = async (event) => {
    if (event.target.files[0]) await load(event.target.files[0]);
    event.target.value = "";
  };
  find("outlines").onchange = () => document.body.classList.toggle("bare", !find("outlines").checked);
  const dark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const theme = () => {
    find("theme").textContent = dark() ? "Light" : "Dark";
    find("theme").setAttribute("aria-label", dark() ? "Show in light colours" : "Show in dark colours");
  };
  find("theme").onclick = () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    theme();
  };
  theme();
  filter();
  if (recalled) say(`${recalled} decisions that this browser kept are back.`);
  document.documentElement.dataset.ready = "yes";
};
start();
