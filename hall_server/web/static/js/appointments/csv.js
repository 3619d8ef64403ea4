// Comma-separated tables (RFC 4180), read and written.

import { download } from '../lib/dom.js';

// Excel knows by it that a file is UTF-8.
const MARK = '\ufeff';

/** The rows of a text, each a list of cells; empty lines are rows without cells. */
export function parseCsv(text) {
  const rows = [];
  let row = [];
  let cell = '';
  let quoted = false;
  const endCell = () => {
    row.push(cell);
    cell = '';
  };
  const endRow = () => {
    endCell();
    rows.push(row.length === 1 && row[0] === '' ? [] : row);
    row = [];
  };
  const source = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  for (let i = 0; i < source.length; i += 1) {
    const letter = source[i];
    if (quoted && letter === '"' && source[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (letter === '"') quoted = !quoted;
    else if (letter === ',' && !quoted) endCell();
    else if (letter === '\n' && !quoted) endRow();
    else cell += letter;
  }
  if (cell !== '' || row.length) endRow();
  return rows;
}

// A cell that begins so is a formula to a spreadsheet.
const FORMULA = /^[=+\-@\t]/;

function quoted(value) {
  const text = FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** Hands a table to the browser's downloads. */
export function downloadCsv(name, rows) {
  const text = MARK + rows.map((row) => row.map(quoted).join(',')).join('\r\n') + '\r\n';
  download(name, new Blob([text], { type: 'text/csv' }));
}

/** A file's text: UTF-8, or as Chinese spreadsheets write it. Null when it is no text. */
export async function textOf(file) {
  const bytes = await new Response(file).arrayBuffer();
  for (const encoding of ['utf-8', 'gb18030']) {
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
      return text.includes('\0') ? null : text;
    } catch (error) {
      // Not in this encoding.
    }
  }
  return null;
}
