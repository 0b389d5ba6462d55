// @ts-check
// Orders, newest first: found by their number or by anything sent about them, by how far they are, and by partner.
import { request } from "/static/api.js";
import { h, number, state, words } from "/static/dom.js";
import { tag } from "/static/status.js";
import { finder, screen, table } from "/static/tables.js";
import { time } from "/static/time.js";

const STATES = ["open", "problem", "ordered", "partly_accepted", "accepted", "partly_released", "released", "partly_shipped", "shipped", "partly_delivered", "delivered", "cancelled"];
/** @type {Record<string, string>} */
const LABELS = { open: "open", problem: "need a person" };
/** @type {Record<string, [string, string]>} how far an order is -> tone, icon */
const LOOKS = { shipped: ["good", "✓"], delivered: ["good", "✓"], cancelled: ["none", "⊘"] };

/** Partners seen so far, to choose from. @type {Set<string>} */
const partners = new Set();

/** @param {URLSearchParams} query number or other key, state, partner, older than which */
export function orders(query) {
  const wanted = new URLSearchParams(["q", "state", "partner", "before"].flatMap((name) => (query.get(name) ? [[name, query.get(name) ?? ""]] : [])));
  const load = async () => {
    const { orders: found, before, own_numbers: narrowed } = await request(`/api/orders?${wanted}`);
    for (const row of found) partners.add(row.partner);
    fill(choice, wanted.get("partner") ?? "");
    if (!found.length) return none(wanted);
    const note = narrowed && h("p", { class: "muted" }, "So many shipments, invoices and packages begin like this that only the orders' own numbers were compared.");
    const all = table("Orders", ["Order", "Came", "Partner", "How far", "Invoiced", "Lines", "Ships", "To look at"], found.map(line));
    const older = before && h("a", { class: "button", href: `/orders?${new URLSearchParams([...[...wanted].filter(([name]) => name !== "before"), ["before", before]])}` }, "Older orders");
    return h("div", {}, note, all, older && h("p", { class: "actions" }, older));
  };
  const search = h("input", { type: "search", name: "q", value: wanted.get("q"), "aria-label": "Order number, or any key", placeholder: "Order, shipment, invoice, SSCC, tracking…  ( / )", autocomplete: "off", spellcheck: "false", maxlength: 200 });
  const states = h("select", { name: "state", "aria-label": "How far" }, h("option", { value: "" }, "However far"), ...STATES.map((value) => h("option", { value, selected: value === wanted.get("state") }, LABELS[value] ?? words(value))));
  const choice = /** @type {HTMLSelectElement} */ (h("select", { name: "partner", "aria-label": "Partner" }));
  fill(choice, wanted.get("partner") ?? "");
  return screen("Orders", "What was ordered and how far it is. One that is held before it begins is a message: see Messages, Need a person.", load, finder("/orders", wanted, [search, states, choice]));
}

/** @param {HTMLSelectElement} choice @param {string} chosen */
function fill(choice, chosen) {
  const names = [...new Set([...partners, chosen].filter(Boolean))].sort();
  if (choice.options.length === names.length + 1) return;
  choice.replaceChildren(h("option", { value: "" }, "All partners"), ...names.map((name) => h("option", { value: name, selected: name === chosen }, name)));
}

/** @param {URLSearchParams} wanted */
function none(wanted) {
  if (!wanted.size) return state("No order yet.", "Each order that comes and may go on shows here, with everything said about it.");
  const key = wanted.get("q");
  const steps = [key && h("a", { href: `/messages?${new URLSearchParams({ q: key })}` }, `Search the messages for ${key}`), key && ", where what was held or rejected is too, or ", h("a", { href: "/orders" }, key ? "show all orders" : "Show all orders")];
  return state("No order is like that.", h("span", {}, ...steps));
}

/** @param {any} row */
function line(row) {
  const [tone, icon] = LOOKS[row.fulfilment] ?? ["wait", "○"];
  const after = row.after_sales !== "none" && words(row.after_sales);
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, h("a", { class: "mono", href: `/orders/${row.id}` }, row.number || "without a number"), row.environment === "test" && tag("test", "◇", "test")),
    h("td", {}, time(row.at)),
    h("td", {}, row.partner),
    h("td", {}, tag(tone, icon, words(row.fulfilment)), after && `, ${after}`),
    h("td", {}, words(row.money)),
    h("td", { class: "number-cell" }, number.format(row.lines)),
    h("td", { class: "wrap" }, row.sources.join(", ") || "–"),
    h("td", {}, row.problems ? tag("bad", "!", row.problems === 1 ? "1 message" : `${number.format(row.problems)} messages`) : "–"),
  );
}
