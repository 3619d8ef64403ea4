// What the board shows, computed from the server's answers.

/** How the rows of the now-serving table are laid out for this many of them in this hall. */
export function layoutFor(count, board) {
  // By the windows, not the calls: rows must not grow and shrink with every call.
  if (Math.max(count, (board.windows ?? []).length) <= 2) return { name: 'rows-2', size: 2 };
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

/** Whether every window is closed, nobody waits and no numbers are given: the hall is not at work. */
export function closed(board) {
  const windows = board.windows ?? [];
  const shut = windows.length > 0 && windows.every((window) => window.state === 'closed');
  const empty = board.now_serving.length === 0 && board.waiting.every((line) => line.count === 0);
  return shut && empty && !board.closes_at;
}

/** Whether this call still waits for its visitor. */
export function stillCalled(board, call) {
  return board.now_serving.some((now) => callKey(now) === callKey(call) && now.state === 'called');
}

// What was missed for longer than this is not spoken any more.
const LATE_MS = 60000;

/**
 * Tells when a notice is spoken: when it is posted, and again every so many minutes. The first look
 * takes as spoken what was due more than `freshMs` ago.
 */
export class NoticeWatch {
  constructor(freshMs) {
    this.freshMs = freshMs;
    this.said = null;
  }

  /** Those of the running `notices` whose turn has come at `now`. */
  look(notices, now) {
    const first = this.said === null;
    const known = this.said ?? new Map();
    this.said = new Map();
    return notices.filter((notice) => {
      const age = now - Date.parse(notice.posted_at);
      const every = (notice.every_min ?? 0) * 60000;
      const turn = every ? Math.max(0, Math.floor(age / every)) : 0;
      this.said.set(notice.id, turn);
      if (known.get(notice.id) === turn) return false;
      const posted = !first && !known.has(notice.id);
      return posted || age - turn * every < (first ? this.freshMs : LATE_MS);
    });
  }
}
