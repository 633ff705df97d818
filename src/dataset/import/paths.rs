//! Paths as datasets write them: normalising, what is hidden, what the extension says, which split a folder names.

use crate::affect::Expression;
use crate::dataset::Split;

/// A path with `/` between its folders, without a root, a drive, `.` or `..`. Paths are mere names here: nothing is
/// ever written to one.
pub(super) fn normalise(path: &str) -> String {
    let mut folders: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']).map(str::trim) {
        match part {
            "" | "." => {}
            ".." => drop(folders.pop()),
            drive if drive.len() == 2 && drive.ends_with(':') => {}
            name => folders.push(name),
        }
    }
    folders.join("/")
}

/// The file's own name.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folders a file lies in, outermost first.
pub(super) fn folders(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/').filter(|folder| !folder.is_empty())
}

/// Whether a path is what systems leave lying about rather than data.
pub(super) fn is_hidden(path: &str) -> bool {
    let name = file_name(path);
    let left_behind = ["thumbs.db", "desktop.ini"].iter().any(|junk| name.eq_ignore_ascii_case(junk));
    left_behind || path.split('/').any(|part| part.starts_with('.') || part == "__MACOSX")
}

/// What a file may be good for, by its extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Image,
    Table,
    /// An array of NumPy's.
    Array,
    /// Plain text, which a few layouts keep lists in.
    Text,
    Json,
    Zip,
    /// An archive that cannot be opened here.
    OtherArchive,
    Other,
}

pub(super) fn kind(path: &str) -> Kind {
    let extension = file_name(path).rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    match extension.as_str() {
        "png" | "jpg" | "jpeg" | "jfif" | "webp" | "bmp" | "gif" | "pgm" | "ppm" | "pbm" | "pnm" => Kind::Image,
        // Read if they are plain, as JAFFE's are.
        "tif" | "tiff" => Kind::Image,
        // Not read, but then the decoder says so, file by file.
        "avif" | "heic" | "heif" | "jxl" => Kind::Image,
        "csv" | "tsv" => Kind::Table,
        "npy" => Kind::Array,
        "txt" => Kind::Text,
        "json" => Kind::Json,
        // What numpy.savez writes is a zip of arrays.
        "zip" | "npz" => Kind::Zip,
        "7z" | "rar" | "tar" | "gz" | "tgz" | "bz2" | "xz" | "zst" => Kind::OtherArchive,
        _ => Kind::Other,
    }
}

/// A name without `.zip` (or `.npz`).
pub(super) fn without_zip(name: &str) -> &str {
    if kind(name) == Kind::Zip { &name[..name.len() - ".zip".len()] } else { name }
}

/// The split that a word or a name of several words means: `train`, `Validation`, `FER2013Test`, `val_images`,
/// `PublicTest` and `PrivateTest` (FER2013's validation and test). `None` where it names none, or two.
pub(super) fn split_of_name(name: &str) -> Option<Split> {
    let words = words(name);
    if words.windows(2).any(|pair| pair == ["public", "test"]) || words == ["publictest"] {
        return Some(Split::Validation);
    }
    let mut named = words.iter().filter_map(|word| match word.as_str() {
        "train" | "training" => Some(Split::Train),
        "valid" | "validation" | "val" | "dev" => Some(Split::Validation),
        "test" | "testing" | "privatetest" => Some(Split::Test),
        _ => None,
    });
    let first = named.next();
    if named.all(|other| Some(other) == first) { first } else { None }
}

/// The split that the innermost folder naming one names.
pub(super) fn split_of_folders(path: &str) -> Option<Split> {
    folders(path).rev().find_map(split_of_folder)
}

/// As [`split_of_name`], but never for a folder that names an expression.
pub(super) fn split_of_folder(folder: &str) -> Option<Split> {
    if Expression::from_name(folder).is_some() { None } else { split_of_name(folder) }
}

/// The words of a name, in lower case: letters between anything else, `FER2013Train` and `PublicTest` cut before
/// their capitals.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for letter in name.chars() {
        if !letter.is_alphabetic() || (letter.is_uppercase() && after_small) {
            words.push(String::new());
        }
        if letter.is_alphabetic() {
            words.last_mut().into_iter().for_each(|word| word.extend(letter.to_lowercase()));
        }
        after_small = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_names() {
        assert_eq!(normalise("/etc/../a\\.\\b//c.png"), "a/b/c.png");
        assert_eq!(normalise("../../x"), "x");
        assert_eq!(normalise("C:\\faces\\1.png"), "faces/1.png");
        assert_eq!(folders("a/b/c.png").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(folders("c.png").count(), 0);
        assert!(is_hidden("a/.DS_Store") && is_hidden("__MACOSX/a/._1.png") && is_hidden("a/Thumbs.db"));
        assert!(!is_hidden("a/b.png"));
        assert_eq!(without_zip("faces.ZIP"), "faces");
    }

    #[test]
    fn splits_are_known_by_their_many_names() {
        for name in ["train", "Training", "FER2013Train", "ferplus-train.zip", "train_images", "TRAIN"] {
            assert_eq!(split_of_name(name), Some(Split::Train), "{name}");
        }
        for name in ["val", "Valid", "validation", "FER2013Valid", "PublicTest", "publictest", "dev"] {
            assert_eq!(split_of_name(name), Some(Split::Validation), "{name}");
        }
        for name in ["test", "Testing", "PrivateTest", "my-test-set"] {
            assert_eq!(split_of_name(name), Some(Split::Test), "{name}");
        }
        for name in ["trained", "value", "latest", "train-test", "faces", "", "FER2013"] {
            assert_eq!(split_of_name(name), None, "{name}");
        }
        assert_eq!(split_of_folders("test faces/train/happy/1.png"), Some(Split::Train), "the innermost");
    }
}
