//! The custody ledger as a rule: stocks, entries, the fold of entries into who answers now, the chain of their hashes.
//!
//! Invariant: an entry can only be made from the custody it follows ([`Custody::follow`]), so a gap or a fork cannot be written
//! down here; the database refuses one that was written down elsewhere.

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};

use crate::base::{Id, Message, time};
use crate::places::Organisation;

/// Marks the ids of travellers. The ledger knows nothing else of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {}

/// A link of a traveller's chain: SHA-256.
pub type EntryHash = [u8; 32];

/// Where people are counted. The first five hold people, the last two are exits and only grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stock {
    /// 口岸: landed, with the desk.
    AtPort,
    /// 在沪: at a site or with a district of the port's city.
    InShanghai,
    /// 途中: with a provincial group, a squad or a hub.
    OnRoad,
    /// 目的地: at a site of the destination.
    AtDestination,
    /// 医疗: with a hospital.
    Medical,
    /// 解除: released at the end of the term.
    Released,
    /// 离网: left the network in another way (died, left the country, handed to somebody outside).
    LeftNetwork,
}

impl Stock {
    /// All of them, in the order of the day's figures.
    pub const ALL: [Self; 7] = [Self::AtPort, Self::InShanghai, Self::OnRoad, Self::AtDestination, Self::Medical, Self::Released, Self::LeftNetwork];

    /// Whether whoever is counted here has the first move still before them.
    pub const fn is_before_the_move(self) -> bool {
        matches!(self, Self::AtPort | Self::InShanghai)
    }

    /// The name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtPort => "at_port",
            Self::InShanghai => "in_shanghai",
            Self::OnRoad => "on_road",
            Self::AtDestination => "at_destination",
            Self::Medical => "medical",
            Self::Released => "released",
            Self::LeftNetwork => "left_network",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stock| stock.name() == name)
    }

    /// Whether nobody answers for the people counted here any more.
    pub const fn is_exit(self) -> bool {
        matches!(self, Self::Released | Self::LeftNetwork)
    }
}

/// What an entry did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// 入境: the traveller landed and the desk of the port answers.
    Landed,
    /// 入点: a site or district of the port's city took over.
    Admitted,
    /// 上车: a provincial group took over for the road.
    Boarded,
    /// 接收: a site of the destination took over.
    Received,
    /// 交接: passed on within the same stock.
    Relayed,
    /// 转诊: a hospital took over.
    Diverted,
    /// 退回: went back the way people come.
    Returned,
    /// 改派: the same custodian, another destination or policy.
    Reassigned,
    /// 解除: the term ended.
    Released,
    /// 离网: left the network.
    LeftNetwork,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Landed,
        Self::Admitted,
        Self::Boarded,
        Self::Received,
        Self::Relayed,
        Self::Diverted,
        Self::Returned,
        Self::Reassigned,
        Self::Released,
        Self::LeftNetwork,
    ];

    /// The name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Landed => "landed",
            Self::Admitted => "admitted",
            Self::Boarded => "boarded",
            Self::Received => "received",
            Self::Relayed => "relayed",
            Self::Diverted => "diverted",
            Self::Returned => "returned",
            Self::Reassigned => "reassigned",
            Self::Released => "released",
            Self::LeftNetwork => "left_network",
        }
    }

    /// Reads a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What passing from one stock to another is called. Whoever goes on is admitted, boarded, received; whoever goes back is returned.
    pub fn of_passing(from: Stock, to: Stock) -> Self {
        match (from, to) {
            (_, Stock::Released) => Self::Released,
            (_, Stock::LeftNetwork) => Self::LeftNetwork,
            (from, to) if from == to => Self::Relayed,
            (_, Stock::Medical) => Self::Diverted,
            (Stock::Medical, _) | (_, Stock::AtPort) => Self::Returned,
            (from, to) if to < from => Self::Returned,
            (_, Stock::InShanghai) => Self::Admitted,
            (_, Stock::OnRoad) => Self::Boarded,
            (_, Stock::AtDestination) => Self::Received,
        }
    }
}

/// The cell of the figures that a traveller is counted in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Cell {
    /// Province of the destination, six digits; none while it is not known.
    pub province: Option<String>,
    /// City of the destination.
    pub city: Option<String>,
    /// The policy's name.
    pub policy: Option<String>,
}

