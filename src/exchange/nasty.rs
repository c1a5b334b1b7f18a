//! Files as they really come: garbled, cut off, edited by hand, kept in a spreadsheet. A bad row is named by its line, the
//! good ones go in, and nothing panics.

use std::io::{Cursor, Read as _, Write as _};

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use super::*;
use crate::arrivals::draft::{Row, TestKind, TestOutcome};

const HEADER: &str = "航班号,口岸,落地时间,姓名,国籍,证件类型,证件号码,目的地";
const LIST: &str = concat!(
    "UNA:+.? '\nUNB+UNOA:4+AIRLINE1+NIAC+200912:0010+1++PAXLST'\nUNH+1+PAXLST:D:05B:UN:IATA'BGM+745'TDT+20+MU588+++MU'LOC+87+PVG'",
    "DTM+232:2009120010:201'\nNAD+FL+++O?'NEIL:ANNA:MARIA'ATT+2++F'DTM+329:740812'NAT+2+USA'DOC+V+123'DOC+P:110:ZZZ+E10000001'\n",
    "NAD+FM+++CREW:ONE'ATT+2++M'\nNAD+FL+++LI:LEI'ATT+2++M'DTM+329:200911'NAT+2+CHN'DOC+P+E10000002'CNT+42:2'UNT+20+1'UNZ+1+1'\n"
);

fn good(no: u32) -> String {
    format!("MU588,PVG,2020-09-12 00:10,李雷,CHN,护照,E{no:08},苏州市")
}

fn roster(bytes: impl Into<Vec<u8>>) -> Result<Roster<Cursor<Vec<u8>>>, Unreadable> {
    match open(Cursor::new(bytes.into()), None)? {
        Opened::Roster(roster) => Ok(roster),
        Opened::Results(_) | Opened::Fleet(_) => panic!("taken for something else"),
    }
}

fn entries(bytes: impl Into<Vec<u8>>) -> Vec<Entry<TravellerDraft>> {
    roster(bytes).unwrap().travellers(&RosterRules::default()).unwrap().collect()
}

/// Each entry as `line ok` or `line column code ...`; remarks with a `*`.
fn told(bytes: impl Into<Vec<u8>>) -> Vec<String> {
    let problem = |problem: &Problem| format!("{} {}", problem.column.as_deref().unwrap_or("-"), problem.code.as_str());
    let tell = |entry: &Entry<TravellerDraft>| match entry {
        Entry::Row(Row { line, outcome: Ok(_) }) => format!("{line} ok"),
        Entry::Row(Row { line, outcome: Err(problems) }) => format!("{line} {}", problems.iter().map(problem).collect::<Vec<_>>().join(" ")),
        Entry::Remark(remark) => format!("*{} {}", remark.line, problem(remark)),
    };
    entries(bytes).iter().map(tell).collect()
}

fn refused(bytes: impl Into<Vec<u8>>) -> (ProblemCode, &'static str) {
    match roster(bytes) {
        Err(Unreadable::Problem(problem)) => (problem.code, problem.message.code),
        _ => panic!("not refused"),
    }
}

#[test]
fn blank_lines_are_passed_over_but_counted() {
    let file = format!("\r\n{HEADER}\r\n\r\n{}\r\n  \r\n,,,,,,,\r\n{}\r\n", good(1), good(2));
    assert_eq!(told(file), ["4 ok", "7 ok"]);
}

#[test]
fn a_garbled_row_is_named_and_the_others_go_in() {
    let mut file = format!("\u{feff}{HEADER}\n{}\n", good(1)).into_bytes();
    file.extend_from_slice(b"MU588,PVG,2020-09-12 00:10,\xC0\xEE\xC0\xD7,CHN,\xFF\xFE,E00000002,320500\n");
    file.extend_from_slice(format!("{}\n{}\0\n{}\n", good(3), good(4), good(5)).as_bytes());
    assert_eq!(told(file), ["2 ok", "3 姓名 bad_encoding 证件类型 bad_encoding", "4 ok", "5 - bad_encoding", "6 ok"]);
}

