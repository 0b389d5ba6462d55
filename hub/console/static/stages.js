// @ts-check
// The parts of a message's page: stages, findings, attempts, acknowledgements, history.
import { bytes, h, words } from "/static/dom.js";
import { arrow, chip, name, tag } from "/static/status.js";
import { time } from "/static/time.js";

/** @type {Record<string, [string, string]>} outcome or severity -> tone, icon */
const TONES = {
  delivered: ["good", "✓"],
  started: ["wait", "◌"],
  transient: ["wait", "↻"],
  permanent: ["bad", "✕"],
  in_doubt: ["bad", "?"],
  reject: ["bad", "✕"],
  error: ["bad", "!"],
  warn: ["wait", "!"],
};

/** @type {Record<string, [string, string]>} the partner's receipt (MDN) -> words, tone */
const RECEIPTS = {
  awaited: ["the partner's MDN is awaited", "wait"],
  asked: ["the partner's MDN is asked for once more", "wait"],
  overdue: ["the partner's MDN is overdue", "bad"],
  accepted: ["the partner's MDN accepts it", "good"],
  refused: ["the partner's MDN refuses it", "bad"],
  waived: ["the partner's MDN is not awaited any more", "none"],
};

/** Where a message stands, stage by stage. @param {any} detail */
export function stages(detail) {
  const { chain } = detail;
  const row = chain.message;
  const sent = chain.deliveries[chain.deliveries.length - 1];
  const said = chain.acknowledgements.map((/** @type {any} */ entry) => entry.type).join(", ");
  const sides = [chain.interchange?.sender, chain.interchange?.receiver].filter(Boolean);
  const routed = chain.events.findLast((/** @type {any} */ event) => event.name === "routed");
  const caused = chain.produced.map((/** @type {any} */ other) => `${name(other)} to ${other.partner}`).join(", ") || routed?.detail?.note;
  const identified = sides.length ? sides.join(" → ") : row.partner;
  const steps =
    row.direction === "in"
      ? [
          chain.payload && ["received", `${chain.payload.connection} ${chain.payload.file_name}`, "good", chain.payload.created_at],
          chain.answer && ["answered", chain.answer.delivery === null ? `at once by ${bytes(chain.answer.size)}` : `by a receipt that goes later: ${words(chain.answer.delivery)}`, chain.answer.delivery === null ? "good" : mood("delivery", chain.answer.delivery), chain.answer.delivered_at ?? chain.payload?.created_at],
          chain.interchange && ["identified", identified, "good", chain.interchange.created_at],
          ["checked", words(row.validation) + (chain.findings.length ? `, ${count(chain.findings.length, "finding")}` : ""), mood("validation", row.validation), row.at],
          chain.document && ["mapped", chain.document.type + (chain.mapping ? ` by ${chain.mapping}` : ""), "good", chain.document.created_at],
          caused && ["routed", caused, "good", chain.produced[0]?.at ?? routed.at],
          row.acknowledgement !== "none" && ["acknowledged", `${words(row.acknowledgement)}${said && ` by our ${said}`}`, mood("acknowledgement", row.acknowledgement), chain.acknowledgements[0]?.at],
        ]
      : [
          chain.document && ["mapped", chain.document.type + (chain.mapping ? ` by ${chain.mapping}` : ""), "good", chain.document.created_at],
          chain.interchange && ["written", identified, "good", chain.interchange.created_at],
          ["delivered", sent ? `${words(sent.state)} over ${sent.connection}, ${count(sent.tries, "try", "tries")}` : words(row.delivery), mood("delivery", row.delivery), sent?.delivered_at],
          sent?.receipt_state && ["receipt", RECEIPTS[sent.receipt_state][0], RECEIPTS[sent.receipt_state][1], sent.receipt?.receipt_at ?? sent.receipt_due_at],
          row.acknowledgement !== "none" && ["acknowledged", `${words(row.acknowledgement)}${said && ` by the partner's ${said}`}`, mood("acknowledgement", row.acknowledgement), chain.acknowledgements[0]?.at ?? row.acknowledgement_due_at],
        ];
  const items = steps.filter(Boolean).map(([label, text, tone, at]) => {
    const icon = { good: "✓", wait: "○", bad: "✕", none: "–" }[/** @type {"good"} */ (tone)];
    return h("li", { class: tone }, h("span", { class: "chip-icon", "aria-hidden": "true" }, icon), h("b", {}, label), h("span", {}, text), at ? time(at) : h("span"));
  });
  return h("ol", { class: "stages", "aria-label": "Stages" }, ...items);
}

/** @param {number} many @param {string} one @param {string} [more] */
const count = (many, one, more = `${one}s`) => `${many} ${many === 1 ? one : more}`;

/** @param {string} field @param {string} value */
function mood(field, value) {
  const classes = chip(field, value).classList;
  return ["good", "wait", "bad"].find((tone) => classes.contains(tone)) ?? "none";
}

/** A place in a payload, in words. @param {any} at Location */
function place(at) {
  const named = (/** @type {string[]} */ names) => names.filter((name) => at[name] !== null && at[name] !== undefined).map((name) => `${name} ${at[name]}`);
  const segment = at.segment ? [`segment ${at.segment}${at.tag ? ` (${at.tag})` : ""}`] : at.tag ? [at.tag] : [];
  const parts = [...segment, ...named(["element", "component", "repetition"])];
  return [...parts, ...(at.offset === null || at.offset === undefined ? [] : [`byte ${at.offset}`])].join(", ") || "the whole message";
}

/** What is wrong, where, found and expected, and what to do. @param {any[]} all @param {Record<string, any>} codes */
export function findings(all, codes) {
  const items = all.map((finding, index) => {
    const [tone, icon] = TONES[finding.severity];
    const told = [["Where", place(finding.location)], ["Found", finding.value], ["Expected", finding.expected], ["Rule", finding.rule], ["To do", codes[finding.code]?.fix]];
    const pairs = told.filter(([, text]) => text).map(([name, text]) => h("div", { class: name === "To do" ? "to-do" : null }, h("dt", {}, name), h("dd", {}, text)));
    return h("li", { id: `finding-${index}` }, h("p", {}, tag(tone, icon, finding.severity), " ", h("span", { class: "mono muted" }, finding.code), " ", finding.message), h("dl", {}, ...pairs));
  });
  return h("ol", { class: "findings" }, ...items);
}

/** Messages as short lines with links. @param {any[]} rows */
export function list(rows) {
  const items = rows.map((row) => {
    const states = ["validation", "delivery", "acknowledgement"].filter((field) => row[field] !== "none").map((field) => chip(field, row[field]));
    return h(
      "li",
      {},
      h("a", { href: `/messages/${row.id}` }, arrow(row.direction), " ", h("b", {}, name(row)), ` ${row.partner} `, h("span", { class: "mono" }, row.number)),
      h("span", { class: "states" }, ...states, time(row.at)),
    );
  });
  return h("ul", { class: "links" }, ...items);
}

/** @param {any[]} all @param {Record<string, any>} codes */
export function deliveries(all, codes) {
  const shown = all.map((entry) => {
    const rows = entry.attempts.map((/** @type {any} */ attempt) => {
      const [tone, icon] = TONES[attempt.outcome] ?? ["none", "•"];
      return h("tr", {}, h("td", { class: "number-cell" }, attempt.number), h("td", {}, time(attempt.started_at)), h("td", {}, tag(tone, icon, words(attempt.outcome))), h("td", { class: "wrap" }, attempt.detail ?? "", attempt.code && codes[attempt.code] && ` ${codes[attempt.code].fix}`));
    });
    const head = h("thead", {}, h("tr", {}, ...["Try", "When", "Outcome", "What the other side said"].map((name) => h("th", { scope: "col" }, name))));
    const reference = Object.entries(entry.receipt ?? {}).map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`);
    return h(
      "div",
      { class: "delivery" },
      h("p", {}, chip("delivery", entry.state), " ", entry.connection, " ", h("span", { class: "mono" }, entry.file_name), entry.maybe_duplicate && " ", entry.maybe_duplicate && tag("wait", "!", "may have arrived twice")),
      entry.next_at && h("p", { class: "next" }, "Next try ", time(entry.next_at)),
      rows.length ? h("table", { class: "plain" }, h("caption", { class: "unseen" }, "Attempts"), head, h("tbody", {}, ...rows)) : h("p", { class: "muted" }, "No try has been made yet."),
      reference.length > 0 && h("p", { class: "muted" }, "Receipt: ", reference.join(", ")),
    );
  });
  return h("div", {}, ...shown);
}

/** @param {any} chain */
export function acknowledgements(chain) {
  const received = chain.acknowledgements.map((/** @type {any} */ entry) => {
    const label = [h("b", {}, entry.type), ` ${entry.direction === "in" ? "from the partner" : "from us"}, control number `, h("span", { class: "mono" }, entry.control_number)];
    return h("li", {}, entry.message_id ? h("a", { href: `/messages/${entry.message_id}` }, arrow(entry.direction), " ", ...label) : h("span", {}, arrow(entry.direction), " ", ...label), time(entry.at));
  });
  return h("div", {}, received.length > 0 && h("ul", { class: "links" }, ...received), chain.answers.length > 0 && h("p", { class: "muted" }, "It answers:"), chain.answers.length > 0 && list(chain.answers));
}

/** Ids, control numbers, digest: what a partner's help desk asks for. @param {any} chain */
export function facts(chain) {
  const { message: row, payload, interchange } = chain;
  const pairs = [
    ["Message", row.id],
    ["Control numbers", [interchange?.control_number, chain.group_control_number, row.control_number].filter(Boolean).join(" / ")],
    ["Sender", interchange?.sender],
    ["Receiver", interchange?.receiver],
    ["Account", row.account],
    ["Connection", row.connection],
    ["File", payload?.file_name],
    ["Protocol id", payload?.protocol_id],
    ["Payload", payload && `${bytes(payload.size)}, ${payload.media_type}, ${payload.state}`],
    ["SHA-256", payload?.digest],
    ["Mapping", chain.mapping],
    ["Revision", chain.revision],
    ["Reissue of", chain.reissue_of],
    ["Corrected from", chain.edited_from],
    ["Note", payload?.note],
  ];
  return h("dl", { class: "facts" }, ...pairs.filter(([, text]) => text).flatMap(([name, text]) => [h("dt", {}, name), h("dd", { class: "mono" }, text)]));
}

/** @param {any[]} all */
export function events(all) {
  const items = all.map((event) => {
    const said = Object.entries(event.detail ?? {}).filter(([, value]) => value !== null && value.length !== 0);
    const detail = said.map(([name, value]) => `${words(name)} ${typeof value === "string" ? value : JSON.stringify(value)}`);
    return h("li", {}, time(event.at, "absolute"), h("span", {}, `${event.subject_type} `, h("b", {}, words(event.name)), ` by ${event.actor}`, detail.length > 0 && h("span", { class: "muted" }, ` ${detail.join(", ")}`)));
  });
  return h("ol", { class: "history" }, ...items);
}
