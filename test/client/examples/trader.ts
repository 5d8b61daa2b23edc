import { connect, type DeliveredAlert } from "hashfall/client";

// Acts once on every (id, revision) of a region; after a restart go on with the cursor of the last one that was dealt with.
const trade = ({ type, id, revision, scope, region, severity, lost, cursor }: DeliveredAlert): void => {
  if (scope !== "region") return;
  console.log(type, id, `r${revision}`, region ?? "unsure", severity, `lost ${lost?.hashrate ?? "?"} H/s, at`, cursor);
};

const { HASHFALL_URL: url = "ws://127.0.0.1:8080/ws", HASHFALL_TOKEN: token, HASHFALL_SINCE: since } = process.env;
connect(
  { url, token, since, alerts: { scopes: ["region"], minSeverity: "warning" } },
  {
    onSnapshot: (open, _gap, ended) => [...ended, ...open].forEach(trade),
    onAlert: trade,
    onError: (code, message, fatal) => console.error(fatal ? "GIVEN UP:" : "refused:", message, `(${code})`),
    onConnection: (state, why) => console.error("connection", state, why),
  },
);