#[test]
fn a_quote_left_open_does_not_swallow_the_rows_below() {
    let open = "MU588,PVG,2020-09-12 00:10,\"李雷,CHN,护照,E00000009,苏州市";
    let file = format!("{HEADER}\n{}\n{open}\n{}\n{}\n{open}", good(1), good(2), good(3).replace("李雷", "\"李\n\"\"雷\"\"\""));
    assert_eq!(told(file), ["2 ok", "3 - truncated", "4 ok", "5 ok", "7 - truncated"]);
}

#[test]
fn ragged_and_cut_off_rows_are_told_apart() {
    let file = format!("{HEADER}\n{}\n{},,\n{},多余\nMU588,PVG\n{}\nMU588,PVG,2020-09", good(1), good(2), good(3), good(4));
    assert_eq!(
        told(file),
        ["2 ok", "3 ok", "4 - bad_value", "5 落地时间 missing_field 姓名 missing_field 证件号码 missing_field 目的地 missing_field", "6 ok", "7 - truncated"]
    );
}

#[test]
fn delimiter_title_order_and_unknown_columns_do_not_matter() {
    let file = "上海口岸入境人员名单;;;;;;;;\n目的地;Remarks;doc no;DOC TYPE;国籍;Name Latin;落地时间;port;ＦＬＩＧＨＴ_ＮＯ\n\
                ３２０５００;wheelchair; Ｅ００００００１ ;passport;usa;li/lei;2020/9/12 0:10;pvg;ＭＵ０５８８\n";
    let [Entry::Row(Row { line: 3, outcome: Ok(draft) })] = &entries(file)[..] else { panic!("{:?}", told(file)) };
    assert_eq!((draft.flight_no.as_str(), draft.document.no().as_str(), draft.destination.as_deref()), ("MU588", "E0000001", Some("320500")));
    assert_eq!(draft.notes, [("Remarks".to_owned(), "wheelchair".to_owned())]);
    assert_eq!(roster(file).unwrap().column_name(Column::Destination), Some("目的地"));
}

#[test]
fn a_file_that_cannot_be_read_at_all_is_refused_with_its_reason() {
    let utf16: Vec<u8> = HEADER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused([&[0xFF, 0xFE], &utf16[..]].concat()), (ProblemCode::BadEncoding, "text_in_utf_16"));
    assert_eq!(refused("\n\n"), (ProblemCode::BadHeader, "file_empty"));
    assert_eq!(refused("a,b\n1,2\n"), (ProblemCode::BadHeader, "header_lacks_columns"));
    assert_eq!(refused(format!("{HEADER},姓名\n")), (ProblemCode::BadHeader, "header_names_column_twice"));
    assert_eq!(refused("PK\x03\x04 not a workbook"), (ProblemCode::Truncated, "workbook_unreadable"));
    let forced = open(Cursor::new(HEADER.as_bytes().to_vec()), Some(Kind::Paxlst));
    assert!(matches!(forced, Err(Unreadable::Problem(problem)) if problem.message.code == "file_is_of_another_kind"));
}

#[test]
fn laboratory_results_are_told_by_their_header() {
    let file = "证件类型,证件号码,采样时间,检测类型,结果,检测机构\n护照,e0000001,2020-09-14 09:00,核酸,阴性,市一\n,11010519491231002x,2020-09-14 09:00,antibody,positive,\n护照,E1,,x,没有,\n";
    let Ok(Opened::Results(mut table)) = open(Cursor::new(file.as_bytes().to_vec()), None) else { panic!("not taken for results") };
    let rows: Vec<_> = table.results().unwrap().collect();
    let [Entry::Row(first), Entry::Row(second), Entry::Row(third)] = &rows[..] else { panic!("{rows:?}") };
    let (first, second) = (first.outcome.as_ref().unwrap(), second.outcome.as_ref().unwrap());
    assert_eq!((first.kind, first.outcome, first.lab.as_deref()), (TestKind::NucleicAcid, TestOutcome::Negative, Some("市一")));
    assert_eq!((second.kind, second.outcome, second.document.kind().as_str()), (TestKind::Antibody, TestOutcome::Positive, "resident_id"));
    let codes: Vec<_> = third.outcome.as_ref().unwrap_err().iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, ["bad_document", "missing_field", "bad_value", "bad_value"]);
}

