//! The bulletin as a PDF: what can be read in it is what the page says, on numbered sheets of A4 whose tables keep their heads; without a font
//! it is refused by name.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use jiezhuan::access::Role;
use serde_json::{Value, json};

use super::work::page;
use crate::api::landed;
use crate::support::app::{Caller, Reply, TestApp};
use crate::support::{TestDb, on_both_engines, skipped};

const PDF: &str = "application/pdf";
const DAY: &str = "/days/2020-09-15/bulletin";

/// Whether this machine has a font to write with and something to read it with.
fn is_equipped() -> bool {
    let font = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
    let reader = Command::new("pdftotext").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let missing = match (Path::new(font).exists(), reader.is_ok_and(|status| status.success())) {
        (true, true) => return true,
        (false, _) => "no font for Chinese; install fonts-noto-cjk",
        (true, false) => "no pdftotext; install poppler-utils",
    };
    skipped("pdf", missing);
    false
}

/// The text of each sheet, line by line, blanks between columns as one.
fn sheets(pdf: &[u8]) -> Vec<Vec<String>> {
    let mut reader = Command::new("pdftotext").args(["-layout", "-", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    reader.stdin.take().unwrap().write_all(pdf).unwrap();
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success(), "no PDF: {:?}", &pdf[..pdf.len().min(40)]);
    let text = String::from_utf8(output.stdout).unwrap();
    let sheets = text.split('\u{c}').filter(|sheet| !sheet.trim().is_empty());
    sheets.map(|sheet| sheet.lines().map(squeezed).filter(|line| !line.is_empty()).collect()).collect()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a web page says, part by part, without its tags: headings, sentences, rows of tables.
fn parts(html: &str) -> Vec<String> {
    let said = html.split("<body>").nth(1).unwrap().replace("&#39;", "'");
    let ends = ["</h1>", "</h2>", "</p>", "</tr>", "</dt>", "</dd>"];
    let marked = ends.iter().fold(said, |said, end| said.replace(end, "\u{c}"));
    let without_tags = |part: &str| squeezed(&part.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect::<Vec<_>>().join(" "));
    marked.split('\u{c}').map(without_tags).filter(|part| !part.is_empty()).collect()
}

fn counted<'t>(words: impl Iterator<Item = &'t str>) -> BTreeMap<&'t str, usize> {
    words.fold(BTreeMap::new(), |mut counted, word| {
        *counted.entry(word).or_default() += 1;
        counted
    })
}

fn file(app: &TestApp, caller: &Caller, path: &str, language: &str) -> Reply {
    let reply = app.send(caller.asks(TestRequest::get().uri(path)).insert_header(("Accept-Language", language)));
    assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.body);
    reply
}

/// Somebody bound for every district and prefecture of the four, so that the tables go on over several sheets.
fn land_for_everywhere(app: &TestApp, desk: &Caller) {
    let districts = [1, 4, 5, 6, 7, 9, 10, 12, 13, 14, 15, 16, 17, 18, 20, 51].map(|n| 310_100 + n);
    let prefectures = (1..=13).map(|n| 320_000 + n * 100).chain((1..=11).map(|n| 330_000 + n * 100)).chain((1..=8).map(|n| 340_000 + n * 100));
    let rows = districts.into_iter().chain(prefectures).enumerate();
    let rows = rows.map(|(n, to)| format!("MU777,PVG,2020-09-15 08:00,赵{n}{n},CHN,E7000{n:04},{to}\n")).collect::<String>();
    let roster = format!("航班号,口岸,落地时间,姓名,国籍,证件号码,目的地\n{rows}");
    let request = desk.asks(TestRequest::post().uri("/api/v1/rosters")).insert_header(("Idempotency-Key", "everywhere"));
    let imported = app.send(request.insert_header(("Content-Type", "application/octet-stream")).set_payload(roster)).json();
    assert_eq!((&imported["new"], &imported["rejected"]), (&json!(48), &json!(0)), "{imported}");
}

