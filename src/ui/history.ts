/** Hash rate of a region over time against what was expected, with the periods of its alerts marked. */
import { HOUR_MS } from "../model/time-units.ts";
import { type AlertItem, type HistoryItem, list } from "./api.ts";
import { byId, h, setText } from "./dom.ts";
import { clock, dayAndClock, hashrate, regionName } from "./format.ts";
import { dataNow, type State, shownRegion } from "./state.ts";
import uPlot from "./vendor/uplot.js";

interface Span {
  readonly label: string;
  readonly ms: number;
  readonly step: string | undefined;
}

const SPANS: readonly Span[] = [
  { label: "12 h", ms: 12 * HOUR_MS, step: undefined },
  { label: "2 d", ms: 48 * HOUR_MS, step: undefined },
  { label: "7 d", ms: 168 * HOUR_MS, step: "15m" },
  { label: "30 d", ms: 720 * HOUR_MS, step: "1h" },
  { label: "1 y", ms: 8760 * HOUR_MS, step: "6h" },
];
const HEIGHT_PX = 240;
/** Not asked for more often than this, however fast ticks come. */
const REFRESH_MS = 2500;

interface Mark {
  readonly from: number;
  readonly to: number;
  readonly severity: string;
}

export class HistoryChart {
  readonly #state: State;
  readonly #root = byId("chart");
  #span = SPANS[0]!;
  #plot: uPlot | null = null;
  #marks: Mark[] = [];
  #askedAt = 0;
  #asked = "";
  #pending: ReturnType<typeof setTimeout> | undefined;

