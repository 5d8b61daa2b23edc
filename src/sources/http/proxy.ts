/** Which proxy requests go through, by the environment variables that curl and others read. */
import type { EnvHttpProxyAgent } from "undici";

type Environment = Readonly<Record<string, string | undefined>>;

type ProxyOptions = Required<Pick<EnvHttpProxyAgent.Options, "httpProxy" | "httpsProxy" | "noProxy">>;

/** This machine is never asked through a proxy: the proxy's idea of it is another machine. */
const LOOPBACK = "localhost,127.0.0.1,[::1]";

/**
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY (names in small letters win); null when no proxy is named. As with undici and
 * many other clients, HTTP_PROXY serves https too when HTTPS_PROXY is not set.
 */
export function proxiesOf(env: Environment): ProxyOptions | null {
  const httpProxy = env.http_proxy || env.HTTP_PROXY || "";
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY || "";
  if (httpProxy === "" && httpsProxy === "") return null;
  const said = env.no_proxy || env.NO_PROXY || "";
  return { httpProxy, httpsProxy, noProxy: said.trim() === "*" ? "*" : `${said},${LOOPBACK}` };
}
