// Questions and commands to /api/v1.

import { page, t } from './page.js';
import { learnClock } from './time.js';

const BASE = '/api/v1';
// The hall's network is local: an answer that takes longer than this is not coming.
const TIMEOUT_MS = 8000;
// A file is made when it is asked for, one at a time, perhaps on a slow machine.
const FILE_TIMEOUT_MS = 90000;
// A command is sent again after these pauses, with the same request_id: done once at most.
const RETRY_AFTER_MS = [400, 1200];

/** A refusal, in the page's language. `status` 0 means that no answer came. */
export class ApiError extends Error {
  constructor(status, code, message, details = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

let csrf = null;
let onLoggedOut = () => {};
const undecided = new Map();

export function setCsrf(token) {
  csrf = token;
}

/** Called when the server no longer knows the log-in. */
export function whenLoggedOut(handler) {
  onLoggedOut = handler;
}

/** A version 7 UUID: the time, then chance, so that the server's index of them grows at its end. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = Date.now();
  for (let i = 5; i >= 0; i -= 1) {
    bytes[i] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

async function send(method, path, body, { timeout = TIMEOUT_MS, asFile = false } = {}) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeout);
  const headers = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  try {
    const response = await fetch(BASE + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: controller.signal,
    });
    learnClock(response);
    const { status, ok } = response;
    if (ok && asFile) return { status, ok, blob: await response.blob(), name: nameOf(response) };
    return { status, ok, text: await response.text() };
  } catch (error) {
    throw new ApiError(0, 'no_answer', t('no_answer'));
  } finally {
    clearTimeout(timer);
  }
}

function parsed(text) {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    return undefined;
  }
}

function refusal(answer, body) {
  const info = body && body.error;
  if (!info) return new ApiError(answer.status, 'server_error', t('server_error', { status: answer.status }));
  const message = (page.lang === 'en' && info.message_en) || info.message;
  return new ApiError(answer.status, info.code, message, info.details ?? []);
}

function refuse(path, answer, content) {
  const error = refusal(answer, content);
  if (answer.status === 401 && !path.startsWith('/session')) onLoggedOut();
  throw error;
}

async function ask(method, path, body, options) {
  const answer = await send(method, path, body, options);
  const content = parsed(answer.text);
  if (answer.ok && content !== undefined) return content;
  return refuse(path, answer, content);
}

/** The name that the server gives a file. */
function nameOf(response) {
  const found = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') || '');
  return found ? found[1] : '';
}

/** A file: its `blob`, and the `name` to keep it under. */
export async function getFile(path) {
  const answer = await send('GET', path, undefined, { timeout: FILE_TIMEOUT_MS, asFile: true });
  return answer.ok ? answer : refuse(path, answer, parsed(answer.text));
}

export const get = (path) => ask('GET', path);
export const post = (path, body, options) => ask('POST', path, body, options);
export const remove = (path) => ask('DELETE', path);

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms * (0.8 + 0.4 * Math.random())));

const lost = (error) => error.status === 0 || error.status === 503;

/** Asks again when no answer came; only for what may be done twice without harm. */
async function persist(method, path, body) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask(method, path, body);
    } catch (error) {
      if (!lost(error) || attempt >= RETRY_AFTER_MS.length) throw error;
      await pause(RETRY_AFTER_MS[attempt]);
    }
  }
}

/** Replaces something whole; doing it again changes nothing. */
export const put = (path, body) => persist('PUT', path, body);

/**
 * A command that is done once, however often the network loses it: a request_id is added, kept
 * over retries, and kept for the next press of the same command while no answer came.
 */
export async function command(path, body = {}) {
  const key = `${path} ${JSON.stringify(body)}`;
  const requestId = undecided.get(key) ?? newId();
  undecided.set(key, requestId);
  try {
    const answer = await persist('POST', path, { request_id: requestId, ...body });
    undecided.delete(key);
    return answer;
  } catch (error) {
    if (!lost(error)) undecided.delete(key);
    throw error;
  }
}

/** The present state was seen: what was asked before is decided, a new press is a new wish. */
export function forgetUndecided() {
  undecided.clear();
}
