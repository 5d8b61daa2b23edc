import asyncio, base64, json, os, sys
from websockets import connect, WebSocketException

async def main(url=os.environ.get("HASHFALL_URL", "ws://127.0.0.1:8080/ws"), since=os.environ.get("HASHFALL_SINCE")):
    protocols, token = ["hashfall.v1"], os.environ.get("HASHFALL_TOKEN", "")
    if token: protocols.append("hashfall.bearer." + base64.urlsafe_b64encode(token.encode()).decode().rstrip("="))
    while True:
        try:
            async with connect(url, subprotocols=protocols) as ws:
                ask = {"op": "subscribe", "channel": "alerts", "scopes": ["region"]}
                await ws.send(json.dumps(ask | ({"since": since} if since else {})))
                async for m in (json.loads(text) async for text in ws):
                    for a in [m["alert"]] if m["type"] == "alert" else m.get("ended", []) + m.get("alerts", []):
                        print(a["type"], a["id"], f"r{a['revision']}", a["region"] or "unsure", a["severity"], flush=True)
                    if m["type"] in ("alert", "snapshot"): since = m.get("alert", m)["cursor"]
                    if m["type"] == "error":
                        print("refused:", m["code"], m["message"], file=sys.stderr)
                        if m["code"] == "bad-cursor": since = None; await ws.send(json.dumps(ask))  # from a snapshot
        except (OSError, WebSocketException) as error:
            print("connection lost:", error, file=sys.stderr)
            if "4401" in str(error) or "401" in str(error): sys.exit("the token is missing or not known")
            await asyncio.sleep(1)

asyncio.run(main())
