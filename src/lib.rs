//! 接转 (Jiezhuan): the transfer of inbound travellers from a port of entry to the province each is bound for.
//!
//! From landing to release somebody answers for every traveller at every instant, and who that is never rests on anybody's
//! care: 分段负责、不断不乱, each segment has its keeper, nothing breaks and nothing is muddled.
//!
//! ```text
//! roster ─► landed ─► desk ─┬─► medical
//!                           ├─► a Shanghai district (16)
//!                           └─► Jiangsu, Zhejiang, Anhui (+3)
//! desk ─handoff─► Shanghai site ─(days counted, tests negative)─► cleared
//!      ─seat on a trip─► boarded ─handoff─► destination ─(last day ends)─► released
//! ```
//!
//! # Words
//!
//! One word a thing, in the code, in the database and on the pages.
//!
//! | 中文 | here | |
//! |---|---|---|
//! | 航班、旅客名单 | [flight](arrivals::Flight), [roster](arrivals::Roster) | who landed, as a file said it |
//! | 入境人员、同行 | [traveller](arrivals::Traveller), [party](arrivals::Party) | a party moves together and is never split by the program |
//! | 目的地 | [destination](places::Destination) | by the codes of GB/T 2260 |
//! | 政策、段 | [policy](policy::Policy), [segment](policy::Segment) | dated data; a traveller keeps the one of their landing |
//! | 隔离天数 | [calendar](policy::Calendar) | the day of landing is day 1 |
//! | 暂缓、放行 | [hold](arrivals::Hold), [clearance](arrivals::Clearance) | what keeps a person, and that nothing does |
//! | 单位、责任方 | [organisation](places::Organisation), custodian | who can answer for people; who does |
//! | 责任账 | [entry](ledger::Entry), [chain](ledger) | one link each time custody passes |
//! | 交接 | [handoff](custody::Handoff) | offered by one side, accepted by the other |
//! | 签收链接 | [guest link](custody::guest::GuestLink) | by which a county without accounts answers one handoff |
//! | 交办事项 | [obligation](custody::obligation::Obligation) | what is owed to a traveller by whoever answers |
//! | 对账单 | [statement](custody::statement::Statement) | what passed between two sides in a period, signed by both |
//! | 车辆、人员、停用 | [vehicle](fleet::Vehicle), [staff](fleet::Staff), [absence](fleet::Absence) | |
//! | 隔离点、床位 | [night](sites::Night) of a site | how many people it takes in, as it confirms itself; how many beds were promised |
//! | 车次、行程段、座位 | [trip](dispatch::Trip), [leg](dispatch::Leg), [seat](dispatch::Seat) | |
//! | 编排 | [plan](dispatch::plan::Plan) | the trips of a day as the planner proposes them |
//! | 日报 | [figures](figures::Figures) | opening, flows, closing; a fold of the ledger |
//! | 封账、更正 | [sealed day](figures::SealedDay), [correction](figures::Correction) | what was published; what became known later |
//! | 岗位、管辖范围 | [role](access::Role), [scope](access::Scope) | what one may do; for whom |
//!
//! # Modules, in reading order
//!
//! 1. [`base`]: ids, the clock, time in Shanghai, words in two languages, one error. No input or output.
//! 2. [`config`], [`db`]: settings; connections, transactions, columns, migrations, the log of events, copies of the whole.
//! 3. [`places`], [`policy`]: where people are bound for and who receives them; which rules count, and the counting of days.
//! 4. [`access`]: who may do what for whom; identities sealed at rest; what was looked at.
//! 5. [`ledger`]: the chain of custody. [`arrivals`]: rosters, people, results, holds, who must move on a day.
//! 6. [`fleet`], [`sites`], [`dispatch`]: vehicles and staff; beds of a night; trips, bookings, the gate before a seat; the [planner](dispatch::plan) of a day's trips.
//! 7. [`custody`]: handoffs, release. [`figures`]: a day's totals, and the check of everything.
//! 8. [`exchange`]: bytes of rosters to drafts, and lists to bytes; knows no database.
//! 9. [`web`], [`cli`], [`jobs`]: the doors. A door reads a request, or the clock, calls a use case, shows its outcome, and decides nothing.
//!
//! A slice holds `mod.rs` (the use cases that others call), `model.rs` and its siblings (types and rules, pure) and `store.rs`
//! (rows and queries, private). A use case takes what it works on, who asks, and the input; a write takes a [`db::Tx`], which only
//! [`db::Db::write`] makes, so that a write outside a transaction does not compile.
//!
//! # Who may import whom
//!
//! `base` < `config`, `db` < `access`, `places` < `policy` < `ledger` < `arrivals`, `sites`, `fleet` < `dispatch` < `custody` <
//! `figures` < `bulletin`; above them `exchange` and the doors `jobs`, `web`, `cli`. A module imports only from its left, neighbours
//! do not know each other, and nobody but its own slice knows a store. Slices never call forward: they record an [event](db::Event)
//! in their own transaction. `tests/it/architecture.rs` holds all this, and what else must not be imported where.
//!
//! # What always holds, and what holds it
//!
//! 1. *One custodian.* An entry's giver is the receiver of the entry before, by foreign key; two entries cannot follow the same one,
//!    by primary key. Both engines refuse to change or delete an entry, by trigger. [`ledger::Entry`] carries the hash of the one before.
//! 2. *Two parties.* [`custody::Handoff`] is accepted only by a [`custody::Signer`] of the receiving side, whose count is in before anything
//!    of the list is judged; silence accepts nothing.
//!    One open handoff a person, by unique index; two answers at once, by compare-and-set on the version.
//! 3. *Figures derive.* [`figures::totals`] folds the flows that the ledger writes in the same transaction as its entries.
//! 4. *Published is published.* A [sealed](figures::seal) day is kept as one document under its digest; both engines refuse to change or
//!    delete it. A fact dated into it has a higher number than the seal counted, and is a [correction](figures::Corrections).
//! 5. *No double booking.* Overlapping use of a vehicle or a staff member is refused by the schema (an exclusion constraint on
//!    PostgreSQL, triggers on SQLite), a seat taken twice by a unique index; the refusal names the holder.
//!    A bed is promised like a seat: what is above a [site](sites)'s word is refused by a trigger.
//! 6. *Nobody boards uncleared.* [`dispatch::seats_give`] asks for each person's [`arrivals::Clearance`], and for the whole party's.
//! 7. *Nobody sees across.* An [`access::Actor`] carries a scope that narrows every query; out of scope is
//!    [not found](base::Error::NotFound). Identities are [sealed](access::Keyring); opening one is [logged](access::audit).
//! 8. *Said is kept.* What [`db::Db::write`] has returned is on disk; a repeated request is answered [once](db::Claim).
//!
//! [`figures::verify`] rebuilds every state from the ledger and tells where anything is off.

pub mod access;
pub mod arrivals;
pub mod base;
pub mod bulletin;
pub mod cli;
pub mod config;
pub mod custody;
pub mod db;
pub mod dispatch;
pub mod exchange;
pub mod figures;
pub mod fleet;
pub mod jobs;
pub mod ledger;
pub mod places;
pub mod policy;
pub mod sites;
pub mod web;
