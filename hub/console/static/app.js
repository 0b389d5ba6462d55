// @ts-check
// The shell: addresses to screens, keyboard, theme and zone, signing in.
import { follow, request, unfollow } from "/static/api.js";
import { help } from "/static/dialog.js";
import { h } from "/static/dom.js";
import "/static/messages.js";
import "/static/message.js";
import "/static/order.js";
import { audit } from "/static/audit.js";
import { connection, connections } from "/static/connections.js";
import { deadlines } from "/static/deadlines.js";
import { orders } from "/static/orders.js";
import { incidents } from "/static/tables.js";
import { isUtc, showUtc, synchronise } from "/static/time.js";

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const messages = /** @type {any} */ (document.createElement("hub-messages"));
const message = /** @type {any} */ (document.createElement("hub-message"));

/** @param {string} address @param {boolean} [instead] */
function go(address, instead = false) {
  if (instead) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  route(true);
}

/** Shows what the address names. @param {boolean} [moved] */
function route(moved = false) {
  const [, screen, id, more] = location.pathname.split("/").map(decodeURIComponent);
  const name = screen || "messages";
  for (const link of document.querySelectorAll("nav a")) {
    const current = link.getAttribute("data-screen") === name;
    if (current) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ block: "nearest" }); // on a phone the bar scrolls
    } else link.removeAttribute("aria-current");
  }
  if (name === "messages") showMessages(id ?? "", moved);
  else if (name === "orders" && !id) show(orders(new URLSearchParams(location.search)), "Orders");
  else if (name === "orders") show(h("hub-order", { class: "page", order: id }), `Order`);
  else if (name === "deadlines") show(deadlines(), "Deadlines");
  else if (name === "connections" && more) show(connection(`${id}/${more}`), `${id}/${more}`);
  else if (name === "connections") show(connections(), "Connections");
  else if (name === "audit") show(audit(new URLSearchParams(location.search)), "Audit");
  else show(incidents(), "Incidents");
}

/** @param {HTMLElement} screen @param {string} title */
function show(screen, title) {
  document.title = `${title} · Crossdock`;
  main.replaceChildren(screen);
  scrollTo(0, 0);
}

/** @param {string} id @param {boolean} moved */
function showMessages(id, moved) {
  messages.address = new URLSearchParams(location.search);
  if (main.firstChild !== messages) main.replaceChildren(messages);
  messages.classList.toggle("open", id !== "");
  document.title = `${id ? "Message" : "Messages"} · Crossdock`;
  if (id) {
    if (!message.parentNode) messages.beside.append(message);
    if (message.message !== id) {
      message.scrollTop = 0;
      message.message = id;
    }
    if (moved && innerWidth < 800) scrollTo(0, 0);
  } else message.remove();
  messages.mark(id || messages.selected);
}

const withFilters = (/** @type {string} */ path) => (messages.address.size ? `${path}?${messages.address}` : path);

main.addEventListener("filtered", () => {
  history.replaceState(null, "", withFilters(location.pathname));
});
main.addEventListener("open-message", (event) => go(withFilters(`/messages/${/** @type {CustomEvent} */ (event).detail}`)));
addEventListener("popstate", () => route());
document.addEventListener("show-anew", () => route());
document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("a");
  const address = link?.getAttribute("href") ?? "";
  if (!address.startsWith("/") || link?.hasAttribute("download") || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const inList = address.startsWith("/messages/") && !address.includes("?") && main.firstChild === messages;
  go(inList ? withFilters(address) : address);
});

// -- keyboard ---------------------------------------------------------------------------------------------------------

let prefix = "";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.matches("input, select, textarea")) {
    if (event.key === "Escape") target.blur();
    return;
  }
  const key = prefix + event.key;
  prefix = event.key === "g" && !prefix ? "g " : "";
  const act = shortcut(key, target);
  if (act) {
    event.preventDefault();
    act();
  }
});

