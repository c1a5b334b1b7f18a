"""The day as general solvers can see it: one vehicle-routing problem a province, of pick-ups.

Solvers know capacity, time windows and distances, and neither drivers' hours, nor nights, nor crews, nor that everybody boards before anybody
alights. So a tour is a round of pick-ups; the way between two parties costs the way between their sites as well, which brings together who
rides the same way; time counts from the first pick-up on, and a round may last as long as rides allow for it.
"""

ROUND = 150           # minutes of a round of pick-ups: what is left of the longest ride is for breaks and drops
APART = 20_000        # what it costs to mix classes


class Day:
    """One province as arrays: node 0 is the depot, then one node a party."""

    def __init__(self, instance, province):
        self.instance = instance
        p = instance["params"]
        site = {s["id"]: s for s in instance["sites"]}
        self.vehicles = sorted((v for v in instance["vehicles"] if v["province"] == province), key=lambda v: -v["seats"])
        usable = lambda q: any(q["risk"] in site[s]["accepts"] and site[s]["capacity"] >= q["size"] for s in q["sites"])
        fits = lambda q: any(all(q[a] <= v[b] for a, b in (("wheelchair", "wheelchair"), ("infants", "infants"), ("luggage", "luggage"))) and q["size"] <= v["cap"][q["risk"]] for v in self.vehicles)
        self.parties = [q for q in instance["parties"] if q["province"] == province and usable(q) and fits(q)]
        dur = instance["dur"]
        to = [site[q["sites"][0]]["loc"] for q in self.parties]
        self.service = [0] + [p["board_base"] + p["board_per_person"] * q["size"] + p["board_wheelchair"] * q["wheelchair"] for q in self.parties]
        self.windows = [(0, instance["horizon"])] + [(q["earliest"], q["latest"]) for q in self.parties]
        # Persons count by the share of the vehicle that they take: a class that sits wider counts more.
        ordinary = max(v["cap"]["ordinary"] / v["cap"]["contact"] for v in self.vehicles)
        weight = {"ordinary": 1.0, "contact": ordinary}
        self.demand = [[0] * 4] + [[-int(-q["size"] * weight[q["risk"]] // 1), q["wheelchair"], q["infants"], q["luggage"]] for q in self.parties]
        self.capacity = [[v["cap"]["ordinary"], v["wheelchair"], v["infants"], v["luggage"]] for v in self.vehicles]
        n = len(self.parties) + 1
        self.minutes = [[0] * n for _ in range(n)]
        self.cost = [[0] * n for _ in range(n)]
        for i, a in enumerate(self.parties, 1):
            for j, b in enumerate(self.parties, 1):
                if i != j:
                    self.minutes[i][j] = dur[a["pickup"]][b["pickup"]]
                    self.cost[i][j] = self.minutes[i][j] + dur[to[i - 1]][to[j - 1]] + (APART if a["risk"] != b["risk"] else 0)
        self.trip_cost = 2_000
