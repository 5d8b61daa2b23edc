/** Senders of samples as delivery is handed them: secrets read, and pools and regions that are not there refused at start. */
import { nearest } from "../../model/nearest-name.ts";
import { OTHER_REGION } from "../../model/region.ts";
import type { KeyPath } from "../reading/document.ts";
import { isCountryCode } from "../schema/iso3166.ts";
import type { SenderFile } from "../schema/push.ts";
import { overlaps } from "./disjoint.ts";
import type { NetworkConfig, PushSender } from "./resolved.ts";
import type { SecretAt } from "./secrets.ts";
import { isSigningSecret, SIGNING_SECRET_FAULT, splitSecrets } from "./signing-secret.ts";

type Report = (path: KeyPath, text: string) => void;

/** @param regionsOf of a network: names that it declares itself, and regions that its rows may name */
export function resolvePush(
  senders: Readonly<Record<string, SenderFile>>,
  networks: readonly NetworkConfig[],
  regionsOf: (network: NetworkConfig) => { readonly declared: readonly string[]; readonly known: readonly string[] },
  secretAt: SecretAt,
  report: Report,
): readonly PushSender[] {
  // Senders of one network share its regions: one that says US beside one that says US-TX would count Texas twice.
  const pushed = (network: string): readonly string[] =>
    Object.values(senders)
      .filter((sender) => sender.network === network || networks.length === 1)
      .flatMap(({ regions }) => regions);
  return Object.entries(senders).map(([name, file]) => {
    const at: KeyPath = ["server", "push", name];
    const network = networkOf(file, networks, at, report);
    if (network !== undefined) {
      checkPools(file, network, at, report);
      checkRegions(file, network, { ...regionsOf(network), pushed: pushed(network.name) }, at, report);
    }
    return {
      name,
      network: network?.name ?? "",
      secrets: secretsOf(file, secretAt, [...at, "secret"], report),
      pools: file.pools,
      regions: file.regions,
      wholePools: file.wholePools ?? file.regions.length === 0,
    };
  });
}

function networkOf(
  { network }: SenderFile,
  networks: readonly NetworkConfig[],
  at: KeyPath,
  report: Report,
): NetworkConfig | undefined {
  const names = networks.map(({ name }) => name).join(", ");
  if (network === undefined) {
    if (networks.length === 1) return networks[0];
    report(at, `missing \`network\`; allowed: ${names}`);
    return undefined;
  }
  const found = networks.find(({ name }) => name === network);
  if (found === undefined) report([...at, "network"], `"${network}" is not configured; allowed: ${names}`);
  return found;
}

function secretsOf({ secret }: SenderFile, secretAt: SecretAt, path: KeyPath, report: Report): readonly string[] {
  const secrets = splitSecrets(secretAt(path, secret) ?? "");
  if (secrets.length > 4) report(path, "more than four secrets; each is tried in turn");
  if (!secrets.every(isSigningSecret)) report(path, SIGNING_SECRET_FAULT);
  return secrets;
}

function checkPools({ pools }: SenderFile, network: NetworkConfig, at: KeyPath, report: Report): void {
  const known = network.model.pools.map(({ id }) => id);
  pools.forEach((pool, i) => {
    if (known.includes(pool)) return;
    const hint = nearest(pool, known);
    report(
      [...at, "pools", i],
      `"${pool}" is not a pool of ${network.name}; allowed: ${known.join(", ")}${hint === undefined ? "" : `. Did you mean ${hint}?`}`,
    );
  });
}

/** The rules of every region: an ISO code or a declared name, and none a part of another. */
function checkRegions(
  { regions }: SenderFile,
  network: NetworkConfig,
  of: { readonly declared: readonly string[]; readonly known: readonly string[]; readonly pushed: readonly string[] },
  at: KeyPath,
  report: Report,
): void {
  const { declared, pushed } = of;
  const known = new Set(of.known);
  regions.forEach((region, i) => {
    const path = [...at, "regions", i];
    const country = region.split("-")[0] ?? region;
    if (region === OTHER_REGION) report(path, `${OTHER_REGION} is what no region accounts for; nobody can report it`);
    else if (!known.has(region) && !declared.includes(region) && !isCountryCode(country))
      report(
        path,
        `"${country}" is not an ISO 3166 country code; allowed: one that is, or a name declared under networks.${network.name}.regions`,
      );
  });
  for (const { parent, part } of overlaps([...known, ...pushed])) {
    if (regions.includes(part) || regions.includes(parent))
      report(
        [...at, "regions"],
        `${part} stands beside ${parent}, which contains it; allowed: ${parent}, or its parts alone`,
      );
  }
}
