// Asks the service. What it refuses comes as an ApiError, whose message is for people.

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let lockedOut = () => {};

/** Have `then` called when the service wants the password. */
export function onLockedOut(then) {
  lockedOut = then;
}

/** Ask whether this browser may still use the page; who was given to `onLockedOut` is called where it may not. */
export async function locked() {
  const { open } = await get("/page/session");
  if (!open) lockedOut();
  return !open;
}

export const get = (path, options = {}) => ask("GET", path, undefined, options);
export const post = (path, body = {}, options = {}) => ask("POST", path, body, options);

async function ask(method, path, body, { signal } = {}) {
  return (await send(method, path, body, signal)).json();
}

/** A POST whose answer comes line by line, each a JSON document: for await (const piece of stream(…)). */
export async function* stream(path, body = {}, { signal } = {}) {
  const response = await send("POST", path, body, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    held += value ?? "";
    const lines = held.split("\n");
    held = done ? "" : lines.pop();
    for (const line of lines) {
      if (!line.trim()) continue;
      const piece = JSON.parse(line);
      if (piece.error) throw new ApiError(503, piece.error);
      yield piece;
    }
    if (done) return;
  }
}

/** A file, as it is. */
export async function upload(path, file, { signal } = {}) {
  return (await send("POST", path, file, signal, "application/octet-stream")).json();
}

async function send(method, path, body, signal, kind = "application/json") {
  const options = { method, signal, credentials: "same-origin", cache: "no-store", redirect: "error" };
  if (body !== undefined) {
    options.headers = { "Content-Type": kind };
    options.body = kind === "application/json" ? JSON.stringify(body) : body;
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "The assistant can't be reached. Is it running?");
  }
  if (response.ok) return response;
  if (response.status === 401 && path !== "/page/log-in") lockedOut();
  let message = `That went wrong (${response.status}).`;
  try {
    message = (await response.json()).error ?? message;
  } catch {
    // an answer of somebody else's on the way
  }
  throw new ApiError(response.status, message);
}
