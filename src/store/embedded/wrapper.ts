/**
 * How redis-server is made to die with us, however we die. A small `sh` stands between: it holds the other end of a pipe
 * of ours, and the kernel closes ours when we are gone. It depends on nothing but POSIX sh. Where setpriv is there, the
 * kernel also ends the server should the `sh` itself be killed; the server's parent is single-threaded, so this signal
 * cannot come early as it does under a thread of Node's that ends.
 */
import { spawnSync } from "node:child_process";

/**
 * The server runs in the background, a second `sh` waits for our end of the pipe to close, then ends the server (at first
 * asking: it writes its file out, 90 ms; and after ten seconds by force) and takes the socket's folder away. `read` is
 * built in, so there is no further process to leave behind. The lock's descriptor (4) is inherited by all of them.
 */
const SCRIPT = `
umask 077
socket=$1
shift
"$@" 3<&- </dev/null &
server=$!
(
  exec >/dev/null 2>&1
  while read -r line; do :; done <&3
  trap "" TERM
  kill -TERM $server
  tries=0
  while [ $tries -lt 100 ] && kill -0 $server; do sleep 0.1; tries=$((tries + 1)); done
  kill -KILL $server
  rm -f "$socket"
  rmdir "\${socket%/*}"
) &
watcher=$!
wait $server
status=$?
kill -TERM $watcher
wait $watcher
exit $status
`;

/** Whether util-linux's setpriv is here and knows --pdeathsig. */
export function hasSetpriv(): boolean {
  const result = spawnSync("setpriv", ["--pdeathsig", "TERM", "true"], { stdio: "ignore", timeout: 10_000 });
  return result.status === 0;
}

/** Command line that runs `command` so that it ends when the pipe on descriptor 3 closes. */
export function wrap(
  command: readonly string[],
  options: { readonly setpriv: boolean; readonly socketPath: string },
): readonly string[] {
  const prefix = options.setpriv ? ["setpriv", "--pdeathsig", "TERM", "--"] : [];
  return ["sh", "-c", SCRIPT, "hashfall-redis", options.socketPath, ...prefix, ...command];
}
