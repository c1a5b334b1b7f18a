"""PyVRP: iterated local search."""

import numpy
import pyvrp
from pyvrp.stop import MaxRuntime

import models


def tours(day, seconds, seed):
    n = len(day.parties) + 1
    clients = [
        pyvrp.Client(i, pickup=day.demand[i], service_duration=day.service[i], tw_early=day.windows[i][0], tw_late=day.windows[i][1],
                     prize=100_000 * day.parties[i - 1]["size"], required=False)
        for i in range(1, n)
    ]
    types = [
        pyvrp.VehicleType(num_available=1, capacity=capacity, fixed_cost=day.trip_cost, shift_duration=models.ROUND, name=str(k))
        for k, capacity in enumerate(day.capacity)
    ]
    data = pyvrp.ProblemData([pyvrp.Location(0, 0) for _ in range(n)], clients, [pyvrp.Depot(0)], types, [numpy.array(day.cost)], [numpy.array(day.minutes)])
    best = pyvrp.solve(data, stop=MaxRuntime(seconds), seed=seed, display=False).best
    return [(day.vehicles[route.vehicle_type()], [day.parties[stop.idx] for stop in route if stop.is_client()]) for route in best.routes()]
