"use strict";
const page = document.documentElement;
const slides = [...document.querySelectorAll(".slide")];
const keys = document.querySelector(".keys");
const [back, onward] = document.querySelectorAll(".turn button");
let now = 0;

// As large as the window allows; what is still too tall is made smaller, so that no slide is cut off.
const fit = (slide, width, height) => {
  const idea = slide.querySelector(".idea");
  const usual = Math.max(0.62, Math.min(width / 1280, height / 720));
  idea.style.setProperty("--wide", `${(0.9 * width) / usual}px`);
  const widest = Math.max(idea.offsetWidth, ...[...idea.querySelectorAll("table")].map((table) => table.offsetWidth));
  idea.style.setProperty("--wide", `${widest}px`);
  const scale = Math.min(usual, (0.88 * height) / idea.offsetHeight, (0.94 * width) / widest);
  idea.style.setProperty("--scale", scale);
};
const has = (state) => page.classList.contains(state);
const show = (at) => {
  now = Math.max(0, Math.min(slides.length - 1, at));
  slides.forEach((slide, place) => slide.classList.toggle("now", place === now));
  if (has("overview")) slides[now].scrollIntoView({ block: "nearest" });
  else if (!has("paper")) fit(slides[now], innerWidth, innerHeight);
  page.style.setProperty("--done", `${(100 * (now + 1)) / slides.length}%`);
  back.disabled = now === 0;
  onward.disabled = now === slides.length - 1;
  history.replaceState(null, "", "#" + slides[now].id);
};
const asked = () => Math.max(0, slides.findIndex((slide) => "#" + slide.id === location.hash));
const overview = (open) => {
  page.classList.toggle("overview", open);
  show(now);
};
const paper = (open) => {
  page.classList.remove("overview", "dark-room");
  page.classList.toggle("paper", open);
  if (open) slides.forEach((slide) => fit(slide, 1280, 720));
  else show(now);
};
const across = () => getComputedStyle(document.querySelector("main")).gridTemplateColumns.split(" ").length;
const fullscreen = () => (document.fullscreenElement ? document.exitFullscreen() : page.requestFullscreen?.());

const actions = {
  ArrowRight: () => show(now + 1),
  ArrowLeft: () => show(now - 1),
  ArrowDown: () => show(now + (has("overview") ? across() : 1)),
  ArrowUp: () => show(now - (has("overview") ? across() : 1)),
  PageDown: () => show(now + 1),
  PageUp: () => show(now - 1),
  n: () => show(now + 1),
  p: () => show(now - 1),
  Home: () => show(0),
  End: () => show(slides.length - 1),
  Enter: () => overview(false),
  Escape: () => (keys.classList.contains("open") ? keys.classList.remove("open") : overview(!has("overview"))),
  o: () => overview(!has("overview")),
  f: fullscreen,
  b: () => page.classList.toggle("dark-room"),
  ".": () => page.classList.toggle("dark-room"),
  "?": () => keys.classList.toggle("open"),
};
addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || has("paper")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const pressed = event.target.closest?.("button, summary") && (key === "Enter" || key === " ");
  const action = key === " " ? () => show(now + (event.shiftKey ? -1 : 1)) : actions[key];
  if (pressed || !action) return;
  action();
  event.preventDefault();
});
back.addEventListener("click", () => show(now - 1));
onward.addEventListener("click", () => show(now + 1));
slides.forEach((slide, place) =>
  slide.addEventListener("click", () => {
    if (!has("overview")) return;
    now = place;
    overview(false);
  }),
);
let touched = null;
addEventListener("touchstart", (event) => (touched = event.touches.length === 1 ? event.touches[0] : null), { passive: true });
addEventListener("touchend", (event) => {
  if (!touched || has("overview") || has("paper")) return;
  const [x, y] = [event.changedTouches[0].clientX - touched.clientX, event.changedTouches[0].clientY - touched.clientY];
  if (Math.abs(x) > 50 && Math.abs(x) > Math.abs(y)) show(now + (x < 0 ? 1 : -1));
});
addEventListener("resize", () => show(now));
addEventListener("hashchange", () => show(asked()));
addEventListener("beforeprint", () => paper(true));
addEventListener("afterprint", () => paper(location.search.includes("print-pdf")));
addEventListener("load", () => show(now));
page.classList.add("live");
now = asked();
if (location.search.includes("print-pdf")) paper(true);
show(now);
