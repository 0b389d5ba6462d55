// @ts-check
// The bytes of a message, a line a segment, each finding at the element it is about.
import { bytes, h } from "/static/dom.js";

/**
 * @param {any} raw RawView @param {any[]} findings @param {string} download address of all of it
 */
export function rawView(raw, findings, download) {
  const list = h("ol", { class: "raw", tabindex: 0, "aria-label": "Bytes of the message" });
  for (const line of raw.lines) list.append(...segment(raw, line, findings));
  if (!raw.truncated) return list;
  const rest = h("p", { class: "muted" }, `The first part of ${bytes(raw.size)}. `, h("a", { href: download, download: true }, "Download all of it"));
  return h("div", {}, list, rest);
}

/** @param {any} raw @param {any} line @param {any[]} findings */
function segment(raw, line, findings) {
  /** @type {Map<number, any[]>} */
  const marked = new Map();
  for (const mark of line.marks) marked.set(mark.part ?? -1, [...(marked.get(mark.part ?? -1) ?? []), findings[mark.finding]]);
  const item = h("li", { value: line.number ?? null, class: line.marks.length ? `marked ${worst(line.marks.map((/** @type {any} */ mark) => findings[mark.finding]))}` : null });
  item.append(h("span", { class: "number", "aria-hidden": "true" }, line.number ?? ""));
  const code = h("code");
  line.parts.forEach((/** @type {string} */ part, /** @type {number} */ index) => {
    if (index) code.append(h("span", { class: "separator" }, raw.separator));
    code.append(element(part, index, raw.separator !== "", marked.get(index)));
  });
  if (raw.terminator) code.append(h("span", { class: "separator" }, raw.terminator));
  item.append(code);
  const notes = line.marks.map((/** @type {any} */ mark) => {
    const finding = findings[mark.finding];
    return h("li", { class: `raw-note ${finding.severity}` }, h("a", { href: `#finding-${mark.finding}` }, finding.code), " ", finding.message);
  });
  return [item, ...notes];
}

/** @param {any[]} findings */
function worst(findings) {
  return findings.some((finding) => finding.severity !== "warn") ? "error" : "warn";
}

/** @param {string} part @param {number} index @param {boolean} segments @param {any[] | undefined} findings */
function element(part, index, segments, findings) {
  if (findings) {
    const said = findings.map((finding) => finding.message).join(" ");
    return h("mark", { class: `${worst(findings)}${part ? "" : " missing"}`, title: said }, part);
  }
  return segments && index === 0 ? h("span", { class: "tag" }, part) : document.createTextNode(part);
}

/** A JSON value, indented, names and values told apart. @param {any} value */
export function jsonView(value) {
  const view = h("pre", { class: "json", tabindex: 0, "aria-label": "Canonical document" });
  write(view, value, "\n");
  return view;
}

/** @param {HTMLElement} into @param {any} value @param {string} line */
function write(into, value, line) {
  if (value === null || typeof value !== "object") {
    into.append(h("span", { class: typeof value === "string" ? "text" : "value" }, JSON.stringify(value)));
    return;
  }
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const entries = Object.entries(value);
  into.append(open);
  entries.forEach(([name, entry], index) => {
    into.append(`${line}  `);
    if (!Array.isArray(value)) into.append(h("span", { class: "name" }, JSON.stringify(name)), ": ");
    write(into, entry, `${line}  `);
    if (index < entries.length - 1) into.append(",");
  });
  into.append(entries.length ? `${line}${close}` : close);
}
