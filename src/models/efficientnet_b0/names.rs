//! torchvision's names for EfficientNetB0's parameters.

/// timm's name of what torchvision calls `name`; `None` where it is no name of torchvision's.
///
/// torchvision counts: `features.0` is the stem, 1 to 7 are the stages, 8 the head; within a block, `block.0` is the
/// expansion where there is one, then come the depthwise convolution, the attention, the projection.
pub fn from_torchvision(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split('.').collect();
    let layer = match parts[..] {
        ["features", "0", part, _] => pick(part, ["conv_stem", "bn1"])?.to_string(),
        ["features", "8", part, _] => pick(part, ["conv_head", "bn2"])?.to_string(),
        ["features", stage, block, "block", place, part, _] => {
            let stage: usize = stage.parse().ok()?;
            let plain = stage == 1;
            let layer = match (place, plain) {
                ("0", true) => pick(part, ["conv_dw", "bn1"])?,
                ("2", true) => pick(part, ["conv_pw", "bn2"])?,
                ("0", false) => pick(part, ["conv_pw", "bn1"])?,
                ("1", false) => pick(part, ["conv_dw", "bn2"])?,
                ("3", false) => pick(part, ["conv_pwl", "bn3"])?,
                ("1", true) | ("2", false) => match part {
                    "fc1" => "se.conv_reduce",
                    "fc2" => "se.conv_expand",
                    _ => return None,
                },
                _ => return None,
            };
            format!("blocks.{}.{block}.{layer}", stage.checked_sub(1)?)
        }
        _ => return None,
    };
    Some(format!("{layer}.{}", parts.last()?))
}

/// The convolution, or its normalisation.
fn pick(part: &str, names: [&'static str; 2]) -> Option<&'static str> {
    match part {
        "0" => Some(names[0]),
        "1" => Some(names[1]),
        _ => None,
    }
}