/// A sheet with a title above the header, and then one row for each way a spreadsheet holds things.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("空").unwrap();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 7, "入境人员名单", &Format::new()).unwrap();
    for (at, name) in HEADER.split(',').enumerate() {
        sheet.write(1, at as u16, name).unwrap();
    }
    for row in 2..9 {
        for (at, text) in good(row).split(',').enumerate() {
            sheet.write(row, at as u16, text).unwrap();
        }
    }
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    sheet.write_with_format(2, 2, ExcelDateTime::parse_from_str("2020-09-12 00:10").unwrap(), &moment).unwrap();
    sheet.write(3, 2, 44086.0 + 10.0 / 1440.0).unwrap();
    sheet.write(4, 5, "身份证").unwrap().write(4, 6, 110_105_194_912_310_020_f64).unwrap();
    sheet.merge_range(5, 0, 6, 0, "MU588", &Format::new()).unwrap();
    sheet.write(5, 3, Formula::new("=\"李\"&\"雷\"").set_result("李雷")).unwrap().write(5, 6, 70_000_001).unwrap();
    sheet.write(7, 6, Formula::new("=VLOOKUP(1,A1:B2,2)").set_result("#N/A")).unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_kept_by_hand_is_read_row_by_row() {
    let book = workbook();
    assert_eq!(told(book.clone()), ["3 ok", "4 ok", "5 证件号码 bad_document", "6 ok", "7 航班号 missing_field", "8 证件号码 bad_value", "9 ok"]);
    let rows = entries(book);
    let landed = crate::base::time::parse_instant("2020-09-12 00:10").unwrap();
    for entry in &rows {
        if let Entry::Row(Row { outcome: Ok(draft), .. }) = entry {
            assert_eq!((draft.landed_at, draft.name.as_deref()), (landed, Some("李雷")));
        }
    }
}

#[test]
fn a_passenger_list_is_read_with_release_characters_visas_and_crew() {
    let mut list = roster(LIST).unwrap();
    let rules = RosterRules::default();
    let mut travellers = list.travellers(&rules).unwrap();
    let drafts: Vec<_> =
        travellers.by_ref().map(|entry| if let Entry::Row(Row { outcome: Ok(draft), .. }) = entry { draft } else { panic!("{entry:?}") }).collect();
    let Travellers::Paxlst(passengers) = travellers else { panic!("no passenger list") };
    assert_eq!((drafts.len(), passengers.crew()), (2, 1));
    assert_eq!((drafts[0].name_latin.as_deref(), drafts[0].document.no().as_str()), (Some("O'NEIL/ANNA MARIA"), "E10000001"));
    assert_eq!(drafts[1].born_on.unwrap().to_string(), "2020-09-11");
}

#[test]
fn a_passenger_list_names_its_faults_by_segment() {
    assert_eq!(told(LIST.replace("CNT+42:2", "CNT+42:5")), ["7 ok", "15 ok", "*20 CNT count_mismatch"]);
    assert_eq!(told(LIST.replace("UNT+20", "UNT+19")), ["7 ok", "15 ok", "*21 UNT count_mismatch"]);
    assert_eq!(told(LIST.replace("740812", "741312")), ["7 DTM bad_date", "15 ok"]);
    assert_eq!(told(LIST.replace("NAT+2+USA", "N1T+2+USA")), ["7 - bad_value", "15 ok"]);
    assert_eq!(told(LIST.replace("DOC+P+E10000002'", "")), ["7 ok", "15 DOC missing_field", "*20 UNT count_mismatch"]);
    assert_eq!(
        told(LIST.replace("NAD+FM+++CREW:ONE'ATT+2++M'\nNAD+FL+++LI:LEI'", "")),
        ["7 ATT bad_value DTM bad_value NAT bad_value DOC bad_value DOC bad_value", "*17 CNT count_mismatch", "*18 UNT count_mismatch"]
    );
    let cut = LIST.find("DTM+329:200911").unwrap();
    assert_eq!(told(&LIST[..cut]), ["7 ok", "15 - truncated"]);
    assert_eq!(told(&LIST[..LIST.find("UNZ").unwrap()]), ["7 ok", "15 ok", "*21 - truncated"]);
    assert_eq!(told(LIST.replace("PAXLST:D", "CUSRES:D")), ["*2 UNH bad_header"]);
}

