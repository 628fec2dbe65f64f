"use strict";
const page = document.documentElement;
const slides = [...document.querySelectorAll(".slide")];
const keys = document.querySelector(".keys");
const [previous, next] = document.querySelectorAll(".navigation button");
let current = 0;

// Scales a slide to the window; content that is too tall is reduced, so that no slide is cut off.
const fit = (slide, width, height) => {
  const content = slide.querySelector(".content");
  const fullScale = Math.max(0.62, Math.min(width / 1280, height / 720));
  content.style.setProperty("--width", `${(0.9 * width) / fullScale}px`);
  const contentWidth = Math.max(content.offsetWidth, ...[...content.querySelectorAll("table")].map((table) => table.offsetWidth));
  content.style.setProperty("--width", `${contentWidth}px`);
  const scale = Math.min(fullScale, (0.88 * height) / content.offsetHeight, (0.94 * width) / contentWidth);
  content.style.setProperty("--scale", scale);
};
const has = (state) => page.classList.contains(state);
const show = (index) => {
  current = Math.max(0, Math.min(slides.length - 1, index));
  slides.forEach((slide, at) => slide.classList.toggle("current", at === current));
  if (has("overview")) slides[current].scrollIntoView({ block: "nearest" });
  else if (!has("paper")) fit(slides[current], innerWidth, innerHeight);
  page.style.setProperty("--done", `${(100 * (current + 1)) / slides.length}%`);
  previous.disabled = current === 0;
  next.disabled = current === slides.length - 1;
  history.replaceState(null, "", "#" + slides[current].id);
};
const indexFromHash = () => Math.max(0, slides.findIndex((slide) => "#" + slide.id === location.hash));
const overview = (open) => {
  page.classList.toggle("overview", open);
  show(current);
};
const paper = (open) => {
  page.classList.remove("overview", "blackout");
  page.classList.toggle("paper", open);
  if (open) slides.forEach((slide) => fit(slide, 1280, 720));
  else show(current);
};
const columnCount = () => getComputedStyle(document.querySelector("main")).gridTemplateColumns.split(" ").length;
const fullscreen = () => (document.fullscreenElement ? document.exitFullscreen() : page.requestFullscreen?.());

const actions = {
  ArrowRight: () => show(current + 1),
  ArrowLeft: () => show(current - 1),
  ArrowDown: () => show(current + (has("overview") ? columnCount() : 1)),
  ArrowUp: () => show(current - (has("overview") ? columnCount() : 1)),
  PageDown: () => show(current + 1),
  PageUp: () => show(current - 1),
  n: () => show(current + 1),
  p: () => show(current - 1),
  Home: () => show(0),
  End: () => show(slides.length - 1),
  Enter: () => overview(false),
  Escape: () => (keys.classList.contains("open") ? keys.classList.remove("open") : overview(!has("overview"))),
  o: () => overview(!has("overview")),
  f: fullscreen,
  b: () => page.classList.toggle("blackout"),
  ".": () => page.classList.toggle("blackout"),
  "?": () => keys.classList.toggle("open"),
};
addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || has("paper")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const pressed = event.target.closest?.("button, summary") && (key === "Enter" || key === " ");
  const action = key === " " ? () => show(current + (event.shiftKey ? -1 : 1)) : actions[key];
  if (pressed || !action) return;
  action();
  event.preventDefault();
});
previous.addEventListener("click", () => show(current - 1));
next.addEventListener("click", () => show(current + 1));
slides.forEach((slide, index) =>
  slide.addEventListener("click", () => {
    if (!has("overview")) return;
    current = index;
    overview(false);
  }),
);
let touched = null;
addEventListener("touchstart", (event) => (touched = event.touches.length === 1 ? event.touches[0] : null), { passive: true });
addEventListener("touchend", (event) => {
  if (!touched || has("overview") || has("paper")) return;
  const [x, y] = [event.changedTouches[0].clientX - touched.clientX, event.changedTouches[0].clientY - touched.clientY];
  if (Math.abs(x) > 50 && Math.abs(x) > Math.abs(y)) show(current + (x < 0 ? 1 : -1));
});
addEventListener("resize", () => show(current));
addEventListener("hashchange", () => show(indexFromHash()));
addEventListener("beforeprint", () => paper(true));
addEventListener("afterprint", () => paper(location.search.includes("print-pdf")));
addEventListener("load", () => show(current));
page.classList.add("live");
current = indexFromHash();
if (location.search.includes("print-pdf")) paper(true);
show(current);