/// Who answers for a traveller now: the fold of their entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custody {
    /// Whose custody.
    pub traveller: Id<Person>,
    /// Who answers; nobody after an exit.
    pub custodian: Option<Id<Organisation>>,
    /// Where the traveller is counted.
    pub stock: Stock,
    /// The number of the last entry, from 1.
    pub seq: i32,
    /// The hash of the last entry.
    pub hash: EntryHash,
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who passed.
    pub traveller: Id<Person>,
    /// Its number in the traveller's chain, from 1.
    pub seq: i32,
    /// What it did.
    pub kind: Kind,
    /// The giver; none for a landing.
    pub from: Option<(Id<Organisation>, Stock)>,
    /// The receiver; none for an exit.
    pub to: Option<Id<Organisation>>,
    /// Where the traveller is counted from then on.
    pub to_stock: Stock,
    /// The cell of the figures.
    pub cell: Cell,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    /// Who wrote it down.
    pub actor: String,
    /// The handoff, roster or other act behind it.
    pub act: uuid::Uuid,
    /// The hash of the entry before; zeros for the first.
    pub prev_hash: EntryHash,
    /// The hash of this one.
    pub hash: EntryHash,
}

/// The facts that entries of one act share.
#[derive(Debug, Clone)]
pub struct Act {
    /// The handoff, roster or other act.
    pub id: uuid::Uuid,
    /// Who wrote it down.
    pub actor: String,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
}

/// Where an entry leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// To a custodian, who counts people in this stock.
    To(Id<Organisation>, Stock),
    /// Out, at the end of the term.
    Release,
    /// Out, in another way.
    Leave,
    /// Nowhere: the cell changes.
    Reassign,
}

impl Custody {
    /// The first entry of a traveller: landed, the desk answers.
    pub fn land(traveller: Id<Person>, desk: Id<Organisation>, cell: Cell, act: &Act) -> (Self, Entry) {
        Self::chain(Entry {
            traveller,
            seq: 1,
            kind: Kind::Landed,
            from: None,
            to: Some(desk),
            to_stock: Stock::AtPort,
            cell,
            happened_at: act.happened_at,
            recorded_at: act.recorded_at,
            actor: act.actor.clone(),
            act: act.id,
            prev_hash: [0; 32],
            hash: [0; 32],
        })
    }

    /// The entry that follows this custody. Refused after an exit: nobody is left to give.
    pub fn follow(&self, passing: Passing, cell: Cell, act: &Act) -> Result<(Self, Entry), Message> {
        let giver = self.custodian.ok_or_else(|| Message::new("custody_ended"))?;
        let (kind, to, to_stock) = match passing {
            Passing::To(receiver, stock) => (Kind::of_passing(self.stock, stock), Some(receiver), stock),
            Passing::Release => (Kind::Released, None, Stock::Released),
            Passing::Leave => (Kind::LeftNetwork, None, Stock::LeftNetwork),
            Passing::Reassign => (Kind::Reassigned, Some(giver), self.stock),
        };
        Ok(Self::chain(Entry {
            traveller: self.traveller,
            seq: self.seq + 1,
            kind,
            from: Some((giver, self.stock)),
            to,
            to_stock,
            cell,
            happened_at: act.happened_at,
            recorded_at: act.recorded_at,
            actor: act.actor.clone(),
            act: act.id,
            prev_hash: self.hash,
            hash: [0; 32],
        }))
    }

    fn chain(mut entry: Entry) -> (Self, Entry) {
        entry.hash = entry.computed_hash();
        let custody = Self { traveller: entry.traveller, custodian: entry.to, stock: entry.to_stock, seq: entry.seq, hash: entry.hash };
        (custody, entry)
    }

    /// Folds a traveller's entries, oldest first, and checks each link.
    pub fn fold<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Result<Option<Self>, Fault> {
        let mut custody: Option<Self> = None;
        for entry in entries {
            let follows = match &custody {
                None => entry.seq == 1 && entry.from.is_none() && entry.prev_hash == [0; 32],
                Some(before) => {
                    entry.seq == before.seq + 1 && entry.from == before.custodian.map(|giver| (giver, before.stock)) && entry.prev_hash == before.hash
                }
            };
            if !follows {
                return Err(Fault::Broken { traveller: entry.traveller, seq: entry.seq });
            }
            if entry.hash != entry.computed_hash() {
                return Err(Fault::Altered { traveller: entry.traveller, seq: entry.seq });
            }
            custody = Some(Self::chain(entry.clone()).0);
        }
        Ok(custody)
    }
}

/// What a check of the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The entry does not follow the one before.
    Broken {
        /// Whose chain.
        traveller: Id<Person>,
        /// Which entry.
        seq: i32,
    },
    /// The entry is not the one that was written.
    Altered {
        /// Whose chain.
        traveller: Id<Person>,
        /// Which entry.
        seq: i32,
    },
}

/// The days on which a chain says that its traveller was moved, in order.
pub fn moved_on(history: &[Entry]) -> Vec<NaiveDate> {
    history.iter().filter(|entry| entry.kind == Kind::Boarded).map(Entry::happened_on).collect()
}

impl Entry {
    /// The calendar day, in Shanghai, whose figures this entry belongs to.
    pub fn happened_on(&self) -> NaiveDate {
        time::civil_date(self.happened_at)
    }

