#!/usr/bin/env python3
"""Plans the same days with this planner and with general solvers, for the same seconds on two cores, and compares what comes of them.

  compare.py --planner JIEZHUAN --generator gen.py --checker check.py [--sizes small ...] [--seeds 1 ...] [--seconds 10] [--solvers ...] [--json FILE]

The generator makes the days, the checker judges every plan; neither belongs to this repository. See README.md beside this file.
"""

import argparse
import importlib
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import models
import repair

SOLVERS = ["jiezhuan", "ortools", "pyvrp", "vroom"]


def solve_province(task):
    """Tours of one province, as a process of its own: solvers use one thread each."""
    solver, instance, province, seconds, seed = task
    day = models.Day(instance, province)
    if not day.parties:
        return []
    tours = importlib.import_module(f"with_{solver}").tours(day, seconds, seed)
    return [(vehicle["id"], [p["id"] for p in picks]) for vehicle, picks in tours]


def general(solver, instance, seconds, seed):
    """A plan by a general solver: two provinces at a time, the largest beside the two others, then the repair."""
    persons = {v["province"]: 0 for v in instance["vehicles"]}
    for p in instance["parties"]:
        persons[p["province"]] = persons.get(p["province"], 0) + p["size"]
    first, *rest = sorted(persons, key=persons.get, reverse=True)
    others = max(1, sum(persons[p] for p in rest))
    tasks = [(solver, instance, first, seconds, seed)] + [(solver, instance, p, seconds * persons[p] / others, seed) for p in rest]
    with multiprocessing.Pool(2) as pool:
        found = pool.map(solve_province, tasks, chunksize=1)
    vehicle = {v["id"]: v for v in instance["vehicles"]}
    party = {p["id"]: p for p in instance["parties"]}
    return repair.repair(instance, [(vehicle[v], [party[p] for p in picks]) for tours in found for v, picks in tours])


def own(planner, instance_file, plan_file, seconds, seed):
    command = [planner, "--json", "plan", "--instance", instance_file, "--out", plan_file, "--seconds", str(seconds), "--seed", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def judge(checker, instance_file, plan_file):
    done = subprocess.run([sys.executable, checker, instance_file, plan_file, "--json"], capture_output=True, text=True, check=False)
    return json.loads(done.stdout)


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("planner", "generator", "checker"):
        ask.add_argument(f"--{name}", required=True)
    ask.add_argument("--sizes", nargs="+", default=["small", "medium", "large", "peak"])
    ask.add_argument("--seeds", nargs="+", type=int, default=[1])
    ask.add_argument("--seconds", type=float, default=10)
    ask.add_argument("--solvers", nargs="+", default=SOLVERS, choices=SOLVERS)
    ask.add_argument("--json", type=pathlib.Path)
    asked = ask.parse_args()
    rows = []
    print(f"{'instance':12} {'solver':9} {'left':>5} {'trips':>6} {'bound':>6} {'gap':>6} {'hours':>7} {'bound':>7} {'gap':>6} {'wait':>6} {'cpu s':>6} {'wall s':>7} {'load':>5}  valid")
    with tempfile.TemporaryDirectory() as folder:
        for size in asked.sizes:
            for seed in asked.seeds:
                instance_file = f"{folder}/{size}-{seed}.json"
                subprocess.run([sys.executable, asked.generator, size, "--seed", str(seed), "--out", instance_file], check=True, capture_output=True)
                instance = json.load(open(instance_file))
                # The bound is for whom this planner moves; it is measured first so that every row has it.
                for solver in sorted(asked.solvers, key=lambda s: s != "jiezhuan"):
                    rows.append(measure(asked, folder, instance_file, instance, f"{size}-{seed}", solver, rows))
                    show(rows[-1])
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1))


def measure(asked, folder, instance_file, instance, name, solver, rows):
    plan_file = f"{folder}/{name}-{solver}.json"
    load, before, started = os.getloadavg()[0], os.times(), time.monotonic()
    row = dict(instance=name, solver=solver, seconds=asked.seconds, load=load)
    if solver == "jiezhuan":
        report = own(asked.planner, instance_file, plan_file, asked.seconds, 1)
        row.update(bound_trips=report["bounds"]["trips"], bound_hours=report["bounds"]["vehicle_minutes"] / 60, first_plan_s=report["first_plan_seconds"])
    else:
        json.dump(general(solver, instance, asked.seconds, 1), open(plan_file, "w"))
        known = next((r for r in rows if r["instance"] == name and r["solver"] == "jiezhuan"), {})
        row.update(bound_trips=known.get("bound_trips"), bound_hours=known.get("bound_hours"))
    after = os.times()
    row.update(wall_s=time.monotonic() - started, cpu_s=sum(after[2:4]) - sum(before[2:4]) + sum(after[:2]) - sum(before[:2]))
    found = judge(asked.checker, instance_file, plan_file)
    row.update(valid=not found["violations"], violations=found["violations"], left=found["untransferred_persons"], trips=found["trips"],
               hours=found["vehicle_minutes"] / 60, wait_mean_min=found["wait_mean_min"], km=found["km"])
    return row


def show(row):
    # A plan that leaves more people behind needs fewer trips: its gap to the bound says nothing, so only whole plans have one.
    def gap(key):
        bound = row[f"bound_{key}"]
        return f"{row[key] / bound - 1:6.0%}" if bound and row[key] >= bound else "     -"
    bound = lambda key, width, digits: f"{row[f'bound_{key}']:{width}.{digits}f}" if row[f"bound_{key}"] else " " * (width - 1) + "-"
    print(f"{row['instance']:12} {row['solver']:9} {row['left']:5} {row['trips']:6} {bound('trips', 6, 0)} {gap('trips')} {row['hours']:7.0f} "
          f"{bound('hours', 7, 0)} {gap('hours')} {row['wait_mean_min']:6.0f} {row['cpu_s']:6.1f} {row['wall_s']:7.1f} {row['load']:5.1f}  {'yes' if row['valid'] else row['violations']}", flush=True)


if __name__ == "__main__":
    main()
