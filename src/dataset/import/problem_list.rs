//! The problems of an import, as many as a person would read.

use crate::dataset::{Place, Problem};

/// Problems as they turn up: all are counted, the first 1,000 kept.
#[derive(Clone, Debug, Default)]
pub(super) struct ProblemList {
    kept: Vec<Problem>,
    count: usize,
}

impl ProblemList {
    /// How many are kept.
    pub(super) const KEPT: usize = 1000;
    /// More files than this with one and the same trouble become one problem.
    const SINGLE: usize = 5;

    pub(super) fn push(&mut self, place: Place, message: impl Into<String>) {
        self.count += 1;
        if self.kept.len() < Self::KEPT {
            self.kept.push(Problem { place, message: message.into() });
        }
    }

    /// A problem of a whole file.
    pub(super) fn push_file(&mut self, file: &str, message: impl Into<String>) {
        self.push(Place { file: file.to_owned(), ..Place::default() }, message);
    }

    /// The same trouble with each of `files`: a problem each where they are few, else one at `place` that counts them.
    pub(super) fn push_files(&mut self, place: &str, files: &[&str], message: &str) {
        if let ([first, .., last], true) = (files, files.len() > Self::SINGLE) {
            self.push_file(place, format!("{} files, from {first} to {last}: each {message}", files.len()));
        } else {
            files.iter().for_each(|file| self.push_file(file, message));
        }
    }

    pub(super) fn append(&mut self, other: ProblemList) {
        self.count += other.count;
        let room = Self::KEPT - self.kept.len();
        self.kept.extend(other.kept.into_iter().take(room));
    }

    pub(super) fn first(&self) -> Option<&Problem> {
        self.kept.first()
    }

    /// The kept problems, and how many there were in all.
    pub(super) fn into_parts(self) -> (Vec<Problem>, usize) {
        (self.kept, self.count)
    }
}
