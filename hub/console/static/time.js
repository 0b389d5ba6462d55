// @ts-check
// <hub-time at="..">: how long ago or until, the moment itself on hover. All of them tick together.

/** @type {Set<HubTime>} */
const shown = new Set();
let utc = localStorage.getItem("zone") !== "local";
/** How far this machine's clock is from the hub's, in milliseconds. */
let drift = 0;

/** @param {string} now the hub's time */
export function synchronise(now) {
  drift = Date.parse(now) - Date.now();
}

/** The hub's time, in milliseconds since 1970. */
export const now = () => Date.now() + drift;

export const isUtc = () => utc;

/** @param {boolean} wanted */
export function showUtc(wanted) {
  utc = wanted;
  localStorage.setItem("zone", utc ? "utc" : "local");
  for (const element of shown) element.render();
}

/** A moment in the chosen zone. @param {string} at */
export function moment(at) {
  const date = new Date(at);
  if (utc) return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60000);
  return `${local.toISOString().slice(0, 19).replace("T", " ")} local`;
}

/** @param {number} seconds */
function span(seconds) {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

/** How long ago or until. @param {string} at */
export function relative(at) {
  const seconds = (Date.parse(at) - now()) / 1000;
  if (Math.abs(seconds) < 1) return "now";
  return seconds < 0 ? `${span(-seconds)} ago` : `in ${span(seconds)}`;
}

class HubTime extends HTMLElement {
  connectedCallback() {
    shown.add(this);
    this.render();
  }

  disconnectedCallback() {
    shown.delete(this);
  }

  render() {
    const at = this.getAttribute("at") ?? "";
    const form = this.getAttribute("form");
    const absolute = form === "absolute";
    const text = absolute ? moment(at) : form === "short" ? relative(at).replace(" ago", "") : relative(at);
    if (this.textContent !== text) this.textContent = text;
    this.title = absolute ? relative(at) : moment(at);
  }
}

customElements.define("hub-time", HubTime);
setInterval(() => {
  for (const element of shown) element.render();
}, 1000);

/** @param {string} at @param {"absolute" | "short" | ""} [form] short leaves "ago" out */
export function time(at, form = "") {
  const element = document.createElement("hub-time");
  element.setAttribute("at", at);
  if (form) element.setAttribute("form", form);
  return element;
}
