/**
 * Fetches redis-server from the system's own package archive without root: apt downloads into a folder of ours and checks
 * the packages against the archive's signature, as it does for root; then they are unpacked, and nothing is installed.
 */
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../model/errors.ts";
import { digestOf } from "./own-files.ts";
import { runCommand } from "./run-command.ts";

const TIMEOUT_MS = 60_000;
const PACKAGES = ["redis-server", "redis-tools"];

/** In the unpacked folder: SHA-256 of the server that was fetched. */
export const DIGEST_FILE = "redis-server.sha256";

export interface FetchOptions {
  /** Folder that the unpacked server gets; must not exist. Its parent is made. */
  readonly target: string;
  readonly env: NodeJS.ProcessEnv;
  /** Tells the user, line by line, what is being done. */
  readonly say: (line: string) => void;
}

/** Undefined when the server is there, or why not. */
export async function fetchByApt(options: FetchOptions): Promise<string | undefined> {
  let work: string | undefined;
  try {
    await mkdir(join(options.target, ".."), { recursive: true, mode: 0o700 });
    work = await mkdtemp(join(options.target, "..", "fetch-"));
    return await fetchInto(work, options);
  } catch (error) {
    return messageOf(error);
  } finally {
    if (work !== undefined) await rm(work, { recursive: true, force: true });
  }
}

async function fetchInto(work: string, { target, env, say }: FetchOptions): Promise<string | undefined> {
  const [lists, archives, root] = [join(work, "lists"), join(work, "cache", "archives"), join(work, "root")];
  for (const folder of [join(lists, "partial"), join(archives, "partial"), root])
    await mkdir(folder, { recursive: true });
  const apt = (args: readonly string[], ownLists: boolean) => {
    const own = [`Dir::Cache=${join(work, "cache")}`, "Debug::NoLocking=1", "APT::Sandbox::User=root"];
    if (ownLists) own.push(`Dir::State::Lists=${lists}`);
    const options = own.flatMap((setting) => ["-o", setting]);
    return runCommand("apt-get", ["-q", "-y", ...options, ...args], { env, timeoutMs: TIMEOUT_MS });
  };
  const download = async (ownLists: boolean): Promise<string | undefined> => {
    const args = ["--no-install-recommends", "--reinstall", "--download-only", "install", ...PACKAGES];
    const result = await apt(args, ownLists);
    if (!result.ok) return result.why;
    // With empty lists apt may be content with doing nothing.
    const files = await readdir(archives);
    return PACKAGES.every((name) => files.some((file) => file.startsWith(`${name}_`)))
      ? undefined
      : "not in the archive";
  };

  say("no redis-server here: fetching one from this system's package archive (about 1.4 MB, no root needed) ...");
  if ((await download(false)) !== undefined) {
    say("the system's package lists are empty or old: fetching current ones for this once (about 9 MB) ...");
    const update = await apt(["update"], true);
    if (!update.ok) return update.why;
    const failure = await download(true);
    if (failure !== undefined) return failure;
  }
  for (const file of await readdir(archives)) {
    if (!file.endsWith(".deb")) continue;
    const unpacked = await runCommand("dpkg-deb", ["-x", join(archives, file), root], { env, timeoutMs: TIMEOUT_MS });
    if (!unpacked.ok) return unpacked.why;
  }
  const { command } = await unpackedServer(root);
  await writeFile(join(root, DIGEST_FILE), digestOf(command), { mode: 0o600 });
  // The packages' own modes, and nothing for a group or others, whatever the umask was.
  for (const folder of [root, join(root, "usr"), join(root, "usr", "bin")]) await chmod(folder, 0o700);
  await rename(root, target).catch(async (error: unknown) => {
    // Another process was faster; its copy is as good.
    if ((await readdir(target).catch(() => [])).length === 0) throw error;
  });
  say(`redis-server is in ${target}`);
  return undefined;
}

/** Where the unpacked server is, and its libraries for LD_LIBRARY_PATH. */
export async function unpackedServer(target: string): Promise<{ command: string; libraries: readonly string[] }> {
  const libraries: string[] = [];
  for (const folder of [join(target, "usr", "lib"), join(target, "lib")]) {
    const inside = await readdir(folder, { withFileTypes: true }).catch(() => []);
    // Debian puts libraries in a folder named for the architecture.
    libraries.push(...inside.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name)), folder);
  }
  return { command: join(target, "usr", "bin", "redis-server"), libraries };
}
