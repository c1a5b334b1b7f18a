#!/usr/bin/env python3
"""Something happens to a day that was announced; it is planned anew, and what that disturbs is counted.

  disturb.py --planner JIEZHUAN --generator gen.py --checker check.py [--sizes medium large] [--seeds 1 ...] [--seconds 5] [--json FILE]

What happens, each by itself, at the minute of the day's median boarding: a vehicle breaks down, a driver falls ill, a flight is three hours
late, a party may not travel. Who could not be left as they were (aboard the broken vehicle, on the late flight) must be disturbed; the checker
counts everybody who was.
"""

import argparse
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

from compare import own


def boarding(plan):
    return {act["party"]: act["start"] for trip in plan["trips"] for act in trip["acts"] if act["t"] == "board"}


def happenings(instance, plan, now):
    """Each a name, the day as it is then and the parties that cannot stay as they were."""
    later = [trip for trip in plan["trips"] if min(act["start"] for act in trip["acts"] if act["t"] == "board") >= now]
    aboard = {trip["id"]: [act["party"] for act in trip["acts"] if act["t"] == "board"] for trip in later}
    trip = max(later, key=lambda one: len(aboard[one["id"]]))

    def changed(change):
        day = copy.deepcopy(instance)
        change(day)
        return day

    def without(kind, name):
        # It is there until now: what it has begun it ends.
        return lambda day: day.__setitem__(kind, [one for one in day[kind] if one["id"] != name])

    uses = lambda kind, name: [party for one in plan["trips"] if name in ([one["vehicle"]] if kind == "vehicles" else one["drivers"]) for party in aboard.get(one["id"], [])]
    yield "vehicle", changed(without("vehicles", trip["vehicle"])), uses("vehicles", trip["vehicle"])
    driver = trip["drivers"][0]
    yield "driver", changed(without("staff", driver)), uses("staff", driver)
    starts = boarding(plan)
    flights = {}
    for party in instance["parties"]:
        if starts.get(party["id"], -1) >= now and party.get("flight") is not None:
            flights.setdefault(party["flight"], []).append(party["id"])
    if flights:
        late = max(flights.values(), key=len)

        def delay(day):
            for party in day["parties"]:
                if party["id"] in late:
                    party["earliest"] += 180
                    party["latest"] = max(party["latest"], party["earliest"] + 60)

        yield "flight", changed(delay), late
    held = aboard[trip["id"]][0]
    yield "party", changed(without("parties", held)), [held]


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("planner", "generator", "checker"):
        ask.add_argument(f"--{name}", required=True)
    ask.add_argument("--sizes", nargs="+", default=["medium", "large"])
    ask.add_argument("--seeds", nargs="+", type=int, default=[1])
    ask.add_argument("--seconds", type=float, default=5)
    ask.add_argument("--json", type=pathlib.Path)
    asked = ask.parse_args()
    rows = []
    print(f"{'instance':12} {'happens':8} {'parties':>7} {'must':>5} {'other trip':>10} {'other time':>10} {'left':>5} {'trips':>6} {'wall s':>7}  valid")
    with tempfile.TemporaryDirectory() as folder:
        for size in asked.sizes:
            for seed in asked.seeds:
                day, first, then, anew = (f"{folder}/{name}.json" for name in ("day", "first", "then", "anew"))
                subprocess.run([sys.executable, asked.generator, size, "--seed", str(seed), "--out", day], check=True, capture_output=True)
                own(asked.planner, day, first, asked.seconds, 1)
                instance, plan = json.load(open(day)), json.load(open(first))
                starts = boarding(plan)
                now = sorted(starts.values())[len(starts) // 2]
                for name, changed, must in happenings(instance, plan, now):
                    json.dump(changed, open(then, "w"))
                    command = [asked.planner, "--json", "plan", "--instance", then, "--out", anew, "--seconds", str(asked.seconds), "--previous", first, "--frozen-before", str(now)]
                    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
                    judged = subprocess.run([sys.executable, asked.checker, then, anew, "--prev", first, "--json"], capture_output=True, text=True, check=False)
                    judged = json.loads(judged.stdout)
                    row = {"instance": f"{size}-{seed}", "happens": name, "parties": len(starts), "must": len(must), "judged": judged, "told": told["replanned"], "seconds": told["seconds"]}
                    rows.append(row)
                    print(json.dumps(row, ensure_ascii=False)[:400], flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
