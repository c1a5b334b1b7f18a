//! The fonts that a PDF is written with: in the folder that the settings name, or else in the few where systems keep them. What cannot write
//! Chinese is no font here, so that nobody ever prints a sheet of empty boxes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustybuzz::ttf_parser::{Face, fonts_in_collection, name_id};

use crate::base::{Error, Message, Result};

/// Where the packages of Debian, Alpine, Arch and Fedora put them, and where people do.
const FOLDERS: [&str; 5] = [
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/noto",
    "/usr/share/fonts/noto-cjk",
    "/usr/share/fonts/google-noto-sans-cjk-fonts",
    "/usr/local/share/fonts",
];

/// The files that are looked for: the face of text, and the bold one of headings and sums, which may be missing.
const FILES: [(&str, &str); 4] = [
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf"),
];

/// The package that has the first of them.
const PACKAGE: &str = "fonts-noto-cjk";

/// What a font must be able to write.
const PROBE: &str = "入境接转日报〓 Az09+−±—";

/// A face and the file that it is in.
#[derive(Clone)]
pub struct Typeface {
    pub data: Arc<Vec<u8>>,
    pub index: u32,
}

/// The faces of a document.
pub struct Fonts {
    pub regular: Typeface,
    pub bold: Typeface,
}

impl Fonts {
    /// Reads them, from `folder` alone if it is given.
    pub fn find(folder: Option<&Path>) -> Result<Self> {
        let folders: Vec<PathBuf> = folder.map_or_else(|| FOLDERS.map(PathBuf::from).into(), |folder| vec![folder.to_owned()]);
        let found = folders.iter().flat_map(|folder| FILES.map(|(regular, bold)| (folder.join(regular), folder.join(bold)))).find_map(|(regular, bold)| {
            let regular = Typeface::read(&regular)?;
            let bold = Typeface::read(&bold).unwrap_or_else(|| regular.clone());
            Some(Self { regular, bold })
        });
        let looked = || folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ");
        found.ok_or_else(|| Error::Refused(Message::new("pdf_no_font").with("package", PACKAGE).with("file", FILES[0].0).with("folders", looked())))
    }
}

impl Typeface {
    /// The face for simplified Chinese of a file, or the first that can write it.
    fn read(file: &Path) -> Option<Self> {
        let data = std::fs::read(file).ok()?;
        let faces = 0..fonts_in_collection(&data).unwrap_or(1);
        let able: Vec<(u32, Face<'_>)> = faces.filter_map(|index| Some((index, Face::parse(&data, index).ok()?))).filter(|(_, face)| can_write(face)).collect();
        let index = able.iter().find(|(_, face)| is_simplified(face)).or(able.first())?.0;
        Some(Self { data: Arc::new(data), index })
    }
}

fn can_write(face: &Face<'_>) -> bool {
    PROBE.chars().all(|letter| face.glyph_index(letter).is_some())
}

fn is_simplified(face: &Face<'_>) -> bool {
    let families = face.names().into_iter().filter(|name| name.name_id == name_id::FAMILY).filter_map(|name| name.to_string());
    families.into_iter().any(|family| family.ends_with(" SC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_font_that_can_write_chinese_is_told_with_the_package() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILES[0].0), b"no font at all").unwrap();
        let Err(Error::Refused(message)) = Fonts::find(Some(folder.path())) else { panic!("a font was found") };
        assert_eq!((message.code, message.fact("package")), ("pdf_no_font", Some(PACKAGE)));
    }
}
