import { connect, type DeliveredAlert } from "hashfall/client";

// Acts once on every (id, revision); after a restart go on with the cursor of the last one that was dealt with.
const trade = ({ type, id, revision, region, severity, lost, cursor }: DeliveredAlert): void =>
  console.log(type, id, `r${revision}`, region ?? "unsure", severity, `lost ${lost?.hashrate ?? "?"} H/s, at`, cursor);

const { HASHFALL_URL: url = "ws://127.0.0.1:8080/ws", HASHFALL_SINCE: since } = process.env;
connect(
  { url, since, alerts: { minSeverity: "warning" } },
  { onSnapshot: (open) => open.forEach(trade), onAlert: trade },
);