  constructor(state: State) {
    this.#state = state;
    const buttons = SPANS.map((span) => {
      const button = h("button", { type: "button", "aria-pressed": String(span === this.#span) }, span.label);
      button.addEventListener("click", () => {
        this.#span = span;
        for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
        this.refresh(true);
      });
      return button;
    });
    byId("spans").replaceChildren(...buttons);
    new ResizeObserver(() => this.#plot?.setSize({ width: this.#root.clientWidth, height: HEIGHT_PX })).observe(
      this.#root,
    );
  }

  /** Asks for the newest points; soon when it was asked a moment ago, at once when something else is to be shown. */
  refresh(now = false): void {
    clearTimeout(this.#pending);
    const wait = now ? 0 : Math.max(0, this.#askedAt + REFRESH_MS - Date.now());
    this.#pending = setTimeout(() => void this.#load(), wait);
  }

  /** The colours of the page changed. */
  recolour(): void {
    this.#plot?.destroy();
    this.#plot = null;
    this.refresh(true);
  }

  async #load(): Promise<void> {
    const { network } = this.#state;
    const selected = shownRegion(this.#state);
    if (network === "") return;
    this.#askedAt = Date.now();
    const to = dataNow(this.#state);
    const from = to - this.#span.ms;
    const asked = `${network} ${selected} ${this.#span.label}`;
    this.#asked = asked;
    const region = selected ?? undefined;
    const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    try {
      const { items } = await list<HistoryItem>("/history", { network, region, ...times, step: this.#span.step });
      if (this.#asked !== asked) return;
      this.#marks = this.#periods(selected, from, to);
      this.#draw(selected, items, from, to);
    } catch (error) {
      setText(byId("chart-text"), error instanceof Error ? error.message : String(error));
    }
  }

  #periods(selected: string | null, from: number, to: number): Mark[] {
    const { network, open, past } = this.#state;
    const mine = (alert: { network: string; region: string | null; scope: string }): boolean =>
      alert.network === network && (selected === null ? alert.scope !== "source" : alert.region === selected);
    const mark = (alert: AlertItem | (typeof open extends Map<string, infer A> ? A : never)): Mark => ({
      from: Date.parse(alert.startedAt),
      to: alert.endedAt === undefined ? to : Date.parse(alert.endedAt),
      severity: alert.severity,
    });
    return [...past, ...open.values()]
      .filter(mine)
      .map(mark)
      .filter((period) => period.to >= from && period.from <= to);
  }

  /** What was asked for is what is named: the choice may have moved on while the answer came. */
  #draw(selected: string | null, items: readonly HistoryItem[], from: number, to: number): void {
    byId("whole").hidden = selected === null;
    const title = selected === null ? `History of all of ${this.#state.network}` : `History of ${regionName(selected)}`;
    setText(byId("history-title"), title);
    const last = items.at(-1);
    const marked = this.#marks.length === 0 ? "" : ` Alerts in this span: ${this.#marks.length}.`;
    setText(
      byId("chart-text"),
      last
        ? `Newest: ${hashrate(last.hashrate)}${last.expected === undefined ? "" : ` of ${hashrate(last.expected)} expected`} at ${dayAndClock(last.at)}.${marked}`
        : "No figures in this span yet.",
    );
    const known = (value: number | undefined): number | null => value ?? null;
    const data: uPlot.AlignedData = [
      items.map(({ at }) => Date.parse(at) / 1000),
      items.map(({ hashrate: value }) => known(value)),
      items.map(({ expected }) => known(expected)),
    ];
    this.#plot ??= new uPlot(this.#options(), data, this.#root);
    this.#plot.setData(data, false);
    this.#plot.setScale("x", { min: from / 1000, max: to / 1000 });
    showNewest(this.#plot);
  }

  #options(): uPlot.Options {
    const axis = {
      stroke: colourOf("--muted"),
      grid: { stroke: colourOf("--line"), width: 1 },
      ticks: { show: false },
    };
    return {
      width: this.#root.clientWidth,
      height: HEIGHT_PX,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: { y: { range: (_plot, min, max) => spanOf(min, max) } },
      series: [
        { value: "{YYYY}-{MM}-{DD} {HH}:{mm}" },
        {
          label: "estimated",
          stroke: colourOf("--accent"),
          width: 2,
          fill: colourOf("--accent-faint"),
          value: (_plot, value) => hashrate(value ?? undefined),
        },
        {
          label: "expected",
          stroke: colourOf("--muted"),
          width: 1.5,
          dash: [5, 5],
          value: (_plot, value) => hashrate(value ?? undefined),
        },
      ],
      axes: [
        { ...axis, values: (_plot, seconds) => tickTexts(seconds) },
        { ...axis, size: 74, values: (_plot, values) => values.map((value) => hashrate(value)) },
      ],
      cursor: { y: false },
      hooks: { drawClear: [(plot) => this.#shade(plot)], setCursor: [showNewest] },
    };
  }

  #shade(plot: uPlot): void {
    const { ctx, bbox } = plot;
    ctx.save();
    for (const { from, to, severity } of this.#marks) {
      const left = Math.max(bbox.left, plot.valToPos(from / 1000, "x", true));
      const right = Math.min(bbox.left + bbox.width, plot.valToPos(to / 1000, "x", true));
      ctx.fillStyle = colourOf(`--${severity}-faint`);
      ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height);
      ctx.fillStyle = colourOf(`--${severity}`);
      ctx.fillRect(left, bbox.top, 2, bbox.height);
    }
    ctx.restore();
  }
}

/** While nothing is pointed at, the legend tells the newest point. */
function showNewest(plot: uPlot): void {
  const newest = plot.data[0].length - 1;
  if (newest >= 0 && plot.cursor.idx == null) plot.setLegend({ idx: newest }, false);
}

/** A colour of the page as a canvas takes it: `light-dark()` and mixtures worked out. */
function colourOf(name: string): string {
  const probe = h("span", { hidden: true });
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** From zero when it fell far; else close enough that a fall of a few per cent is seen, and noise is not a drama. */
function spanOf(min: number | null, max: number | null): [number, number] {
  const top = Math.max(max ?? 0, 1);
  const bottom = min ?? 0;
  return [bottom < top / 2 ? 0 : Math.min(bottom * 0.97, top * 0.75), top * 1.04];
}

/** Hours, and the day wherever it changes. */
function tickTexts(seconds: readonly number[]): string[] {
  const far = (seconds[1] ?? 0) - (seconds[0] ?? 0) >= 86_400;
  return seconds.map((at, i) => {
    const [day, time] = [dayAndClock(at * 1000).slice(0, -6), clock(at * 1000)];
    const before = seconds[i - 1];
    const newDay = before === undefined || dayAndClock(before * 1000).slice(0, -6) !== day;
    return far ? day : newDay ? `${time}\n${day}` : time;
  });
}
