"use strict";
// What the page can do beyond showing itself: read a map entry by entry, and list all of the worst entries.
const scale = JSON.parse(document.getElementById("scale").textContent);
const levelOf = new Map(scale.palette.map(([r, g, b], level) => [(r << 16) | (g << 8) | b, level]));

const dataOf = (number) => JSON.parse(document.getElementById("data" + number).textContent);
const short = (value) => (typeof value === "number" ? Number(value).toPrecision(2) : value);

function indexOf(map, row, column) {
  // The picture has the last axis across and all others down.
  if (map.shape.length === 0) return [];
  if (map.shape.length === 1) return [column];
  const index = [column];
  for (let axis = map.shape.length - 2; axis >= 0; axis--) {
    index.unshift(row % map.shape[axis]);
    row = Math.floor(row / map.shape[axis]);
  }
  return index;
}

class Reader {
  constructor(picture) {
    this.picture = picture;
    this.output = document.getElementById("read" + picture.dataset.map);
    this.row = 0;
    this.column = 0;
  }

  load() {
    if (this.map) return;
    this.map = dataOf(this.picture.dataset.map);
    const image = this.picture.querySelector("img");
    const canvas = document.createElement("canvas");
    this.rows = canvas.height = image.naturalHeight;
    this.columns = canvas.width = image.naturalWidth;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    this.pixels = context.getImageData(0, 0, this.columns, this.rows).data;
    this.known = new Map(this.map.entries.map((entry) => [entry[0].join(), entry]));
    this.cursor = document.createElement("span");
    this.cursor.className = "cursor";
    this.picture.append(this.cursor);
  }

  show(row, column) {
    this.load();
    this.row = Math.min(Math.max(row, 0), this.rows - 1);
    this.column = Math.min(Math.max(column, 0), this.columns - 1);
    this.cursor.style.left = (100 * this.column) / this.columns + "%";
    this.cursor.style.top = (100 * this.row) / this.rows + "%";
    this.cursor.style.width = Math.max(100 / this.columns, 1) + "%";
    this.cursor.style.height = Math.max(100 / this.rows, 1) + "%";
    this.output.textContent = this.sentence();
  }

  sentence() {
    const place = 4 * (this.row * this.columns + this.column);
    const [r, g, b] = this.pixels.slice(place, place + 3);
    const level = levelOf.get((r << 16) | (g << 8) | b);
    const [down, across] = this.map.block;
    const index = indexOf(this.map, this.row * down, this.column * across);
    const where = "[" + index.join(", ") + "]" + (down * across > 1 ? " and its neighbours" : "");
    if (!level) return where + ": not judged";
    const exact = down * across === 1 && this.known.get(index.join());
    if (exact) return `${where}: ${exact[1]} by hand, ${exact[2]} by the reference, ${short(exact[4])} tolerances`;
    const decades = scale.span[0] + ((scale.span[1] - scale.span[0]) * (level - 1)) / (scale.palette.length - 2);
    return where + ": about " + short(10 ** decades) + " tolerances";
  }
}

for (const picture of document.querySelectorAll(".picture")) {
  const reader = new Reader(picture);
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  picture.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    reader.show(reader.row + far * move[0], reader.column + far * move[1]);
  });
  picture.addEventListener("pointermove", (event) => {
    const box = picture.getBoundingClientRect();
    reader.load();
    reader.show(
      Math.floor(((event.clientY - box.top) / box.height) * reader.rows),
      Math.floor(((event.clientX - box.left) / box.width) * reader.columns),
    );
  });
}

for (const button of document.querySelectorAll("[data-more]")) {
  button.addEventListener("click", () => {
    const map = dataOf(button.dataset.more);
    const rows = document.createDocumentFragment();
    for (const [index, subject, reference, noise, off] of map.entries.slice(map.shown)) {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = "[" + index.join(", ") + "]";
      row.append(head);
      for (const value of [subject, reference, short(noise), short(off)]) {
        const cell = document.createElement("td");
        cell.className = "n";
        cell.textContent = value;
        row.append(cell);
      }
      rows.append(row);
    }
    document.getElementById("rows" + button.dataset.more).append(rows);
    button.remove();
  });
}

// A link to a gradient that is folded opens it.
function unfold() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}
window.addEventListener("hashchange", unfold);
unfold();
