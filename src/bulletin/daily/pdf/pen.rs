//! Writing with a font: how wide a text comes out, and where it is broken into lines.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::ttf_parser::Tag;
use rustybuzz::{Face, Feature, UnicodeBuffer};

use super::fonts::Typeface;
use crate::base::Result;

/// What stands for a letter that the font lacks, as printers have it.
const LACKING: char = '〓';

/// Marks that no line begins with, and that none ends with.
const CLOSING: &str = "、，。；：！？）》」』”’…,.;:!?)%";
const OPENING: &str = "（《「『“‘(";

/// Where the letters of other scripts end and those begin between which a line may be broken.
const CJK: char = '\u{2e80}';

/// One face, ready to write.
pub struct Pen<'f> {
    pub font: Font,
    face: Face<'f>,
}

impl<'f> Pen<'f> {
    pub fn new(typeface: &'f Typeface) -> Result<Self> {
        let font = Font::new(typeface.data.clone().into(), typeface.index);
        let face = Face::from_slice(&typeface.data, typeface.index);
        let (font, face) = font.zip(face).ok_or_else(|| anyhow::anyhow!("a font that was read before cannot be"))?;
        Ok(Self { font, face })
    }

    /// The text as it can be written.
    pub fn writable(&self, text: &str) -> String {
        text.chars().map(|letter| if self.face.glyph_index(letter).is_some() { letter } else { LACKING }).collect()
    }

    /// The shapes of a text that can be written, in parts of the size.
    pub fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        // A digest is read letter by letter, so no two of them are drawn as one.
        let apart = Feature::new(Tag::from_bytes(b"liga"), 0, ..);
        let shaped = rustybuzz::shape(&self.face, &[apart], buffer);
        let (infos, positions) = (shaped.glyph_infos(), shaped.glyph_positions());
        let part = |units: i32| units as f32 / self.font.units_per_em();
        let glyphs = infos.iter().zip(positions).enumerate().map(|(n, (info, at))| {
            let start = info.cluster as usize;
            let end = infos[n..].iter().map(|other| other.cluster as usize).find(|other| *other > start).unwrap_or(text.len());
            let id = GlyphId::new(info.glyph_id);
            KrillaGlyph::new(id, part(at.x_advance), part(at.x_offset), part(at.y_offset), part(at.y_advance), start..end, None)
        });
        glyphs.collect()
    }

    pub fn width(&self, text: &str, size: f32) -> f32 {
        self.glyphs(text).iter().map(|glyph| glyph.x_advance * size).sum()
    }

    /// The width below which a text would be broken where it should not be.
    pub fn narrowest(&self, text: &str, size: f32) -> f32 {
        pieces(text).into_iter().map(|piece| self.width(piece.trim_end(), size)).fold(0.0, f32::max)
    }

    /// The lines of a text of this width.
    pub fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let text = self.writable(text);
        let mut lines = vec![String::new()];
        let mut taken = 0.0;
        let mut put = |piece: &str| {
            let (whole, seen) = (self.width(piece, size), self.width(piece.trim_end(), size));
            // Widths are sums of parts, and rounded.
            if taken > 0.0 && taken + seen > width + 0.01 {
                lines.push(String::new());
                taken = 0.0;
            }
            taken += whole;
            lines.last_mut().into_iter().for_each(|line| line.push_str(piece));
        };
        for piece in pieces(&text) {
            if self.width(piece.trim_end(), size) <= width + 0.01 {
                put(piece);
            } else {
                piece.char_indices().for_each(|(at, letter)| put(&piece[at..at + letter.len_utf8()]));
            }
        }
        lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
    }
}

/// The parts between which a text may be broken, each with the blanks behind it.
fn pieces(text: &str) -> Vec<&str> {
    let may_break = |before: char, after: char| {
        let is_between = before.is_whitespace() || before >= CJK || after >= CJK;
        is_between && !after.is_whitespace() && !CLOSING.contains(after) && !OPENING.contains(before)
    };
    let mut pieces = Vec::new();
    let mut start = 0;
    for ((_, before), (at, after)) in text.char_indices().zip(text.char_indices().skip(1)) {
        if may_break(before, after) {
            pieces.push(&text[start..at]);
            start = at;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn a_line_is_broken_between_words_and_between_chinese_letters_but_not_before_a_comma() {
        assert_eq!(pieces("in charge  at 24:00."), ["in ", "charge  ", "at ", "24:00."]);
        assert_eq!(pieces("在管 3 人，（2021）年"), ["在", "管 ", "3 ", "人，", "（2021）", "年"]);
        assert_eq!(pieces("江苏苏州"), ["江", "苏", "苏", "州"]);
        assert_eq!(pieces(""), [""]);
    }
}
