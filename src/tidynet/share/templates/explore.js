"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector, under = document) => [...under.querySelectorAll(selector)];
  all("[data-script]").forEach((element) => { element.hidden = false; });

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
      const compare = by === "place" ? (a, b) => a.dataset.place - b.dataset.place
        : by === "name" || by === "kind" ? (a, b) => a.dataset[by].localeCompare(b.dataset[by], undefined, { numeric: true })
        : (a, b) => b.dataset[by] - a.dataset[by];
      list.append(...columns.sort((a, b) => compare(a, b) || a.dataset.place - b.dataset.place));
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
        search.focus();
      }
    });
  }

  const reveal = () => {
    const goal = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!goal) return;
    for (let part = goal.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    if (goal.hidden) { goal.hidden = false; }
    goal.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

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
