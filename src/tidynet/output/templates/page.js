"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector, under = document) => [...under.querySelectorAll(selector)];
  all("[data-script]").forEach((element) => { element.hidden = false; });

  // Tables sort by the column whose head is pressed; empty cells stay last.
  const value = (row, place) => {
    const cell = row.cells[place], text = (cell?.dataset.value ?? cell?.textContent ?? "").trim();
    const number = parseFloat(text.replace(/,/g, "").replace("−", "-").replace(/^[<>] /, ""));
    return text === "" || text === "–" ? null : Number.isNaN(number) ? text : number;
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b
    : String(a).localeCompare(String(b), undefined, { numeric: true });
  for (const table of all("table.plain")) {
    const body = table.tBodies[0];
    if (body.rows.length < 2 || table.closest("#column-list")) continue;
    all("thead th:not(.picture)", table).forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      if (!head.textContent.trim()) button.setAttribute("aria-label", "sort by name");
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const falling = head.getAttribute("aria-sort") === "ascending";
        all("th", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", falling ? "descending" : "ascending");
        const place = head.cellIndex, sign = falling ? -1 : 1;
        const lines = [...body.rows].map((row) => [row, value(row, place)]);
        lines.sort(([, a], [, b]) => a === null || b === null ? (a === null) - (b === null) : sign * compare(a, b));
        body.append(...lines.map(([row]) => row));
      });
    });
  }

  const list = one("#column-list");
  if (list) {
    const columns = all(":scope > li", list);
    const texts = new Map(columns.map((c) => [c, c.dataset.words.toLocaleLowerCase()]));
    const search = one("#search"), sort = one("#sort"), kind = one("#kind"), said = one("#said");
    const show = () => {
      const words = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const column of columns) {
        const fits = words.every((word) => texts.get(column).includes(word))
          && (!kind.value || column.dataset.kind === kind.value);
        column.hidden = !fits;
        shown += fits;
      }
      said.textContent = shown === columns.length ? "" : `${shown} of ${columns.length} columns`;
    };
    const arrange = () => {
      const by = sort.value;
      const order = by === "place" ? (a, b) => a.dataset.place - b.dataset.place
        : by === "name" || by === "kind" ? (a, b) => a.dataset[by].localeCompare(b.dataset[by], undefined, { numeric: true })
        : (a, b) => b.dataset[by] - a.dataset[by];
      list.append(...columns.sort((a, b) => order(a, b) || a.dataset.place - b.dataset.place));
    };
    search.addEventListener("input", show);
    kind.addEventListener("change", show);
    sort.addEventListener("change", arrange);
    one("#unfold")?.addEventListener("click", () => {
      const folded = all("#column-list > li:not([hidden]) details:not([open])");
      const closing = folded.length === 0;
      all("#column-list > li:not([hidden]) details").forEach((part) => { part.open = !closing; });
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
        event.preventDefault();
        for (let part = search.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
        search.focus();
      }
    });
  }

  const sections = all("main > section > details"), fold = one("#fold");
  if (fold) {
    const open = () => sections.some((section) => section.open);
    const say = () => { fold.textContent = open() ? "fold all sections" : "unfold all sections"; };
    sections.forEach((section) => section.addEventListener("toggle", say));
    fold.addEventListener("click", () => {
      const opening = !open();
      sections.forEach((section) => { section.open = opening; });
    });
  }

  // What is folded is printed too, and folded again after.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = all("details:not([open])");
    unfolded.forEach((part) => { part.open = true; });
  });
  addEventListener("afterprint", () => { unfolded.forEach((part) => { part.open = false; }); });

  const reveal = () => {
    const goal = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!goal) return;
    const inside = goal.matches("section") ? goal.querySelector(":scope > details") ?? goal : goal;
    for (let part = inside.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    if (goal.hidden) { goal.hidden = false; }
    goal.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // The contents list marks the part that is read: the last whose head has reached its top.
  const links = all("nav a").map((link) => [link, document.getElementById(link.hash.slice(1))]).filter(([, goal]) => goal);
  const mark = () => {
    const end = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const passed = links.filter(([, goal]) => goal.checkVisibility() && goal.getBoundingClientRect().top <= 48);
    const here = end ? links.at(-1) : passed.at(-1);
    for (const [link] of links) {
      if (link === here?.[0]) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
    if (!here) return;
    const list = here[0].closest("nav"), box = list.getBoundingClientRect(), line = here[0].getBoundingClientRect();
    if (line.top < box.top) list.scrollTop -= box.top - line.top;
    else if (line.bottom > box.bottom) list.scrollTop += line.bottom - box.bottom;
  };
  if (links.length) {
    let waiting = false;
    const soon = () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; mark(); });
    };
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", soon);
    mark();
  }

  for (const button of all("button.copy")) {
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "selected";
      }
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    });
  }
})();
