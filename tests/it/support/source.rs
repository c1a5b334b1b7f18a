//! The source as text, for tests about the source itself: files, module paths and string literals, without comments and tests.

use std::path::{Path, PathBuf};

/// A file under `src/`.
pub struct Source {
    /// Relative to `src/`, with `/` between folders.
    pub file: String,
    /// The module the file is, from the crate down: `["arrivals", "holds"]`.
    pub module: Vec<String>,
    /// The whole text.
    pub text: String,
    /// The text without comments and without what is compiled for tests only.
    pub code: String,
}

/// Every Rust file of the crate that is not compiled for tests only.
pub fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let all: Vec<(String, String)> = files(&root, "rs").into_iter().map(|(file, text)| (relative(&root, &file), text)).collect();
    let tests_only: Vec<Vec<String>> = all.iter().flat_map(|(file, text)| tests_only(file, text)).collect();
    all.into_iter()
        .map(|(file, text)| Source { module: module(&file), code: without_tests(&text), file, text })
        .filter(|source| !tests_only.iter().any(|module| source.module.starts_with(module)))
        .collect()
}

/// Every file below `folder` with this extension, and its text, in order of its path.
pub fn files(folder: &Path, extension: &str) -> Vec<(PathBuf, String)> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
        .into_iter()
        .flat_map(|path| match path.is_dir() {
            true => files(&path, extension),
            false if path.extension().is_some_and(|found| found == extension) => vec![(path.clone(), std::fs::read_to_string(path).expect("a text"))],
            false => Vec::new(),
        })
        .collect()
}

impl Source {
    /// Every path that starts at the crate, as its segments: `use crate::{db::Db, base}` names `[db, Db]` and `[base]`.
    pub fn paths(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("crate::") {
            if !self.code[..at].ends_with(is_word) && !self.code[..at].ends_with('$') {
                expand(&self.code[at + "crate::".len()..], Vec::new(), &mut found);
            }
        }
        // `super` as often as the module is deep is the crate.
        let up = "super::".repeat(self.module.len());
        for (at, _) in self.code.match_indices(&up) {
            if !up.is_empty() && !self.code[..at].ends_with("super::") {
                expand(&self.code[at + up.len()..], Vec::new(), &mut found);
            }
        }
        found
    }

    /// Whether the code names `word` as a word of its own.
    pub fn names(&self, word: &str) -> bool {
        self.code.match_indices(word).any(|(at, _)| !self.code[..at].ends_with(is_word) && !self.code[at + word.len()..].starts_with(is_word))
    }
}

/// The string literals of `code`, each with where it begins; escapes are left as they are.
pub fn literals(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(open) = code[rest..].find(['"', '\'']).map(|at| rest + at) {
        if code[open..].starts_with('\'') {
            // A character such as '"' or '\''; else a lifetime.
            let after = &code[open + 1..];
            let length = if after.starts_with('\\') { after[2..].find('\'').map(|at| at + 3) } else { after.chars().next().map(|c| c.len_utf8() + 1) };
            let is_char = length.is_some_and(|length| after.as_bytes().get(length - 1) == Some(&b'\''));
            rest = open + 1 + if is_char { length.unwrap_or(0) } else { 0 };
            continue;
        }
        let hashes = code[..open].len() - code[..open].trim_end_matches('#').len();
        let is_raw = code[..open - hashes].ends_with('r') && !code[..open - hashes - 1].ends_with(is_word);
        let close = if is_raw { code[open + 1..].find(&format!("\"{}", "#".repeat(hashes))).map(|at| open + 1 + at) } else { closing_quote(code, open) };
        let Some(close) = close else { break };
        found.push((open, &code[open + 1..close]));
        rest = close + 1;
    }
    found
}

/// Where the bracket that opens at the start of `code` closes; brackets in literals do not count.
pub fn balanced(code: &str) -> &str {
    let strings = literals(code);
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        if strings.iter().any(|(open, text)| (*open..=open + text.len() + 1).contains(&at)) {
            continue;
        }
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return &code[..=at];
        }
    }
    code
}

fn closing_quote(code: &str, open: usize) -> Option<usize> {
    let mut escaped = false;
    code[open + 1..]
        .char_indices()
        .find(|(_, c)| {
            let closes = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            closes
        })
        .map(|(at, _)| open + 1 + at)
}

/// Follows a path, and every branch of a `{...}` in it.
fn expand(code: &str, so_far: Vec<String>, found: &mut Vec<Vec<String>>) {
    if code.starts_with('{') {
        let inner = balanced(code).trim_start_matches('{').trim_end_matches('}');
        return branches(inner).into_iter().for_each(|branch| expand(branch.trim_start(), so_far.clone(), found));
    }
    let end = code.find(|c: char| !is_word(c)).unwrap_or(code.len());
    let mut path = so_far;
    if end > 0 {
        path.push(code[..end].to_owned());
    }
    match code[end..].strip_prefix("::") {
        Some(rest) if end > 0 => expand(rest, path, found),
        _ if path.is_empty() => {}
        _ => found.push(path),
    }
}

fn branches(inner: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&inner[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(&inner[from..]);
    found.retain(|branch| !branch.trim().is_empty());
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn relative(root: &Path, file: &Path) -> String {
    file.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/")
}

fn module(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// The modules that `text` declares for tests only.
fn tests_only(file: &str, text: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines
        .windows(2)
        .filter(|pair| pair[0] == "#[cfg(test)]")
        .filter_map(|pair| pair[1].strip_prefix("mod ")?.strip_suffix(';'))
        .map(|name| module(file).into_iter().chain([name.to_owned()]).collect())
        .collect()
}

/// The formatter's shape is relied upon: an inline module ends at the first bracket in the first column.
fn without_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" && lines.peek().is_some_and(|next| next.starts_with("mod ") && next.ends_with('{')) {
            lines.by_ref().find(|line| *line == "}");
        } else if !line.trim_start().starts_with("//") {
            kept.push_str(line.split_once(" // ").map_or(line, |(code, _)| code));
            kept.push('\n');
        }
    }
    kept
}
