// @ts-check
// <hub-order order="ID">: an order's lines, and everything all parties said about it.
import { request } from "/static/api.js";
import { h, state, words } from "/static/dom.js";
import { arrow, chip, tag } from "/static/status.js";
import { synchronise, time } from "/static/time.js";

const KINDS = ["ordered", "accepted", "backordered", "cancelled", "allocated", "released", "picked", "packed", "shipped", "delivered", "received", "invoiced", "credited", "returned"];
const ALWAYS = ["ordered", "accepted", "released", "shipped", "invoiced"];
const COMPARED = ["accepted", "released", "shipped", "delivered", "received", "invoiced"];
/** @type {Record<string, string>} */
const REVIEW = { approved: "good", pending: "wait", held: "bad", rejected: "bad" };

class HubOrder extends HTMLElement {
  /** Ends listening when the order is no longer shown. */
  shown = new AbortController();

  connectedCallback() {
    const changes = (/** @type {Event} */ event) => {
      const changed = /** @type {CustomEvent} */ (event).detail;
      if (changed.some((/** @type {any} */ row) => row.order_id === this.order)) this.load(true);
    };
    document.addEventListener("changes", changes, { signal: this.shown.signal });
    this.load();
  }

  disconnectedCallback() {
    this.shown.abort();
  }

  get order() {
    return this.getAttribute("order") ?? "";
  }

  async load(quietly = false) {
    if (!quietly) this.replaceChildren(state("Loading the order…"));
    try {
      const detail = await request(`/api/orders/${encodeURIComponent(this.order)}`);
      synchronise(detail.now);
      document.title = `Order ${detail.order.number} · Crossdock`;
      this.replaceChildren(...this.view(detail));
    } catch (error) {
      const failed = /** @type {import("/static/api.js").RequestFailed} */ (error);
      this.replaceChildren(state(failed.message, [h("span", {}, failed.fix), " ", h("a", { href: "/orders" }, "See the orders there are")], true));
    }
  }

  /** @param {any} detail */
  view({ order, statuses }) {
    const axes = Object.entries(statuses).map(([name, value]) => h("span", { class: "axis-status" }, h("span", { class: "chip-name" }, words(name)), " ", h("b", {}, words(String(value)))));
    const sub = [order.partner, words(order.order_type ?? "order"), order.account && `for ${order.account}`].filter(Boolean).join(" · ");
    return [
      h(
        "header",
        { class: "page-head" },
        h("h1", { tabindex: -1 }, `Order ${order.number}`),
        h("p", { class: "sub" }, sub, " · ", time(order.created_at), order.environment === "test" && " ", order.environment === "test" && tag("test", "◇", "test")),
        h("p", { class: "statuses" }, tag(REVIEW[order.review] ?? "none", order.review === "approved" ? "✓" : "○", `review ${words(order.review)}`), ...axes),
        order.hold_reason && h("div", { class: "alert bad", role: "note" }, h("b", {}, "Held. "), order.hold_reason),
      ),
      h("section", { class: "panel", "aria-label": "Lines" }, grid(order.lines)),
      h("div", { class: "columns" }, h("section", { class: "panel" }, h("h2", {}, "Timeline"), timeline(order)), h("section", { class: "panel" }, h("h2", {}, "Who ships it"), sources(order), h("h2", {}, "Packages"), packages(order))),
    ];
  }
}

/** @param {any[]} lines */
function grid(lines) {
  const shown = KINDS.filter((kind) => ALWAYS.includes(kind) || lines.some((line) => Number(line.quantities[kind] ?? 0)));
  const heads = ["Line", "Item", ...shown].map((name, index) => h("th", { scope: "col", class: index > 1 ? "number-cell" : null }, words(name)));
  const rows = lines.map((line) =>
    h("tr", {}, h("th", { scope: "row" }, line.number), h("td", { class: "wrap" }, line.description, " ", h("span", { class: "mono muted" }, line.item)), ...shown.map((kind) => quantity(line, kind))),
  );
  if (!lines.length) return state("The order has no lines.", "Open its message to see what was sent.");
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Lines of the order" }, h("table", { class: "grid" }, h("caption", { class: "unseen" }, "Quantities by line"), h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...rows)));
}

