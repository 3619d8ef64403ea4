// What the board shows, computed from the server's answers.

/** How the rows of the now-serving table are laid out for this many of them. */
export function layoutFor(count) {
  if (count <= 4) return { name: 'rows-4', size: 4 };
  if (count <= 6) return { name: 'rows-6', size: 6 };
  return { name: 'rows-two', size: 12 };
}

export const rowKey = (call) => String(call.window);

const callKey = (call) => `${call.window}/${call.ticket}/${call.called_at}`;

/**
 * Tells new calls from what was there before. The first look takes everything as old except what
 * was called in the last `freshMs`.
 */
export class CallWatch {
  constructor(freshMs) {
    this.freshMs = freshMs;
    this.known = null;
  }

  /** The calls of `board` that are new at `now`, oldest first. */
  look(board, now) {
    const called = board.now_serving.filter((call) => call.state === 'called');
    const keys = new Set(called.map(callKey));
    const fresh = called.filter((call) => {
      if (this.known !== null) return !this.known.has(callKey(call));
      return now - Date.parse(call.called_at) < this.freshMs;
    });
    this.known = keys;
    return fresh.sort((a, b) => Date.parse(a.called_at) - Date.parse(b.called_at));
  }
}

/** Which page of `items` holds the item with this key, or -1. */
export function pageOf(items, size, key) {
  const index = items.findIndex((item) => rowKey(item) === key);
  return index < 0 ? -1 : Math.floor(index / size);
}

export const pagesOf = (count, size) => Math.max(1, Math.ceil(count / size));
