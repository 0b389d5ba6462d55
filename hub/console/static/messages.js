// @ts-check
// <hub-messages>: the list, its search and filters, new messages held back until asked for.
import { request } from "/static/api.js";
import { operateOnAll } from "/static/bulk.js";
import { chart } from "/static/chart.js";
import { bytes, h, number, state, unseen } from "/static/dom.js";
import { FIELDS, arrow, chip, name, tag } from "/static/status.js";
import { time } from "/static/time.js";

const CONCERNS = [["", "All"], ["problem", "Need a person"], ["waiting", "Under way"], ["done", "Done"]];
const FILTERS = ["q", "status", "direction", "partner", "type"];

class HubMessages extends HTMLElement {
  /** @type {Map<string, any>} */
  rows = new Map();
  /** @type {Map<string, any>} held back */
  fresh = new Map();
  /** @type {string | null} */
  before = null;
  selected = "";
  query = new URLSearchParams();
  /** @type {AbortController | null} */
  loading = null;
  /** The list, and beside it the message that is open. */
  beside = h("div", { class: "beside" });
  partners = new Set();
  types = new Set();

  connectedCallback() {
    if (this.firstChild) return;
    this.summary = h("section", { class: "summary", "aria-label": "How things stand" });
    this.search = /** @type {HTMLInputElement} */ (
      h("input", { type: "search", id: "search", placeholder: "Search order, invoice, SSCC, tracking…  ( / )", autocomplete: "off", spellcheck: "false", maxlength: 200 })
    );
    this.selects = { direction: this.select("direction", "Direction"), partner: this.select("partner", "Partner"), type: this.select("type", "Type") };
    const chips = CONCERNS.map(([value, label]) =>
      h("button", { type: "button", "data-status": value, "aria-pressed": "false", onclick: () => this.filter("status", value) }, label, " ", h("span", { class: "count" })),
    );
    this.chips = h("div", { class: "chips", role: "group", "aria-label": "Status" }, ...chips);
    const form = h("form", { class: "filters", role: "search", onsubmit: (/** @type {Event} */ event) => event.preventDefault() });
    form.append(h("label", { class: "unseen", for: "search" }, "Search by business key"), this.search, this.chips, ...Object.values(this.selects), h("button", { type: "button", class: "all", onclick: () => operateOnAll(this.query) }, "All that fit…"));
    let typed = 0;
    this.search.addEventListener("input", () => {
      clearTimeout(typed);
      typed = window.setTimeout(() => this.filter("q", this.search?.value.trim() ?? ""), 200);
    });
    this.news = h("button", { type: "button", class: "news", hidden: true, onclick: () => this.showFresh() });
    this.body = h("tbody");
    this.table = h("table", { class: "list" }, h("caption", { class: "unseen" }, "Messages, newest first"), this.head(), this.body);
    this.note = h("div", { class: "note" });
    this.older = h("button", { type: "button", class: "older", hidden: true, onclick: () => this.load(true) }, "Older messages");
    this.frame = h("div", { class: "list-frame" }, h("div", { class: "news-place", "aria-live": "polite" }, this.news), this.table, this.note, this.older);
    this.beside.prepend(this.frame);
    this.append(h("h1", { class: "unseen" }, "Messages"), this.summary, form, this.beside);
    this.body.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("changes", (event) => this.changed(/** @type {CustomEvent} */ (event).detail));
    document.addEventListener("load-anew", () => this.isConnected && this.load());
    document.addEventListener("summary", (event) => this.showSummary(/** @type {CustomEvent} */ (event).detail));
    this.search.value = this.query.get("q") ?? "";
    this.showFilters();
    this.load();
  }

  head() {
    const names = [["time", "Time"], ["partner", "Partner"], ["message", "Message"], ["reference", "Reference"], ...FIELDS.map((field) => [field, field[0].toUpperCase() + field.slice(1)]), ["control", "Control"], ["size", "Size"]];
    const cells = names.map(([name, label]) => h("th", { scope: "col", class: `c-${name}`, "aria-sort": name === "time" ? "descending" : null }, label));
    return h("thead", {}, h("tr", {}, ...cells));
  }

  /** @param {string} name @param {string} label */
  select(name, label) {
    const element = h("select", { "aria-label": label, "data-filter": name, onchange: () => this.filter(name, /** @type {HTMLSelectElement} */ (element).value) });
    return element;
  }

