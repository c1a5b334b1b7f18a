"""From tours that a general solver found to a plan that keeps every rule: the same for every solver.

A tour is a vehicle and the order of its pick-ups. Its drops are ordered by the way that is shortest from site to site; it is timed, and crewed.
Parties that a tour cannot carry are inserted where they fit into other tours, or travel on new ones as long as there are vehicles and crews.
"""

import collections

import clock


class Book:
    """Vehicles, people and rooms that are spoken for."""

    def __init__(self, instance):
        self.instance, self.p = instance, instance["params"]
        self.trips = []
        self.site = {s["id"]: s for s in instance["sites"]}
        self.received = collections.Counter()
        self.vehicle_spans = collections.defaultdict(list)
        self.blocks = collections.defaultdict(list)
        self.driving = collections.defaultdict(list)
        self.rank = self.p["licence_rank"]
        self.staff = collections.defaultdict(list)
        for s in instance["staff"]:
            self.staff[s["depot"], s["role"]].append(s)
        for group in self.staff.values():
            group.sort(key=lambda s: (self.rank.get(s.get("licence"), 0), -s["last_off"]))

    def gaps(self, vehicle):
        """When a vehicle is free."""
        start, gaps = vehicle["avail"][0], []
        for a, b in sorted(self.vehicle_spans[vehicle["id"]]):
            gaps.append((start, a - self.p["disinfect"]))
            start = b + self.p["disinfect"]
        gaps.append((start, vehicle["avail"][1]))
        return [gap for gap in gaps if gap[0] < gap[1]]

    def crew(self, vehicle, parties, acts, drivers):
        """A crew whose people rest before and after, or None."""
        blocks, rest = [], self.p["rest"]
        for act in acts:
            if blocks and act["start"] - blocks[-1][1] < rest:
                blocks[-1][1] = act["end"]
            else:
                blocks.append([act["start"], act["end"]])
        start, end = blocks[0][0], blocks[-1][1]
        persons = sum(p["size"] for p in parties)
        medic = parties[0]["risk"] == "contact" or persons >= self.p["medic_from_persons"] or any(p["wheelchair"] for p in parties)
        needs = [("driver", drivers), ("medic", int(medic)), ("escort", int(vehicle["seats"] >= self.p["escort_from_seats"]))]
        crew = {}
        for role, n in needs:
            found = []
            for s in self.staff[vehicle["depot"], role]:
                pieces = driven(dict(acts=acts), len(found)) if role == "driver" else []
                licensed = role != "driver" or self.rank[s["licence"]] >= self.rank[vehicle["licence"]]
                rested = start >= s["last_off"] + rest and all(b + rest <= start or end + rest <= a for a, b in self.blocks[s["id"]])
                if len(found) < n and licensed and rested and self.within_24h(self.driving[s["id"]] + pieces):
                    found.append(s["id"])
            if len(found) < n:
                return None
            crew[role] = found
        return crew, (start, end)

    def within_24h(self, pieces):
        """Whether nobody drives too long in any 24 hours."""
        return all(sum(max(0, min(b, end) - max(a, end - clock.DAY)) for a, b in pieces) <= self.p["max_drive_24h"] for _, end in pieces)

    def fits(self, vehicle, parties):
        total = lambda key: sum(p[key] for p in parties)
        same = all(p["risk"] == parties[0]["risk"] and p["province"] == vehicle["province"] for p in parties)
        return same and total("size") <= vehicle["cap"][parties[0]["risk"]] and all(total(k) <= vehicle[k] for k in ("wheelchair", "infants", "luggage"))

    def sites(self, parties, without=()):
        """A site with room for each party, or None."""
        taken, chosen = collections.Counter(self.received), {}
        for p in without:
            taken[p[1]["id"]] -= p[0]["size"]
        for p in sorted(parties, key=lambda p: -p["size"]):
            open_ = [self.site[s] for s in p["sites"] if p["risk"] in self.site[s]["accepts"] and self.site[s]["capacity"] - taken[s] >= p["size"]]
            if not open_:
                return None
            # Where somebody else gets off anyway, if that is possible.
            site = next((s for s in open_ if any(s is other for other in chosen.values())), open_[0])
            chosen[p["id"]] = site
            taken[site["id"]] += p["size"]
        return chosen

    def try_trip(self, vehicle, picks, old=None):
        """A trip of a vehicle with these pick-ups in order, in place of `old`, or None."""
        if not picks or not self.fits(vehicle, picks):
            return None
        chosen = self.sites(picks, old["drops"] if old else ())
        if chosen is None:
            return None
        drops, place = [], picks[-1]["pickup"]
        rest = list(picks)
        while rest:
            site = chosen[min(rest, key=lambda p: self.instance["dur"][place][chosen[p["id"]]["loc"]])["id"]]
            drops += [(p, site) for p in rest if chosen[p["id"]] is site]
            rest = [p for p in rest if chosen[p["id"]] is not site]
            place = site["loc"]
        if old:
            self.release(old)
        try:
            for gap in self.gaps(vehicle):
                for drivers in (1, 2):
                    acts = clock.schedule(self.instance, vehicle, picks, drops, drivers, *gap)
                    found = acts and self.crew(vehicle, picks, acts, drivers)
                    if found:
                        return dict(vehicle=vehicle, picks=picks, drops=drops, acts=acts, crew=found[0], span=found[1])
        finally:
            if old:
                self.take(old)
        return None

    def take(self, trip):
        self.vehicle_spans[trip["vehicle"]["id"]].append(trip["span"])
        for p, site in trip["drops"]:
            self.received[site["id"]] += p["size"]
        for ids in trip["crew"].values():
            for s in ids:
                self.blocks[s].append(trip["span"])
        for n, s in enumerate(trip["crew"]["driver"]):
            self.driving[s] += driven(trip, n)

    def release(self, trip):
        self.vehicle_spans[trip["vehicle"]["id"]].remove(trip["span"])
        for p, site in trip["drops"]:
            self.received[site["id"]] -= p["size"]
        for ids in trip["crew"].values():
            for s in ids:
                self.blocks[s].remove(trip["span"])
        for n, s in enumerate(trip["crew"]["driver"]):
            for piece in driven(trip, n):
                self.driving[s].remove(piece)

    def add(self, trip):
        self.take(trip)
        self.trips.append(trip)

    def replace(self, n, trip):
        self.release(self.trips[n])
        self.take(trip)
        self.trips[n] = trip