    /// SHA-256 over the entry before and everything this one says, each text with its length before it, so that nothing can be
    /// moved from one field into the next. The format is part of what `verify` and other parties check: never change it,
    /// only add a new one under a new first byte.
    pub fn computed_hash(&self) -> EntryHash {
        let mut hash = Sha256::new();
        hash.update([1]);
        hash.update(self.prev_hash);
        hash.update(self.traveller.uuid_ref());
        hash.update(self.seq.to_be_bytes());
        let mut text = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        text(self.kind.name());
        text(self.from.map_or("", |(_, stock)| stock.name()));
        text(self.to_stock.name());
        for part in [&self.cell.province, &self.cell.city, &self.cell.policy] {
            text(part.as_deref().unwrap_or_default());
        }
        text(&self.actor);
        hash.update(self.from.map_or([0; 16], |(giver, _)| giver.uuid().into_bytes()));
        hash.update(self.to.map_or([0; 16], |receiver| receiver.uuid().into_bytes()));
        hash.update(self.happened_at.timestamp_micros().to_be_bytes());
        hash.update(self.recorded_at.timestamp_micros().to_be_bytes());
        hash.update(self.act);
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act() -> Act {
        let at = time::parse_instant("2020-09-12 00:05").unwrap();
        Act { id: uuid::Uuid::nil(), actor: "desk".into(), happened_at: at, recorded_at: at }
    }

    fn id<K>(n: u128) -> Id<K> {
        Id::from_uuid(uuid::Uuid::from_u128(n))
    }

    fn journey() -> (Custody, Vec<Entry>) {
        let (landed, first) = Custody::land(id(1), id(10), Cell::default(), &act());
        let (admitted, second) = landed.follow(Passing::To(id(11), Stock::InShanghai), Cell::default(), &act()).unwrap();
        let (boarded, third) = admitted.follow(Passing::To(id(12), Stock::OnRoad), Cell::default(), &act()).unwrap();
        (boarded, vec![first, second, third])
    }

    #[test]
    fn the_fold_of_the_entries_is_who_answers_now() {
        let (now, entries) = journey();
        assert_eq!(Custody::fold(&entries), Ok(Some(now)));
        assert_eq!(Custody::fold(&entries[..0]), Ok(None));
    }

    #[test]
    fn nothing_follows_an_exit() {
        let (now, _) = journey();
        let (gone, last) = now.follow(Passing::Release, Cell::default(), &act()).unwrap();
        assert_eq!((last.kind, last.to), (Kind::Released, None));
        assert_eq!(gone.follow(Passing::To(id(10), Stock::AtPort), Cell::default(), &act()), Err(Message::new("custody_ended")));
    }

    #[test]
    fn any_change_of_any_field_of_any_entry_shows() {
        let (_, entries) = journey();
        type Change = fn(&mut Entry);
        let changes: [Change; 12] = [
            |entry| entry.traveller = id(2),
            |entry| entry.seq += 1,
            |entry| entry.kind = Kind::Diverted,
            |entry| entry.from = Some((id(99), Stock::Medical)),
            |entry| entry.to = Some(id(99)),
            |entry| entry.to_stock = Stock::Medical,
            |entry| entry.cell.city = Some("320500".into()),
            |entry| entry.happened_at += chrono::Duration::microseconds(1),
            |entry| entry.recorded_at += chrono::Duration::microseconds(1),
            |entry| entry.actor.push('x'),
            |entry| entry.act = uuid::Uuid::from_u128(5),
            |entry| entry.prev_hash[0] ^= 1,
        ];
        for (n, change) in changes.iter().enumerate() {
            for at in 0..entries.len() {
                let mut forged = entries.clone();
                change(&mut forged[at]);
                assert!(Custody::fold(&forged).is_err(), "change {n} of entry {at} went unseen");
            }
        }
        let mut gap = entries.clone();
        gap.remove(1);
        assert!(Custody::fold(&gap).is_err());
    }

    #[test]
    fn a_passing_is_named_by_its_direction() {
        use Stock::{AtDestination, AtPort, InShanghai, Medical, OnRoad};
        for (from, to, kind) in [
            (AtPort, InShanghai, Kind::Admitted),
            (AtPort, OnRoad, Kind::Boarded),
            (InShanghai, OnRoad, Kind::Boarded),
            (OnRoad, OnRoad, Kind::Relayed),
            (OnRoad, AtDestination, Kind::Received),
            (OnRoad, InShanghai, Kind::Returned),
            (InShanghai, AtPort, Kind::Returned),
            (InShanghai, Medical, Kind::Diverted),
            (Medical, InShanghai, Kind::Returned),
            (Medical, Medical, Kind::Relayed),
        ] {
            assert_eq!(Kind::of_passing(from, to), kind, "{from:?} to {to:?}");
        }
    }
}
