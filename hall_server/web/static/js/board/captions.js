// One caption after another for what the voice says: calls in their order, notices when no call
// waits. When many are called at once each is shown for a shorter time, as the voice then hurries.

const CALL_MS = 10000;
const CALL_LEAST_MS = 3000;
const NOTICE_MS = 15000;
const NOTICE_LEAST_MS = 5000;
// More than every window of a large hall.
const MOST_WAITING = 99;

/** How long a caption stays when `waiting` others come after it. */
function stay(caption, waiting) {
  const [most, least] = caption.call ? [CALL_MS, CALL_LEAST_MS] : [NOTICE_MS, NOTICE_LEAST_MS];
  return Math.max(least, most / (waiting + 1));
}

export class Captions {
  constructor() {
    this.calls = [];
    this.notices = [];
    this.shown = null;
    this.since = 0;
    this.runs = 0;
  }

  /** The notice that is shown needs this long to run through; calls may cut it short. */
  runsFor(ms) {
    this.runs = ms;
  }

  addCall(call) {
    this.calls = this.calls.filter((other) => other.window !== call.window);
    this.calls.push(call);
    if (this.calls.length > MOST_WAITING) this.calls.shift();
  }

  addNotice(notice) {
    this.notices = this.notices.filter((other) => other.id !== notice.id);
    this.notices.push(notice);
    if (this.notices.length > MOST_WAITING) this.notices.shift();
  }

  /** Whether something is being said, or waits for it. */
  get busy() {
    return this.shown !== null || this.calls.length + this.notices.length > 0;
  }

  /**
   * The caption `{call}` or `{notice}` to show from `now` on, null when the time of the last one is
   * over, undefined when nothing changes. A call that `wanted` denies is left out, and a notice that
   * `running` denies. A notice that was cut short comes again after the calls.
   */
  next(now, wanted, running = () => true) {
    this.calls = this.calls.filter(wanted);
    this.notices = this.notices.filter(running);
    if (this.shown !== null && now - this.since < this.stay()) return undefined;
    const had = this.shown !== null;
    if (had && now - this.since < this.runs && running(this.shown.notice)) this.notices.unshift(this.shown.notice);
    this.shown = this.take();
    this.since = now;
    this.runs = 0;
    return this.shown === null && !had ? undefined : this.shown;
  }

  stay() {
    const least = stay(this.shown, this.calls.length + this.notices.length);
    return this.calls.length > 0 ? least : Math.max(least, this.runs);
  }

  take() {
    if (this.calls.length > 0) return { call: this.calls.shift() };
    if (this.notices.length > 0) return { notice: this.notices.shift() };
    return null;
  }
}
