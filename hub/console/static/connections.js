// @ts-check
// Connections: how each fares; one of them with its lanes, which can be tried, paused, drained and resumed.
import { request } from "/static/api.js";
import { confirmed, whyAsked } from "/static/dialog.js";
import { h, number, state, words } from "/static/dom.js";
import { title } from "/static/operate.js";
import { tag } from "/static/status.js";
import { screen, table } from "/static/tables.js";
import { now, synchronise, time } from "/static/time.js";

export const connections = () =>
  screen("Connections", "Where messages come from and go to, and what waits. Open one to try, pause or resume it.", async () => {
    const [told, own] = await Promise.all([request("/api/connections"), request("/api/lanes?connection=")]);
    synchronise(told.now);
    const used = new Map(told.connections.map((/** @type {any} */ row) => [row.connection, row]));
    const known = new Map(told.configured.map((/** @type {any} */ row) => [row.connection, row]));
    const names = [...new Set([...used.keys(), ...known.keys()])].sort();
    if (!names.length) return state("No connection yet.", "Add a partner under partners/, then publish.");
    const rows = names.map((name) => {
      const row = used.get(name);
      return h(
        "tr",
        {},
        h("th", { scope: "row" }, h("a", { href: `/connections/${name}` }, name)),
        h("td", {}, kind(known.get(name))),
        h("td", {}, row ? condition(row) : tag("none", "–", "not used yet")),
        h("td", { class: "number-cell" }, number.format(row?.waiting ?? 0)),
        h("td", { class: "number-cell" }, number.format(row?.set_aside ?? 0)),
        ...[row?.oldest_at, row?.received_at, row?.delivered_at].map((at) => h("td", {}, at ? time(at) : "–")),
      );
    });
    const all = table("Connections", ["Connection", "Connector", "State", "Waiting", "Set aside", "Oldest", "Last received", "Last delivered"], rows);
    own.lanes = own.lanes.filter((/** @type {any} */ row) => row.state === "paused" || row.drain_by || row.set_aside || isBackingOff(row));
    return own.lanes.length ? h("div", {}, all, h("h2", {}, "The hub's own work"), lanes(own)) : all;
  });

/** @param {string} name */
export function connection(name) {
  const said = h("p", { role: "status" });
  const tried = /** @type {HTMLButtonElement} */ (h("button", { type: "button", class: "main", onclick: () => test(name, tried, said) }, "Test the connection"));
  const traffic = h("a", { class: "button", href: `/messages?partner=${encodeURIComponent(name.split("/")[0])}` }, "Messages of this partner");
  const above = h("div", {}, h("div", { class: "actions" }, tried, traffic), said);
  const load = async () => {
    const [told, held] = await Promise.all([request("/api/connections"), request(`/api/lanes?connection=${encodeURIComponent(name)}`)]);
    synchronise(told.now);
    const row = told.connections.find((/** @type {any} */ one) => one.connection === name);
    const known = told.configured.find((/** @type {any} */ one) => one.connection === name);
    if (!row && !known) return state(`There is no connection ${name}.`, h("a", { href: "/connections" }, "See those there are"), true);
    const facts = [["State", row ? condition(row) : "not used yet"], ["Connector", kind(known)], ["Last received", row?.received_at && time(row.received_at)], ["Last delivered", row?.delivered_at && time(row.delivered_at)], ["Last error", row?.circuit !== "closed" && row?.error], ["Incident", row?.incident && h("a", { href: "/incidents" }, row.incident)]];
    const list = h("dl", {}, ...facts.filter(([, value]) => value).flatMap(([label, value]) => [h("dt", {}, label), h("dd", {}, value)]));
    const none = h("p", { class: "muted" }, "It has no lane yet: one begins with the first thing that comes or goes.");
    const parts = [list, h("h2", {}, "Lanes"), held.lanes.length ? lanes(held) : none];
    return h("div", {}, ...parts);
  };
  return screen(name, "Work of one lane is done in order, by one worker at a time.", load, above);
}

