"use strict";
(() => {
  const all = (selector, under = document) => [...under.querySelectorAll(selector)];
  const value = (row, place) => {
    const cell = row.cells[place], text = cell.dataset.value ?? cell.textContent.trim();
    const number = parseFloat(text.replace(/,/g, "").replace("−", "-").replace(/^< /, ""));
    return Number.isNaN(number) ? text : number;
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b
    : String(a).localeCompare(String(b), undefined, { numeric: true });

  for (const table of all("table.plain")) {
    const body = table.tBodies[0];
    if (body.rows.length < 2) continue;
    all("thead th:not(.picture)", table).forEach((head) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const falling = head.getAttribute("aria-sort") === "ascending";
        all("th", table).forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", falling ? "descending" : "ascending");
        const place = head.cellIndex;
        const rows = [...body.rows].sort((a, b) => compare(value(a, place), value(b, place)));
        body.append(...(falling ? rows.reverse() : rows));
      });
    });
  }

  const sections = all("main > section");
  const told = (section) => {
    const button = section.querySelector("h2 > button");
    button.setAttribute("aria-expanded", String(!section.classList.contains("folded")));
  };
  const fold = document.querySelector("#fold");
  const anyOpen = () => sections.some((section) => !section.classList.contains("folded"));
  const say = () => { fold.textContent = anyOpen() ? "fold all sections" : "unfold all sections"; };
  const set = (section, folded) => { section.classList.toggle("folded", folded); told(section); say(); };
  for (const section of sections) {
    const title = section.querySelector("h2"), button = document.createElement("button");
    button.type = "button";
    button.append(...title.childNodes);
    title.append(button);
    button.addEventListener("click", () => set(section, !section.classList.contains("folded")));
    told(section);
  }
  fold.hidden = false;
  fold.addEventListener("click", () => {
    const folded = anyOpen();
    sections.forEach((section) => set(section, folded));
  });
  const reveal = () => {
    const goal = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const section = goal && goal.closest("section");
    if (section) { set(section, false); goal.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
