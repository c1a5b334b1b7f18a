//! Words for people: every code that the source says has its sentence in both languages, with the facts it is given, and none is left over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_templates::fluent_bundle::FluentResource;

use crate::support::source::{Source, balanced, files, literals, sources};

const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

/// Literals shaped like a code, in files that say codes out of variables, which are none: table rows, settings, fields, kinds of events.
const NOT_CODES: &[&str] = &[
    "exceptions_wrong",
    "flights_pkey",
    "landed_at",
    "transfer_destination",
    "trip_announced",
    "trip_arrived",
    "trip_boarding",
    "trip_cancelled",
    "trip_closed",
    "trip_departed",
    "wrong_vehicle",
];

/// The sentences of one language by their keys.
type Sentences = BTreeMap<String, Sentence>;

struct Sentence {
    file: String,
    text: String,
}

impl Sentence {
    /// The facts that the sentence names, those of the sentences it refers to included.
    fn facts(&self, all: &Sentences) -> BTreeSet<String> {
        let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        let mut facts: BTreeSet<String> = self.text.split('$').skip(1).map(word).collect();
        for inner in self.text.split('{').skip(1).map(|rest| word(rest.trim_start())) {
            if let Some(sentence) = all.get(&inner) {
                facts.extend(sentence.facts(all));
            }
        }
        facts
    }
}

fn sentences(language: &str) -> Sentences {
    let mut found = Sentences::new();
    for (file, text) in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/base/language").join(language), "ftl") {
        let file = file.file_name().expect("a name").to_string_lossy().into_owned();
        let mut key = None;
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            if let Some((name, said)) = line.split_once('=').filter(|_| !line.starts_with(' ') && !line.starts_with('}')) {
                let name = name.trim().to_owned();
                let twin = found.insert(name.clone(), Sentence { file: file.clone(), text: said.trim().to_owned() });
                assert!(twin.is_none(), "{language}: {name} stands in {file} and in {}", twin.map_or(String::new(), |twin| twin.file));
                key = Some(name);
            } else if let Some(sentence) = key.as_ref().and_then(|key| found.get_mut(key)) {
                sentence.text.push_str(line);
            }
        }
    }
    found
}

fn is_code(text: &str) -> bool {
    text.contains('_') && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// What stands between the brackets of each call of `name`, with what follows the call.
fn calls<'a>(code: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
    code.match_indices(name)
        .map(|(at, _)| {
            let call = balanced(&code[at + name.len() - 1..]);
            (call, &code[at + name.len() - 1 + call.len()..])
        })
        .collect()
}

/// The facts of a chain of `.with(...)`, and what follows it.
fn chain(mut rest: &str) -> (BTreeSet<&str>, &str) {
    let mut facts = BTreeSet::new();
    while let Some(more) = rest.trim_start().strip_prefix(".with").filter(|more| more.starts_with('(')) {
        let arguments = balanced(more);
        facts.extend(literals(arguments).first().map(|(_, name)| *name));
        rest = &more[arguments.len()..];
    }
    (facts, rest)
}

/// The codes that `source` says.
fn said(source: &Source) -> BTreeSet<&str> {
    let code = &source.code;
    let messages = calls(code, "Message::new(");
    let mut found: BTreeSet<&str> = messages.iter().flat_map(|(arguments, _)| literals(arguments)).map(|(_, text)| text).collect();
    for name in [".text(", "both("] {
        found.extend(calls(code, name).into_iter().filter_map(|(arguments, _)| literals(arguments).first().filter(|(at, _)| *at == 1).map(|(_, text)| *text)));
    }
    // A code that comes in a variable stands somewhere in the same file, unless it is a name of something else.
    if messages.iter().any(|(arguments, _)| literals(arguments).is_empty() && !arguments.contains("&'static")) {
        let first = ["Error::invalid(", "Self::invalid(", "FieldError::new(", ".with("]
            .iter()
            .flat_map(|name| calls(code, name))
            .filter_map(|(call, _)| literals(call).first().copied());
        let any = ["record(", "Event {", "json!("].iter().flat_map(|name| calls(code, name)).flat_map(|(call, _)| literals(call));
        let elsewhere: BTreeSet<&str> = first.chain(any).map(|(_, text)| text).filter(|text| !found.contains(text)).collect();
        found.extend(literals(code).into_iter().map(|(_, text)| text).filter(|text| is_code(text) && !elsewhere.contains(text) && !NOT_CODES.contains(text)));
    }
    found
}

