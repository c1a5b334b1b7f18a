//! Days: which are closed and which are not, a day before it is closed with what is still open in it, the closing, and afterwards what was
//! published beside what has become known since.

mod day;
mod list;

pub use day::{bulletin, seal, show as show_day};
pub use list::show;
