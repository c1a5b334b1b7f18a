//! A list of the API as a table (`Accept: text/csv`): a column for each field, nested ones named by their path, in UTF-8 with the mark by
//! which spreadsheets know it.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::base::Result;
use crate::base::draft::guarded;

/// A page of a list, its fields in their order.
#[derive(Deserialize)]
struct PageOfRows {
    items: Vec<Row>,
    next: Option<String>,
}

/// A row of a list.
struct Row(Vec<(String, Value)>);

/// A table, and where the next page begins.
pub(super) struct Table {
    pub(super) text: String,
    pub(super) next: Option<String>,
}

/// The JSON text of a list as a table; none if it is no list.
pub(super) fn of_list(json: &str) -> Result<Option<Table>> {
    let Ok(PageOfRows { items, next }) = serde_json::from_str::<PageOfRows>(json) else { return Ok(None) };
    let rows: Vec<Vec<(String, String)>> = items.into_iter().map(|Row(fields)| flat(fields)).collect();
    let mut columns: Vec<&str> = Vec::new();
    for (name, _) in rows.iter().flatten() {
        if !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let mut write = |record: Vec<&str>| writer.write_record(record).map_err(|fault| anyhow::anyhow!("a table in memory: {fault}"));
    write(columns.clone())?;
    for row in &rows {
        write(columns.iter().map(|column| row.iter().find(|(name, _)| name == column).map_or("", |(_, value)| value.as_str())).collect())?;
    }
    let bytes = writer.into_inner().map_err(|fault| anyhow::anyhow!("a table in memory: {fault}"))?;
    Ok(Some(Table { text: String::from_utf8(bytes).map_err(|fault| anyhow::anyhow!("a table that is no text: {fault}"))?, next }))
}

fn flat(fields: Vec<(String, Value)>) -> Vec<(String, String)> {
    fields
        .into_iter()
        .flat_map(|(name, value)| match value {
            Value::Object(inner) => flat(inner.into_iter().map(|(inner, value)| (format!("{name}.{inner}"), value)).collect()),
            other => vec![(name, cell(&other))],
        })
        .collect()
}

/// A value as a cell. A text that a spreadsheet would run as a formula is kept from it by an apostrophe.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => guarded(text).into_owned(),
        Value::Array(parts) if parts.iter().all(|part| !part.is_object() && !part.is_array()) => parts.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Row;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Row(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_becomes_a_table_in_the_order_of_its_fields_and_nothing_in_it_is_run() {
        let list = r#"{"items":[{"name":"=1+1","at":{"a":null,"b":1},"kinds":["x","y"]},{"name":"-","extra":[{"n":-2}],"n":-3}],"next":"7"}"#;
        let table = of_list(list).unwrap().unwrap();
        assert_eq!(table.text, "\u{feff}name,at.a,at.b,kinds,extra,n\n'=1+1,,1,x y,,\n'-,,,,\"[{\"\"n\"\":-2}]\",-3\n");
        assert_eq!(table.next.as_deref(), Some("7"));
        assert!(of_list(r#"{"on":"2020-09-12"}"#).unwrap().is_none() && of_list("[]").unwrap().is_none());
        assert_eq!(of_list(r#"{"items":[]}"#).unwrap().unwrap().text, "\u{feff}\"\"\n");
    }
}