/** @param {string} name @param {HTMLButtonElement} button @param {HTMLElement} place */
async function test(name, button, place) {
  button.disabled = true;
  place.className = "";
  place.textContent = "Trying it, without sending or fetching anything…";
  try {
    const { works, said } = await request("/api/connections/test", { method: "POST", body: { connection: name } });
    place.className = works ? "alert good" : "alert bad";
    place.replaceChildren(h("b", {}, works ? "It works. " : "It does not work. "), said);
  } catch (error) {
    const { message, fix } = /** @type {import("/static/api.js").RequestFailed} */ (error);
    place.className = "alert bad";
    place.textContent = `${message} ${fix}`;
  }
  button.disabled = false;
}

/** @param {any} known */
const kind = (known) => (known ? h("span", {}, known.connector, known.environment === "test" && tag("test", "◇", "test"), known.shadow && tag("test", "◇", "shadow, sends nothing")) : h("span", { class: "muted" }, "not in the partner files any more"));

/** @param {any} row */
const isBackingOff = (row) => row.backoff_until && Date.parse(row.backoff_until) > now();

/** @param {any} row */
function condition(row) {
  if (row.set_aside) return tag("bad", "!", "needs a person");
  if (row.paused) return tag("wait", "‖", row.paused === row.lanes ? "paused" : `${row.paused} of ${row.lanes} lanes paused`);
  if (row.circuit !== "closed") return h("span", { title: row.error ?? "" }, tag("bad", "!", `failed ${row.failures} times`), ", next try ", row.next_try_at ? time(row.next_try_at) : "now");
  if (isBackingOff(row)) return h("span", {}, tag("wait", "↻", "backing off"), ", next try ", time(row.backoff_until));
  if (row.incident) return h("a", { href: "/incidents", title: row.incident }, tag("bad", "!", "see incidents"));
  return tag("good", "✓", "running");
}

// -- lanes ------------------------------------------------------------------------------------------------------------

/** @type {Record<string, [string, string]>} how a lane's name begins -> what it does, what pausing it means */
const KINDS = {
  in: ["what comes in", "What comes in is received and kept, but waits here: it is not checked, answered or passed on until the lane is resumed."],
  out: ["what goes out", "What is to be sent waits here in its order, our acknowledgements too."],
  poll: ["collecting", "Nothing is collected: it stays where it lies at the far end."],
  orders: ["orders", "Orders of this lane wait: nothing comes of them."],
};

/** @param {any} told LaneRows */
function lanes(told) {
  const rows = told.lanes.map((/** @type {any} */ row) => {
    const pause = told.pauses.find((/** @type {any} */ one) => one.lane === row.name);
    const about = (/** @type {string} */ verb) => ({ type: "button", "aria-label": `${verb} ${row.name}` });
    const buttons =
      row.state === "paused"
        ? [h("button", { ...about("Resume"), onclick: () => change(row, "resume") }, "Resume…")]
        : [
            (row.drain_by || isBackingOff(row)) && h("button", { ...about("Resume"), onclick: () => change(row, "resume") }, row.drain_by ? "Resume…" : "Try now…"),
            h("button", { ...about("Pause"), onclick: () => change(row, "pause") }, "Pause…"),
            !row.drain_by && /^(in|out)\//.test(row.name) && h("button", { ...about("Drain"), onclick: () => drain(row) }, "Drain…"),
          ];
    return h(
      "tr",
      {},
      h("th", { scope: "row", class: "mono" }, row.name),
      h("td", {}, KINDS[row.name.split("/")[0]]?.[0] ?? "the hub's own work"),
      h("td", { class: "wrap" }, progress(row), pause && h("span", { class: "muted" }, ` by ${pause.actor} `, time(pause.at), pause.reason && `: ${pause.reason}`)),
      h("td", { class: "number-cell" }, row.name.startsWith("poll/") ? "–" : number.format(row.waiting)),
      h("td", { class: "number-cell" }, number.format(row.set_aside)),
      h("td", {}, h("span", { class: "buttons" }, ...buttons)),
    );
  });
  const all = table("Lanes", ["Lane", "Does", "State", "Waiting", "Set aside", "To do"], rows);
  return told.set_aside.length ? h("div", {}, all, h("h2", {}, "Set aside: what could not be done, and waits for a person"), setAside(told.set_aside)) : all;
}

