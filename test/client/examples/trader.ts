import { connect, type DeliveredAlert } from "hashfall/client";

// Acts once on every (id, revision); after a crash go on with the cursor of the last one that was dealt with.
function decide({ type, id, revision, region, severity, lost, cursor }: DeliveredAlert): void {
  console.log(
    `${type} ${id} r${revision}: ${region ?? "unsure"} ${severity}, lost ${lost?.hashrate ?? "?"} H/s, at ${cursor}`,
  );
}

const url = process.env.HASHFALL_URL ?? "ws://127.0.0.1:8080/ws";
const since = process.env.HASHFALL_SINCE;
connect(
  { url, alerts: { minSeverity: "warning" }, ...(since ? { since } : {}) },
  { onSnapshot: (open) => open.forEach(decide), onAlert: decide },
);
