//! Images that stand in a dataset more than once: the same pixels, or the same picture again in another size, light or
//! compression.

use std::collections::HashMap;

use crate::imaging::Fingerprint;

/// Images of which at most so many gradients of 128 differ are taken for the same picture. Among the 35,710 faces of FER+
/// pairs at this distance were looked at: they show one photograph nearly always; from 12 on, strangers come in.
const ALIKE: u32 = 10;

/// The gradients of flatter images (standard deviation of the luma) are noise.
const FLAT: u8 = 4;

/// More images than this that share a band of gradients are each compared with their neighbours only: they are drawn,
/// not photographed, or nearly blank.
const CROWD: usize = 2048;

/// Neighbours in a crowd.
const NEIGHBOURS: usize = 64;

/// Images that are compared with others in one step, at least.
const STEP: usize = 4096;

/// The gradients fall into so many bands of 16 bits.
const BANDS: u32 = 8;

/// Which images belong together: groups of two or more, each in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Twins {
    /// Equal pixels.
    pub copies: Vec<Vec<usize>>,
    /// Equal pixels, or nearly the same picture.
    pub alike: Vec<Vec<usize>>,
}

impl Twins {
    /// Finds them all at once: [`TwinSearch`].
    pub fn among(images: &[Fingerprint]) -> Twins {
        let mut search = TwinSearch::new(images);
        while search.step() {}
        search.finish()
    }
}

/// A search for twins, step by step: whoever drives it can stop between any two.
///
/// Two images that are alike are missed only where their differences, eight to ten then, fall into all eight bands of the
/// gradients: one pair in thirty-five of those with ten.
pub struct TwinSearch<'a> {
    images: &'a [Fingerprint],
    copies: Vec<Vec<usize>>,
    sets: Sets,
    /// One of each set of copies, in the order of their gradients' `band`.
    distinct: Vec<usize>,
    band: u32,
    /// How many of those were compared in this band.
    compared: usize,
}

impl<'a> TwinSearch<'a> {
    /// Finds the copies.
    pub fn new(images: &'a [Fingerprint]) -> Self {
        let mut equal = HashMap::new();
        let mut sets = Sets::new(images.len());
        for (index, image) in images.iter().enumerate() {
            let first = *equal.entry((image.pixels, image.width, image.height)).or_insert(index);
            sets.join(first, index);
        }
        let distinct = equal.into_values().filter(|index| images[*index].contrast >= FLAT).collect();
        let mut search = TwinSearch { images, copies: sets.groups(), sets, distinct, band: 0, compared: 0 };
        search.sort();
        search
    }

    /// Compares some more, some milliseconds long. `false` where all are compared.
    pub fn step(&mut self) -> bool {
        let rest = &self.distinct[self.compared..];
        if rest.is_empty() {
            self.band += 1;
            self.compared = 0;
            self.sort();
            return self.band < BANDS;
        }
        let key = |index: &usize| band(&self.images[*index], self.band);
        let mut compared = 0;
        for bucket in rest.chunk_by(|a, b| key(a) == key(b)) {
            join_alike(bucket, self.images, &mut self.sets);
            compared += bucket.len();
            if compared >= STEP {
                break;
            }
        }
        self.compared += compared;
        true
    }

    /// What was found.
    pub fn finish(mut self) -> Twins {
        Twins { copies: self.copies, alike: self.sets.groups() }
    }

    fn sort(&mut self) {
        if self.band < BANDS {
            let images = self.images;
            let key = |index: &usize| (band(&images[*index], self.band), images[*index].gradients, *index);
            self.distinct.sort_unstable_by_key(key);
        }
    }
}

/// One of the eight bands of an image's gradients.
fn band(image: &Fingerprint, band: u32) -> [u8; 2] {
    image.gradients.map(|gradients| (gradients >> (8 * band)) as u8)
}

/// Joins those of a bucket that are alike.
fn join_alike(bucket: &[usize], images: &[Fingerprint], sets: &mut Sets) {
    let reach = if bucket.len() > CROWD { NEIGHBOURS } else { bucket.len() };
    for (place, &one) in bucket.iter().enumerate() {
        for &other in bucket[place + 1..].iter().take(reach) {
            if images[one].distance(&images[other]) <= ALIKE {
                sets.join(one, other);
            }
        }
    }
}

/// Disjoint sets of indices (union-find with path halving); the least index stands for its set.
pub(super) struct Sets(Vec<usize>);

impl Sets {
    /// Every index by itself.
    pub(super) fn new(len: usize) -> Self {
        Sets((0..len).collect())
    }

    fn find(&mut self, mut index: usize) -> usize {
        while self.0[index] != index {
            self.0[index] = self.0[self.0[index]];
            index = self.0[index];
        }
        index
    }

    /// Makes one set of two.
    pub(super) fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        self.0[one.max(other)] = one.min(other);
    }

    /// The sets of two or more, and the members of each, in order.
    pub(super) fn groups(&mut self) -> Vec<Vec<usize>> {
        let mut groups = self.all();
        groups.retain(|group| group.len() > 1);
        groups
    }

    /// Every set, and the members of each, in order.
    pub(super) fn all(&mut self) -> Vec<Vec<usize>> {
        let mut place = vec![usize::MAX; self.0.len()];
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for index in 0..self.0.len() {
            let root = self.find(index);
            if place[root] == usize::MAX {
                place[root] = groups.len();
                groups.push(Vec::new());
            }
            groups[place[root]].push(index);
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(pixels: u64, gradients: [u64; 2]) -> Fingerprint {
        Fingerprint { pixels, gradients, width: 48, height: 48, brightness: 99, contrast: 40 }
    }

    #[test]
    fn copies_and_look_alikes_are_told_apart() {
        let far = [0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210];
        // Ten bits, all in two of the eight bands; then eleven.
        let (near, beyond) = ([far[0] ^ 0xff, far[1] ^ 0x300], [far[0] ^ 0xff, far[1] ^ 0x700]);
        let images =
            [image(1, [0; 2]), image(2, far), image(1, [0; 2]), image(3, near), image(4, beyond), image(2, far)];
        let twins = Twins::among(&images);
        assert_eq!(twins.copies, [vec![0, 2], vec![1, 5]]);
        // The eleventh is one bit from the tenth: likeness passes on.
        assert_eq!(twins.alike, [vec![0, 2], vec![1, 3, 4, 5]]);
        assert_eq!(Twins::among(&[images[1], images[4]]), Twins::default());
    }

    #[test]
    fn flat_images_are_no_twins_unless_their_pixels_are_equal() {
        let flat = |pixels| Fingerprint { contrast: 3, ..image(pixels, [0; 2]) };
        let twins = Twins::among(&[flat(1), flat(2), flat(1)]);
        assert_eq!((twins.copies, twins.alike), (vec![vec![0, 2]], vec![vec![0, 2]]));
    }

    #[test]
    fn a_crowd_costs_no_square() {
        let crowd: Vec<Fingerprint> = (0..200_000).map(|i| image(i, [i << 32, i.reverse_bits()])).collect();
        let twins = Twins::among(&crowd);
        assert!(twins.copies.is_empty() && !twins.alike.is_empty());
    }
}
