// @ts-check
// <hub-message message="ID">: one message through all its stages.
import { request } from "/static/api.js";
import { bytes, h, state, words } from "/static/dom.js";
import { edit, editable } from "/static/edit.js";
import { operate, title } from "/static/operate.js";
import { jsonView, rawView } from "/static/raw.js";
import { FIELDS, arrow, chip, tag } from "/static/status.js";
import { synchronise, time } from "/static/time.js";
import { acknowledgements, deliveries, events, facts, findings, list, stages } from "/static/stages.js";

class HubMessage extends HTMLElement {
  /** @type {any} */
  detail = null;
  /** @type {AbortController | null} */
  loading = null;

  connectedCallback() {
    if (this.listening) return;
    this.listening = true;
    document.addEventListener("changes", (event) => {
      const changed = /** @type {CustomEvent} */ (event).detail;
      if (this.isConnected && changed.some((/** @type {any} */ row) => row.id === this.message || this.isTied(row.id))) this.load(true);
    });
  }

  /** @param {string} id */
  isTied(id) {
    const chain = this.detail?.chain;
    return chain && [...chain.produced, ...chain.related].some((row) => row.id === id);
  }

  get message() {
    return this.getAttribute("message") ?? "";
  }

  set message(id) {
    if (id === this.message) return;
    this.setAttribute("message", id);
    this.detail = null;
    this.load();
  }

  async load(quietly = false) {
    this.loading?.abort();
    const loading = (this.loading = new AbortController());
    const waiting = () => this.replaceChildren(this.frame("Message", state("Loading the message…")));
    const slow = quietly ? 0 : setTimeout(waiting, this.firstChild ? 300 : 0);
    try {
      this.detail = await request(`/api/messages/${encodeURIComponent(this.message)}`, { signal: loading.signal });
      synchronise(this.detail.now);
      clearTimeout(slow);
      this.render();
    } catch (error) {
      clearTimeout(slow);
      if (loading.signal.aborted) return;
      const failed = /** @type {import("/static/api.js").RequestFailed} */ (error);
      const again = h("button", { type: "button", onclick: () => this.load() }, "Try again");
      this.replaceChildren(this.frame("Message", state(failed.message, [h("span", {}, failed.fix), " ", again], true)));
    }
  }

  /** @param {string} title @param {...any} rest */
  frame(title, ...rest) {
    const close = h("a", { href: `/messages${location.search}`, class: "close", "aria-label": "Close the message" }, h("span", { "aria-hidden": "true" }, "×"));
    return h("article", { class: "detail", "aria-labelledby": "detail-title" }, h("header", {}, h("h1", { id: "detail-title", tabindex: -1 }, title), close), ...rest);
  }

  render() {
    const { chain, raw, codes } = this.detail;
    const row = chain.message;
    const wasOpen = new Map([...this.querySelectorAll("details")].map((element) => [element.id, element.open]));
    const top = this.scrollTop;
    const sub = h("p", { class: "sub" }, arrow(row.direction), " ", h("a", { href: `/messages?partner=${encodeURIComponent(row.partner)}` }, row.partner || "unknown"), " · ", h("b", {}, row.type), ` ${[row.standard.toUpperCase(), row.version].filter(Boolean).join(" ")}`, row.document && ` · ${row.document}`, " · ", time(row.at), row.environment === "test" && " ", row.environment === "test" && tag("test", "◇", "test"));
    const statuses = h("p", { class: "statuses" }, ...FIELDS.map((field) => chip(field, row[field], true)));
    const article = this.frame(row.number || row.type, sub, statuses, ...this.alerts(), this.actions(), stages(this.detail));
    const own = [...chain.findings, ...(chain.refusal?.findings ?? [])];
    const all = [...own, ...chain.interchange_findings];
    const download = `/api/messages/${row.id}/raw`;
    const sections = [
      all.length && section("findings", `Findings (${all.length})`, findings(all, codes), all.some((one) => one.severity !== "warn")),
      raw && section("raw", row.direction === "in" ? "Raw, as received" : "Raw, as written", rawView(raw, own, download), true),
      chain.document && section("canonical", `Canonical ${chain.document.type}`, jsonView(chain.document.body), true),
      chain.cause && section("cause", "Came of", list([chain.cause]), true),
      chain.produced.length && section("produced", "Outbound, came of it", list(chain.produced), true),
      chain.deliveries.length && section("deliveries", "Delivery attempts", deliveries(chain.deliveries, codes), true),
      (chain.acknowledgements.length || chain.answers.length) && section("acknowledgements", "Technical acknowledgement", acknowledgements(chain), true),
      chain.related.length && section("related", "Same order", list(chain.related), true),
      section("facts", "Envelope and bytes", facts(chain), false),
      chain.events.length && section("events", `History (${chain.events.length})`, events(chain.events), false),
    ].filter(Boolean);
    article.append(...sections);
    this.replaceChildren(article);
    for (const element of this.querySelectorAll("details")) element.open = wasOpen.get(element.id) ?? element.open;
    this.scrollTop = top;
  }

