// Draws lineage on a canvas: only what is in sight, so that thousands of datasets stay fluid.
"use strict";

class Lineage {
  constructor(place) {
    this.place = place;
    this.canvas = place.querySelector("canvas");
    this.told = place.querySelector(".told");
    this.pen = this.canvas.getContext("2d");
    this.scale = 1;
    this.left = this.top = 0;
    this.chosen = -1;
    this.waiting = false;
    this.fingers = new Map();
  }

  async load() {
    const answer = await fetch(this.place.dataset.lineage);
    if (!answer.ok) throw new Error(String(answer.status));
    const data = await answer.json();
    [this.boxWidth, this.boxHeight] = data.box;
    this.width = data.width;
    this.height = data.height;
    this.nodes = data.nodes.map(([id, name, kind, state, x, y, dataset]) => ({ id, name, kind, state, x, y, dataset, reads: [], readers: [] }));
    this.edges = data.edges;
    for (const [start, end] of this.edges) {
      this.nodes[start].readers.push(end);
      this.nodes[end].reads.push(start);
    }
    this.focus = data.focus;
    this.look();
    this.listen();
    this.resize();
    this.all();
    if (this.focus >= 0) this.choose(this.focus, true);
    else this.told.textContent = "";
    this.place.dataset.ready = String(this.nodes.length);
  }

