"""OR-Tools routing: guided local search."""

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

import models


def tours(day, seconds, seed):
    n, vehicles = len(day.parties) + 1, len(day.vehicles)
    index = pywrapcp.RoutingIndexManager(n, vehicles, 0)
    routing = pywrapcp.RoutingModel(index)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(day.cost))
    time = [[day.minutes[i][j] + day.service[i] for j in range(n)] for i in range(n)]
    routing.AddDimension(routing.RegisterTransitMatrix(time), day.instance["horizon"], 2 * day.instance["horizon"], False, "time")
    dimension = routing.GetDimensionOrDie("time")
    for node in range(1, n):
        dimension.CumulVar(index.NodeToIndex(node)).SetRange(*day.windows[node])
        routing.AddDisjunction([index.NodeToIndex(node)], 100_000 * day.parties[node - 1]["size"])
    for vehicle in range(vehicles):
        dimension.SetSpanUpperBoundForVehicle(models.ROUND, vehicle)
    for k in range(4):
        unary = routing.RegisterUnaryTransitVector([demand[k] for demand in day.demand])
        routing.AddDimensionWithVehicleCapacity(unary, 0, [c[k] for c in day.capacity], True, f"load{k}")
    routing.SetFixedCostOfAllVehicles(day.trip_cost)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    search.time_limit.FromMilliseconds(int(seconds * 1000))
    found = routing.SolveWithParameters(search)
    result = []
    for vehicle in range(vehicles if found else 0):
        at, picks = routing.Start(vehicle), []
        while not routing.IsEnd(at):
            node = index.IndexToNode(at)
            picks += [day.parties[node - 1]] if node else []
            at = found.Value(routing.NextVar(at))
        result += [(day.vehicles[vehicle], picks)] if picks else []
    return result
