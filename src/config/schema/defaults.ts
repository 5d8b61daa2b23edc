/** Every default of the configuration, with its reason. The table in config/docs/configuration.md and the JSON schema are made from these. */

/** Sampling and detection tick. Pools refresh their own figures every 1 to 10 minutes; a shorter tick mostly reads the same twice. */
export const DEFAULT_INTERVAL = "5m";

/**
 * Relative standard deviation of a weight that states none. Published country shares of one quarter disagree by about
 * this much between sources, and pools' shares wander by as much within a year.
 */
export const DEFAULT_RELATIVE_SD = 0.25;

/** Weights may miss or exceed one by rounding; more than this is a mistake. */
export const LARGEST_WEIGHT_SUM = 1.001;

/** One false regional alarm in ten months: somebody who trades on an alert stops believing in one that cries monthly. */
export const DEFAULT_FALSE_ALARMS_PER_MONTH = 0.1;

/**
 * The longest nationwide shutdown that came back by itself lasted five days (Kazakhstan, January 2022), China's ban of
 * 2021 never ended. After two weeks a fall is the new normal.
 */
export const DEFAULT_NEW_REGIME_AFTER = "14d";

/** 5 % of a network makes blocks slower for everybody and is more than any pool's ordinary day; Kazakhstan 2022 was 12 %. */
export const DEFAULT_CRITICAL_SHARE = 0.05;

/** Below 1.5 % of a network a fall is local news: worth a line, not a page at night. */
export const DEFAULT_WARNING_SHARE = 0.015;

/** The probability from which an alert names its region; what is less sure is said one step more quietly. */
export const DEFAULT_MIN_PROBABILITY = 0.8;

/** In simulated years falls named rose by a third after thirty labels, and with a label in ten wrong none were named worse (test/README.md). */
export const DEFAULT_LEARN_WEIGHTS = true;

/** Target time between blocks of networks that everybody knows; others say their own or go without. */
export const KNOWN_BLOCK_INTERVALS: Readonly<Record<string, string>> = {
  bitcoin: "10m",
  "bitcoin-cash": "10m",
  litecoin: "150s",
  dogecoin: "1m",
  monero: "2m",
};

/** An upstream that has not answered by then will not be in time for its tick either. */
export const DEFAULT_SOURCE_TIMEOUT = "15s";

/** Loopback: what the world may reach has to be said in so many words. */
export const DEFAULT_HOST = "127.0.0.1";

/** The usual port of a service without rights; Prometheus (9090) and Grafana (3000) keep theirs beside it. */
export const DEFAULT_PORT = 8080;

/** Half-open connections are found within two of these. */
export const DEFAULT_HEARTBEAT = "15s";
export const DEFAULT_OUTGOING_HEARTBEAT = "1m";

/** About 12 kB each: what fits beside the detector in a small container. */
export const DEFAULT_MAX_CLIENTS = 2000;

/** The event as everywhere else: a program that reads the socket reads this. */
export const DEFAULT_WEBHOOK_PRESET = "hashfall";

/** A receiver that only takes note answers within a second; one that works first still gets its chance before a retry. */
export const DEFAULT_WEBHOOK_TIMEOUT = "10s";

/** A restarted Alertmanager is ignorant for as long as this. Prometheus waits a minute; ours are few, so one small POST more often costs nothing. */
export const DEFAULT_RESEND_INTERVAL = "15s";

/** Raw samples: enough to replay a month with the baseline of 25 days that block counts need. */
export const DEFAULT_RETAIN_SAMPLES = "30d";

/** Regional estimates at every tick: a month and a few days, so that month-over-month panels are full. */
export const DEFAULT_RETAIN_ESTIMATES = "35d";

/** Hourly means: two years, so that seasons (rain in Sichuan, heat in Texas) can be compared. */
export const DEFAULT_RETAIN_HOURLY = "730d";

/** Alerts and their evidence: a year and a month, so that last year's same month can be looked up. */
export const DEFAULT_RETAIN_ALERTS = "400d";

/** Hash tag of every key; two installations on one Redis need two. */
export const DEFAULT_KEY_TAG = "hashfall";

export const DEFAULT_LOG_LEVEL = "info";

/** Beside the working directory, so that a fresh checkout runs without rights anywhere else. */
export const DEFAULT_DATA_DIR = "./data";

/** The coins of networks that everybody knows: a source that speaks of another coin under such a name is a mistake. */
export const KNOWN_COINS: Readonly<Record<string, string>> = {
  bitcoin: "BTC",
  "bitcoin-cash": "BCH",
  litecoin: "LTC",
  dogecoin: "DOGE",
  monero: "XMR",
};

/** Witnesses are bounded evidence: they never open an alert that figures do not carry by themselves. */
export const DEFAULT_WITNESSES = "evidence";

/** A month of 16 pools x 13 regions at five minutes: a snapshot of 0.4 MB every six hours, and 4 kB a tick. */
export const DEFAULT_BACKUP_MEGABYTES = 64;

/** Six hours of five minutes. What came after a snapshot is decided again, which takes about 10 ms a tick. */
export const DEFAULT_BACKUP_SNAPSHOT_TICKS = 72;
