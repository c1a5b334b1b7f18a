#!/usr/bin/env python3
"""Something happens to a day that was announced; it is planned anew, and what that disturbs is counted.

  disturb.py --planner JIEZHUAN --generator gen.py --checker check.py [--sizes medium large] [--seeds 1 ...] [--seconds 5] [--json FILE]

What happens, each by itself, when a quarter of the day's parties have boarded: a vehicle breaks down, a driver falls ill, a flight is so late that its
people miss their boarding by an hour, a party may not travel. Who could not be left as they were (aboard the broken vehicle, on the late flight)
must be disturbed; the checker counts everybody who was.
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
    starts = boarding(plan)
    aboard = {trip["id"]: [act["party"] for act in trip["acts"] if act["t"] == "board"] for trip in plan["trips"]}
    of_vehicle, of_driver = {}, {}
    for trip in plan["trips"]:
        of_vehicle.setdefault(trip["vehicle"], []).append(trip)
        for driver in trip["drivers"]:
            of_driver.setdefault(driver, []).append(trip)
    # Whoever makes one trip, and has not set out on it: what has begun stays as it is.
    to_come = [trip for trip in plan["trips"] if min(starts[party] for party in aboard[trip["id"]]) > now + 60]
    alone = [trip for trip in to_come if len(of_vehicle[trip["vehicle"]]) == 1 and len(of_driver[trip["drivers"][0]]) == 1]
    trip = max(alone or to_come, key=lambda one: len(aboard[one["id"]]))
    end = instance["horizon"]

    def changed(kind, name, **fields):
        day = copy.deepcopy(instance)
        for one in day[kind]:
            if one["id"] in name:
                one.update(fields)
        return day

    riding = aboard[trip["id"]]
    yield "vehicle", changed("vehicles", {trip["vehicle"]}, avail=[end - 1, end]), riding
    yield "driver", changed("staff", {trip["drivers"][0]}, last_off=end), riding
    flights = {}
    for party in instance["parties"]:
        if starts.get(party["id"], -1) > now + 60 and party.get("flight") is not None:
            flights.setdefault(party["flight"], []).append(party["id"])
    if flights:
        late = set(max(flights.values(), key=len))
        day = copy.deepcopy(instance)
        for party in day["parties"]:
            if party["id"] in late:
                party["latest"] += starts[party["id"]] + 60 - party["earliest"]
                party["earliest"] = starts[party["id"]] + 60
        yield "flight", day, late
    yield "party", changed("parties", {riding[0]}, earliest=end, latest=end), riding[:1]


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
    print(f"{'instance':12} {'happens':8} {'parties':>7} {'must':>5} {'kept':>5} {'vehicle':>7} {'time':>5} {'dropped':>7} {'crew':>5} {'wall s':>7}  valid")
    with tempfile.TemporaryDirectory() as folder:
        for size in asked.sizes:
            for seed in asked.seeds:
                day, first, then, anew = (f"{folder}/{name}.json" for name in ("day", "first", "then", "anew"))
                subprocess.run([sys.executable, asked.generator, size, "--seed", str(seed), "--out", day], check=True, capture_output=True)
                own(asked.planner, day, first, asked.seconds, 1)
                instance, plan = json.load(open(day)), json.load(open(first))
                starts = boarding(plan)
                now = sorted(starts.values())[len(starts) // 4]
                for name, changed, must in happenings(instance, plan, now):
                    json.dump(changed, open(then, "w"))
                    command = [asked.planner, "--json", "plan", "--instance", then, "--out", anew, "--seconds", str(asked.seconds), "--previous", first, "--frozen-before", str(now)]
                    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
                    judged = subprocess.run([sys.executable, asked.checker, then, anew, "--prev", first, "--frozen-before", str(now), "--json"], capture_output=True, text=True, check=False)
                    judged = json.loads(judged.stdout)
                    disturbed, valid = judged["disruption"], not judged["violations"]
                    rows.append({"instance": f"{size}-{seed}", "happens": name, "parties": len(starts), "must": len(must), "disturbed": disturbed, "told": told["replanned"], "seconds": told["seconds"], "valid": valid})
                    print(f"{size}-{seed:<6} {name:8} {len(starts):7} {len(must):5} {disturbed['kept']:5} {disturbed['vehicle_changed']:7} {disturbed['time_shifted']:5} {disturbed['dropped']:7} {disturbed['crew_links_lost']:5} {told['seconds']:7.1f}  {'yes' if valid else judged['violations']}", flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(rows, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