/// The keys that templates look up.
fn on_pages() -> BTreeSet<String> {
    let templates = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/templates"), "html");
    templates.iter().flat_map(|(_, text)| calls(text, ".text(")).flat_map(|(arguments, _)| literals(arguments)).map(|(_, key)| key.to_owned()).collect()
}

#[track_caller]
fn none(faults: impl IntoIterator<Item = String>) {
    let faults: BTreeSet<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "\n{}\n", faults.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_files_of_sentences_are_well_formed() {
    none(LANGUAGES.iter().flat_map(|language| files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/base/language").join(language), "ftl")).filter_map(
        |(file, text)| {
            let (_, faults) = FluentResource::try_new(text).err()?;
            Some(format!("{}: {faults:?}", file.display()))
        },
    ));
}

#[test]
fn both_languages_say_the_same_things_with_the_same_facts() {
    let [chinese, english] = LANGUAGES.map(sentences);
    let keys: BTreeSet<&String> = chinese.keys().chain(english.keys()).collect();
    none(keys.into_iter().filter_map(|key| match (chinese.get(key), english.get(key)) {
        (Some(zh), Some(en)) if zh.file != en.file => Some(format!("{key} stands in {} and in {}", zh.file, en.file)),
        // A language may leave out the other's form of a name.
        (Some(zh), Some(en)) => {
            let (zh, en) = (zh.facts(&chinese), en.facts(&english));
            let apart: Vec<&String> = zh.symmetric_difference(&en).filter(|fact| !fact.ends_with("_en") && !en.contains(&format!("{fact}_en"))).collect();
            (!apart.is_empty()).then(|| format!("{key} names {apart:?} in one language only"))
        }
        (None, _) => Some(format!("{key} is missing in Chinese")),
        (_, None) => Some(format!("{key} is missing in English")),
    }));
}

#[test]
fn no_sentence_is_empty() {
    none(LANGUAGES.iter().flat_map(|language| {
        let all = sentences(language);
        all.into_iter().filter(|(_, sentence)| sentence.text.trim().is_empty()).map(move |(key, _)| format!("{language}: {key} is empty"))
    }));
}

#[test]
fn whatever_is_said_has_its_sentence() {
    let chinese = sentences("zh-CN");
    let in_code = sources().into_iter().flat_map(|source| said(&source).into_iter().map(|code| (code.to_owned(), source.file.clone())).collect::<Vec<_>>());
    let on_pages = on_pages().into_iter().map(|key| (key, "a template".to_owned()));
    none(in_code.chain(on_pages).filter(|(code, _)| !chinese.contains_key(code)).map(|(code, file)| format!("{file} says {code}, which has no sentence")));
}

#[test]
fn whatever_a_sentence_names_is_given_to_it() {
    for language in LANGUAGES {
        let all = sentences(language);
        none(sources().iter().flat_map(|source| {
            let code = &source.code;
            // A message that is not at once put into an error may be given more facts later; those count for every such message of the file.
            let later: BTreeSet<&str> =
                calls(code, ".with(").into_iter().filter_map(|(arguments, _)| literals(arguments).first().map(|(_, name)| *name)).collect();
            let messages = calls(code, "Message::new(").into_iter().filter_map(|(arguments, rest)| {
                let (facts, rest) = chain(rest);
                let is_whole = rest.starts_with("))");
                let (_, key) = literals(arguments).first().copied().filter(|(at, _)| *at == 1)?;
                let named = all.get(key)?.facts(&all);
                let missing: Vec<String> =
                    named.into_iter().filter(|fact| !facts.contains(fact.as_str()) && (is_whole || !later.contains(fact.as_str()))).collect();
                (!missing.is_empty()).then(|| format!("{language}: {} says {key} without {missing:?}", source.file))
            });
            messages.collect::<Vec<_>>()
        }));
    }
}

#[test]
fn no_sentence_is_left_over() {
    let code = sources();
    let mut spoken: BTreeSet<&str> = code.iter().flat_map(|source| literals(&source.code)).map(|(_, text)| text).collect();
    let pages = on_pages();
    spoken.extend(pages.iter().map(String::as_str));
    // A key that is put together when it is looked up, as in "stock_{name}".
    let starts: Vec<&str> = spoken.iter().filter_map(|text| text.split_once('{')).map(|(start, _)| start).filter(|start| start.ends_with('_')).collect();
    let all = sentences("zh-CN");
    let is_part = |key: &str| all.values().any(|sentence| sentence.text.contains(&format!("{{ {key} }}")));
    none(
        all.keys()
            .filter(|key| !spoken.contains(key.as_str()) && !is_part(key) && !starts.iter().any(|start| key.starts_with(start)))
            .map(|key| format!("nothing says {key}")),
    );
}
