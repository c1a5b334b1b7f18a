//! The bulletin as a PDF: sheets of A4 across, in black and greys. Its time of making is when the figures were known, so that the same
//! bulletin, written with the same fonts, is the same file. Which mark stands where is decided in [`sheets`]; here they are drawn.

mod fonts;
mod pen;
mod sheets;

use std::path::Path;

use chrono::{Datelike, Timelike};
use krilla::color::luma;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use self::fonts::Fonts;
use self::pen::Pen;
use self::sheets::{HEIGHT, Ink, Mark, WIDTH};
use super::Paper;
use crate::base::Result;

/// The two faces.
struct Pens<'f> {
    regular: Pen<'f>,
    bold: Pen<'f>,
}

impl<'f> Pens<'f> {
    fn new(fonts: &'f Fonts) -> Result<Self> {
        Ok(Self { regular: Pen::new(&fonts.regular)?, bold: Pen::new(&fonts.bold)? })
    }

    fn of(&self, is_bold: bool) -> &Pen<'f> {
        if is_bold { &self.bold } else { &self.regular }
    }
}

/// Writes it, with the fonts in `folder` or those of the system.
///
/// # Errors
/// Refused if there is no font to write it with.
pub fn pdf(paper: &Paper, folder: Option<&Path>) -> Result<Vec<u8>> {
    let fonts = Fonts::find(folder)?;
    let pens = Pens::new(&fonts)?;
    let mut document = Document::new_with(SerializeSettings { enable_tagging: false, ..SerializeSettings::default() });
    document.set_metadata(about(paper));
    for sheet in sheets::laid_out(paper, &pens) {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| anyhow::anyhow!("a sheet without an area"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        sheet.iter().for_each(|mark| draw(&mut surface, &pens, mark));
        surface.finish();
        page.finish();
    }
    Ok(document.finish().map_err(|fault| anyhow::anyhow!("a PDF that cannot be written: {fault:?}"))?)
}

fn about(paper: &Paper) -> Metadata {
    let at = paper.known_at;
    let small = |n: u32| u8::try_from(n).unwrap_or_default();
    let day = DateTime::new(u16::try_from(at.year()).unwrap_or_default()).month(small(at.month())).day(small(at.day()));
    let made = day.hour(small(at.hour())).minute(small(at.minute())).second(small(at.second())).utc_offset_hour(0);
    let metadata = Metadata::new().title(paper.title.clone()).language(paper.language.tag().to_owned()).description(paper.status.clone());
    metadata.creator("接转 Jiezhuan".to_owned()).creation_date(made)
}

fn draw(surface: &mut Surface<'_>, pens: &Pens<'_>, mark: &Mark) {
    let fill = |ink: Ink| Some(Fill { paint: luma::Color::new(ink.lightness()).into(), ..Fill::default() });
    match mark {
        Mark::Text { x, baseline, text, size, is_bold, ink } => {
            let pen = pens.of(*is_bold);
            surface.set_fill(fill(*ink));
            surface.draw_glyphs(Point::from_xy(*x, *baseline), &pen.glyphs(text), pen.font.clone(), text, *size, false);
        }
        Mark::Rule { x, y, width, weight, ink } => {
            let mut path = PathBuilder::new();
            Rect::from_xywh(*x, *y, *width, *weight).into_iter().for_each(|rect| path.push_rect(rect));
            surface.set_fill(fill(*ink));
            path.finish().iter().for_each(|path| surface.draw_path(path));
        }
    }
}
