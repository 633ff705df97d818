//! The processor's cores, and a batch cut among them. Without the feature `threads`, as in a browser, there is one.

/// Less than so many values is sooner done than handed over: starting a thread takes some ten microseconds. Tests are to see
/// small shapes cut.
const WORTH: usize = if cfg!(test) { 1 } else { 1 << 15 };

/// How many of so many images each core takes; all, where the work is one core's. At least one.
pub fn share(images: usize, values: usize) -> usize {
    let cores = if values < WORTH { 1 } else { cores() };
    images.div_ceil(cores).max(1)
}

#[cfg(feature = "threads")]
fn cores() -> usize {
    use std::sync::OnceLock;
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

#[cfg(not(feature = "threads"))]
fn cores() -> usize {
    1
}

/// What comes of each part, the parts side by side. One part is done here.
#[cfg(feature = "threads")]
pub fn each<A: Send, B: Send>(parts: impl ExactSizeIterator<Item = A>, work: impl Fn(A) -> B + Sync) -> Vec<B> {
    if parts.len() < 2 {
        return parts.map(work).collect();
    }
    std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.map(|part| part.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

/// What comes of each part.
#[cfg(not(feature = "threads"))]
pub fn each<A, B>(parts: impl ExactSizeIterator<Item = A>, work: impl Fn(A) -> B) -> Vec<B> {
    parts.map(work).collect()
}

/// One part behind the other.
pub fn joined<T: Copy>(mut parts: Vec<Vec<T>>) -> Vec<T> {
    // What is alone is not copied.
    if parts.len() == 1 { parts.swap_remove(0) } else { parts.concat() }
}

/// The sum of the parts, value by value.
pub fn summed(parts: Vec<Vec<f32>>) -> Vec<f32> {
    let mut parts = parts.into_iter();
    let mut sum = parts.next().unwrap_or_default();
    for part in parts {
        sum.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
    }
    sum
}