/** @param {string} key @param {HTMLElement} target @returns {(() => void) | undefined} */
function shortcut(key, target) {
  const screens = { "g m": "/messages", "g o": "/orders", "g d": "/deadlines", "g i": "/incidents", "g c": "/connections", "g a": "/audit" };
  if (key in screens) return () => go(screens[/** @type {"g m"} */ (key)]);
  if (key === "?") return help;
  if (key === "/") return () => focusSearch();
  if (main.firstChild !== messages) return undefined;
  const open = messages.classList.contains("open");
  if (key === "Enter" && messages.selected && !target.closest("a, button, summary")) return () => go(withFilters(`/messages/${messages.selected}`));
  /** @type {Record<string, () => void>} */
  const keys = { j: () => step(1), k: () => step(-1), n: () => messages.showFresh(), r: () => message.querySelector("[data-operation]")?.click() };
  if (open) keys.Escape = () => go(withFilters("/messages"));
  return keys[key];
}

/** The search of this screen, or of the messages where it has none. */
function focusSearch() {
  if (!main.querySelector("input[type=search]")) go("/messages");
  const search = /** @type {HTMLInputElement} */ (main.querySelector("input[type=search]"));
  search.focus();
  search.select();
}

let stepping = 0;

/** @param {number} by */
function step(by) {
  const id = messages.move(by);
  if (!id || !messages.classList.contains("open")) return;
  clearTimeout(stepping);
  stepping = window.setTimeout(() => go(withFilters(`/messages/${id}`), true), 120);
}

// -- the bar ----------------------------------------------------------------------------------------------------------

const [live, zone, theme, keys, count] = ["live", "zone", "theme", "keys", "incident-count"].map((id) => /** @type {HTMLElement} */ (document.getElementById(id)));

document.addEventListener("live", (event) => {
  const on = /** @type {CustomEvent} */ (event).detail;
  live.hidden = false;
  live.className = on ? "live" : "live lost";
  live.textContent = on ? "Live" : "Reconnecting";
});
async function summarise() {
  try {
    const told = await request("/api/summary");
    synchronise(told.now);
    count.hidden = !told.incidents;
    count.textContent = String(told.incidents);
    document.dispatchEvent(new CustomEvent("summary", { detail: told }));
  } catch {
    // The screen says what is wrong; the figures stay as they were.
  }
}
setInterval(() => document.visibilityState === "visible" && live.textContent && summarise(), 15000);
const showZone = () => {
  zone.textContent = isUtc() ? "UTC" : "Local";
  zone.setAttribute("aria-label", `Times in ${isUtc() ? "UTC" : "local time"}; switch`);
};
zone.addEventListener("click", () => {
  showUtc(!isUtc());
  showZone();
});
theme.addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const next = dark === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
});
keys.addEventListener("click", help);
showZone();

// -- signing in -------------------------------------------------------------------------------------------------------

document.addEventListener("signed-out", () => {
  if (main.querySelector(".sign-in")) return;
  unfollow();
  live.hidden = true;
  const field = /** @type {HTMLInputElement} */ (h("input", { id: "token", type: "password", autocomplete: "current-password", required: true }));
  const failed = h("p", { class: "alert bad", role: "alert", hidden: true });
  const form = h("form", { class: "sign-in" }, h("h1", {}, "Sign in"), h("p", {}, "The hub printed its token, and an address with it, when it started."), h("label", { for: "token" }, "Token"), field, failed, h("button", { type: "submit", class: "main" }, "Sign in"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await request("/api/session", { method: "POST", body: { token: field.value } });
      location.reload();
    } catch (error) {
      const { message: said, fix } = /** @type {import("/static/api.js").RequestFailed} */ (error);
      failed.textContent = `${said} ${fix}`;
      failed.hidden = false;
    }
  });
  main.replaceChildren(form);
  field.focus();
});

route();
summarise();
follow();
