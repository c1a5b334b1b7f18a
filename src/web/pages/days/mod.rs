//! Days: which are closed and which are not, a day before it is closed with what is still open in it, the closing, and afterwards what was
//! published beside what has become known since; and who keeps the root of each.

mod day;
mod list;
mod roots;

pub use day::{bulletin, seal, show as show_day};
pub use list::show;
pub use roots::show as roots;
