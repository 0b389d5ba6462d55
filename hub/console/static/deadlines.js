// @ts-check
// Deadlines: obligations ranked by money at risk, acknowledgements that are due, and what has fallen silent.
import { request } from "/static/api.js";
import { confirmed, whyAsked } from "/static/dialog.js";
import { h, state } from "/static/dom.js";
import { tag } from "/static/status.js";
import { screen, table } from "/static/tables.js";
import { time } from "/static/time.js";

export const deadlines = () =>
  screen("Deadlines", "What partners are owed and owe us, the most money at risk first.", async () => {
    const told = await request("/api/deadlines");
    const soon = Date.parse(told.now) + 4 * 3600e3;
    const parts = [];
    if (told.obligations.length) parts.push(table("Obligations", ["State", "What", "Partner", "For", "Due", "At risk", "To do"], told.obligations.map((/** @type {any} */ row) => obligation(row, soon))));
    if (told.acknowledgements.length) parts.push(h("h2", {}, "Acknowledgements"), table("Acknowledgements due within four hours", ["State", "What", "Partner", "For", "Due"], told.acknowledgements.map(acknowledgement)));
    if (told.cadences.length) parts.push(h("h2", {}, "Cadences"), table("What comes and goes at a cadence", ["State", "What", "Partner", "Last", "Due"], told.cadences.map(cadence)));
    return parts.length ? h("div", {}, ...parts) : state("Nothing is owed.", "Add [[obligation]] to a partner's file to have its deadlines watched, and every = \"24h\" to an agreement for what should come at a cadence.");
  });

/** @param {any} row @param {number} soon */
function obligation(row, soon) {
  const condition = row.late ? tag("bad", "!", "missed") : Date.parse(row.due_at) <= soon ? tag("wait", "◷", "due soon") : tag("good", "✓", "in time");
  const [verb, wanted] = row.wants.split(" ");
  const subject = row.message_id ? h("a", { href: `/messages/${encodeURIComponent(row.message_id)}` }, row.number) : row.number;
  return h(
    "tr",
    {},
    h("td", {}, condition),
    h("td", {}, verb === "send" ? `we owe the ${wanted}` : `it owes us the ${wanted}`),
    h("th", { scope: "row" }, row.partner),
    h("td", {}, subject),
    h("td", {}, time(row.due_at)),
    h("td", { class: "number-cell" }, row.penalty === null ? "–" : `${row.penalty} ${row.currency ?? ""}`),
    h("td", {}, h("button", { type: "button", "aria-label": `Close the ${row.kind} of ${row.number}`, onclick: () => close(row) }, "Close…")),
  );
}

/** @param {any} row */
function acknowledgement(row) {
  return h(
    "tr",
    {},
    h("td", {}, row.late ? tag("bad", "!", "overdue") : tag("wait", "◷", "due soon")),
    h("td", {}, `acknowledgement of our ${row.type}`),
    h("th", { scope: "row" }, row.partner),
    h("td", {}, h("a", { href: `/messages/${encodeURIComponent(row.message_id)}` }, row.number || row.control_number)),
    h("td", {}, time(row.due_at)),
  );
}

/** @param {any} row */
function cadence(row) {
  return h(
    "tr",
    {},
    h("td", {}, row.silent ? tag("bad", "!", "silent") : tag("good", "✓", "heard")),
    h("td", {}, `${row.type} ${row.direction === "in" ? "from it" : "to it"}, ${row.said}`),
    h("th", { scope: "row" }, row.partner),
    h("td", {}, time(row.heard_at)),
    h("td", {}, time(row.due_at)),
  );
}

/** @param {any} row */
async function close(row) {
  const { reason, fields } = whyAsked();
  await confirmed("Close this obligation", [h("p", {}, `${row.wants} for ${row.number}, ${row.partner}`), h("p", {}, "It counts as settled without the document."), ...fields], "Close", async () => {
    await request(`/api/obligations/${row.id}/close`, { method: "POST", body: { reason: reason.value } });
    document.dispatchEvent(new CustomEvent("show-anew"));
  });
}
