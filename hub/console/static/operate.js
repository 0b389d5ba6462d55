// @ts-check
// What a person does with a message: the effect is shown first, a reason is asked for, then it is done.
import { request } from "/static/api.js";
import { confirmed, whyAsked } from "/static/dialog.js";
import { h, words } from "/static/dom.js";

/** @param {string} action */
export const title = (action) => action[0].toUpperCase() + action.slice(1);

/**
 * Asks and does. What would change is what the hub says after trying it and taking it back.
 * @param {any} row @param {any} offer action, effect, needs_reason @param {() => Promise<void>} then
 */
export async function operate(row, offer, then) {
  const { action, effect, needs_reason: needed } = offer;
  const what = `${row.type} ${row.number} ${row.direction === "in" ? "from" : "to"} ${row.partner}`;
  const { reason, fields: why } = whyAsked(needed);
  const connection = /** @type {HTMLInputElement} */ (h("input", { id: "connection", type: "text", placeholder: "sftp-spare", required: true, spellcheck: "false" }));
  const changes = h("div", { class: "changes", "aria-live": "polite" });
  const asked = () => ({ reason: reason.value, options: action === "reroute" ? { connection: connection.value } : {} });
  const path = `/api/messages/${row.id}/${action}`;
  if (action !== "reroute") {
    request(path, { method: "POST", body: { reason: "to see the effect", dry_run: true } }).then(
      (done) => changes.replaceChildren(...changed(done)),
      (failed) => changes.replaceChildren(h("p", { class: "alert bad" }, `${failed.message} ${failed.fix ?? ""}`)),
    );
  }
  const fields = [
    ...(action === "reroute" ? [h("label", { for: "connection" }, "By which connection"), connection] : []),
    ...why,
  ];
  await confirmed(`${title(action)} this message`, [h("p", {}, what), h("p", {}, effect), changes, ...fields], title(action), async () => {
    await request(path, { method: "POST", body: asked() });
    await then();
  });
}

/** @param {any} done @returns {Node[]} */
function changed(done) {
  const rows = Object.entries(done.before).filter(([field, before]) => before !== done.after[field] && !field.endsWith("_id"));
  if (!rows.length) return [h("p", { class: "muted" }, "No status changes at once.")];
  const items = rows.map(([field, before]) => h("li", {}, h("b", {}, words(title(field))), ` ${words(String(before ?? "none"))} → ${words(String(done.after[field] ?? "none"))}`));
  return [h("ul", { "aria-label": "What changes" }, ...items)];
}