  /** What a person should know first, and what to do. */
  alerts() {
    const { chain, codes } = this.detail;
    const row = chain.message;
    const said = [];
    if (chain.erased_at) said.push(["Erased", "What it said was overwritten on purpose.", ["On ", time(chain.erased_at), "."]]);
    if (chain.payload?.archive !== null && chain.payload) said.push(["Bytes not kept", chain.payload.archive ? `They are archived in ${chain.payload.archive}.` : "They were deleted, as the partner's file says.", ""]);
    const worst = chain.findings.find((/** @type {any} */ finding) => finding.severity !== "warn" && finding.message !== row.hold_reason);
    const holding = [...chain.findings, ...chain.interchange_findings].find((/** @type {any} */ finding) => finding.message === row.hold_reason);
    if (row.hold_reason) said.push(["Held", row.hold_reason, `${codes[holding?.code]?.fix ?? "Put it right."} Unhold it when that is done: it is looked at again.`]);
    if (worst && !chain.findings.includes(holding)) said.push([`Validation ${words(row.validation)}`, worst.message, codes[worst.code]?.fix]);
    const unsent = chain.deliveries.filter((/** @type {any} */ entry) => ["failed", "in_doubt", "queued"].includes(entry.state)).pop();
    const attempt = unsent?.attempts.filter((/** @type {any} */ entry) => entry.detail).pop();
    if (attempt) said.push([`Delivery ${words(unsent.state)}`, attempt.detail, unsent.next_at ? ["The next try is ", time(unsent.next_at), "."] : "Resend it when the cause is gone."]);
    if (chain.refusal) said.push([`Refused by the partner's ${chain.refusal.kind}`, chain.refusal.said.join(" ") || "It does not say why.", "Mend what it names where it comes from, then reissue it; or ignore it with a reason."]);
    if (row.acknowledgement === "overdue") said.push(["Acknowledgement overdue", "The partner has not acknowledged the message in time.", "Ask the partner, then resend or reissue it."]);
    const tone = (/** @type {string} */ title) => (title.includes("queued") || title.includes("with errors") ? "wait" : "bad");
    return said.map(([title, text, fix]) => h("div", { class: `alert ${tone(String(title))}`, role: "note" }, h("b", {}, title, ". "), text, " ", h("span", { class: "fix" }, fix)));
  }

  actions() {
    const { chain, raw, offered } = this.detail;
    const row = chain.message;
    const run = (/** @type {any} */ offer) => (offer.action === "edit" ? edit(this.detail, offer, (made) => this.dispatchEvent(new CustomEvent("open-message", { detail: made, bubbles: true }))) : operate(row, offer, () => this.load(true)));
    const possible = offered.filter((/** @type {any} */ offer) => offer.action !== "edit" || editable(this.detail));
    const buttons = possible.map((/** @type {any} */ offer, /** @type {number} */ place) =>
      h("button", { type: "button", class: place ? "" : "main", "data-operation": offer.action, onclick: () => run(offer) }, `${title(offer.action)}…`),
    );
    return h(
      "div",
      { class: "actions" },
      ...buttons,
      raw && h("a", { class: "button", href: `/api/messages/${row.id}/raw`, download: true }, `Download ${bytes(raw.size)}`),
      raw && chain.payload.size > raw.size && h("a", { class: "button", href: `/api/payloads/${chain.payload.id}/raw`, download: true }, `Whole payload ${bytes(chain.payload.size)}`),
      row.order_id && h("a", { class: "button", href: `/orders/${row.order_id}` }, "Open the order"),
    );
  }
}

/** @param {string} id @param {string} title @param {any} content @param {boolean} open */
const section = (id, title, content, open) => h("details", { id: `section-${id}`, open }, h("summary", {}, h("h2", {}, title)), content);

customElements.define("hub-message", HubMessage);
