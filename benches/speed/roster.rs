//! Rosters of invented people, as large as wanted, the same for the same numbers.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};

/// How many people land on each day of a season.
pub const A_DAY: u64 = 3_333;

/// The first day of every season: under 3+11, which comes after all other policies.
pub fn first_day() -> NaiveDate {
    NaiveDate::default() + Days::new(18_517)
}

/// Cities of the three provinces by their adcode; one traveller of eight stays in Shanghai.
const BOUND: [&str; 8] = ["320500", "330100", "340100", "320100", "330200", "340200", "320600", "310115"];

/// Writes a roster of `rows` people in parties of `party`; [`A_DAY`] of them land on each day.
pub fn write(folder: &Path, rows: u64, party: u64) -> std::io::Result<PathBuf> {
    let file = folder.join(format!("roster-{rows}-{party}.csv"));
    let mut out = BufWriter::new(File::create(&file)?);
    writeln!(out, "航班号,口岸,落地时间,姓名,英文姓名,性别,出生日期,国籍,证件类型,证件号码,手机,座位,同行组,目的地,详细地址,健康状况")?;
    for n in 0..rows {
        let day = first_day() + Days::new(n / A_DAY);
        let flight = n % A_DAY / 300;
        let (year, month, born) = (1945 + n % 70, 1 + n % 12, 1 + n % 28);
        let (sex, row, seat) = (["男", "女"][(n % 2) as usize], 1 + n / 6 % 50, ["A", "B", "C", "D", "E", "F"][(n % 6) as usize]);
        let (bound, phone) = (BOUND[(n / party % 8) as usize], 13_000_000_000 + n);
        writeln!(
            out,
            "MU{},PVG,{day} {:02}:{:02},旅客{n},LUKE/N{n},{sex},{year}-{month:02}-{born:02},CHN,护照,E{:08},{phone},{row}{seat},{},{bound},人民路{row}号,正常",
            500 + flight,
            6 + flight,
            n % 7,
            n % 100_000_000,
            n / party,
        )?;
    }
    out.flush()?;
    Ok(file)
}