/** @param {any} row */
function progress(row) {
  if (row.state === "paused") return tag("wait", "‖", "paused");
  if (row.drain_by) return h("span", {}, tag("wait", "▽", "draining"), ` for ${row.drain_by}: paused once it is empty`);
  if (isBackingOff(row)) return h("span", {}, tag("wait", "↻", "backing off"), ", next try ", time(row.backoff_until));
  if (row.state === "leased") return tag("good", "✓", "being worked on");
  if (!row.waiting) return tag("none", "–", "nothing to do");
  return row.due_at && Date.parse(row.due_at) > now() ? h("span", {}, tag("none", "◷", "next"), " ", time(row.due_at)) : tag("wait", "○", "waits for a worker");
}

/** @param {any[]} all */
function setAside(all) {
  const rows = all.map((row) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, words(row.kind)),
      h("td", { class: "mono" }, row.lane),
      h("td", { class: "wrap" }, row.note ?? ""),
      h("td", {}, time(row.created_at)),
      h("td", {}, h("span", { class: "buttons" }, h("button", { type: "button", "aria-label": `Try work ${row.id} again`, onclick: () => decide(row, "retry") }, "Try again…"), h("button", { type: "button", "aria-label": `Give up work ${row.id}`, onclick: () => decide(row, "drop") }, "Give up…"))),
    ),
  );
  return table("Set aside", ["Work", "Lane", "Why", "Since", "To do"], rows);
}

const anew = () => document.dispatchEvent(new CustomEvent("show-anew"));

/** @param {any} row */
const waits = (row) => h("p", {}, !row.waiting ? "Nothing waits in it now." : row.waiting === 1 ? "1 piece of work waits in it now." : `${number.format(row.waiting)} pieces of work wait in it now.`, " What a worker is doing right now comes to its end.");

/** @param {any} row @param {"pause" | "resume"} action */
async function change(row, action) {
  const { reason, fields } = whyAsked(action === "pause");
  const effect = action === "pause" ? (KINDS[row.name.split("/")[0]]?.[1] ?? "Nothing more in it is begun.") : "It goes on at once, in its order; a connection that backs off is tried at once.";
  await confirmed(`${title(action)} ${row.name}`, [h("p", {}, effect), waits(row), ...fields], title(action), async () => {
    await request(`/api/lanes/${action}`, { method: "POST", body: { lane: row.name, reason: reason.value } });
    anew();
  });
}

/** @param {any} row */
async function drain(row) {
  const { reason, fields } = whyAsked();
  const effect = "What waits is done first; soon after the lane is empty it is paused, whether this page is open or not. Resume gives that up.";
  await confirmed(`Drain ${row.name}`, [h("p", {}, effect), waits(row), ...fields], "Drain", async () => {
    await request("/api/lanes/drain", { method: "POST", body: { lane: row.name, reason: reason.value } });
    anew();
  });
}

/** @param {any} row @param {"retry" | "drop"} action */
async function decide(row, action) {
  const { reason, fields } = whyAsked(action === "drop");
  const [label, effect] = action === "retry" ? ["Try again", "It is tried again at its old place in the lane. Mend its cause first."] : ["Give up", "It is never tried again. What it was about stays as it is."];
  await confirmed(`${label}: ${words(row.kind)}`, [h("p", {}, row.note ?? ""), h("p", {}, effect), ...fields], label, async () => {
    await request(`/api/work/${row.id}/${action}`, { method: "POST", body: { reason: reason.value } });
    anew();
  });
}