def driven(trip, driver):
    """When one of a trip's drivers drives."""
    return [(a["start"], a["end"]) for a in trip["acts"] if a["t"] == "drive" and a["driver"] == driver]


def repair(instance, tours):
    """The plan that comes of tours: pairs of a vehicle and parties in the order of boarding."""
    book, left = Book(instance), []
    for vehicle, picks in tours:
        picks = list(picks)
        while picks:
            trip = book.try_trip(vehicle, picks)
            if trip:
                book.add(trip)
                break
            # The party that is ready last, or boards first, holds everybody up.
            drop = max(picks, key=lambda p: p["earliest"]) if len(picks) % 2 else picks[0]
            picks.remove(drop)
            left.append(drop)
    carried = {p["id"] for t in book.trips for p in t["picks"]} | {p["id"] for p in left}
    left += [p for p in instance["parties"] if p["id"] not in carried]
    still = []
    for p in sorted(left, key=lambda p: -p["size"]):
        if not insert(book, p) and not open_trip(book, p):
            still.append(p)
    return plan(instance, book, still)


def insert(book, party):
    """Puts a party onto one of the trips nearest to it."""
    dur = book.instance["dur"]
    near = lambda n: min(dur[party["pickup"]][p["pickup"]] + dur[site["loc"]][book.site[s]["loc"]] for p, site in book.trips[n]["drops"] for s in party["sites"])
    fitting = [n for n, t in enumerate(book.trips) if book.fits(t["vehicle"], t["picks"] + [party])] if party["sites"] else []
    for n in sorted(fitting, key=near)[:5]:
        old = book.trips[n]
        detour = lambda k: sum(dur[a][b] for a, b in zip(order(k), order(k)[1:]))
        order = lambda k: [p["pickup"] for p in old["picks"][:k] + [party] + old["picks"][k:]]
        for k in sorted(range(len(old["picks"]) + 1), key=detour)[:2]:
            trip = book.try_trip(old["vehicle"], old["picks"][:k] + [party] + old["picks"][k:], old)
            if trip:
                book.replace(n, trip)
                return True
    return False


def open_trip(book, party):
    """A trip for a party alone with the largest vehicle that is free."""
    tried = set()
    for vehicle in sorted(book.instance["vehicles"], key=lambda v: -v["seats"]):
        kind = (vehicle["depot"], vehicle["seats"], vehicle["wheelchair"], tuple(book.gaps(vehicle)))
        if vehicle["province"] == party["province"] and kind not in tried and book.fits(vehicle, [party]):
            tried.add(kind)
            trip = book.try_trip(vehicle, [party])
            if trip:
                book.add(trip)
                return True
    return False


def reason(book, party):
    if not any(book.fits(v, [party]) for v in book.instance["vehicles"]):
        return "no_suitable_vehicle"
    return "site_full" if book.sites([party]) is None else "no_vehicle_free"


def plan(instance, book, left):
    trips = []
    for n, t in enumerate(book.trips):
        drivers = t["crew"]["driver"]
        acts = [dict(a, driver=drivers[a["driver"]]) if a["t"] == "drive" else a for a in t["acts"]]
        trips.append(dict(id=f"T{n + 1}", vehicle=t["vehicle"]["id"], drivers=drivers, medics=t["crew"]["medic"], escorts=t["crew"]["escort"], acts=acts))
    unassigned = [dict(party=p["id"], reason=reason(book, p)) for p in left]
    return dict(format="dispatch-plan/1", instance=instance["name"], trips=trips, unassigned=unassigned)
