// @ts-check
// The only way this console makes elements: attributes and text, never markup, so that no partner's text can become one.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * An element with attributes (on.. are listeners, true is an empty attribute; null, undefined and false are left out).
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...nodes(children));
  return element;
}

/**
 * The same for SVG.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Child | Child[])} children
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(element, attributes);
  element.append(...nodes(children));
  return element;
}

/** @param {Element} element @param {Record<string, any>} attributes */
function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "href" && !/^[/#]/.test(value)) throw new Error("links stay on this site");
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** @param {(Child | Child[])[]} children @returns {(Node | string)[]} */
function nodes(children) {
  return children
    .flat()
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}

/** Text that only screen readers say. @param {string} text */
export const unseen = (text) => h("span", { class: "unseen" }, text);

/**
 * An empty, loading or error state: what it is, and the next step.
 * @param {string} title @param {Child} [step] @param {boolean} [failed]
 */
export const state = (title, step, failed = false) =>
  h("div", { class: "state", role: failed ? "alert" : "status" }, h("p", { class: "state-title" }, title), step && h("p", {}, step));

/** Bytes for people. @param {number | null} size */
export function bytes(size) {
  if (size === null || size === undefined) return "";
  if (size < 1000) return `${size} B`;
  return size < 1e6 ? `${(size / 1000).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

export const number = new Intl.NumberFormat("en");

/** Words of a value: "in_doubt" is "in doubt". @param {string} value */
export const words = (value) => value.replaceAll("_", " ");
