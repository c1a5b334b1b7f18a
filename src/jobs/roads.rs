//! Ways by road, asked of a routing server that speaks as OSRM does (`/table/v1/driving`), if one is set.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Deserialize;

use super::http_agent;
use crate::config;
use crate::dispatch::Roads;
use crate::places::Position;

/// What the server answers.
#[derive(Deserialize)]
struct Table {
    code: String,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    durations: Vec<Vec<Option<f64>>>,
    #[serde(default)]
    distances: Vec<Vec<Option<f64>>>,
}

/// The ways between all of `places`, or why they could not be had; none if no server is set. Blocks for as long as the settings allow.
pub fn roads(settings: &config::Ways, places: &[Position]) -> Option<Result<Roads, String>> {
    let server = settings.osrm.as_deref()?;
    if places.is_empty() {
        return Some(Ok(Roads { seconds: Vec::new(), metres: Vec::new() }));
    }
    Some(ask(server, Duration::from_secs(settings.timeout_seconds), places))
}

fn ask(server: &str, timeout: Duration, places: &[Position]) -> Result<Roads, String> {
    let mut url = format!("{}/table/v1/driving/", server.trim_end_matches('/'));
    for (n, place) in places.iter().enumerate() {
        let separator = if n == 0 { "" } else { ";" };
        write!(url, "{separator}{:.6},{:.6}", place.longitude, place.latitude).map_err(|cause| cause.to_string())?;
    }
    url += "?annotations=duration,distance";
    let mut response = http_agent(timeout).get(&url).call().map_err(|cause| cause.to_string())?;
    let status = response.status();
    let text = response.body_mut().read_to_string().map_err(|cause| cause.to_string())?;
    let table: Table = serde_json::from_str(&text).map_err(|_| format!("{status}, and no table"))?;
    if table.code != "Ok" {
        return Err(table.message.unwrap_or(table.code));
    }
    Ok(Roads { seconds: table.durations, metres: table.distances })
}
