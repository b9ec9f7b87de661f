// Follows what happens, as server-sent events; comes back by itself after the service or the network was away.

import { locked } from "/page/shell/api.js";

const SLOWEST_MS = 30000;

/**
 * Follow topics: {topic: message => …}. `again` is called whenever it begins to follow, the first time too: what happened
 * since the view was fetched is to be fetched. Returns what ends it. While the page is hidden nothing is followed.
 */
export function follow(topics, { again = () => {}, changed = () => {} } = {}) {
  let source = null;
  let wait = 1000;
  let timer = 0;
  let ended = false;

  function open() {
    clearTimeout(timer);
    if (ended || source || document.hidden) return;
    source = new EventSource(`/page/events?topics=${Object.keys(topics).join(",")}`);
    source.onopen = () => {
      wait = 1000;
      changed(true);
      Promise.resolve(again()).catch((error) => {
        if (!ended) throw error;
      });
    };
    source.onerror = () => {
      changed(false);
      close();
      // It says not why: where the password is wanted, the answer to this does.
      locked().catch(() => {});
      timer = setTimeout(open, wait);
      wait = Math.min(SLOWEST_MS, wait * 2);
    };
    for (const [topic, take] of Object.entries(topics)) {
      source.addEventListener(topic, (event) => take(JSON.parse(event.data)));
    }
  }

  function close() {
    source?.close();
    source = null;
  }

  function looked() {
    if (document.hidden) close();
    else open();
  }

  document.addEventListener("visibilitychange", looked);
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", looked);
    close();
  };
}
