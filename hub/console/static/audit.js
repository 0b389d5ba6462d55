// @ts-check
// The audit log: who did what, when and why, before and after; and whether anybody changed the log.
import { request } from "/static/api.js";
import { h, number, state, words } from "/static/dom.js";
import { finder, screen, table } from "/static/tables.js";
import { time } from "/static/time.js";

/** @param {URLSearchParams} query who, on what, older than which number */
export function audit(query) {
  const wanted = new URLSearchParams(["actor", "subject", "before"].flatMap((name) => (query.get(name) ? [[name, query.get(name) ?? ""]] : [])));
  const load = async () => {
    const { entries } = await request(`/api/audit?${wanted}`);
    if (!entries.length) return wanted.size ? state("Nobody did anything like that.", h("a", { href: "/audit" }, "Show the whole log")) : state("Nobody has done anything yet.", "What people do on the page, by the API or the command line shows here, with their reason.");
    const all = table("Audit log", ["No.", "When", "Who", "What", "On", "Why", "Before → after"], entries.map(entry));
    const last = entries[entries.length - 1].seq;
    const older = last > 1 && entries.length === 50 && h("a", { class: "button", href: `/audit?${new URLSearchParams([...[...wanted].filter(([name]) => name !== "before"), ["before", last]])}` }, "Older entries");
    return h("div", {}, all, older && h("p", { class: "actions" }, older));
  };
  return screen("Audit", "Who did what, when and why. What the hub does by itself is in each message's history.", load, form(wanted));
}

/** @param {URLSearchParams} wanted */
function form(wanted) {
  const field = (/** @type {string} */ name, /** @type {string} */ label, /** @type {string} */ hint) => h("input", { type: "search", name, value: wanted.get(name), "aria-label": label, placeholder: hint, autocomplete: "off", spellcheck: "false", maxlength: 500 });
  const fields = [field("actor", "Who", "Who"), field("subject", "On what", "Whole id of a message, lane, incident…")];
  const said = h("p", { role: "status" });
  return h("div", {}, finder("/audit", wanted, fields, h("button", { type: "button", onclick: () => verify(said) }, "Verify the log")), said);
}

/** @param {HTMLElement} place */
async function verify(place) {
  place.className = "";
  place.textContent = "Reading the whole log…";
  try {
    const { entries, head, fault } = await request("/api/audit/verify");
    place.className = fault ? "alert bad" : "alert good";
    if (fault) place.textContent = fault;
    else place.replaceChildren(h("b", {}, "The log is as it was written: "), `${number.format(entries)} ${entries === 1 ? "entry" : "entries"}. Its head, to note somewhere else: `, h("span", { class: "mono wrap" }, `${head.seq}:${head.digest}`));
  } catch (error) {
    const { message, fix } = /** @type {import("/static/api.js").RequestFailed} */ (error);
    place.className = "alert bad";
    place.textContent = `${message} ${fix}`;
  }
}

/** @param {any} row */
const entry = (row) =>
  h(
    "tr",
    {},
    h("td", { class: "number-cell" }, row.seq),
    h("td", {}, time(row.at, "absolute")),
    h("td", {}, h("a", { href: `/audit?actor=${encodeURIComponent(row.actor)}` }, row.actor)),
    h("th", { scope: "row" }, words(row.action)),
    h("td", { class: "wrap" }, subject(row)),
    h("td", { class: "wrap" }, row.reason),
    h("td", { class: "wrap" }, changes(row)),
  );

/** @param {any} row */
function subject(row) {
  const screens = { message: "messages", order: "orders" };
  const at = screens[/** @type {"message"} */ (row.subject_type)];
  const id = shorter(row.subject_id);
  return [`${words(row.subject_type)} `, at ? h("a", { class: "mono", href: `/${at}/${encodeURIComponent(row.subject_id)}` }, id) : h("span", { class: "mono" }, id)];
}

/** Of a digest the first characters, which are enough to name a revision. @param {any} value */
const shorter = (value) => String(value ?? "none").replace(/\b[0-9a-f]{64}\b/g, (digest) => digest.slice(0, 12));

/** @param {any} value @returns {string} */
function said(value) {
  if (typeof value !== "object" || !value) return words(shorter(value));
  if (Array.isArray(value)) return value.map(said).join(", ");
  return Object.entries(value).filter(([, one]) => one !== "").map(([name, one]) => `${words(name)} ${said(one)}`).join(", ") || "all";
}

/** What it changed, a line each. @param {any} row */
function changes(row) {
  const [before, after] = [row.before ?? {}, row.after ?? {}];
  if (typeof before !== "object" || typeof after !== "object") return `${said(before)} → ${said(after)}`;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].map((name) => h("div", {}, `${words(name)} `, name in before ? `${said(before[name])} → ${said(after[name])}` : said(after[name])));
}
