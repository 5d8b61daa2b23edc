/** Text tables for terminals: aligned columns, two spaces between them. */

export interface Column {
  readonly head: string;
  /** Numbers stand to the right. */
  readonly right?: boolean;
}

/** Lines without trailing spaces; `indent` spaces before each. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[], indent = 2): string {
  const lines = [columns.map((c) => c.head), ...rows];
  const widths = columns.map((_, i) => Math.max(...lines.map((cells) => (cells[i] ?? "").length)));
  return lines
    .map((cells) => {
      const padded = columns.map((column, i) => {
        const cell = cells[i] ?? "";
        const width = widths[i] ?? 0;
        return column.right === true ? cell.padStart(width) : cell.padEnd(width);
      });
      return (" ".repeat(indent) + padded.join("  ")).trimEnd();
    })
    .join("\n");
}

/** A paragraph broken at words to a width that terminals have. */
export function wrapText(text: string, width = 100, indent = 2): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width - indent) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((l) => " ".repeat(indent) + l).join("\n");
}
