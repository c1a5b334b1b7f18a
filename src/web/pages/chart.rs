//! Charts drawn on the server: pairs of bars with their values on them, and a title that says the finding. The same numbers stand in
//! a table for those who cannot see them.

/// Two series side by side over the same labels.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What the chart shows, as a sentence.
    pub title: String,
    /// The names of the two series.
    pub series: [String; 2],
    /// The groups, from left to right.
    pub groups: Vec<Group>,
    /// Its width in its own units.
    pub width: i64,
}

/// What stands over one label.
#[derive(Debug, Clone)]
pub struct Group {
    /// The label.
    pub label: String,
    /// Its middle.
    pub x: i64,
    /// The two bars.
    pub bars: [Bar; 2],
}

/// A bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Its value.
    pub n: i64,
    /// Its left edge.
    pub x: i64,
    /// Its top edge.
    pub y: i64,
    /// Its height.
    pub height: i64,
}

/// How wide a group is, of which a bar takes two fifths.
const GROUP: i64 = 70;
const BAR: i64 = 28;
/// The line that bars stand on, and how high the highest is.
const BASE: i64 = 130;
const HIGHEST: i64 = 105;

impl Chart {
    /// Draws `values`: a label and its two numbers.
    pub fn new(title: String, series: [String; 2], values: Vec<(String, [i64; 2])>) -> Self {
        let most = values.iter().flat_map(|(_, pair)| pair).copied().max().unwrap_or(0).max(1);
        let bar = |n: i64, x: i64| {
            let height = n.max(0) * HIGHEST / most;
            Bar { n, x, y: BASE - height, height }
        };
        let group = |(at, (label, [a, b])): (i64, (String, [i64; 2]))| {
            let x = at * GROUP + GROUP / 2;
            Group { label, x, bars: [bar(a, x - BAR - 1), bar(b, x + 1)] }
        };
        let width = i64::try_from(values.len()).unwrap_or(0) * GROUP;
        Self { title, series, groups: (0..).zip(values).map(group).collect(), width }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_on_one_line_and_the_highest_fills_the_height() {
        let chart = Chart::new(String::new(), [String::new(), String::new()], vec![("a".into(), [10, 5]), ("b".into(), [0, -3])]);
        let [high, half] = &chart.groups[0].bars;
        assert_eq!((high.y, high.height, half.height), (BASE - HIGHEST, HIGHEST, HIGHEST / 2));
        assert!(chart.groups[1].bars.iter().all(|bar| bar.y == BASE && bar.height == 0), "nothing hangs below the line");
        assert_eq!(chart.width, 2 * GROUP);
    }

    #[test]
    fn a_chart_of_nothing_is_flat() {
        let chart = Chart::new(String::new(), [String::new(), String::new()], vec![("a".into(), [0, 0])]);
        assert_eq!(chart.groups[0].bars[0].height, 0);
    }
}
