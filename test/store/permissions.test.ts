import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkPermissions, NEEDED_COMMANDS } from "../../src/store/permissions.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";

const KEY = "{hf}:probe";
let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

let users = 0;

/** A connection of a user with these rights. */
async function userWith(...rules: string[]) {
  const username = `u${++users}`;
  await server.client().acl("SETUSER", username, "on", ">secret", ...rules);
  return server.client({ username, password: "secret" });
}

const all = NEEDED_COMMANDS.map((command) => `+${command}`);

describe("what the user of hashfall may do in Redis", () => {
  it("is enough with the commands that are named, and nothing is left behind", async () => {
    await checkPermissions(await userWith("~{hf}:*", ...all), KEY);
    expect(await server.client().exists(KEY)).toBe(0);
  });

  it.each(["xadd", "zpopmin", "set", "time", "evalsha|eval"])("is refused by name without %s", async (names) => {
    const without = names.split("|");
    const rules = all.filter((rule) => !without.includes(rule.slice(1)));
    const client = await userWith("~{hf}:*", ...rules);
    await expect(checkPermissions(client, KEY)).rejects.toMatchObject({
      code: "REDIS_FORBIDDEN",
      kind: "mistake",
      message: expect.stringContaining(`+${without.at(-1)}`),
    });
  });

  it("is refused without the keys", async () => {
    const client = await userWith("~other:*", ...all);
    await expect(checkPermissions(client, KEY)).rejects.toMatchObject({
      code: "REDIS_FORBIDDEN",
      message: expect.stringContaining("~{hf}:*"),
    });
  });
});
