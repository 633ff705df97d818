//! Numbers as text. What is undefined reads "n/a".

/// What stands where a figure is undefined.
pub const UNDEFINED: &str = "n/a";

/// A share as a percentage with one decimal: `71.4 %`.
pub fn percent(share: Option<f64>) -> String {
    share.map_or(UNDEFINED.into(), |share| format!("{:.1} %", share * 100.0))
}

/// A figure with three decimals. The minus is a plain hyphen, which programs that read the page can parse.
pub fn decimal(value: Option<f64>) -> String {
    value.map_or(UNDEFINED.into(), |value| signed(format!("{value:.3}")))
}

/// A difference of shares in percentage points, with its sign: `+3.1`, `-0.4`.
pub fn signed_points(share: f64) -> String {
    match format!("{:+.1}", 100.0 * share) {
        zero if zero == "+0.0" || zero == "-0.0" => "0.0".into(),
        points => points,
    }
}

/// A probability as tests are reported: `0.043`, `< 0.001`.
pub fn p_value(p: f64) -> String {
    if p < 0.001 { "< 0.001".into() } else { format!("{p:.3}") }
}

/// A figure with two decimals.
pub fn hundredths(value: f64) -> String {
    signed(format!("{value:.2}"))
}

/// The same with its sign: `+0.31`, `-0.40`.
pub fn signed_hundredths(value: f64) -> String {
    let text = hundredths(value);
    if text.starts_with('-') { text } else { format!("+{text}") }
}

/// A valence and an arousal: `+0.31 -0.40`.
pub fn affect(valence: f32, arousal: f32) -> String {
    [valence, arousal].map(|value| signed_hundredths(f64::from(value))).join(" ")
}

/// A figure between the fine and the coarse: three decimals, or as many as a small value needs (learning rates, losses).
pub fn brief(value: f64) -> String {
    let text = match value.abs() {
        0.0 => "0".into(),
        size if size >= 1000.0 => count(value.round().max(0.0) as usize),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 0.01 => format!("{value:.3}"),
        size if size >= 1e-5 => format!("{value:.6}").trim_end_matches('0').into(),
        _ => format!("{value:.1e}"),
    };
    signed(text)
}

/// A count with thousands set apart: `12,345`.
pub fn count(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and its noun: `1 face`, `1,200 faces`.
pub fn counted(value: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(value), if value == 1 { one } else { many })
}

/// A size in the unit that suits it: `640 kB`, `8.2 MB`, `12 GB`.
pub fn bytes(bytes: u64) -> String {
    let (size, unit) = match bytes as f64 {
        size if size < 1e6 => (size / 1e3, "kB"),
        size if size < 1e9 => (size / 1e6, "MB"),
        size => (size / 1e9, "GB"),
    };
    if size < 9.95 && unit != "kB" { format!("{size:.1} {unit}") } else { format!("{size:.0} {unit}") }
}

/// A stretch of time in words that suit its length: `8 s`, `2 min 5 s`, `1 h 3 min`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return UNDEFINED.into();
    }
    let whole = seconds.round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, 0) => format!("{seconds:.1} s"),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// A moment of a film: `0:03.2`, `1:02:03.4`.
pub fn clock(seconds: f64) -> String {
    let tenths = (10.0 * seconds.max(0.0)).round() as u64;
    let (hours, minutes, rest) = (tenths / 36_000, tenths / 600 % 60, tenths % 600);
    let rest = format!("{:02}.{}", rest / 10, rest % 10);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest}") } else { format!("{minutes}:{rest}") }
}

/// Words in a row: `a, b and c`.
pub fn listed<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match &items[..] {
        [] => String::new(),
        [one] => (*one).into(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Takes the sign from what rounds to zero.
fn signed(text: String) -> String {
    match text.strip_prefix('-') {
        Some(size) if size.trim_matches(['0', '.']).is_empty() => size.into(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_a_person_writes_them() {
        assert_eq!(percent(Some(0.7141)), "71.4 %");
        assert_eq!(percent(None), "n/a");
        assert_eq!(decimal(Some(-0.1234)), "-0.123");
        assert_eq!(decimal(Some(-0.0001)), "0.000");
        assert_eq!(hundredths(-0.001), "0.00");
        assert_eq!([0.314, -0.4, 0.001, -0.001].map(signed_hundredths), ["+0.31", "-0.40", "+0.00", "+0.00"]);
        assert_eq!([0.0, 3.24, 59.96, 3723.4].map(clock), ["0:00.0", "0:03.2", "1:00.0", "1:02:03.4"]);
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "face", "faces"), "1 face");
        assert_eq!(brief(0.002), "0.002");
        assert_eq!(brief(2e-6), "2.0e-6");
        assert_eq!(brief(1.2345), "1.234");
        assert_eq!([0.0312, -0.004, -0.0001].map(signed_points), ["+3.1", "-0.4", "0.0"]);
        assert_eq!([0.0433, 0.0004].map(p_value), ["0.043", "< 0.001"]);
    }

    #[test]
    fn words_stand_in_a_row() {
        assert_eq!(
            [listed(&[""; 0]), listed(&["a"]), listed(&["a", "b"]), listed(&["a", "b", "c"])],
            ["", "a", "a and b", "a, b and c"]
        );
    }

    #[test]
    fn a_size_is_in_the_unit_that_suits_it() {
        let sizes =
            [(0, "0 kB"), (640_400, "640 kB"), (8_190_000, "8.2 MB"), (64_000_000, "64 MB"), (1_100_000_000, "1.1 GB")];
        for (size, text) in sizes {
            assert_eq!(bytes(size), text);
        }
    }

    #[test]
    fn a_duration_is_as_fine_as_its_length_asks() {
        assert_eq!(duration(0.31), "0.3 s");
        assert_eq!(duration(8.2), "8 s");
        assert_eq!(duration(125.0), "2 min 5 s");
        assert_eq!(duration(3780.0), "1 h 3 min");
        assert_eq!(duration(f64::INFINITY), "n/a");
    }
}
