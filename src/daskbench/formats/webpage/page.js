"use strict";
(() => {
  const held = (id) => JSON.parse(document.getElementById(id).textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const done = (what) => { document.documentElement.dataset[what] = "true"; };

  // What is drawn on a canvas knows no style sheet: its colours are replaced before it is drawn.
  let drawing = Promise.resolve(), views = [];
  async function draw() {
    for (const view of views) view.clear();
    views = [];
    const tokens = held("tokens");
    let text = document.getElementById("items").textContent;
    for (const [light, other] of Object.entries(tokens)) {
      if (dark.matches && light.startsWith("#")) text = text.replaceAll(light, other);
    }
    for (const item of JSON.parse(text)) {
      const place = document.getElementById(item.target_id);
      place.replaceChildren();
      place.style.backgroundColor = dark.matches ? tokens.paper : "#ffffff";
      views.push(await Bokeh.embed.embed_item(item, item.target_id));
      await new Promise((go) => setTimeout(go));  // a reader may scroll and click meanwhile
    }
    done("drawn");
  }

  // On paper each plot is a picture of itself, as wide as the paper: a plot there keeps its size.
  function onPaper() {
    views.forEach((view, number) => {
      const { canvas } = view.roots[0].export("auto");
      canvas.className = dark.matches ? "paper dark" : "paper";
      document.getElementById(`plot-${number}`).after(canvas);
    });
  }

  function offPaper() {
    document.querySelectorAll(".paper").forEach((picture) => picture.remove());
  }

  // Buttons are made here, so that without JavaScript there are none that do nothing.
  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.ariaSort = "none";
      button.addEventListener("click", () => sort(table, heads, column));
    });
  }

  function sort(table, heads, column) {
    const down = heads[column].ariaSort === "ascending";
    for (const head of heads) head.ariaSort = "none";
    heads[column].ariaSort = down ? "descending" : "ascending";
    const body = table.tBodies[0];
    const key = (row) => row.cells[column].dataset.key;
    const rows = [...body.rows].map((row, place) => ({ row, place, key: key(row) }));
    rows.sort((a, b) => compare(a.key, b.key, down) || a.place - b.place);
    body.append(...rows.map((one) => one.row));
  }

  // Numbers by value before words; what is missing stays last in either direction.
  function compare(a, b, down) {
    if (!a || !b) return (a ? 0 : 1) - (b ? 0 : 1);
    const [x, y] = [Number(a), Number(b)];
    if (isNaN(x) !== isNaN(y)) return isNaN(x) - isNaN(y);
    const found = isNaN(x) ? a.localeCompare(b, "en", { numeric: true }) : x - y;
    return down ? -found : found;
  }

  async function save(button) {
    const text = button.parentElement.nextElementSibling.textContent;
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await new Response(stream).blob());
    link.download = button.dataset.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  document.querySelectorAll("table.sortable").forEach(sortable);
  for (const button of document.querySelectorAll("button.save")) {
    button.hidden = false;
    button.addEventListener("click", () => save(button));
  }
  done("ready");
  if (typeof Bokeh === "undefined") done("drawn");
  else {
    drawing = draw();
    addEventListener("beforeprint", onPaper);
    addEventListener("afterprint", offPaper);
    dark.addEventListener("change", () => { drawing = drawing.then(draw); });
  }
})();
