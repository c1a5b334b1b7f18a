//! Pages of long lists, by cursor: the next page begins after the last key of this one, so that rows that arrive meanwhile
//! neither repeat nor hide.

use serde::Serialize;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest<C> {
    /// Begin after this key; from the start if none.
    pub after: Option<C>,
    /// At most so many rows, 1 to [`PageRequest::MOST`].
    pub limit: u32,
}

impl<C> PageRequest<C> {
    /// The largest page.
    pub const MOST: u32 = 500;

    /// A page after `after`, its size brought within bounds (100 if not given).
    pub fn new(after: Option<C>, limit: Option<u32>) -> Self {
        Self { after, limit: limit.unwrap_or(100).clamp(1, Self::MOST) }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T, C> {
    /// The rows, in the order of the list.
    pub items: Vec<T>,
    /// Ask with this for what follows; none at the end.
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// Cuts a page from rows that were read one beyond the limit; the row beyond tells that more follows.
    pub fn cut(mut rows: Vec<T>, limit: u32, key: impl Fn(&T) -> C) -> Self {
        let limit = limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(key) } else { None };
        Self { items: rows, next }
    }
}
