// @ts-check
// A status is an icon, a word and a colour; the colour is never alone.
import { h, unseen, words } from "/static/dom.js";

/** @type {Record<string, [string, string]>} value -> icon, tone */
const LOOKS = {
  pending: ["◌", "wait"],
  accepted: ["✓", "good"],
  accepted_with_errors: ["!", "wait"],
  partially: ["!", "bad"],
  rejected: ["✕", "bad"],
  held: ["‖", "bad"],
  ignored: ["⊘", "none"],
  none: ["–", "none"],
  queued: ["○", "wait"],
  delivered: ["✓", "good"],
  failed: ["✕", "bad"],
  in_doubt: ["?", "bad"],
  cancelled: ["⊘", "none"],
  expected: ["○", "wait"],
  overdue: ["!", "bad"],
};

export const FIELDS = ["validation", "delivery", "acknowledgement"];

/**
 * A chip. field is said to screen readers, and shown where the chip stands alone.
 * @param {string} field @param {string} value @param {boolean} [named]
 */
export function chip(field, value, named = false) {
  const [icon, tone] = LOOKS[value] ?? ["•", "none"];
  const label = named ? h("span", { class: "chip-name" }, `${field[0].toUpperCase()}${field.slice(1)}`) : unseen(`${field}: `);
  const said = !named && value === "accepted_with_errors" ? "with errors" : words(value);
  const word = value === "none" && !named ? unseen("none") : h("span", { class: "chip-word" }, said);
  return h(
    "span",
    { class: `chip ${tone}`, "data-field": field, "data-value": value },
    label,
    h("span", { class: "chip-icon", "aria-hidden": "true" }, icon),
    word,
  );
}

/** Like chip, for values that are no status of a message. @param {string} tone @param {string} icon @param {string} text */
export const tag = (tone, icon, text) =>
  h("span", { class: `chip ${tone}` }, h("span", { class: "chip-icon", "aria-hidden": "true" }, icon), h("span", {}, text));

/** What a message is called: by its type where the type is a standard's, else by its document. @param {any} row */
export const name = (row) => (["x12", "edifact"].includes(row.standard) ? row.type : row.document ?? row.type);

/** In or out, as an arrow and a word for screen readers. @param {string} direction */
export const arrow = (direction) =>
  h(
    "span",
    { class: "arrow", title: direction === "in" ? "in: from the partner" : "out: to the partner" },
    h("span", { "aria-hidden": "true" }, direction === "in" ? "↓" : "↑"),
    unseen(direction),
  );
