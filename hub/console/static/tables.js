// @ts-check
// Incidents and connections: one table each.
import { request } from "/static/api.js";
import { confirmed } from "/static/dialog.js";
import { h, number, state } from "/static/dom.js";
import { tag } from "/static/status.js";
import { time } from "/static/time.js";

/** @param {string} title @param {string} about @param {() => Promise<Node>} load */
export function screen(title, about, load) {
  const place = h("section", { class: "panel" }, state(`Loading ${title.toLowerCase()}…`));
  load().then(
    (content) => place.replaceChildren(content),
    (failed) => place.replaceChildren(state(failed.message, failed.fix, true)),
  );
  return h("div", { class: "page" }, h("header", { class: "page-head" }, h("h1", { tabindex: -1 }, title), h("p", { class: "sub" }, about)), place);
}

const COUNTS = ["Times", "Waiting", "Set aside", "At risk"];

/** @param {string} caption @param {string[]} names @param {Node[]} rows */
export const table = (caption, names, rows) =>
  h(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
    h("table", { class: `grid ${caption.toLowerCase()}` }, h("caption", { class: "unseen" }, caption), h("thead", {}, h("tr", {}, ...names.map((name) => h("th", { scope: "col", class: COUNTS.includes(name) ? "number-cell" : null }, name)))), h("tbody", {}, ...rows)),
  );

export const incidents = () =>
  screen("Incidents", "What a person must look at. One row a cause, however often it happens.", async () => {
    const told = (await request("/api/incidents")).incidents;
    if (!told.length) return state("No incident.", "When something cannot go on by itself, it shows here with what to do. A rejected message is its sender's to correct: see Messages, Need a person.");
    const rows = told.map((/** @type {any} */ row) =>
      h(
        "tr",
        {},
        h("td", {}, row.resolved_at ? tag("good", "✓", "resolved") : tag("bad", "!", row.security ? "open, security" : "open")),
        h("td", { class: "wrap" }, row.message, " ", h("span", { class: "mono muted" }, row.code)),
        h("td", { class: "wrap" }, subject(row)),
        h("td", { class: "number-cell" }, number.format(row.count)),
        h("td", {}, time(row.opened_at)),
        h("td", {}, time(row.seen_at)),
        h("td", {}, !row.resolved_at && h("button", { type: "button", "aria-label": `Close the incident ${row.code}`, onclick: () => close(row) }, "Close…")),
      ),
    );
    return table("Incidents", ["State", "What happened", "About", "Times", "First seen", "Last seen", "To do"], rows);
  });

/** @param {any} row */
async function close(row) {
  const reason = /** @type {HTMLTextAreaElement} */ (h("textarea", { id: "reason", rows: 2, maxlength: 500, required: true }));
  const label = h("label", { for: "reason" }, "Reason, kept in the audit log");
  const effect = "It counts as dealt with. Should its cause come again, a new incident opens.";
  await confirmed("Close this incident", [h("p", {}, row.message), h("p", {}, effect), label, reason], "Close", async () => {
    await request(`/api/incidents/${row.id}/close`, { method: "POST", body: { reason: reason.value } });
    document.dispatchEvent(new CustomEvent("show-anew"));
  });
}

/** @param {any} row */
function subject(row) {
  const target = { message: "messages", order: "orders" }[/** @type {"message"} */ (row.subject_type)];
  return target ? h("a", { href: `/${target}/${encodeURIComponent(row.subject_id)}` }, row.about) : row.about;
}

export const connections = () =>
  screen("Connections", "Where messages come from and go to, and what waits.", async () => {
    const told = (await request("/api/connections")).connections;
    if (!told.length) return state("No connection has been used yet.", "Add a partner under partners/, then send or collect something.");
    const rows = told.map((/** @type {any} */ row) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, row.connection),
        h("td", {}, condition(row)),
        h("td", { class: "number-cell" }, number.format(row.waiting)),
        h("td", { class: "number-cell" }, number.format(row.set_aside)),
        h("td", {}, row.oldest_at ? time(row.oldest_at) : "–"),
        h("td", {}, row.received_at ? time(row.received_at) : "–"),
        h("td", {}, row.delivered_at ? time(row.delivered_at) : "–"),
      ),
    );
    return table("Connections", ["Connection", "State", "Waiting", "Set aside", "Oldest", "Last received", "Last delivered"], rows);
  });

/** @param {any} row */
function condition(row) {
  if (row.set_aside) return tag("bad", "!", "needs a person");
  if (row.paused) return tag("wait", "‖", row.paused === row.lanes ? "paused" : `${row.paused} of ${row.lanes} lanes paused`);
  if (row.circuit !== "closed") return h("span", { title: row.error ?? "" }, tag("bad", "!", `failed ${row.failures} times`), ", next try ", row.next_try_at ? time(row.next_try_at) : "now");
  if (row.backoff_until && Date.parse(row.backoff_until) > Date.now()) return h("span", {}, tag("wait", "↻", "backing off"), ", next try ", time(row.backoff_until));
  if (row.incident) return h("a", { href: "/incidents", title: row.incident }, tag("bad", "!", "see incidents"));
  return tag("good", "✓", "running");
}
