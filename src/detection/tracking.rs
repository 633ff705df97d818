//! Which face is which, from one picture of a film to the next.

use super::Face;

/// Faces that overlap by more, from one picture to the next, can be the same.
const SAME: f32 = 0.15;

/// A face that was not seen for longer is forgotten, seconds.
const PATIENCE: f64 = 1.0;

/// How much further a face may have gone for every second that it was not seen, in shares of its width.
const PACE: f64 = 2.0;

/// A face that is followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Track {
    /// Which: never given twice.
    pub id: u32,
    /// Where it was last.
    pub face: Face,
    /// When that was, seconds.
    pub seen: f64,
}

/// Follows faces.
#[derive(Clone, Debug, Default)]
pub struct Tracker {
    tracks: Vec<Track>,
    last: u32,
}

impl Tracker {
    /// Takes the faces of the next picture, at `time` in seconds, and says which is which: those with the largest overlap
    /// first (Bochinski et al. 2017, *High-Speed Tracking-by-Detection Without Using Image Information*), then those that are
    /// near to where one was lost.
    pub fn follow(&mut self, faces: &[Face], time: f64) -> Vec<Track> {
        // A film that is wound back a little shows the same faces.
        self.tracks.retain(|track| (time - track.seen).abs() <= PATIENCE);
        let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
        for (track, known) in self.tracks.iter().enumerate() {
            for (place, face) in faces.iter().enumerate() {
                pairs.extend(likeness(known, face, time).map(|likeness| (likeness, track, place)));
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut ids = vec![None; faces.len()];
        let mut taken = vec![false; self.tracks.len()];
        for (_, track, place) in pairs {
            if ids[place].is_none() && !taken[track] {
                ids[place] = Some(self.tracks[track].id);
                taken[track] = true;
            }
        }
        let seen: Vec<Track> = faces.iter().zip(ids).map(|(face, id)| self.seen(id, *face, time)).collect();
        self.tracks.retain(|track| seen.iter().all(|of| of.id != track.id));
        self.tracks.extend(&seen);
        seen
    }

    /// The faces that were seen of late, where they were last.
    pub fn faces(&self) -> impl Iterator<Item = Face> + '_ {
        self.tracks.iter().map(|track| track.face)
    }

    /// Whether a face was seen of late: it would be known again.
    pub fn remembers(&self, id: u32) -> bool {
        self.tracks.iter().any(|track| track.id == id)
    }

    /// Takes up faces that were followed before, where a film is wound to a moment at which they are known to be: unless they
    /// are followed still.
    pub fn recall(&mut self, faces: Vec<(u32, Face)>, time: f64) {
        for (id, face) in faces {
            let is_followed = |track: &Track| track.id == id && (time - track.seen).abs() <= PATIENCE;
            if !self.tracks.iter().any(is_followed) {
                self.tracks.retain(|track| track.id != id);
                self.tracks.push(Track { id, face, seen: time });
                self.last = self.last.max(id);
            }
        }
    }

    fn seen(&mut self, id: Option<u32>, face: Face, time: f64) -> Track {
        let id = id.unwrap_or_else(|| {
            self.last += 1;
            self.last
        });
        Track { id, face, seen: time }
    }
}

/// How well a face fits one that is followed: their overlap, or less than nothing where it is only near; `None` where it
/// cannot be the same.
fn likeness(known: &Track, face: &Face, time: f64) -> Option<f32> {
    let overlap = known.face.bounds.overlap(&face.bounds);
    if overlap > SAME {
        return Some(overlap);
    }
    let (was, is) = (known.face.bounds, face.bounds);
    let (from, to) = (was.middle(), is.middle());
    let way = f64::from((to.0 - from.0).hypot(to.1 - from.1));
    let reach = f64::from(was.width) * (0.5 + PACE * (time - known.seen).abs());
    let alike = was.width < 2.0 * is.width && is.width < 2.0 * was.width;
    (alike && way < reach).then(|| -(way / reach) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection::Bounds;

    fn face(left: f32, top: f32) -> Face {
        Face { bounds: Bounds { left, top, width: 40.0, height: 40.0 }, keypoints: [(left, top); 6], score: 0.9 }
    }

    fn ids(tracks: &[Track]) -> Vec<u32> {
        tracks.iter().map(|track| track.id).collect()
    }

    #[test]
    fn two_faces_that_pass_each_other_keep_their_ids() {
        let mut tracker = Tracker::default();
        for step in 0..=40 {
            let along = step as f32 * 10.0;
            // They pass one above the other; which is found first changes.
            let mut faces = vec![face(along, 0.0), face(400.0 - along, 60.0)];
            if step % 2 == 1 {
                faces.swap(0, 1);
            }
            let found = ids(&tracker.follow(&faces, f64::from(step) / 10.0));
            assert_eq!(found, if step % 2 == 1 { [2, 1] } else { [1, 2] }, "step {step}");
        }
    }

    #[test]
    fn a_face_that_is_lost_for_a_moment_is_the_same_and_for_long_another() {
        let mut tracker = Tracker::default();
        assert_eq!(ids(&tracker.follow(&[face(0.0, 0.0)], 0.0)), [1]);
        assert_eq!(ids(&tracker.follow(&[], 0.3)), [0; 0]);
        assert_eq!(ids(&tracker.follow(&[face(30.0, 0.0)], 0.6)), [1], "it has moved a little");
        assert_eq!(ids(&tracker.follow(&[face(300.0, 0.0)], 0.7)), [2], "too far");
        assert_eq!(ids(&tracker.follow(&[face(300.0, 0.0)], 9.0)), [3], "too late");
        assert_eq!(ids(&tracker.follow(&[face(300.0, 0.0)], 1.0)), [4], "the film was wound back");
    }

    #[test]
    fn a_face_that_is_recalled_is_the_same() {
        let mut tracker = Tracker::default();
        assert_eq!(ids(&tracker.follow(&[face(0.0, 0.0), face(200.0, 0.0)], 0.0)), [1, 2]);
        assert_eq!(ids(&tracker.follow(&[face(300.0, 0.0)], 9.0)), [3]);
        tracker.recall(vec![(2, face(200.0, 0.0)), (3, face(0.0, 0.0))], 9.5);
        assert_eq!(ids(&tracker.follow(&[face(305.0, 0.0), face(205.0, 0.0), face(0.0, 0.0)], 9.5)), [3, 2, 4]);
    }

    #[test]
    fn the_nearest_takes_an_id() {
        let mut tracker = Tracker::default();
        tracker.follow(&[face(0.0, 0.0)], 0.0);
        assert_eq!(ids(&tracker.follow(&[face(15.0, 0.0), face(2.0, 0.0)], 0.1)), [2, 1]);
    }
}
