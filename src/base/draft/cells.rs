//! The texts of one row, by column, as people and spreadsheets write them.

use std::borrow::Cow;

/// The columns of one kind of file; a value is one of them. A column of a file that is none of them means nothing to us.
pub trait ColumnSet: Copy + Eq + Send + Sync + 'static {
    /// All, in the order of the contract.
    const ALL: &'static [Self];

    /// Its place among them.
    fn place(self) -> usize;

    /// The Chinese and the English header of the contract.
    fn names(self) -> (&'static str, &'static str);

    /// Other Chinese headers that people give it.
    fn aliases(self) -> &'static [&'static str] {
        &[]
    }

    /// Whether its values are dates or times, which a sheet may hold as serial numbers.
    fn is_time(self) -> bool {
        false
    }
}

/// The texts of one row, by column, and whatever stood under other headers.
#[derive(Clone)]
pub struct Cells<'t, C> {
    texts: Vec<Option<Cow<'t, str>>>,
    /// Header and text of columns that mean nothing to us.
    pub notes: Vec<(String, String)>,
    columns: std::marker::PhantomData<C>,
}

impl<C: ColumnSet> Default for Cells<'_, C> {
    fn default() -> Self {
        Self { texts: vec![None; C::ALL.len()], notes: Vec::new(), columns: std::marker::PhantomData }
    }
}

impl<'t, C: ColumnSet> Cells<'t, C> {
    /// Puts a text under a column, as typed: spaces around it go, full-width letters and digits become plain ones. An empty
    /// text is none.
    pub fn set(&mut self, column: C, text: Cow<'t, str>) {
        let text = plain(text);
        self.texts[column.place()] = (!text.is_empty()).then_some(text);
    }

    /// The text under a column; never empty.
    pub fn get(&self, column: C) -> Option<&str> {
        self.texts[column.place()].as_deref()
    }
}

/// Trims, turns full-width forms (ＭＵ５８８, the ideographic space) into ASCII and drops the invisible marks that chat programs
/// and spreadsheets leave around numbers. Borrows whenever nothing changes.
pub fn plain(text: Cow<'_, str>) -> Cow<'_, str> {
    let changes = |c: char| matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{3000}') || is_invisible(c);
    if !text.is_ascii() && text.contains(changes) {
        let folded: String = text.chars().filter(|c| !is_invisible(*c)).map(half_width).collect();
        return Cow::Owned(folded.trim().to_owned());
    }
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// What a spreadsheet takes a text for a formula by.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A text for separated text: one that a spreadsheet would run as a formula is kept from it by an apostrophe.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text without the apostrophe of [`guarded`].
pub fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA)).unwrap_or(text)
}

fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_and_invisible_characters_become_plain() {
        for (typed, meant) in
            [("　ＭＵ５８８ ", "MU588"), ("\u{202d}13561874381\u{202c}", "13561874381"), ("\u{feff}姓名", "姓名"), (" 高杰洲\t", "高杰洲"), ("", "")]
        {
            assert_eq!(plain(Cow::Borrowed(typed)), meant);
        }
        assert!(matches!(plain(Cow::Borrowed(" 高杰洲 ")), Cow::Borrowed("高杰洲")));
    }

    #[test]
    fn what_would_be_run_as_a_formula_is_guarded_and_read_back_as_it_was() {
        for (text, written) in [("=1+1", "'=1+1"), ("-7", "'-7"), ("@x", "'@x"), ("苏A12345", "苏A12345"), ("'tis", "'tis"), ("", "")] {
            assert_eq!((guarded(text).as_ref(), unguarded(&guarded(text))), (written, text));
        }
    }
}
