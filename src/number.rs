//! Decimal numbers as text.

/// Reads a number: digits, with a sign, a point and an exponent at most.
#[cfg(not(all(feature = "page", target_family = "wasm")))]
pub fn parse(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// Reads a number: digits, with a sign, a point and an exponent at most. The browser does it: the library's table of powers
/// is ten kilobytes that do not compress, and the page would have to fetch them.
#[cfg(all(feature = "page", target_family = "wasm"))]
pub fn parse(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let value = wasm_bindgen::JsValue::from_str(text).unchecked_into_f64();
    (plain && !text.is_empty() && !value.is_nan()).then_some(value)
}
