"""The clock of one trip under the rules of the instance, for tours of solvers that know none of them.

`schedule` drives a tour as late as nobody waits on board, changes drivers, takes breaks, stands still through the night ban, waits for sites
to open and lets the crew sleep on the empty way home. It answers the acts of the trip, or None.
"""

DAY = 1440


class Impossible(Exception):
    """The tour cannot be driven as it is."""


class Run:
    """One trip while it is driven."""

    def __init__(self, instance, vehicle, drivers, departure):
        self.instance, self.p, self.vehicle, self.n_drivers = instance, instance["params"], vehicle, drivers
        self.coach = vehicle["seats"] >= self.p["night_ban_min_seats"]
        self.now = departure
        self.worked_until = departure
        self.on_duty_since = None
        self.driven = [[] for _ in range(drivers)]
        self.at_wheel = 0
        self.idle = 0
        self.acts = []

    def copy(self):
        other = Run(self.instance, self.vehicle, self.n_drivers, self.now)
        other.worked_until, other.on_duty_since, other.at_wheel, other.idle = self.worked_until, self.on_duty_since, self.at_wheel, self.idle
        other.driven = [list(pieces) for pieces in self.driven]
        other.acts = list(self.acts)
        return other

    def wait_until(self, at):
        if at > self.now:
            if self.acts:
                self.idle += at - self.now
            self.now = at

    def work(self, minutes, act):
        if self.on_duty_since is None or self.now - self.worked_until >= self.p["rest"]:
            self.on_duty_since = self.now
        end = self.now + minutes
        most = self.p["duty_single"] if self.n_drivers < 2 else self.p["duty_double"]
        if end - self.on_duty_since > most or end > self.instance["horizon"]:
            raise Impossible
        self.acts.append(dict(act, start=self.now, end=end))
        self.now = self.worked_until = end

    def room(self, driver):
        """How long a driver may drive on from now."""
        pieces = self.driven[driver]
        continuous, last = 0, self.now
        for start, end in reversed(pieces):
            if last - end >= self.p["min_break"]:
                break
            continuous, last = continuous + end - start, start
        in_24h = sum(max(0, end - max(start, self.now - DAY)) for start, end in pieces)
        return min(self.p["max_cont_drive"] - continuous, self.p["max_drive_24h"] - in_24h)

    def drive(self, origin, target):
        left = self.instance["dur"][origin][target]
        waited = 0
        while left > 0:
            minute = self.now % DAY
            ban_from, ban_to = self.p["night_ban"]
            if self.coach and ban_from <= minute < ban_to:
                self.wait_until(self.now + ban_to - minute)
            turns = [self.at_wheel] + [d for d in range(self.n_drivers) if d != self.at_wheel]
            driver = next((d for d in turns if self.room(d) > 0), None)
            if driver is None:
                self.now += 5
                waited += 5
                if waited > 2 * DAY:
                    raise Impossible
                continue
            piece = min(left, self.room(driver))
            if self.coach:
                piece = min(piece, (ban_from - self.now) % DAY or DAY)
            pieces = self.driven[driver]
            if pieces and pieces[-1][1] == self.now:
                pieces[-1] = (pieces[-1][0], self.now + piece)
            else:
                pieces.append((self.now, self.now + piece))
            self.at_wheel = driver
            self.work(piece, {"t": "drive", "from": origin, "to": target, "driver": driver})
            left -= piece


def night(p, start, end):
    """Minutes of the night ban within a stretch."""
    days = range(start // DAY, end // DAY + 1)
    return sum(max(0, min(end, d * DAY + p["night_ban"][1]) - max(start, d * DAY + p["night_ban"][0])) for d in days)


def attempt(instance, vehicle, picks, drops, drivers, departure, latest):
    """Drives a tour from `departure` on. Raises Impossible, with the minutes by which a ride was too long where that is why."""
    p, dur, km = instance["params"], instance["dur"], instance["km10"]
    run = Run(instance, vehicle, drivers, departure)
    place, boarded, loaded = vehicle["depot"], {}, 0
    for party in picks:
        if party["pickup"] != place:
            run.drive(place, party["pickup"])
            loaded += km[place][party["pickup"]] if boarded else 0
            place = party["pickup"]
        run.wait_until(party["earliest"])
        if run.now > party["latest"]:
            raise Impossible
        need = p["board_base"] + p["board_per_person"] * party["size"] + p["board_wheelchair"] * party["wheelchair"]
        run.work(need, {"t": "board", "party": party["id"], "loc": place})
        boarded[party["id"]] = run.now
    for party, site in drops:
        if site["loc"] != place:
            run.drive(place, site["loc"])
            loaded += km[place][site["loc"]]
            place = site["loc"]
        need = p["alight_base"] + p["alight_per_person"] * party["size"]
        opens = [a for a, b in site["open"] if max(run.now, a) + need <= b]
        if not opens:
            raise Impossible
        run.wait_until(min(opens))
        since = boarded[party["id"]]
        excess = run.now - since - dur[party["pickup"]][place] - (night(p, since, run.now) if run.coach else 0)
        if p["max_ride_excess"] is not None and excess > p["max_ride_excess"]:
            raise Impossible(excess - p["max_ride_excess"])
        run.work(need, {"t": "alight", "party": party["id"], "loc": place, "site": site["id"]})
    if drivers < 2 and loaded > p["two_driver_km10"]:
        raise Impossible
    idle = run.idle
    if place != vehicle["depot"]:
        rested = run.copy()
        try:
            run.drive(place, vehicle["depot"])
        except Impossible:
            rested.now += p["rest"]
            rested.drive(place, vehicle["depot"])
            run = rested
    if run.worked_until > latest:
        raise Impossible
    return run.acts, idle


def schedule(instance, vehicle, picks, drops, drivers, earliest, latest):
    """The shortest of a few departures, as acts with numbers for drivers; None if there is none."""
    p, dur = instance["params"], instance["dur"]
    elapsed, place, departure = 0, vehicle["depot"], earliest
    for party in picks:
        elapsed += dur[place][party["pickup"]]
        departure = max(departure, party["earliest"] - elapsed)
        elapsed += p["board_base"] + p["board_per_person"] * party["size"] + p["board_wheelchair"] * party["wheelchair"]
        place = party["pickup"]
    best = None
    for _ in range(4):
        try:
            acts, idle = attempt(instance, vehicle, picks, drops, drivers, departure, latest)
        except Impossible as why:
            if not why.args:
                break
            departure += why.args[0]
            continue
        if best is None or acts[-1]["end"] - acts[0]["start"] < best[-1]["end"] - best[0]["start"]:
            best = acts
        if idle == 0:
            break
        departure += idle
    return best
