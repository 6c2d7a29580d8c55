"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = id => document.getElementById(id);
  const view = $("view"), canvas = $("canvas"), space = $("space"), tip = $("tip"), status = $("status"), search = $("search");
  const pen = canvas.getContext("2d", { alpha: false });
  const rowHeight = 20, minWidth = 0.6, minText = 28;

  // --- The tree. Node 0 stands for all; the others follow in the order of the file, each before what it calls. ---
  const strings = data.strings, names = data.frames.name.map(i => strings[i]);
  const count = data.nodes.frame.length + 1;
  const frame = new Int32Array(count), depth = new Int32Array(count), line = new Int32Array(count), parent = new Int32Array(count);
  const end = new Int32Array(count), self = new Float64Array(count), total = new Float64Array(count), start = new Float64Array(count);
  const old = data.nodes.old ? new Float64Array(count) : null, oldSelf = old ? new Float64Array(count) : null;
  frame[0] = -1; parent[0] = -1;
  let deepest = 0;
  {
    const open = [0];
    for (let i = 1; i < count; i++) {
      frame[i] = data.nodes.frame[i - 1];
      depth[i] = data.nodes.depth[i - 1] + 1;
      line[i] = data.nodes.line[i - 1];
      self[i] = total[i] = data.nodes.self[i - 1];
      if (old) oldSelf[i] = old[i] = data.nodes.old[i - 1];
      if (depth[i] > deepest) deepest = depth[i];
      while (open.length > depth[i]) end[open.pop()] = i;
      parent[i] = open[open.length - 1];
      open.push(i);
    }
    while (open.length) end[open.pop()] = count;
    for (let i = count - 1; i > 0; i--) {
      total[parent[i]] += total[i];
      if (old) old[parent[i]] += old[i];
    }
    const next = new Float64Array(count);
    for (let i = 1; i < count; i++) {
      start[i] = start[parent[i]] + next[parent[i]];
      next[parent[i]] += total[i];
    }
  }

  // --- Words. ---
  const share = (part, whole) => whole > 0 ? (100 * part / whole).toFixed(part / whole < 0.001 && part > 0 ? 3 : part / whole < 0.0995 ? 2 : 1) + "%" : "0%";
  const scale = (value, steps) => {
    let [factor, name] = steps[0];
    for (const [f, n] of steps) if (Math.abs(value) >= f) { factor = f; name = n; }
    const scaled = value / factor;
    return (Math.abs(scaled) >= 100 ? scaled.toFixed(0) : Math.abs(scaled) >= 10 ? scaled.toFixed(1) : scaled.toFixed(2)).replace(/\.0+$/, "") + " " + name;
  };
  const times = [[1, "ns"], [1e3, "µs"], [1e6, "ms"], [1e9, "s"]], sizes = [[1, "B"], [1024, "KiB"], [1048576, "MiB"], [1073741824, "GiB"]];
  const inNanoseconds = { nanoseconds: 1, microseconds: 1e3, milliseconds: 1e6, seconds: 1e9 };
  const amount = value => data.unit in inNanoseconds ? scale(value * inNanoseconds[data.unit], times)
    : data.unit === "bytes" ? scale(value, sizes)
    : Math.round(value).toLocaleString("en") + (data.unit && data.unit !== "count" ? " " + data.unit : "");
  const signed = value => (value > 0 ? "+" : "") + amount(value);
  const nameOf = i => i === 0 ? "all" : names[frame[i]];
  const placeOf = i => {
    if (i === 0) return "";
    const file = strings[data.frames.file[frame[i]]], at = line[i] || data.frames.line[frame[i]];
    return file ? file + (at ? ":" + at : "") : "";
  };
  const moduleOf = i => i === 0 ? "" : strings[data.frames.module[frame[i]]];
  const languageOf = i => i === 0 ? "" : strings[data.frames.language[frame[i]]];
  const languageNames = { go: "Go", c: "C", "c++": "C++", rust: "Rust", kernel: "kernel", "": "not known" };

  // --- Colours: hue by language, a little lighter or darker by name, so that neighbours differ. ---
  const hues = { go: [195, 62], c: [32, 80], "c++": [350, 68], rust: [275, 48], kernel: [130, 32], "": [220, 10] };
  const hash = text => {
    let h = 2166136261;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
    return ((h ^ h >>> 13) >>> 0) % 1000 / 1000;
  };
  const hueOf = language => hues[language] || hues[""];
  const jitter = Float64Array.from(names, hash);
  let isDark, palette, css;
  const colourOf = (language, shade) => {
    const [hue, saturation] = hueOf(language);
    return isDark ? `hsl(${hue - 8 + 16 * shade} ${saturation * 0.75}% ${27 + 9 * shade}%)` : `hsl(${hue - 8 + 16 * shade} ${saturation}% ${71 + 10 * shade}%)`;
  };
  const changeOf = i => total[0] > 0 && old ? (total[i] - old[i]) / Math.max(total[0], old[0]) : 0;
  const changeColour = change => {
    // The square root lets small changes show; one of a tenth of the whole is as strong as any.
    const strength = Math.min(1, Math.sqrt(Math.abs(change) * 10));
    const step = Math.round(strength * 12) / 12;
    if (step === 0) return isDark ? "hsl(220 8% 30%)" : "hsl(220 12% 88%)";
    const hue = change > 0 ? 8 : 215;
    return isDark ? `hsl(${hue} ${30 + 40 * step}% ${30 + 8 * step}%)` : `hsl(${hue} ${50 + 35 * step}% ${90 - 22 * step}%)`;
  };
  const paint = () => {
    isDark = document.documentElement.dataset.theme === "dark";
    palette = names.map((_, i) => colourOf(strings[data.frames.language[i]], jitter[i]));
    const computed = getComputedStyle(document.documentElement);
    css = Object.fromEntries(["--page", "--box-text", "--found", "--select", "--raised", "--soft", "--line"].map(name => [name, computed.getPropertyValue(name).trim()]));
  };

  // --- State. ---
  let zoom = 0, selected = -1, hovered = -1, isFlame = false, found = null, foundNodes = [], width = 0, height = 0, wanted = 0;
  const path = [];
  const setZoom = node => {
    zoom = node;
    path.length = 0;
    for (let i = node; i >= 0; i = parent[i]) path.unshift(i);
    $("reset").disabled = node === 0;
    measure();
    if (isFlame) view.scrollTop = view.scrollHeight; else view.scrollTop = 0;
    redraw();
  };

  let contentHeight = 0;
  const depthBelow = node => {
    let most = depth[node];
    for (let i = node + 1; i < end[node]; i++) if (depth[i] > most) most = depth[i];
    return most;
  };
  const measure = () => {
    width = view.clientWidth; height = view.clientHeight;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(width * ratio)); canvas.height = Math.max(1, Math.round(height * ratio));
    canvas.style.width = width + "px"; canvas.style.height = height + "px";
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    contentHeight = (depthBelow(zoom) + 1) * rowHeight + 4;
    space.style.height = Math.max(0, contentHeight - height) + "px";
  };
  const rowTop = d => isFlame ? Math.max(contentHeight, height) - (d + 1) * rowHeight - view.scrollTop : d * rowHeight - view.scrollTop;

  // --- Drawing: boxes narrower than a pixel are passed over with all below them, so that work is bounded by the screen. ---
  const fit = (text, room) => {
    const most = Math.floor(room / letter);
    return text.length <= most ? text : most < 3 ? "" : tailFirst(text, most);
  };
  // What stands behind the last slash says most.
  const tailFirst = (text, most) => {
    const slash = text.lastIndexOf("/");
    const tail = slash > 0 ? text.slice(slash + 1) : text;
    return tail.length <= most ? tail : tail.slice(0, most - 1) + "…";
  };
  let letter = 7;
  let drawn = 0, visited = 0;
  const box = (i, left, right, top, isAncestor) => {
    drawn++;
    const w = right - left, isFound = found && i > 0 && found[frame[i]];
    pen.globalAlpha = isAncestor ? 0.55 : found && !isFound ? 0.4 : 1;
    pen.fillStyle = old ? changeColour(changeOf(i)) : i === 0 ? css["--line"] : palette[frame[i]];
    const gap = w > 3 ? 1 : 0;
    pen.fillRect(left, top, Math.max(w - gap, 0.5), rowHeight - 1);
    pen.globalAlpha = 1;
    if (isFound) {
      pen.fillStyle = css["--found"];
      pen.fillRect(left, top + rowHeight - 4, Math.max(w - gap, 1), 3);
    }
    if (w > minText) {
      pen.fillStyle = css["--box-text"];
      const text = fit(nameOf(i), w - 8);
      if (text) pen.fillText(text, left + 4, top + rowHeight / 2);
    }
    if (i === selected || i === hovered) {
      pen.strokeStyle = css["--select"];
      pen.lineWidth = i === selected ? 2 : 1;
      pen.strokeRect(left + 1, top + 1, Math.max(w - 3, 1), rowHeight - 3);
    }
  };
  const draw = () => {
    wanted = 0;
    pen.fillStyle = css["--page"];
    pen.fillRect(0, 0, width, height);
    pen.font = "12px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
    pen.textBaseline = "middle";
    letter = pen.measureText("mmmmmmmmmm").width / 10;
    for (const i of path) if (i !== zoom) visible(rowTop(depth[i])) && box(i, 0, width, rowTop(depth[i]), true);
    const perUnit = total[zoom] > 0 ? width / total[zoom] : 0;
    let i = zoom;
    drawn = 0; visited = 0;
    while (i < end[zoom]) {
      visited++;
      const w = total[i] * perUnit;
      if (w < minWidth) {
        // Those beside it that follow are smaller still, unless profiles are compared.
        i = old || i === zoom ? end[i] : end[parent[i]];
        continue;
      }
      const top = rowTop(depth[i]);
      if (visible(top)) {
        const left = (start[i] - start[zoom]) * perUnit;
        box(i, left, left + w, top, false);
      }
      const isPast = isFlame ? top + rowHeight < 0 : top > height;
      i = isPast ? end[i] : i + 1;
    }
  };
  const visible = top => top < height && top + rowHeight > 0;
  const redraw = () => { if (!wanted) wanted = requestAnimationFrame(draw); };

  const nodeAt = (x, y) => {
    const d = isFlame ? Math.floor((Math.max(contentHeight, height) - view.scrollTop - y) / rowHeight) : Math.floor((y + view.scrollTop) / rowHeight);
    if (d < 0 || x < 0 || x > width) return -1;
    if (d < depth[zoom]) return path[d];
    const at = start[zoom] + x / width * total[zoom];
    let i = zoom;
    while (depth[i] < d) {
      let child = i + 1;
      const last = end[i];
      while (child < last && start[child] + total[child] <= at) child = end[child];
      if (child >= last || start[child] > at) return -1;
      i = child;
    }
    return total[i] / total[zoom] * width < minWidth ? -1 : i;
  };

  // --- Tooltip and status: text only, so that no name can be markup. ---
  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const rowsOf = i => {
    const rows = [["total", amount(total[i]), share(total[i], total[0])], ["self", amount(self[i]), share(self[i], total[0])]];
    if (zoom > 0 && i > 0) rows.push(["of what is shown", "", share(total[i], total[zoom])]);
    if (old) rows.push(["before", amount(old[i]), share(old[i], old[0])], ["change", signed(total[i] - old[i]), ""]);
    return rows;
  };
  const showTip = (i, x, y) => {
    tip.replaceChildren(element("b", nameOf(i)));
    const where = [languageOf(i) && languageNames[languageOf(i)] || languageOf(i), moduleOf(i), placeOf(i)].filter(Boolean).join(" · ");
    if (where) tip.append(element("div", where, "where"));
    const table = document.createElement("table");
    for (const row of rowsOf(i)) {
      const tr = table.insertRow();
      for (const cell of row) tr.insertCell().textContent = cell;
    }
    tip.append(table);
    tip.hidden = false;
    const b = tip.getBoundingClientRect();
    tip.style.left = Math.max(8, Math.min(x + 14, innerWidth - b.width - 8)) + "px";
    tip.style.top = (y + 18 + b.height < innerHeight ? y + 18 : Math.max(8, y - b.height - 10)) + "px";
  };
  const hideTip = () => { tip.hidden = true; if (hovered >= 0) { hovered = -1; redraw(); } };
  const say = i => {
    status.replaceChildren();
    if (i < 0) { status.textContent = "Click zooms, / searches, ? shows the keys"; return; }
    status.append(element("b", nameOf(i)), ` ${amount(total[i])}, ${share(total[i], total[0])}` + (self[i] > 0 ? ` · self ${share(self[i], total[0])}` : "")
      + (old ? ` · ${signed(total[i] - old[i])}` : "") + (placeOf(i) ? " · " + placeOf(i) : ""));
  };

  // --- Search. ---
  const find = () => {
    const text = search.value;
    search.classList.remove("bad");
    found = null; foundNodes = []; $("found").textContent = "";
    if (text) {
      let test;
      const pattern = /^\/(.+)\/?$/.exec(text);
      if (pattern) {
        try { const re = new RegExp(pattern[1].replace(/\/$/, ""), "i"); test = s => re.test(s); }
        catch { search.classList.add("bad"); $("found").textContent = "no pattern"; redraw(); return; }
      } else {
        const lower = text.toLowerCase();
        test = s => s.toLowerCase().includes(lower);
      }
      found = new Uint8Array(names.length);
      const ofString = new Map();
      const cached = s => { let r = ofString.get(s); if (r === undefined) ofString.set(s, r = test(s)); return r; };
      for (let f = 0; f < names.length; f++) found[f] = cached(names[f]) || cached(strings[data.frames.module[f]]) || cached(strings[data.frames.file[f]]) ? 1 : 0;
      let cost = 0;
      for (let i = 1; i < count;) {
        if (found[frame[i]]) { cost += total[i]; foundNodes.push(i); i = end[i]; } else i++;
      }
      $("found").textContent = foundNodes.length ? share(cost, total[0]) + " found" : "nothing";
    }
    redraw();
  };
  let pause = 0;
  search.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(find, count > 50000 ? 150 : 0); });
  search.addEventListener("keydown", e => {
    if (e.key === "Escape") { if (search.value) { search.value = ""; find(); } else view.focus(); e.stopPropagation(); }
    if (e.key === "Enter") { clearTimeout(pause); find(); view.focus(); goFound(1); e.preventDefault(); }
  });
  const goFound = step => {
    const inside = foundNodes.filter(i => total[i] > 0);
    if (!inside.length) return;
    let at = inside.findIndex(i => i >= selected);
    at = at < 0 ? (step > 0 ? 0 : inside.length - 1) : step > 0 ? (inside[at] === selected ? at + 1 : at) : at - 1;
    select(inside[(at + inside.length) % inside.length]);
  };

  // --- Walking and zooming. ---
  const select = i => {
    selected = i;
    say(i);
    if (i >= 0) {
      const isOutside = i < zoom || i >= end[zoom];
      if (isOutside && !path.includes(i) || !path.includes(i) && total[i] / total[zoom] * width < minWidth) setZoom(parent[i] >= 0 ? wideEnough(i) : 0);
      const top = rowTop(depth[i]);
      if (top < 0) view.scrollTop += top - rowHeight;
      else if (top + rowHeight > height) view.scrollTop += top + 2 * rowHeight - height;
    }
    redraw();
  };
  const wideEnough = i => {
    let z = parent[i];
    while (z > 0 && total[i] / total[parent[z]] * width > 40) z = parent[z];
    return z;
  };
  const firstChild = i => i + 1 < end[i] && total[i + 1] > 0 ? i + 1 : -1;
  const beside = (i, step) => {
    if (i <= 0) return -1;
    const p = parent[i];
    let before = -1;
    for (let c = p + 1; c < end[p]; c = end[c]) {
      if (total[c] <= 0) continue;
      if (step < 0 && c === i) return before;
      if (step > 0 && before === i) return c;
      before = c;
    }
    return -1;
  };
  const setTurn = flame => {
    isFlame = flame;
    $("turn").textContent = flame ? "Icicle" : "Flame";
    measure();
    view.scrollTop = flame ? view.scrollHeight : 0;
    redraw();
  };
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* A page from a file may keep nothing. */ } };
  const recall = key => { try { return localStorage.getItem(key); } catch { return null; } };
  const setTheme = theme => {
    document.documentElement.dataset.theme = theme;
    $("theme").textContent = theme === "dark" ? "Light" : "Dark";
    paint(); legend(); redraw();
  };
  const toggleKeys = () => {
    $("keys").hidden = !$("keys").hidden;
    $("help").setAttribute("aria-expanded", String(!$("keys").hidden));
  };
  const legend = () => {
    const list = $("legend");
    list.replaceChildren();
    const entry = (colour, text) => {
      const span = element("span", "");
      const mark = document.createElement("i");
      mark.style.background = colour;
      span.append(mark, text);
      list.append(span);
    };
    if (old) {
      entry(changeColour(-0.1), "costs less than before"); entry(changeColour(0), "the same"); entry(changeColour(0.1), "costs more");
      return;
    }
    const costs = new Map();
    for (let i = 1; i < count; i++) if (self[i] > 0) costs.set(languageOf(i), (costs.get(languageOf(i)) || 0) + self[i]);
    for (const [language, cost] of [...costs].sort((a, b) => b[1] - a[1])) entry(colourOf(language, 0.5), `${languageNames[language] || language} ${share(cost, total[0])}`);
  };

  // --- Events. ---
  const point = e => { const r = canvas.getBoundingClientRect(); return nodeAt(e.clientX - r.left, e.clientY - r.top); };
  view.addEventListener("pointermove", e => {
    const i = point(e);
    if (i !== hovered) { hovered = i; redraw(); canvas.style.cursor = i >= 0 ? "pointer" : "default"; }
    if (i >= 0) { showTip(i, e.clientX, e.clientY); } else tip.hidden = true;
  });
  view.addEventListener("pointerleave", hideTip);
  view.addEventListener("click", e => {
    const i = point(e);
    if (i < 0) return;
    selected = i; say(i);
    setZoom(i);
  });
  view.addEventListener("scroll", () => { tip.hidden = true; redraw(); });
  $("reset").addEventListener("click", () => { setZoom(0); view.focus(); });
  $("turn").addEventListener("click", () => setTurn(!isFlame));
  const switchTheme = () => { const t = isDark ? "light" : "dark"; setTheme(t); remember("blindspot-theme", t); };
  $("theme").addEventListener("click", switchTheme);
  $("help").addEventListener("click", toggleKeys);
  addEventListener("keydown", e => {
    if (e.target === search || e.ctrlKey || e.metaKey || e.altKey) return;
    const on = e.target === view || e.target === document.body;
    const out = isFlame ? "ArrowUp" : "ArrowDown", back = isFlame ? "ArrowDown" : "ArrowUp";
    const at = selected >= 0 ? selected : zoom;
    let next = -2;
    if (e.key === "/" || e.key === "f") search.focus(), search.select();
    else if (e.key === "Escape" || e.key === "0") { hideTip(); setZoom(0); }
    else if (e.key === "i") setTurn(!isFlame);
    else if (e.key === "t") switchTheme();
    else if (e.key === "?") toggleKeys();
    else if (e.key === "n") goFound(1);
    else if (e.key === "N") goFound(-1);
    else if (e.key === "c" && selected >= 0) { if (navigator.clipboard) navigator.clipboard.writeText(nameOf(selected)).catch(() => {}); }
    else if (on && e.key === "Enter" && selected >= 0) setZoom(selected);
    else if (on && e.key === out) next = selected < 0 ? zoom : firstChild(at);
    else if (on && e.key === back) next = parent[at];
    else if (on && e.key === "ArrowLeft") next = beside(at, -1);
    else if (on && e.key === "ArrowRight") next = beside(at, 1);
    else return;
    if (next >= 0) select(next);
    e.preventDefault();
  });
  new ResizeObserver(() => { measure(); draw(); }).observe(view);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => { if (!recall("blindspot-theme")) setTheme(dark.matches ? "dark" : "light"); });

  document.title = data.title + " – flame graph";
  $("title").textContent = data.title;
  $("summary").textContent = [`${data.type} ${amount(total[0])}`, old ? `before ${amount(old[0])} (${signed(total[0] - old[0])})` : "", ...data.notes].filter(Boolean).join(" · ");
  path.push(0);
  setTheme(recall("blindspot-theme") || (dark.matches ? "dark" : "light"));
  measure(); say(-1); draw();
  // For tests, and for whoever opens the console.
  window.flamegraph = { nodeAt, setZoom, select, get zoom() { return zoom; }, get found() { return foundNodes; }, get drawn() { return drawn; }, get visited() { return visited; }, draw, count, nameOf };
})();
