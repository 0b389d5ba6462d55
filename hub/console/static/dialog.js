// @ts-check
// A question before something is done, and the keyboard's help.
import { h } from "/static/dom.js";

/**
 * Asks, runs what was agreed to while the dialog stays open, and says what went wrong.
 * @param {string} title @param {any[]} content @param {string} label @param {() => Promise<void>} run
 */
export function confirmed(title, content, label, run) {
  const failed = h("p", { class: "alert bad", role: "alert", hidden: true });
  const yes = /** @type {HTMLButtonElement} */ (h("button", { type: "button", class: "main" }, label));
  const no = h("button", { type: "button", onclick: () => dialog.close() }, "Back");
  const dialog = open(title, [...content, failed, h("div", { class: "actions" }, yes, no)]);
  yes.addEventListener("click", async () => {
    for (const field of dialog.querySelectorAll("input, textarea")) if (!field.reportValidity()) return;
    yes.disabled = true;
    try {
      await run();
      dialog.close();
    } catch (error) {
      const { message, fix } = /** @type {import("/static/api.js").RequestFailed} */ (error);
      failed.textContent = `${message} ${fix ?? ""}`;
      failed.hidden = false;
      yes.disabled = false;
    }
  });
  (dialog.querySelector("input, textarea, select") ?? yes).focus();
  return new Promise((resolve) => dialog.addEventListener("close", resolve));
}

/** Asks why; the audit log keeps it with who and when. @param {boolean} [needed] */
export function whyAsked(needed = true) {
  const reason = /** @type {HTMLTextAreaElement} */ (h("textarea", { id: "reason", rows: 2, maxlength: 500, required: needed }));
  return { reason, fields: [h("label", { for: "reason" }, needed ? "Reason, kept in the audit log" : "Reason, if there is one"), reason] };
}

const KEYS = [
  ["/", "search"],
  ["j, k", "next, previous message"],
  ["Enter", "open the chosen message"],
  ["Esc", "close the message, leave the search"],
  ["n", "show new messages"],
  ["r", "the first thing to do with the open message"],
  ["g m, g o, g d, g i, g c, g a", "messages, orders, deadlines, incidents, connections, audit"],
  ["?", "this help"],
];

export function help() {
  const rows = KEYS.flatMap(([keys, does]) => [h("dt", {}, h("kbd", {}, keys)), h("dd", {}, does)]);
  const dialog = open("Keyboard", [h("dl", { class: "keys" }, ...rows), h("div", { class: "actions" }, h("button", { type: "button", onclick: () => dialog.close() }, "Close"))]);
}

/** @param {string} title @param {any[]} content */
function open(title, content) {
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { "aria-labelledby": "dialog-title" }, h("h2", { id: "dialog-title" }, title), ...content));
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  return dialog;
}
