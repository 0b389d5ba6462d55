// @ts-check
// Talks to the hub: JSON requests, and the live stream.

export class RequestFailed extends Error {
  /** @param {number} status @param {{code?: string, message?: string, fix?: string}} said */
  constructor(status, said) {
    super(said.message ?? `The hub answered with status ${status}.`);
    this.status = status;
    this.code = said.code ?? "";
    this.fix = said.fix ?? "Try again in a moment.";
  }
}

/**
 * The JSON answer of a route. RequestFailed: it answered with an error, or not at all (status 0).
 * @param {string} path @param {{method?: string, body?: any, signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 */
export async function request(path, options = {}) {
  const { method = "GET", body, signal } = options;
  let response;
  try {
    response = await fetch(path, {
      method,
      signal,
      headers: method === "GET" ? {} : { "X-Hub": "1", "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new RequestFailed(0, { message: "The hub does not answer.", fix: "Check that it runs, then try again." });
  }
  const said = await response.json().catch(() => ({}));
  if (response.ok) return said;
  if (response.status === 401 && path !== "/api/session") document.dispatchEvent(new CustomEvent("signed-out"));
  throw new RequestFailed(response.status, said);
}

/** @type {EventSource | null} */
let source = null;
let broken = false;

/** @param {string} name @param {any} [detail] */
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

/** Follows the live stream: events "live" (detail: true or false), "changes" (messages), "load-anew" on document. */
export function follow() {
  if (source && source.readyState !== EventSource.CLOSED) return;
  source = new EventSource("/api/stream");
  source.addEventListener("open", () => {
    tell("live", true);
    if (broken) tell("load-anew");
    broken = false;
  });
  source.addEventListener("messages", (event) => tell("changes", JSON.parse(event.data).messages));
  source.addEventListener("reset", () => tell("load-anew"));
  source.addEventListener("error", () => {
    tell("live", false);
    if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again and resumes by Last-Event-ID
    broken = true;
    setTimeout(follow, 5000);
  });
}

/** Ends the stream, until the next follow(). */
export function unfollow() {
  source?.close();
  source = null;
}
