// What the desk does besides plain pages: keys, copying, and a word before written text is lost.
// Every page works without it.
"use strict";

const IN_FIELD = "input, textarea, select, [contenteditable]";

// ---- Copying

async function copyText(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return true;
  }
  return false;
}

function selectText(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

async function copyFrom(button) {
  const source = document.getElementById(button.dataset.copies);
  const isField = "value" in source;
  if (isField) source.select();
  else selectText(source);
  try {
    if (!(await copyText(isField ? source.value : source.textContent))) return;
  } catch {
    return; // The text is selected, so that it can be copied by hand.
  }
  const before = button.textContent;
  button.textContent = button.dataset.done;
  window.setTimeout(() => { button.textContent = before; }, 2000);
}

// ---- Lists: j and k choose, Enter opens

function cards() {
  return [...document.querySelectorAll(".cards > li")].filter((card) => card.querySelector("a.open"));
}

function chooseCard(step) {
  const all = cards();
  if (all.length === 0) return;
  const now = all.findIndex((card) => card.contains(document.activeElement));
  const next = now < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(now + step, 0), all.length - 1);
  all[next].querySelector("a.open").focus();
}

function neighbour(name) {
  const link = document.querySelector(`a[rel="${name}"]`);
  if (link) link.click();
}

function step(forward) {
  if (cards().length > 0) chooseCard(forward ? 1 : -1);
  else neighbour(forward ? "next" : "prev");
}

// ---- Keys

const KEYS = {
  j: () => step(true),
  k: () => step(false),
  e: () => focusOn("[data-key='edit']"),
  a: () => clickOn("[data-key='approve']"),
  t: () => { window.location.href = "/"; },
  "/": () => focusOn("[data-key='search']") || (window.location.href = "/search"),
  "?": () => showKeys(),
};

function focusOn(selector) {
  const found = document.querySelector(selector);
  if (!found) return false;
  found.focus();
  found.scrollIntoView({ block: "center" });
  return true;
}

function clickOn(selector) {
  const found = document.querySelector(selector);
  if (found) found.click();
}

function showKeys() {
  const dialog = document.getElementById("keys");
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest(IN_FIELD) || document.querySelector("dialog[open]")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

// ---- Lists that are fetched anew keep what was chosen

// By its id, else as the same link or button among those that are alike.

let chosen = null;

function marksOf(element) {
  const form = element.closest("form");
  const action = form && element.tagName === "BUTTON" ? form.getAttribute("action") : "";
  return [element.tagName, element.getAttribute("href") || "", action, element.name || ""].join(" ");
}

function alike(within, element, marks) {
  return [...within.querySelectorAll(element.tagName)].filter((one) => marksOf(one) === marks);
}

function remember(target) {
  const element = document.activeElement;
  if (!element || element === target || !target.id || !target.contains(element)) return null;
  const marks = marksOf(element);
  return { element, marks, within: target.id, at: alike(target, element, marks).indexOf(element) };
}

function findAgain({ element, marks, within, at }) {
  const known = element.id && document.getElementById(element.id);
  const place = document.getElementById(within);
  return known || (place && alike(place, element, marks)[at]);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  chosen = remember(event.detail.target);
});

document.addEventListener("htmx:afterSwap", () => {
  const again = chosen && !chosen.element.isConnected && findAgain(chosen);
  if (again) again.focus({ preventScroll: true });
  chosen = null;
  showCopyButtons();
});

// ---- A desk that does not answer is no sign that all is well

function tellLost(event) {
  const pulse = event.detail.target;
  const link = pulse && pulse.id === "pulse" && pulse.querySelector("a");
  if (!link) return;
  const dot = document.createElement("span");
  dot.className = "dot";
  dot.setAttribute("aria-hidden", "true");
  link.dataset.state = "trouble";
  link.replaceChildren(dot, pulse.dataset.lost);
}

document.addEventListener("htmx:sendError", tellLost);
document.addEventListener("htmx:responseError", tellLost);

// ---- Written text is not lost by a slip

function isWritten(field) {
  const unsaved = field.dataset.keeps === "unsaved" && field.value !== "";
  return unsaved || field.value !== field.defaultValue;
}

let leaving = false;

document.addEventListener("submit", () => { leaving = true; });
window.addEventListener("pageshow", () => { leaving = false; });
window.addEventListener("beforeunload", (event) => {
  const kept = [...document.querySelectorAll("[data-keeps]")];
  if (!leaving && kept.some(isWritten)) event.preventDefault();
});

// ---- Blanks of a draft: a click chooses the place, so that one types over it

function choosePlace(event, words) {
  const field = document.getElementById("draft-text");
  const at = field ? field.value.indexOf(words) : -1;
  if (at < 0) return;
  event.preventDefault();
  field.focus();
  field.setSelectionRange(at, at + words.length);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-finds]");
  if (link) choosePlace(event, link.dataset.finds);
});

// ---- Start

function showCopyButtons() {
  for (const button of document.querySelectorAll("button.copy[hidden]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.copy");
  if (button) copyFrom(button);
});
showCopyButtons();