  showFilters() {
    const status = this.query.get("status") ?? "";
    for (const button of this.chips?.children ?? []) button.setAttribute("aria-pressed", String(button.getAttribute("data-status") === status));
    /** @type {[string, string, [string, string][]][]} */
    const choices = [
      ["direction", "In and out", [["in", "In"], ["out", "Out"]]],
      ["partner", "All partners", [...this.partners].sort().map((name) => [name, name])],
      ["type", "All types", [...this.types].sort().map((name) => [name, name])],
    ];
    for (const [name, every, values] of choices) {
      const chosen = this.query.get(name) ?? "";
      if (chosen && !values.some(([value]) => value === chosen)) values.push([chosen, chosen]);
      const options = [["", every], ...values].map(([value, label]) => h("option", { value, selected: value === chosen }, label));
      this.selects?.[/** @type {"partner"} */ (name)].replaceChildren(...options);
    }
  }

  /** @param {string} name @param {string} value */
  filter(name, value) {
    if ((this.query.get(name) ?? "") === value) return;
    if (value) this.query.set(name, value);
    else this.query.delete(name);
    this.showFilters();
    this.dispatchEvent(new CustomEvent("filtered", { bubbles: true }));
    this.load();
  }

  /** Takes the filters of an address. @param {URLSearchParams} query */
  set address(query) {
    const wanted = new URLSearchParams(FILTERS.flatMap((name) => (query.get(name) ? [[name, query.get(name) ?? ""]] : [])));
    if (wanted.toString() === this.query.toString()) return;
    this.query = wanted;
    if (!this.search) return;
    this.search.value = wanted.get("q") ?? "";
    this.showFilters();
    this.load();
  }

  get address() {
    return this.query;
  }

  async load(older = false) {
    this.loading?.abort();
    const loading = (this.loading = new AbortController());
    const query = new URLSearchParams(this.query);
    if (older && this.before) query.set("before", this.before);
    if (!older && !this.rows.size) this.note?.replaceChildren(state("Loading messages…"));
    this.setAttribute("aria-busy", "true");
    try {
      const page = await request(`/api/messages?${query}`, { signal: loading.signal });
      if (!older) {
        this.rows.clear();
        this.fresh.clear();
        this.body?.replaceChildren();
      }
      for (const row of page.messages) this.add(row);
      this.before = page.before;
      this.afterLoad();
    } catch (error) {
      if (loading.signal.aborted) return;
      const failed = /** @type {import("/static/api.js").RequestFailed} */ (error);
      const again = h("button", { type: "button", onclick: () => this.load(older) }, "Try again");
      this.note?.replaceChildren(state(failed.message, [h("span", {}, failed.fix), " ", again], true));
    }
    this.removeAttribute("aria-busy");
  }

  afterLoad() {
    this.showFilters();
    this.showNews();
    if (this.older) this.older.hidden = !this.before;
    this.table?.toggleAttribute("hidden", !this.rows.size);
    this.note?.replaceChildren();
    if (!this.rows.size) this.note?.replaceChildren(this.nothing());
    this.mark();
  }

  nothing() {
    if (!this.query.size) return state("No message has come in or gone out yet.", "Send one to a mailbox, or POST it to /in/partner/connection: it shows here at once.");
    const clear = h("button", { type: "button", onclick: () => this.clear() }, "Show all messages");
    return state("No message fits.", [h("span", {}, "Search for a whole business key or its beginning, or take a filter away."), " ", clear]);
  }

  clear() {
    this.query = new URLSearchParams();
    if (this.search) this.search.value = "";
    this.showFilters();
    this.dispatchEvent(new CustomEvent("filtered", { bubbles: true }));
    this.load();
  }

  /** @param {any} row */
  line(row) {
    const cells = [
      h("td", { class: "c-time" }, time(row.at, "short")),
      h("td", { class: "c-partner", title: row.partner }, arrow(row.direction), " ", h("span", {}, row.partner || "unknown"), row.environment === "test" && tag("test", "◇", "test")),
      h("td", { class: "c-message", title: `${name(row)} ${row.standard} ${row.version}` }, h("b", {}, name(row)), " ", h("span", { class: "muted standard" }, [row.standard.toUpperCase(), row.version].filter(Boolean).join(" "))),
      h("td", { class: "c-reference" }, h("a", { href: `/messages/${row.id}`, class: "mono" }, row.number || unseen(row.type), !row.number && h("span", { "aria-hidden": "true" }, "–"))),
      ...FIELDS.map((field) => h("td", { class: `c-${field}` }, chip(field, row[field]), field === "delivery" && this.tries(row))),
      h("td", { class: "c-control mono" }, row.control_number),
      h("td", { class: "c-size" }, bytes(row.size)),
    ];
    return h("tr", { "data-id": row.id, class: `${row.concern} ${row.direction}` }, ...cells);
  }

