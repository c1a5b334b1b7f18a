//! What the READMEs show is what the program answers, and the two say the same.

use std::path::Path;
use std::process::Command;

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

fn text(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a file of the repository")
}

/// The fenced blocks of one kind.
fn blocks(text: &str, kind: &str) -> Vec<String> {
    text.split(&format!("\n```{kind}\n")).skip(1).map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned()).collect()
}

/// What each command of a console block is shown to answer.
fn shown(block: &str) -> Vec<(&str, Vec<&str>)> {
    let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ jiezhuan "), commands.last_mut()) {
            (Some(command), _) => commands.push((command, Vec::new())),
            (None, Some((_, answer))) => answer.push(line),
            (None, None) => panic!("a block begins with an answer: {line}"),
        }
    }
    commands
}

/// Arguments as a shell takes them apart, so far as the READMEs need it.
fn arguments(command: &str) -> Vec<String> {
    let parts = command.split('"').enumerate();
    parts.flat_map(|(n, part)| if n % 2 == 1 { vec![part.to_owned()] } else { part.split_whitespace().map(str::to_owned).collect() }).collect()
}

/// Whether `answer` is as shown, where a line of `…` stands for any lines.
fn is_as_shown(answer: &[&str], shown: &[&str]) -> bool {
    match shown.split_first() {
        None => answer.is_empty(),
        Some((line, rest)) if line.trim() == "…" => (0..=answer.len()).any(|n| is_as_shown(&answer[n..], rest)),
        Some((line, rest)) => answer.split_first().is_some_and(|(first, others)| first.trim_end() == line.trim_end() && is_as_shown(others, rest)),
    }
}

#[test]
fn the_tour_shows_what_the_program_answers() {
    for file in READMES {
        let folder = tempfile::tempdir().unwrap();
        let text = text(file);
        let blocks = blocks(&text, "console");
        assert!(blocks.len() >= 5, "{file} has lost its tour");
        for (command, shown) in blocks.iter().flat_map(|block| shown(block)) {
            let output = Command::new(env!("CARGO_BIN_EXE_jiezhuan"))
                .args(arguments(command))
                .env("DATABASE_URL", format!("sqlite://{}", folder.path().join("tour.db").display()))
                .current_dir(env!("CARGO_MANIFEST_DIR"))
                .output()
                .unwrap();
            let answer = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            let lines: Vec<&str> = answer.lines().collect();
            assert!(is_as_shown(&lines, &shown), "{file}: jiezhuan {command} answers\n{answer}\nand not\n{}", shown.join("\n"));
        }
    }
}

#[test]
fn both_readmes_are_level() {
    let shape = |file: &str| {
        let text = text(file);
        let headings: Vec<usize> = text.lines().filter(|line| line.starts_with('#')).map(|line| line.chars().take_while(|c| *c == '#').count()).collect();
        let rows = text.lines().filter(|line| line.starts_with('|')).count();
        (headings, rows, blocks(&text, "sh"), blocks(&text, "console").len())
    };
    assert_eq!(shape(READMES[0]), shape(READMES[1]));
}

#[test]
fn every_setting_is_in_both_tables() {
    for file in READMES {
        let text = text(file);
        let rows: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next()).collect();
        let mut section = String::new();
        for line in self::text("config/default.toml").lines() {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                section = name.to_owned();
            } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
                let whole = if section.is_empty() { format!("`{key}`") } else { format!("`{section}.{key}`") };
                let short = format!("`.{key}`");
                let is_told = rows.iter().any(|row| row.contains(&whole) || (row.starts_with(&format!("`{section}.")) && row.contains(&short)));
                assert!(is_told, "{file} does not tell of the setting {whole}");
            }
        }
    }
}

#[test]
fn nothing_is_pointed_at_that_is_not_there() {
    for file in READMES {
        for target in text(file).split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|target| !target.contains("://")) {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(target).exists(), "{file} points at {target}");
        }
    }
}