  look() {
    const probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
    const colour = (name) => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    };
    this.colours = Object.fromEntries(
      ["paper", "sheet", "ink", "dim", "rule", "accent", "good", "bad", "poor", "dull", "bad-back", "poor-back", "dull-back"].map((name) => [name, colour(`--${name}`)]),
    );
    probe.remove();
    this.font = getComputedStyle(document.body).fontFamily;
  }

  listen() {
    const canvas = this.canvas;
    new ResizeObserver(() => this.resize()).observe(this.place);
    document.addEventListener("dryland:theme", () => { this.look(); this.ask(); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.look(); this.ask(); });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event.offsetX, event.offsetY);
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, (event) => this.up(event));
    canvas.addEventListener("dblclick", () => this.open());
    canvas.addEventListener("keydown", (event) => this.key(event));
    for (const button of this.place.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => (Number(button.dataset.zoom) ? this.zoom(Number(button.dataset.zoom)) : this.all()));
    }
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.shownWidth = this.place.clientWidth;
    this.shownHeight = this.place.clientHeight;
    this.canvas.width = Math.round(this.shownWidth * ratio);
    this.canvas.height = Math.round(this.shownHeight * ratio);
    this.ratio = ratio;
    this.ask();
  }

  all() {
    this.scale = Math.min(this.shownWidth / this.width, this.shownHeight / this.height, 1.2);
    this.left = (this.shownWidth - this.width * this.scale) / 2;
    this.top = (this.shownHeight - this.height * this.scale) / 2;
    this.ask();
  }

  zoom(factor, x = this.shownWidth / 2, y = this.shownHeight / 2) {
    const scale = Math.min(Math.max(this.scale * factor, 0.004), 4);
    this.left = x - ((x - this.left) * scale) / this.scale;
    this.top = y - ((y - this.top) * scale) / this.scale;
    this.scale = scale;
    this.ask();
  }

  down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    this.moved = 0;
  }

  move(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.offsetX, y: event.offsetY };
    if (this.fingers.size === 2) {
      const other = [...this.fingers].find(([id]) => id !== event.pointerId)[1];
      const distance = (finger) => Math.hypot(finger.x - other.x, finger.y - other.y) || 1;
      this.zoom(distance(now) / distance(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
    } else {
      this.left += now.x - before.x;
      this.top += now.y - before.y;
      this.ask();
    }
    this.moved += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    this.fingers.set(event.pointerId, now);
  }

  up(event) {
    if (!this.fingers.delete(event.pointerId) || this.moved > 5) return;
    const found = this.at(event.offsetX, event.offsetY);
    if (found >= 0) this.choose(found, false);
  }

  at(x, y) {
    const [wantedX, wantedY] = [(x - this.left) / this.scale, (y - this.top) / this.scale];
    return this.nodes.findIndex((node) => wantedX >= node.x && wantedX <= node.x + this.boxWidth && wantedY >= node.y && wantedY <= node.y + this.boxHeight);
  }

  key(event) {
    const moves = { ArrowRight: "readers", ArrowLeft: "reads" };
    if (event.key in moves) this.follow(moves[event.key]);
    else if (event.key === "ArrowDown") this.beside(1);
    else if (event.key === "ArrowUp") this.beside(-1);
    else if (event.key === "+" || event.key === "=") this.zoom(1.25);
    else if (event.key === "-") this.zoom(0.8);
    else if (event.key === "0") this.all();
    else if (event.key === "Enter") this.open();
    else return;
    event.preventDefault();
  }

  follow(direction) {
    if (this.chosen < 0) return this.choose(0, true);
    const here = this.nodes[this.chosen];
    const near = [...here[direction]].sort((a, b) => Math.abs(this.nodes[a].y - here.y) - Math.abs(this.nodes[b].y - here.y));
    if (near.length) this.choose(near[0], true);
  }

  beside(step) {
    if (this.chosen < 0) return this.choose(0, true);
    const here = this.nodes[this.chosen];
    let best = -1;
    this.nodes.forEach((node, number) => {
      const ahead = (node.y - here.y) * step;
      if (node.x === here.x && ahead > 0 && (best < 0 || ahead < (this.nodes[best].y - here.y) * step)) best = number;
    });
    if (best >= 0) this.choose(best, true);
  }

  choose(number, isMoved) {
    this.chosen = number;
    const node = this.nodes[number];
    this.told.textContent = `${node.name}: ${node.kind}${node.state ? `, ${node.state}` : ""}, ${node.reads.length} ← → ${node.readers.length}`;
    if (isMoved) {
      this.scale = Math.max(this.scale, 0.7);
      this.left = this.shownWidth / 2 - (node.x + this.boxWidth / 2) * this.scale;
      this.top = this.shownHeight / 2 - (node.y + this.boxHeight / 2) * this.scale;
    }
    this.ask();
  }

  open() {
    const node = this.nodes[this.chosen];
    if (!node || !node.dataset) return;
    const [path, query] = this.place.dataset.datasets.split("?");
    location.href = path + encodeURIComponent(node.dataset) + (query ? `?${query}` : "");
  }

  ask() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => { this.waiting = false; this.draw(); });
  }

  draw() {
    const { pen, scale, nodes, boxWidth, boxHeight, colours } = this;
    if (!nodes) return;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, this.shownWidth, this.shownHeight);
    pen.setTransform(this.ratio * scale, 0, 0, this.ratio * scale, this.ratio * this.left, this.ratio * this.top);
    const sight = {
      left: -this.left / scale, top: -this.top / scale,
      right: (this.shownWidth - this.left) / scale, bottom: (this.shownHeight - this.top) / scale,
    };
    const isCurved = scale > 0.12;
    const near = new Set();
    pen.lineWidth = 1.2 / Math.max(scale, 0.25);
    for (const isNear of [false, true]) {
      pen.beginPath();
      for (const [start, end] of this.edges) {
        if ((start === this.chosen || end === this.chosen) !== isNear) continue;
        if (isNear) near.add(start).add(end);
        const a = nodes[start], b = nodes[end];
        const x1 = a.x + boxWidth, y1 = a.y + boxHeight / 2, x2 = b.x, y2 = b.y + boxHeight / 2;
        if (Math.max(x1, x2) < sight.left || Math.min(x1, x2) > sight.right || Math.max(y1, y2) < sight.top || Math.min(y1, y2) > sight.bottom) continue;
        pen.moveTo(x1, y1);
        if (isCurved) {
          const bend = Math.max((x2 - x1) / 2, 32);
          pen.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2);
        } else pen.lineTo(x2, y2);
      }
      pen.strokeStyle = isNear ? colours.accent : colours.dull;
      pen.globalAlpha = isNear ? 1 : 0.45;
      pen.stroke();
    }
    pen.globalAlpha = 1;
    nodes.forEach((node, number) => {
      if (node.x + boxWidth < sight.left || node.x > sight.right || node.y + boxHeight < sight.top || node.y > sight.bottom) return;
      this.box(node, number === this.chosen, near.has(number) || number === this.focus);
    });
  }

  box(node, isChosen, isNear) {
    const { pen, scale, boxWidth, boxHeight, colours } = this;
    const back = { failing: "bad-back", stale: "poor-back", warned: "poor-back", unreleased: "dull-back", unchecked: "dull-back" };
    const edge = { failing: "bad", stale: "poor", warned: "poor", good: "good" };
    pen.fillStyle = colours[back[node.state] || "paper"];
    pen.strokeStyle = isChosen || isNear ? colours.accent : colours[edge[node.state] || "dull"];
    pen.lineWidth = (isChosen ? 3 : 1.2) / Math.max(scale, 0.35);
    pen.beginPath();
    if (scale > 0.2) pen.roundRect(node.x, node.y, boxWidth, boxHeight, 6);
    else pen.rect(node.x, node.y, boxWidth, boxHeight);
    pen.fill();
    pen.stroke();
    if (scale < 0.3) return;
    pen.fillStyle = colours.ink;
    pen.font = `13px ${this.font}`;
    pen.fillText(node.name.length > 25 ? `${node.name.slice(0, 24)}…` : node.name, node.x + 12, node.y + 17);
    pen.fillStyle = colours.dim;
    pen.font = `11px ${this.font}`;
    pen.fillText(node.kind, node.x + 12, node.y + 32);
  }
}

for (const place of document.querySelectorAll("[data-lineage]")) {
  new Lineage(place).load().catch(() => { place.querySelector(".told").textContent = place.dataset.failed; });
}
