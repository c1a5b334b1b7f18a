//! QR codes as pictures in the page: one path, black on white, sharp at any size.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use crate::base::{Error, Result};

/// A picture of `text`, with a quiet zone of four modules as ISO/IEC 18004 wants it.
#[derive(Debug, Clone)]
pub struct Picture {
    /// How wide and high it is, in modules.
    pub size: usize,
    /// The dark modules, as the path of an SVG.
    pub path: String,
}

/// Draws `text`. A quarter of the code may be lost to a fold or a wet finger and it is still read.
pub fn picture(text: &str) -> Result<Picture> {
    const QUIET: usize = 4;
    let code = QrCode::with_error_correction_level(text, EcLevel::Q).map_err(|fault| Error::Internal(anyhow::anyhow!("a QR code of {text}: {fault}")))?;
    let width = code.width();
    let mut path = String::new();
    for (n, colour) in code.to_colors().into_iter().enumerate() {
        if colour == Color::Dark {
            // Writing to a string cannot fail.
            let _ = write!(path, "M{} {}h1v1h-1z", n % width + QUIET, n / width + QUIET);
        }
    }
    Ok(Picture { size: width + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_three_finders_and_a_quiet_zone() {
        let picture = picture("https://desk.test/people/0190").unwrap();
        assert!(picture.path.starts_with("M4 4h1v1h-1z"), "the first finder begins after the quiet zone");
        assert!(!picture.path.contains("M3 ") && !picture.path.contains(&format!("M{} ", picture.size - 4)), "nothing stands in the quiet zone");
        let n_dark = picture.path.matches('M').count();
        let n = (picture.size - 8) * (picture.size - 8);
        assert!((n * 2 / 5..=n * 3 / 5).contains(&n_dark), "{n_dark} of {n} are dark");
    }
}
