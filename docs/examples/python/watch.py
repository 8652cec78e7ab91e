"""Prints the likes of a video as they come, with Python's standard library alone.

    python3 docs/examples/python/watch.py http://localhost:8080 video:42

It reconnects after whatever happened and continues with the id of the last event, so it misses
nothing. For a server with tokens set TOKEN.
"""
import json
import os
import random
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

SILENCE_S = 30  # a ping comes every 10 s
LONGEST_WAIT_S = 30
FINAL = (400, 401, 403, 404)


def events(response):
    """Yields (name, data, id, retry in s) of each block of a stream."""
    name, data, event_id, retry = "message", [], None, None
    for raw in response:
        field, _, value = raw.decode().rstrip("\r\n").partition(":")
        value = value[1:] if value.startswith(" ") else value
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif field == "id":
            event_id = value
        elif field == "retry":
            retry = int(value) / 1000
        elif field == "" and value == "":
            yield name, json.loads("\n".join(data)) if data else None, event_id, retry
            name, data, event_id, retry = "message", [], None, None


def watch(server, channel):
    """Yields (name, data) for ever; ends only if the server refuses for good."""
    last_id, retry, failures = None, 2.0, 0
    query = urllib.parse.urlencode({"channel": channel, "events": "likes"})
    while True:
        headers = {"Accept": "text/event-stream"}
        if last_id is not None:
            headers["Last-Event-ID"] = last_id
        if os.environ.get("TOKEN"):
            headers["Authorization"] = "Bearer " + os.environ["TOKEN"]
        request = urllib.request.Request(f"{server}/stream?{query}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=SILENCE_S) as response:
                for name, data, event_id, asked in events(response):
                    failures = 0
                    retry = asked if asked is not None else retry
                    # The id is that of what was handled, so it is kept afterwards.
                    yield name, data
                    last_id = event_id if event_id is not None else last_id
        except urllib.error.HTTPError as error:
            if error.code in FINAL:
                raise SystemExit(f"{error.code} {error.read().decode()}")
        except (OSError, ValueError):
            pass  # a lost connection, silence, or half an event
        failures += 1
        longest = min(LONGEST_WAIT_S, max(retry, 0.1) * 2 ** min(failures - 1, 10))
        time.sleep(longest * random.uniform(0.5, 1))


if __name__ == "__main__":
    for event, fields in watch(*(sys.argv[1:] or ["http://localhost:8080", "video:42"])):
        if event in ("snapshot", "likes"):
            print(event, fields["total"], fields.get("new", 0), flush=True)