/** @type {Record<string, string>} the units people meet daily, of UN/ECE recommendations 20 and 21, in words */
const UNITS = { H87: "each", XCT: "carton", XCS: "case", XBX: "box", XPX: "pallet", XPK: "pack", DZN: "dozen", KGM: "kg", LBR: "lb" };

/** A quantity, marked where it is less than is still wanted, or more than was ordered. @param {any} line @param {string} kind */
function quantity(line, kind) {
  const value = Number(line.quantities[kind] ?? 0);
  const ordered = Number(line.quantities.ordered ?? 0);
  const wanted = ordered - Number(line.quantities.cancelled ?? 0);
  const text = line.quantities[kind] ?? "0";
  if (kind === "ordered") return h("td", { class: "number-cell" }, text, line.unit && h("span", { class: "muted", title: line.unit }, ` ${UNITS[line.unit] ?? line.unit}`));
  if (!COMPARED.includes(kind) || (value >= wanted && value <= ordered)) return h("td", { class: `number-cell${value ? "" : " nil"}` }, value ? text : "–");
  if (!value) return h("td", { class: "number-cell nil" }, "–");
  const short = value < wanted;
  const said = short ? `${wanted - value} less than wanted` : `${value - ordered} more than ordered`;
  return h("td", { class: `number-cell ${short ? "short" : "over"}`, title: said }, h("span", { "aria-hidden": "true" }, short ? "▾ " : "▴ "), text, h("span", { class: "unseen" }, `, ${said}`));
}

/** @param {any} order */
function timeline(order) {
  const entries = [
    ...order.messages.map((/** @type {any} */ row) => ({ at: row.at, node: messageEntry(row) })),
    ...order.tracking.map((/** @type {any} */ entry) => ({ at: entry.at ?? entry.created_at, node: trackingEntry(entry) })),
    ...order.events.map((/** @type {any} */ event) => ({ at: event.at, node: [tag("none", "•", words(event.name)), h("span", { class: "muted" }, `by ${event.actor}`)] })),
  ].sort((a, b) => (a.at < b.at ? -1 : 1));
  if (!entries.length) return state("Nothing has been said about this order yet.", "Its messages show here as they come.");
  return h("ol", { class: "timeline" }, ...entries.map(({ at, node }) => h("li", {}, time(at), h("div", {}, ...node))));
}

/** @param {any} row */
function messageEntry(row) {
  const states = ["validation", "delivery", "acknowledgement"].filter((field) => row[field] !== "none").map((field) => chip(field, row[field]));
  return [h("a", { href: `/messages/${row.id}` }, arrow(row.direction), " ", h("b", {}, row.document ?? row.type), ` ${row.partner} `, h("span", { class: "mono" }, row.number)), h("span", { class: "states" }, ...states)];
}

/** @param {any} entry */
function trackingEntry(entry) {
  const place = entry.said?.place;
  return [h("span", {}, tag("none", "◆", words(entry.status)), " ", h("span", { class: "mono" }, entry.number)), place && ` ${typeof place === "string" ? place : [place.city, place.region, place.country].filter(Boolean).join(", ")}`];
}

/** @param {any} order */
function sources(order) {
  const items = order.fulfilments.map((/** @type {any} */ entry) => h("li", {}, h("b", {}, entry.source), " ", h("span", { class: "mono" }, entry.number), ` ${words(entry.state)}`, entry.reason && h("p", { class: "muted" }, entry.reason)));
  return items.length ? h("ul", { class: "plain-list" }, ...items) : h("p", { class: "muted" }, "Nobody yet: the order has not been released.");
}

/** @param {any} order */
function packages(order) {
  const items = order.packages.map((/** @type {any} */ entry) => {
    const held = entry.lines.map((/** @type {any} */ line) => `${line.quantity} of line ${line.line}`).join(", ");
    return h("li", {}, h("span", { class: "mono" }, entry.sscc ?? entry.shipment), entry.tracking && h("span", { class: "mono" }, ` ${entry.tracking}`), h("p", { class: "muted" }, held));
  });
  return items.length ? h("ul", { class: "plain-list" }, ...items) : h("p", { class: "muted" }, "None has been announced.");
}

customElements.define("hub-order", HubOrder);
