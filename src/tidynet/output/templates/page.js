"use strict";
(() => {
  const first = (selector) => document.querySelector(selector);
  const all = (selector, under = document) => [...under.querySelectorAll(selector)];
  all("[data-script]").forEach((element) => { element.hidden = false; });

  // A click on a table head sorts by that column; empty cells stay last.
  const value = (row, index) => {
    const cell = row.cells[index], text = (cell?.dataset.value ?? cell?.textContent ?? "").trim();
    const number = parseFloat(text.replace(/,/g, "").replace("−", "-").replace(/^(under|over|<) /, ""));
    return text === "" || text === "–" ? null : Number.isNaN(number) ? text : number;
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b
    : String(a).localeCompare(String(b), undefined, { numeric: true });
  for (const table of all("table.plain")) {
    const body = table.tBodies[0];
    if (body.rows.length < 2 || table.closest("#column-list")) continue;
    all("thead th:not(.figure)", table).forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      if (!head.textContent.trim()) button.setAttribute("aria-label", "sort by name");
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const descending = head.getAttribute("aria-sort") === "ascending";
        all("th", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        const index = head.cellIndex, sign = descending ? -1 : 1;
        const lines = [...body.rows].map((row) => [row, value(row, index)]);
        lines.sort(([, a], [, b]) => a === null || b === null ? (a === null) - (b === null) : sign * compare(a, b));
        body.append(...lines.map(([row]) => row));
      });
    });
  }

  const list = first("#column-list");
  if (list) {
    const columns = all(":scope > li", list);
    const searchTexts = new Map(columns.map((c) => [c, c.dataset.search.toLocaleLowerCase()]));
    const search = first("#search"), sort = first("#sort"), type = first("#type"), status = first("#status");
    const show = () => {
      const words = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const column of columns) {
        const fits = words.every((word) => searchTexts.get(column).includes(word))
          && (!type.value || column.dataset.type === type.value);
        column.hidden = !fits;
        shown += fits;
      }
      status.textContent = shown === columns.length ? "" : `${shown} of ${columns.length} columns`;
    };
    const arrange = () => {
      const by = sort.value;
      const order = by === "position" ? (a, b) => a.dataset.position - b.dataset.position
        : by === "name" || by === "type" ? (a, b) => a.dataset[by].localeCompare(b.dataset[by], undefined, { numeric: true })
        : (a, b) => b.dataset[by] - a.dataset[by];
      list.append(...columns.sort((a, b) => order(a, b) || a.dataset.position - b.dataset.position));
    };
    search.addEventListener("input", show);
    type.addEventListener("change", show);
    sort.addEventListener("change", arrange);
    first("#unfold")?.addEventListener("click", () => {
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

  const sections = all("main > section > details"), fold = first("#fold");
  if (fold) {
    const open = () => sections.some((section) => section.open);
    const updateLabel = () => { fold.textContent = open() ? "fold all sections" : "unfold all sections"; };
    sections.forEach((section) => section.addEventListener("toggle", updateLabel));
    fold.addEventListener("click", () => {
      const opening = !open();
      sections.forEach((section) => { section.open = opening; });
    });
  }

  // Print unfolds everything, and folds it again after.
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

  // The contents list marks the current section: the last whose head has passed the top.
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