  /** @param {any} row */
  tries(row) {
    if (!row.next_at && row.tries < 2) return null;
    return h("span", { class: "muted tries" }, ` ${row.tries} ${row.tries === 1 ? "try" : "tries"}`, row.next_at && ", ", row.next_at && time(row.next_at));
  }

  /** @param {any} row @param {boolean} [first] */
  add(row, first = false) {
    this.rows.set(row.id, row);
    if (row.partner) this.partners.add(row.partner);
    this.types.add(row.type);
    if (first) this.body?.prepend(this.line(row));
    else this.body?.append(this.line(row));
  }

  /** Messages as the live stream tells: what is shown changes in place, what is new waits. @param {any[]} messages */
  changed(messages) {
    if (!this.isConnected) return;
    for (const row of messages) {
      if (this.rows.has(row.id)) {
        this.rows.set(row.id, row);
        const line = this.line(row);
        if (row.id === this.selected) line.setAttribute("aria-current", "true");
        this.querySelector(`tr[data-id="${CSS.escape(row.id)}"]`)?.replaceWith(line);
      } else if (this.isNewer(row) && this.fits(row)) this.fresh.set(row.id, row);
    }
    if (!this.rows.size && this.fresh.size) this.showFresh();
    this.showNews();
  }

  /** @param {any} row */
  isNewer(row) {
    const newest = this.rows.keys().next().value;
    return newest === undefined || row.id > newest;
  }

  /** @param {any} row */
  fits(row) {
    const { q, status, direction, partner, type } = Object.fromEntries(this.query);
    if (q || (direction && row.direction !== direction) || (partner && row.partner !== partner) || (type && row.type !== type)) return false;
    if (!status) return true;
    const [field, value] = status.split(":");
    return value ? row[field] === value : row.concern === status;
  }

  showNews() {
    if (!this.news) return;
    this.news.hidden = !this.fresh.size;
    this.news.textContent = this.fresh.size ? `${number.format(this.fresh.size)} new` : "";
  }

  showFresh() {
    const rows = [...this.fresh.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.fresh.clear();
    const shown = [...rows].reverse().concat([...this.rows.values()]);
    this.rows = new Map(shown.map((row) => [row.id, row]));
    for (const row of rows) this.add(row, true);
    this.rows = new Map(shown.map((row) => [row.id, row]));
    this.afterLoad();
  }

  /** @param {any} told */
  showSummary(told) {
    const cards = [["total", "in 24 hours", ""], ["problem", "need a person", "problem"], ["waiting", "under way", "waiting"], ["done", "done", "done"]];
    const figures = cards.map(([name, label, status]) =>
      h("button", { type: "button", class: `card ${told[name] ? name : ""}`, onclick: () => this.filter("status", status) }, h("b", {}, number.format(told[name])), h("span", {}, label)),
    );
    this.summary?.replaceChildren(h("div", { class: "cards" }, ...figures), chart(told.minutes, told.now));
    for (const button of this.chips?.children ?? []) {
      const count = told[button.getAttribute("data-status") || "total"];
      button.querySelector(".count")?.replaceChildren(number.format(count));
    }
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("a") || event.ctrlKey || event.metaKey || getSelection()?.toString()) return;
    const id = target.closest("tr")?.getAttribute("data-id");
    if (id) this.open(id);
  }

  /** @param {string} id */
  open(id) {
    this.dispatchEvent(new CustomEvent("open-message", { bubbles: true, detail: id }));
  }

  /** Marks the chosen row. @param {string} [id] */
  mark(id = this.selected) {
    this.selected = id;
    this.querySelector("tr[aria-current]")?.removeAttribute("aria-current");
    const line = id ? this.querySelector(`tr[data-id="${CSS.escape(id)}"]`) : null;
    line?.setAttribute("aria-current", "true");
    return line;
  }

  /** Moves the choice; the id now chosen. @param {number} by */
  move(by) {
    const ids = [...this.rows.keys()];
    if (!ids.length) return "";
    const at = ids.indexOf(this.selected);
    const next = ids[at < 0 ? 0 : Math.max(0, Math.min(ids.length - 1, at + by))];
    this.mark(next)?.scrollIntoView({ block: "nearest" });
    return next;
  }
}

customElements.define("hub-messages", HubMessages);
