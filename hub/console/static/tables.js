// @ts-check
// Screens that are tables, which look again by themselves; incidents.
import { request } from "/static/api.js";
import { confirmed, whyAsked } from "/static/dialog.js";
import { h, number, state } from "/static/dom.js";
import { tag } from "/static/status.js";
import { time } from "/static/time.js";

/**
 * A screen of its own. It looks again with every summary, but not while somebody points at it or types in it.
 * @param {string} title @param {string} about @param {() => Promise<Node>} load @param {...any} above what stays
 */
export function screen(title, about, load, ...above) {
  const place = h("section", { class: "panel" }, state(`Loading ${title.toLowerCase()}…`));
  const look = () =>
    load().then(
      (content) => place.replaceChildren(content),
      (failed) => place.replaceChildren(state(failed.message, failed.fix, true)),
    );
  const again = () => {
    if (!place.isConnected) document.removeEventListener("summary", again);
    else if (!place.matches(":hover, :focus-within") && !document.querySelector("dialog[open]")) look();
  };
  look().then(() => document.addEventListener("summary", again));
  return h("div", { class: "page" }, h("header", { class: "page-head" }, h("h1", { tabindex: -1 }, title), h("p", { class: "sub" }, about)), ...above, place);
}

/**
 * A form whose fields become the address, and the screen is shown anew.
 * @param {string} path @param {URLSearchParams} wanted what the address says now @param {Element[]} fields @param {...any} more beside them
 */
export function finder(path, wanted, fields, ...more) {
  const find = (/** @type {Event} */ event) => {
    event.preventDefault();
    const given = fields.map((field) => [/** @type {any} */ (field).name, /** @type {any} */ (field).value.trim()]).filter(([, value]) => value);
    const at = document.activeElement?.getAttribute("name");
    history.pushState(null, "", given.length ? `${path}?${new URLSearchParams(given)}` : path);
    document.dispatchEvent(new CustomEvent("show-anew"));
    if (at) /** @type {HTMLElement | null} */ (document.querySelector(`.filters [name="${at}"]`))?.focus();
  };
  for (const field of fields) if (field.matches("select")) field.addEventListener("change", find);
  const all = wanted.size > 0 && h("a", { class: "button", href: path }, "Show all");
  return h("form", { class: "filters", role: "search", onsubmit: find }, ...fields, h("button", { type: "submit" }, "Find"), all, ...more);
}

const COUNTS = ["Times", "Waiting", "Set aside", "At risk", "Lines"];

/**
 * On a phone each row is a card, its cells named by the head.
 * @param {string} caption @param {string[]} names @param {Element[]} rows
 */
export function table(caption, names, rows) {
  for (const row of rows) {
    [...row.children].forEach((cell, place) => {
      cell.setAttribute("data-label", names[place]);
      cell.classList.toggle("nothing", !cell.firstElementChild && ["", "0", "–"].includes(cell.textContent ?? ""));
    });
  }
  const head = h("tr", {}, ...names.map((name) => h("th", { scope: "col", class: COUNTS.includes(name) ? "number-cell" : null }, name)));
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
    h("table", { class: `grid ${["Incidents", "Orders"].includes(caption) ? caption.toLowerCase() : "stacked"}` }, h("caption", { class: "unseen" }, caption), h("thead", {}, head), h("tbody", {}, ...rows)),
  );
}

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
  const { reason, fields } = whyAsked();
  const effect = "It counts as dealt with. Should its cause come again, a new incident opens.";
  await confirmed("Close this incident", [h("p", {}, row.message), h("p", {}, effect), ...fields], "Close", async () => {
    await request(`/api/incidents/${row.id}/close`, { method: "POST", body: { reason: reason.value } });
    document.dispatchEvent(new CustomEvent("show-anew"));
  });
}

/** @param {any} row */
function subject(row) {
  const [cause, partner] = row.cause.split("/");
  if (cause === "overdue") return h("a", { href: `/messages?${new URLSearchParams({ status: "acknowledgement:overdue", partner })}` }, `all that ${partner} has not acknowledged`);
  if (row.subject_type === "connection") return h("a", { href: `/connections/${row.subject_id}` }, row.about);
  if (row.message_id) return h("a", { href: `/messages/${encodeURIComponent(row.message_id)}` }, row.about);
  if (row.subject_type === "order") return h("a", { href: `/orders/${encodeURIComponent(row.subject_id)}` }, row.about);
  if (row.subject_type === "payload") return h("a", { href: `/api/payloads/${encodeURIComponent(row.subject_id)}/raw`, download: true, title: "Download it" }, row.about);
  return row.about;
}
