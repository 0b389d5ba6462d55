// @ts-check
// Edit and continue: a message's segments, or its document, corrected by hand; what differs is shown before it goes on.
import { request } from "/static/api.js";
import { confirmed, whyAsked } from "/static/dialog.js";
import { h } from "/static/dom.js";

/**
 * What can be corrected here: the segments of what came in, else the document; null: neither is at hand.
 * @param {any} detail @returns {{kind: "payload" | "document", text: string} | null}
 */
export function editable({ chain, raw }) {
  const { direction, standard } = chain.message;
  if (direction === "in" && raw && !raw.truncated && ["x12", "edifact"].includes(standard)) {
    const lines = raw.lines.map((/** @type {any} */ line) => line.parts.join(raw.separator) + raw.terminator);
    return { kind: "payload", text: lines.join("\n") };
  }
  return chain.document ? { kind: "document", text: JSON.stringify(chain.document.body, null, 2) } : null;
}

/** @param {any} detail @param {any} offer @param {(made: string) => void} then the id of the corrected message */
export async function edit(detail, offer, then) {
  const row = detail.chain.message;
  const { kind, text } = /** @type {{kind: string, text: string}} */ (editable(detail));
  const what = kind === "payload" ? "Segments" : `${detail.chain.document.type} as JSON`;
  const changes = h("div", { class: "changes", "aria-live": "polite" });
  const given = /** @type {HTMLTextAreaElement} */ (h("textarea", { id: "corrected", class: "mono", rows: 14, required: true, spellcheck: "false", oninput: () => changes.replaceChildren(differences(text, given.value)) }));
  given.value = text;
  const { reason, fields: why } = whyAsked();
  changes.replaceChildren(differences(text, given.value));
  const fields = [h("label", { for: "corrected" }, what), given, changes, ...why];
  let made = "";
  await confirmed(`Correct ${row.type} ${row.number}`.trim(), [h("p", {}, offer.effect), ...fields], "Go on with it", async () => {
    const done = await request(`/api/messages/${row.id}/edit`, { method: "POST", body: { reason: reason.value, options: { [kind]: given.value } } });
    made = done.made.edited_as;
  });
  if (made) then(made);
}

/** Lines that are gone, and lines that are new. @param {string} before @param {string} after */
function differences(before, after) {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const gone = old.filter((line) => !now.includes(line)).map((line) => h("li", {}, h("del", {}, line)));
  const fresh = now.filter((line) => !old.includes(line)).map((line) => h("li", {}, h("ins", {}, line)));
  if (!gone.length && !fresh.length) return h("p", { class: "muted" }, "Nothing is changed yet.");
  return h("ul", { class: "mono", "aria-label": "What changes" }, ...gone, ...fresh);
}
