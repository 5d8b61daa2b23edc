/** Broken configurations: what is wrong on which line, and what the one-line error must say. */

export interface Broken {
  readonly name: string;
  readonly text: string;
  /** Line of the fault, from 1. */
  readonly line: number;
  /** Key of the fault; empty where the file as a whole is at fault. */
  readonly key: string;
  /** What must stand in the line: the value, and what is allowed. */
  readonly says: readonly (string | RegExp)[];
}

/** A network whose body begins on line 3. */
function network(body: string): string {
  return `networks:\n  bitcoin:\n${indent(body, 4)}\n`;
}

/** A pool whose body begins on line 5. */
function pool(body: string): string {
  return network(`pools:\n  antpool:\n${indent(body, 4)}`);
}

/** A sound network on lines 1 to 4; the body begins on line 5. */
function beside(body: string): string {
  return `networks:\n  bitcoin:\n    pools:\n      antpool: {regions: {CN: 0.3}}\n${body}\n`;
}

function indent(text: string, by: number): string {
  return text
    .split("\n")
    .map((line) => " ".repeat(by) + line)
    .join("\n");
}

const N = "networks.bitcoin";
const P = `${N}.pools.antpool`;

const TABLE: readonly (readonly [
  name: string,
  text: string,
  line: number,
  key: string,
  ...says: (string | RegExp)[],
])[] = [
  ["an empty file", "", 1, "networks", "missing"],
  ["a list", "- a\n- b\n", 1, "", "a list is not allowed", "a set of keys"],
  ["a sentence", "hello\n", 1, "", '"hello"', "a set of keys"],
  ["HTML", "<!doctype html>\n<html></html>\n", 1, "", "a set of keys"],
  ["an unclosed list", "networks: [\n", 2, "", "not valid YAML"],
  ["a tab for indentation", "networks:\n\tbitcoin: {}\n", 2, "", "not valid YAML"],
  ["bad indentation", "networks:\n  bitcoin:\n    pools: {}\n   interval: 5m\n", 4, "", "not valid YAML"],
  ["two documents", "networks: {}\n---\nnetworks: {}\n", 2, "", "not valid YAML"],
  ["an unknown alias", "networks: *all\n", 1, "", "not valid YAML"],
  ["an unknown tag", "networks: !!python/object {}\n", 1, "", "not valid YAML"],
  ["a key twice", network("pools: {}\npools: {}"), 4, "", "pools stands here a second time", "each key once"],
  ["a pool twice", network("pools:\n  antpool: {}\n  antpool: {}"), 5, "", "antpool stands here a second time"],
  ["nesting without end", "[".repeat(50_000), 1, "", "nests deeper"],
  ["a list in a list without end", "- ".repeat(50_000), 1, "", "nests deeper"],
  ["keys of keys without end", "? ".repeat(50_000), 1, "", "nests deeper"],
  ["a key in a key without end", "a: ".repeat(50_000), 1, "", "nests deeper"],
  ["an alias inside of itself", "networks: &all {bitcoin: *all}\n", 1, "", "*all stands inside"],
  ["a list as a key", "? [a, b]\n: c\n", 1, "", "a key is one word"],
  ["truncated JSON", '{"networks": {"bitcoin": {"pools": {"a": {}', 1, "", "not valid YAML"],
  ["no networks", "server: {port: 8080}\n", 1, "networks", "missing", "a set of keys"],
  ["networks empty", "networks: {}\n", 1, "networks", "at least one network"],
  ["networks null", "networks:\n", 1, "networks", "empty is not allowed", "a set of keys"],
  [
    "a network in capitals",
    "networks:\n  Bitcoin: {pools: {a: {}}}\n",
    2,
    "networks.Bitcoin",
    '"Bitcoin"',
    "lower-case letters",
  ],
  ["a network without pools", network("interval: 5m"), 2, `${N}.pools`, "missing"],
  ["pools empty", network("pools: {}"), 3, `${N}.pools`, "at least one pool"],
  ["pools as a list", network("pools: [antpool]"), 3, `${N}.pools`, "a list", "a set of keys"],
  ["a pool with a space", network("pools:\n  ant pool: {}"), 4, `${N}.pools.ant pool`, '"ant pool"', "letters, digits"],
  ["a pool named __proto__", network("pools:\n  __proto__: {}\n  a: {}"), 4, "", '"__proto__" is not allowed as a key'],
  ["a pool null", network("pools:\n  antpool:"), 4, P, "empty is not allowed", "a set of keys"],
  [
    "a mistyped key of a network",
    network("intervall: 5m\npools: {a: {}}"),
    3,
    `${N}.intervall`,
    "Did you mean interval?",
    "blockInterval",
  ],
  [
    "a mistyped key of a pool",
    pool("widow: 1h"),
    5,
    `${P}.widow`,
    "Did you mean window?",
    "regions, relativeSd, source",
  ],
  ["a mistyped section", beside("sever: {port: 1}"), 5, "sever", "Did you mean server?"],
  ["a key of nowhere", beside("zzzzzz: 1"), 5, "zzzzzz", "not a known key", /allowed: networks, /],
  [
    "an interval of seven minutes",
    network("interval: 7m\npools: {a: {}}"),
    3,
    `${N}.interval`,
    '"7m"',
    "divides an hour",
    "5m",
  ],
  ["an interval without a unit", network("interval: 300\npools: {a: {}}"), 3, `${N}.interval`, "300", "300s, 5m, 1h"],
  [
    "an interval in words",
    network("interval: five minutes\npools: {a: {}}"),
    3,
    `${N}.interval`,
    '"five minutes"',
    "300s, 5m",
  ],
  ["an interval of zero", network("interval: 0s\npools: {a: {}}"), 3, `${N}.interval`, '"0s"', "from 10s to 1h"],
  ["an interval over an hour", network("interval: 2h\npools: {a: {}}"), 3, `${N}.interval`, '"2h"', "from 10s to 1h"],
  ["a negative window", pool("window: -5m"), 5, `${P}.window`, '"-5m"', "from 10s to 7d"],
  ["a window of a year", pool("window: 365d"), 5, `${P}.window`, '"365d"', "from 10s to 7d"],
  ["a weight in percent", pool("regions:\n  KZ: 18"), 6, `${P}.regions.KZ`, "18", "0 to 1", "0.35 for 35 %"],
  ["a negative weight", pool("regions:\n  KZ: -0.1"), 6, `${P}.regions.KZ`, "-0.1", "0 to 1"],
  [
    "a weight as text",
    pool("regions:\n  KZ: a lot"),
    6,
    `${P}.regions.KZ`,
    '"a lot"',
    "a number from 0 to 1",
    "{weight, sd, asOf, source}",
  ],
  ["a weight of .nan", pool("regions:\n  KZ: .nan"), 6, `${P}.regions.KZ`, "NaN", "a number from 0 to 1"],
  ["an infinite weight", pool("regions:\n  KZ: .inf"), 6, `${P}.regions.KZ`, "Infinity", "a number from 0 to 1"],
  [
    "weights over one",
    pool("regions:\n  CN: 0.6\n  US: 0.5"),
    5,
    `${P}.regions`,
    "sum to 1.1000",
    "at most 1",
    "OTHER",
  ],
  ["a weight without its number", pool("regions:\n  KZ: {sd: 0.1}"), 6, `${P}.regions.KZ.weight`, "missing", "0 to 1"],
  [
    "a mistyped key of a weight",
    pool("regions:\n  KZ: {weight: 0.1, std: 0.1}"),
    6,
    `${P}.regions.KZ.std`,
    "Did you mean sd?",
    "asOf",
  ],
  [
    "a date in words",
    pool("regions:\n  KZ: {weight: 0.1, asOf: January}"),
    6,
    `${P}.regions.KZ.asOf`,
    '"January"',
    "2022-01",
  ],
  ["a negative sd", pool("regions:\n  KZ: {weight: 0.1, sd: -1}"), 6, `${P}.regions.KZ.sd`, "-1"],
  ["a region in small letters", pool("regions:\n  kz: 0.1"), 6, `${P}.regions.kz`, '"kz"', "KZ or US-TX"],
  ["no country", pool("regions:\n  KX: 0.1"), 6, `${P}.regions.KX`, '"KX"', "ISO 3166", `${N}.regions`],
  ["a part of no country", pool("regions:\n  UX-TX: 0.1"), 6, `${P}.regions.UX-TX`, '"UX"', "ISO 3166"],
  [
    "a country beside its part",
    pool("regions:\n  US: 0.1\n  US-TX: 0.1"),
    7,
    `${P}.regions.US-TX`,
    "US-TX stands beside US",
    "its parts alone",
  ],
  [
    "a budget of nothing",
    network("detection: {falseAlarmsPerMonth: 0}\npools: {a: {}}"),
    3,
    `${N}.detection.falseAlarmsPerMonth`,
    "0 is not allowed",
  ],
  [
    "a severity over one",
    network("detection:\n  severity:\n    criticalShare: 5\npools: {a: {}}"),
    5,
    `${N}.detection.severity.criticalShare`,
    "5",
    "0 to 1",
  ],
  ["a port as text", beside("server:\n  port: '8080'"), 6, "server.port", '"8080"', "number"],
  ["a port out of range", beside("server:\n  port: 70000"), 6, "server.port", "70000", "65535"],
  [
    "an origin with a path",
    beside("server:\n  allowedOrigins:\n    - https://a.example/x"),
    7,
    "server.allowedOrigins[0]",
    "https://a.example/x",
    "without a path",
  ],
  [
    "a token in the file",
    beside("server:\n  tokens:\n    - {name: ops, token: sesame-open}"),
    7,
    "server.tokens[0].token",
    "(hidden)",
    "env: NAME",
  ],
  [
    "a scope of nowhere",
    beside("server:\n  tokens:\n    - {name: ops, token: {env: T}, scopes: [admin]}"),
    7,
    "server.tokens[0].scopes[0]",
    '"admin"',
    "read, write",
  ],
  [
    "a Redis without a scheme",
    beside("redis:\n  url: localhost:6379"),
    6,
    "redis.url",
    "the Redis URL is not understood",
    "redis://[user:password@]host",
  ],
  [
    "a variable that is not set",
    beside("redis:\n  url: ${env:NO_SUCH_VARIABLE}"),
    6,
    "redis.url",
    "NO_SUCH_VARIABLE is not set",
  ],
  [
    "a secret file that is not there",
    beside("redis:\n  url: ${file:no/such/file}"),
    6,
    "redis.url",
    "no/such/file",
    "ENOENT",
  ],
  ["a reference of no kind", beside("dataDir: ${HOME}/data"), 5, "dataDir", "${HOME}", "${env:NAME}"],
  ["a log level of nowhere", beside("logging:\n  level: verbose"), 6, "logging.level", '"verbose"', "debug"],
  ["retention of an hour", beside("retention:\n  samples: 1h"), 6, "retention.samples", '"1h"', "from 1d to 3650d"],
  ["a switch in words", beside("webPageSources: sometimes"), 5, "webPageSources", '"sometimes"', "true or false"],
  [
    "a weights file that is not there",
    network("weights: nowhere.yaml\npools: {a: {}}"),
    3,
    `${N}.weights`,
    "nowhere.yaml",
    "ENOENT",
  ],
];

export const BROKEN: readonly Broken[] = TABLE.map(([name, text, line, key, ...says]) => ({
  name,
  text,
  line,
  key,
  says,
}));
