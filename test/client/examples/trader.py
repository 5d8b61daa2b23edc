import asyncio, json, os
from websockets import connect, ConnectionClosed

async def main(url=os.environ.get("HASHFALL_URL", "ws://127.0.0.1:8080/ws"), cursor=os.environ.get("HASHFALL_SINCE")):
    while True:
        try:
            async with connect(url) as ws:
                await ws.send(json.dumps({"op": "subscribe", "channel": "alerts", **({"since": cursor} if cursor else {})}))
                placed = False
                async for m in (json.loads(text) async for text in ws):
                    for a in m.get("alerts", []) + ([m["alert"]] if "alert" in m else []):
                        print(a["type"], a["id"], f"r{a['revision']}", a["region"] or "unsure", a["severity"], flush=True)
                    placed = placed or m["type"] == "snapshot" or m.get("recovered", False)
                    if placed: cursor = m.get("alert", m).get("cursor", cursor)
        except (OSError, ConnectionClosed):
            await asyncio.sleep(1)

asyncio.run(main())