on_both_engines! {
    fn the_pdf_says_what_the_page_says_on_numbered_sheets_with_repeated_heads(db: TestDb) {
        if !is_equipped() {
            return;
        }
        let (app, desk) = landed(db);
        land_for_everywhere(&app, &desk);
        let chief = app.caller(Role::Coordinator, "all");
        app.db.at("2020-09-15 18:00");
        let open = sheets(&file(&app, &chief, &format!("{DAY}.pdf"), "zh").bytes);
        assert!(open.iter().all(|sheet| sheet.last().unwrap().contains("未封账（暂定）")), "every sheet of a provisional bulletin says so: {open:?}");
        app.db.at("2020-09-16 00:10");
        let sealed = app.post(&chief, "/api/v1/bulletins", &json!({"on": "2020-09-15"})).json();
        for (language, caption, head) in [("zh", "分市", "省份 市 政策"), ("en", "By city", "Province City Policy")] {
            let said = parts(&file(&app, &chief, &format!("{DAY}.html"), language).body);
            let pdf = file(&app, &chief, &format!("{DAY}.pdf"), language);
            assert_eq!((pdf.header("content-type"), pdf.header("content-disposition")), (PDF, "attachment; filename=\"bulletin-2020-09-15.pdf\""));
            assert_eq!(pdf.bytes, file(&app, &chief, &format!("{DAY}.pdf"), language).bytes, "the same day is the same bytes");
            let sheets = sheets(&pdf.bytes);
            assert!(sheets.len() > 1, "{sheets:?}");
            // Lines may be broken where the page has none, so every word is counted; in Chinese nothing here is broken, and every row is a line.
            if language == "zh" {
                let written: Vec<String> = sheets.iter().flatten().map(|line| line.replace(' ', "")).collect();
                let missing: Vec<&String> = said.iter().filter(|part| !written.iter().any(|line| line.contains(&part.replace(' ', "")))).collect();
                assert!(said.len() > 60 && missing.is_empty(), "{missing:#?} in {sheets:#?}");
            } else {
                let written = counted(sheets.iter().flatten().flat_map(|line| line.split(' ')));
                let n_written = |word: &str| [word, &format!("{word}:")].iter().filter_map(|word| written.get(word)).sum::<usize>();
                let missing: Vec<_> = counted(said.iter().flat_map(|part| part.split(' '))).into_iter().filter(|(word, n)| n_written(word) < *n).collect();
                assert!(missing.is_empty(), "{missing:#?} in {sheets:#?}");
            }
            for (n, sheet) in (1..).zip(&sheets) {
                let number = if language == "zh" { format!("第 {n} 页，共 {} 页", sheets.len()) } else { format!("Page {n} of {}", sheets.len()) };
                assert!(sheet.last().unwrap().ends_with(&number), "{sheet:?}");
                assert!(n == 1 || !sheet[0].starts_with(caption) || sheet.iter().any(|line| line.starts_with(head)), "{sheet:#?}");
            }
            assert!(sheets[1..].iter().any(|sheet| sheet[0].starts_with(caption)), "the table goes on: {sheets:#?}");
            assert!(sheets.last().unwrap().iter().any(|line| line.contains(sealed["digest"].as_str().unwrap())), "{sheets:#?}");
        }
        let asked = app.send(chief.asks(TestRequest::get().uri("/api/v1/bulletins/2020-09-15")).insert_header(("Accept", PDF)).insert_header(("Accept-Language", "zh")));
        assert_eq!((asked.header("content-type"), &asked.bytes), (PDF, &file(&app, &chief, &format!("{DAY}.pdf"), "zh").bytes));
        assert!(page(&app, &chief, "/days/2020-09-15").body.contains("/days/2020-09-15/bulletin.pdf"));
    }

    fn without_a_font_the_pdf_is_refused_with_the_package_that_has_one(db: TestDb) {
        let app = TestApp::with(db, &[("JIEZHUAN__BULLETIN__FONTS", "/no/such/folder")]);
        let chief = app.caller(Role::Coordinator, "all");
        let shown = app.send(chief.asks(TestRequest::get().uri(&format!("{DAY}.pdf"))).insert_header(("Accept", "text/html")));
        assert!(shown.status == StatusCode::NOT_ACCEPTABLE && shown.body.contains("fonts-noto-cjk") && shown.body.contains("/no/such/folder"), "{}", shown.body);
        let asked = app.send(chief.asks(TestRequest::get().uri("/api/v1/bulletins/2020-09-15")).insert_header(("Accept", PDF)));
        assert_eq!(asked.problem(), (406, "pdf_no_font".into()));
        assert_eq!(app.get(&chief, &format!("{DAY}.html")).status, StatusCode::OK);
    }
}

#[test]
fn the_command_writes_a_pdf_or_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let run = |fonts: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_jiezhuan"))
            .args(["--json", "--lang", "en", "bulletin", "--on", "2020-09-15", "--out", "day.pdf"])
            .env("DATABASE_URL", format!("sqlite://{}", folder.path().join("day.db").display()))
            .env("JIEZHUAN__BULLETIN__FONTS", fonts)
            .current_dir(folder.path())
            .output()
            .unwrap();
        (output.status.code().unwrap(), serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, _, said) = run(folder.path().to_str().unwrap());
    assert!(code == 1 && said.contains("fonts-noto-cjk") && !folder.path().join("day.pdf").exists(), "{code}: {said}");
    if is_equipped() {
        let (code, written, said) = run("");
        assert_eq!((code, &written["file"], &written["sealed"]), (0, &json!("day.pdf"), &json!(false)), "{said}");
        let sheets = sheets(&std::fs::read(folder.path().join("day.pdf")).unwrap());
        assert!(sheets[0][0].starts_with("Daily figures of inbound travellers") && sheets[0][0].ends_with("2020"), "{sheets:?}");
    }
}
