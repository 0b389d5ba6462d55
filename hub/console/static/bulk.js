// @ts-check
// One operation on every message that fits the filters: what it would do, then progress, and a way to stop it.
import { request } from "/static/api.js";
import { confirmed, whyAsked } from "/static/dialog.js";
import { h, number, words } from "/static/dom.js";
import { title } from "/static/operate.js";

const ACTIONS = ["replay", "hold", "unhold", "cancel", "ignore", "confirm", "retry", "resend", "reissue"];

/** Asks and does. @param {URLSearchParams} query the list's filters */
export async function operateOnAll(query) {
  const wanted = { query: query.get("q") ?? "", partner: query.get("partner") ?? "", type: query.get("type") ?? "", direction: query.get("direction") ?? "", status: query.get("status") ?? "" };
  const action = /** @type {HTMLSelectElement} */ (h("select", { id: "bulk-action" }, ...ACTIONS.map((name) => h("option", { value: name }, title(name)))));
  const { reason, fields: why } = whyAsked();
  const told = h("div", { class: "changes", "aria-live": "polite" });
  let upto = "";
  let asked = 0;
  const look = async () => {
    const mine = ++asked;
    upto = "";
    told.replaceChildren(h("p", { class: "muted" }, "Looking what it would do…"));
    told.closest("dialog")?.querySelector("button.main")?.setAttribute("disabled", "");
    try {
      const preview = await request("/api/bulk/preview", { method: "POST", body: { action: action.value, wanted, reason: "to see the effect" } });
      if (mine !== asked) return;
      upto = preview.upto;
      told.replaceChildren(...shown(preview));
      const yes = /** @type {HTMLButtonElement} */ (told.closest("dialog")?.querySelector("button.main"));
      yes.textContent = `${title(action.value)} ${counted(preview.total)}`;
      yes.disabled = !preview.total;
    } catch (error) {
      const { message, fix } = /** @type {import("/static/api.js").RequestFailed} */ (error);
      if (mine === asked) told.replaceChildren(h("p", { class: "alert bad" }, `${message} ${fix ?? ""}`));
    }
  };
  action.addEventListener("change", look);
  look();
  const filters = Object.values(wanted).filter(Boolean).map(words).join(", ") || "none, so every message there is";
  const running = h("div", {});
  request("/api/bulk").then(({ bulks }) => {
    const under = bulks.filter((/** @type {any} */ one) => one.state === "running");
    running.replaceChildren(...under.map((/** @type {any} */ one) => h("p", { class: "alert wait" }, `Under way: ${one.action}, by ${one.actor}, ${number.format(one.done + one.refused)} of ${number.format(one.total)}. `, stopping(one))));
  });
  const fields = [running, h("label", { for: "bulk-action" }, "What to do"), action, told, ...why];
  await confirmed("Every message that fits", [h("p", {}, `Filters: ${filters}.`), ...fields], "Do it", async () => {
    let row = await request("/api/bulk", { method: "POST", body: { action: action.value, wanted, reason: reason.value, upto } });
    const bar = /** @type {HTMLProgressElement} */ (h("progress", { max: row.total, value: 0, "aria-label": "Progress" }));
    const count = h("p", {});
    told.replaceChildren(bar, count, stopping(row));
    while (row.state === "running") {
      bar.value = row.done + row.refused;
      count.textContent = `${number.format(row.done)} of ${number.format(row.total)} done, ${number.format(row.refused)} refused.`;
      await new Promise((resolve) => setTimeout(resolve, 500));
      row = await request(`/api/bulk/${row.id}`);
    }
    document.dispatchEvent(new CustomEvent("load-anew"));
    if (row.state === "cancelled") throw { message: `Stopped: ${number.format(row.done)} of ${number.format(row.total)} done, the rest is as it was.` };
    if (row.refused) throw { message: `${row.done} of ${row.total} done, ${row.refused} refused.`, fix: row.refusals.map((/** @type {any} */ one) => one.text).slice(0, 3).join(" ") };
  });
}

/** Begins no more of it; what is done stays done. @param {any} row */
function stopping(row) {
  const stop = /** @type {HTMLButtonElement} */ (h("button", { type: "button", onclick: () => {
    stop.disabled = true;
    request(`/api/bulk/${row.id}/cancel`, { method: "POST", body: { reason: "stopped on the page" } }).then(() => (stop.textContent = "Stopped"));
  } }, "Stop"));
  return stop;
}

/** @param {number} many */
const counted = (many) => `${number.format(many)} ${many === 1 ? "message" : "messages"}`;

/** @param {any} preview @returns {Node[]} */
function shown(preview) {
  const kinds = preview.alike.slice(0, 5).map((/** @type {any} */ one) => h("li", {}, h("b", {}, number.format(one.count)), ` ${one.type} ${one.direction === "in" ? "from" : "to"} ${one.partner}, ${words(one.delivery === "none" ? one.validation : one.delivery)}`));
  const refused = preview.refused.slice(0, 1).map((/** @type {any} */ one) => h("p", { class: "alert wait" }, `Some are refused: ${one.text}`));
  return [h("p", {}, h("b", {}, `${counted(preview.total)}. `), preview.effect), h("ul", { "aria-label": "What fits" }, ...kinds), ...refused];
}
