import asyncio, json, os
from websockets import connect, WebSocketException

async def main(url=os.environ.get("HASHFALL_URL", "ws://127.0.0.1:8080/ws"), since=os.environ.get("HASHFALL_SINCE")):
    while True:
        try:
            async with connect(url) as ws:
                await ws.send(json.dumps({"op": "subscribe", "channel": "alerts"} | ({"since": since} if since else {})))
                async for m in (json.loads(text) async for text in ws):
                    for a in [m["alert"]] if m["type"] == "alert" else m.get("alerts", []):
                        print(a["type"], a["id"], f"r{a['revision']}", a["region"] or "unsure", a["severity"], flush=True)
                    if m["type"] in ("alert", "snapshot"): since = m.get("alert", m)["cursor"]
        except (OSError, WebSocketException): await asyncio.sleep(1)

asyncio.run(main())