#[test]
fn a_file_cut_at_any_byte_loses_no_row_before_the_cut() {
    let csv = format!("{HEADER}\n{}\n{}\n", good(1), good(2)).into_bytes();
    for cut in 0..csv.len() {
        if let Ok(mut roster) = roster(&csv[..cut]) {
            let rows: Vec<_> = roster.travellers(&RosterRules::default()).unwrap().collect();
            let whole = csv[..cut].iter().filter(|b| **b == b'\n').count().saturating_sub(1);
            assert!(rows.iter().filter(|entry| matches!(entry, Entry::Row(Row { outcome: Ok(_), .. }))).count() >= whole, "{cut}");
        }
    }
    let first_ends = LIST.find("ATT+2++M").unwrap();
    for cut in 0..LIST.len() {
        if let Ok(mut roster) = roster(&LIST[..cut]) {
            let rows: Vec<_> = roster.travellers(&RosterRules::default()).unwrap().collect();
            let said_cut = rows.iter().any(|entry| format!("{entry:?}").contains("Truncated"));
            assert!(said_cut || cut <= 9 || cut >= LIST.len() - 1 || rows.is_empty(), "{cut}: {rows:?}");
            assert!(cut < first_ends || matches!(rows[0], Entry::Row(Row { outcome: Ok(_), .. })), "{cut}");
        }
    }
    let book = workbook();
    for cut in (0..book.len()).step_by(7) {
        assert!(roster(&book[..cut]).is_err());
    }
}

/// The workbook with one sheet's text changed.
fn workbook_with(change: impl Fn(String) -> String) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(workbook())).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..from.len() {
        let mut file = from.by_index(n).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        let name = file.name().unwrap().into_owned();
        to.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
        let text = if name == "xl/worksheets/sheet2.xml" { change(text) } else { text };
        to.write_all(text.as_bytes()).unwrap();
    }
    to.finish().unwrap().into_inner()
}

#[test]
fn a_cell_beyond_the_edge_of_a_sheet_ends_the_reading_and_takes_no_room() {
    let last = "r=\"H9\"";
    for beyond in ["r=\"H1048577\"", "r=\"XFE9\"", "r=\"H4294967295\""] {
        let book = workbook_with(|text| {
            assert!(text.contains(last), "{text}");
            text.replace(last, beyond)
        });
        let told = told(book);
        assert_eq!(told.last().map(String::as_str), Some("9 - truncated"), "{beyond}: {told:?}");
        assert_eq!(told.iter().filter(|told| told.ends_with(" ok")).count(), 3, "{beyond}: {told:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let table = [HEADER.as_bytes(), b"\n", &bytes].concat();
        for file in [bytes.clone(), table, [LIST.as_bytes(), &bytes].concat(), [&LIST.as_bytes()[..200], &bytes].concat()] {
            if let Ok(Opened::Roster(mut roster)) = open(Cursor::new(file), None) {
                roster.travellers(&RosterRules::default()).unwrap().for_each(drop);
            }
        }
    }

    #[test]
    fn no_damage_to_a_workbook_makes_the_reading_panic(at in 0usize..6000, byte in any::<u8>()) {
        let mut book = workbook();
        let at = at % book.len();
        book[at] = byte;
        if let Ok(Opened::Roster(mut roster)) = open(Cursor::new(book), None) {
            roster.travellers(&RosterRules::default()).unwrap().for_each(drop);
        }
    }
}
