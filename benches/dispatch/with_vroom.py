"""VROOM through pyvroom."""

from datetime import timedelta

import numpy
import vroom

import models


def tours(day, seconds, seed):
    problem = vroom.Input()
    n = len(day.parties) + 1
    problem.set_durations_matrix("car", numpy.array(day.minutes, dtype=numpy.uint32))
    problem.set_costs_matrix("car", numpy.array(day.cost, dtype=numpy.uint32))
    for k, (vehicle, capacity) in enumerate(zip(day.vehicles, day.capacity)):
        problem.add_vehicle(vroom.Vehicle(k, start=0, end=0, capacity=capacity, profile="car", costs=vroom.VehicleCosts(fixed=day.trip_cost),
                                          time_window=(0, 2 * day.instance["horizon"]), max_travel_time=models.ROUND))
    for i in range(1, n):
        problem.add_job(vroom.Job(i, location=i, pickup=day.demand[i], default_service=day.service[i], time_windows=[day.windows[i]], priority=min(100, 10 * day.parties[i - 1]["size"])))
    solution = problem.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds))
    routes = {}
    for _, step in solution.routes.iterrows():
        if step["type"] in ("job", "pickup"):
            routes.setdefault(int(step["vehicle_id"]), []).append(day.parties[int(step["id"]) - 1])
    return [(day.vehicles[k], picks) for k, picks in routes.items()]
