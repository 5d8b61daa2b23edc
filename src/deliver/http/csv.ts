/** Rows as CSV (RFC 4180): a header, CRLF, and text that no spreadsheet takes for a formula. */

type Cell = string | number | boolean | null | undefined;

/** Spreadsheets run a cell that begins with one of these. */
const FORMULA = /^[=+\-@\t\r]/;

/** @param columns name and cell of each, in order; an unknown figure is an empty cell, never 0 */
export function csv<T>(rows: readonly T[], columns: Readonly<Record<string, (row: T) => Cell>>): string {
  const lines = [Object.keys(columns), ...rows.map((row) => Object.values(columns).map((cell) => cell(row)))];
  return lines.map((line) => `${line.map(quoted).join(",")}\r\n`).join("");
}

/** @param name of the file that a browser saves */
export function csvHeaders(name: string): Record<string, string> {
  return {
    "content-type": "text/csv; charset=utf-8; header=present",
    "content-disposition": `attachment; filename="hashfall-${name}.csv"`,
  };
}

function quoted(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
