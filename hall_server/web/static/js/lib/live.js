// The hall's event stream. It is read with fetch, not EventSource, because the server's ping
// comments show whether the line is alive, and EventSource hides them. Nothing is resumed: after
// every reconnection a page fetches the present state, so a missed event cannot mislead it.

import { learnClock, nowMs } from './time.js';

// The server sends at least a ping every 5 s; three missed ones mean that it is gone.
const SILENCE_MS = 15000;
const BACKOFF_MS = [500, 1000, 2000, 4000, 8000];
// Browsers allow six connections to a server: a page that nobody sees gives its own back.
const HIDDEN_GRACE_MS = 20000;

/** Cuts text into events: `feed(text)` calls back with the data of each complete one. */
export class EventCutter {
  constructor(onData) {
    this.onData = onData;
    this.rest = '';
    this.data = [];
  }

  feed(text) {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop();
    for (const raw of lines) this.line(raw.endsWith('\r') ? raw.slice(0, -1) : raw);
  }

  line(line) {
    if (line === '') {
      if (this.data.length) this.onData(this.data.join('\n'));
      this.data = [];
    } else if (line.startsWith('data:')) this.data.push(line.slice(5).replace(/^ /, ''));
  }
}

/**
 * Follows `topics`. `onEvent(event)` for each event in order; `onLink(up, since)` on every change
 * and after every reconnection, `onLink(true)` being the moment to fetch the present state.
 */
export class LiveStream {
  constructor(topics, { onEvent, onLink }) {
    this.topics = topics;
    this.onEvent = onEvent;
    this.onLink = onLink;
    this.up = null;
    this.failures = 0;
    this.controller = null;
    this.stopped = true;
    this.hiddenTimer = null;
    this.runs = 0;
    document.addEventListener('visibilitychange', () => this.visibility());
  }

  start() {
    if (!this.stopped) return;
    this.stopped = false;
    this.run();
  }

  stop() {
    this.stopped = true;
    if (this.controller) this.controller.abort();
  }

  visibility() {
    clearTimeout(this.hiddenTimer);
    if (document.hidden) {
      this.hiddenTimer = setTimeout(() => this.rest(), HIDDEN_GRACE_MS);
    } else if (this.resting) {
      this.resting = false;
      this.start();
    }
  }

  rest() {
    if (this.stopped) return;
    this.resting = true;
    this.stop();
  }

  async run() {
    // Started again while an earlier run still waits for its next attempt: that one ends.
    this.runs += 1;
    const mine = this.runs;
    const over = () => this.stopped || this.runs !== mine;
    while (!over()) {
      try {
        await this.follow();
      } catch (error) {
        if (over()) return;
      }
      if (over()) return;
      this.link(false);
      const wait = BACKOFF_MS[Math.min(this.failures, BACKOFF_MS.length - 1)];
      this.failures += 1;
      await new Promise((resolve) => setTimeout(resolve, wait * (0.8 + 0.4 * Math.random())));
    }
  }

  link(up) {
    if (up) this.failures = 0;
    if (up === this.up && !up) return;
    this.up = up;
    this.onLink(up, nowMs());
  }

  async follow() {
    const controller = new AbortController();
    this.controller = controller;
    let watchdog = null;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => controller.abort(), SILENCE_MS);
    };
    alive();
    try {
      const response = await fetch(`/api/v1/events?topics=${this.topics}`, {
        headers: { Accept: 'text/event-stream' },
        cache: 'no-store',
        credentials: 'same-origin',
        signal: controller.signal,
      });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      learnClock(response);
      await this.read(response.body.getReader(), alive);
    } finally {
      clearTimeout(watchdog);
      controller.abort();
    }
  }

  async read(reader, alive) {
    const decoder = new TextDecoder();
    const cutter = new EventCutter((data) => this.deliver(data));
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      alive();
      // Not before: a proxy that keeps the answer to itself sends a head, and nothing after it.
      if (!this.up) this.link(true);
      cutter.feed(decoder.decode(value, { stream: true }));
    }
  }

  deliver(data) {
    let event;
    try {
      event = JSON.parse(data);
    } catch (error) {
      return;
    }
    this.onEvent(event);
  }
}

/** Runs `work` soon, once for many wishes, never twice at the same time, `gapMs` apart. */
export function coalesce(work, gapMs) {
  let timer = null;
  let running = false;
  let again = false;
  const run = async () => {
    timer = null;
    running = true;
    try {
      await work();
    } finally {
      running = false;
      if (again) {
        again = false;
        timer = setTimeout(run, gapMs);
      }
    }
  };
  return () => {
    if (running) again = true;
    else if (timer === null) timer = setTimeout(run, gapMs);
  };
}
