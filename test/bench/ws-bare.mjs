/** The rival of the fan-out: a `ws` server that sends one prepared frame to every client in a loop, and nothing else. */
import { Sender, WebSocketServer } from "ws";

const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false, backlog: 4096 });
sockets.on("connection", (socket) => socket.once("message", () => socket.send('{"type":"snapshot"}')));
/** As long as hashfall's own frame. */
const filling = "x".repeat(1500);

function publish() {
  const text = JSON.stringify({ type: "alert", publishedAt: new Date().toISOString(), filling });
  const frame = Buffer.concat(
    Sender.frame(Buffer.from(text), { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: false }),
  );
  for (const { _socket: socket } of sockets.clients) socket.write(frame);
}

process.on("message", (message) => {
  if (message === "publish") publish();
  process.send({ rss: process.memoryUsage().rss, cpu: process.cpuUsage() });
});
sockets.on("listening", () => process.send({ port: sockets.address().port }));
