#![expect(clippy::too_many_arguments, reason = "an operation takes tensors one by one")]
//! Tensors laid behind one another, and parts of such a one: what moves many small ones is then one kernel, not one for each.

mod lay;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::{Shape, Tensor};
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use cubecl::server::Handle;

use super::launch::empty;

/// Tensors that one kernel lays behind one another. WebGPU promises it eight buffers (`maxStorageBuffersPerShaderStage`).
const AT_ONCE: usize = 6;

/// A part begins at a multiple of so many numbers: where WebGPU lets a tensor of 32 bits begin (`minStorageBufferOffsetAlignment`, at most 256
/// bytes).
const ALIGNMENT: usize = 64;

/// Tensors behind one another, each followed by zeros up to where the next may begin; if they are all parts of such a one, in their order,
/// by what became of those. No gradient passes.
///
/// # Panics
/// If there is none.
pub fn join(tensors: &[Tensor<1>]) -> Tensor<1> {
    let lengths: Vec<usize> = tensors.iter().map(|tensor| tensor.dims()[0]).collect();
    let length = lengths.iter().copied().map(room).sum();
    let mut joined = tensors[0].clone().into_dispatch();
    let mut from = 0;
    for (tensors, lengths) in tensors.chunks(AT_ONCE).zip(lengths.chunks(AT_ONCE)) {
        // Where there are fewer, others of which nothing is read.
        let [a, b, c, d, e, f] =
            std::array::from_fn(|at| tensors.get(at).unwrap_or(&tensors[0]).clone().into_dispatch());
        let of = std::array::from_fn(|at| lengths.get(at).copied().unwrap_or(0));
        joined = Dispatch::lay(joined, a, b, c, d, e, f, of, from, length);
        from += lengths.iter().copied().map(room).sum::<usize>();
    }
    Tensor::from_dispatch(joined)
}

/// What [`join`] has made of tensors that had these lengths. All of them share its memory.
pub fn parts(joined: &Tensor<1>, lengths: &[usize]) -> Vec<Tensor<1>> {
    let mut from = 0;
    let part = |length: &usize| {
        let part = Dispatch::part(joined.clone().into_dispatch(), from, *length);
        from += room(*length);
        Tensor::from_dispatch(part)
    };
    lengths.iter().map(part).collect()
}

/// Numbers that a part takes, with those behind it that are nobody's.
pub fn room(length: usize) -> usize {
    length.next_multiple_of(ALIGNMENT)
}

/// Joining, and taking apart.
#[backend_extension(Autodiff, Cube, Fusion)]
pub trait GpuJoined: Backend {
    /// A tensor of this `length` into which six of these lengths are laid from there on, each in as much [`room`] as it takes: `joined`,
    /// which is used up, or a new one in the beginning.
    #[fusion(dtype = a, shape = Shape::from([*length]))]
    fn lay(
        joined: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        lengths: [usize; AT_ONCE],
        from: usize,
        length: usize,
    ) -> FloatTensor<Self>;

    /// So many numbers of a joined tensor from where one of its parts begins.
    #[fusion(dtype = joined, shape = Shape::from([*length]))]
    fn part(joined: FloatTensor<Self>, from: usize, length: usize) -> FloatTensor<Self>;
}

impl GpuJoined for CubeBackend {
    fn lay(
        joined: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        lengths: [usize; AT_ONCE],
        from: usize,
        length: usize,
    ) -> FloatTensor<Self> {
        let mut tensors: Vec<CubeTensor> = [a, b, c, d, e, f].into_iter().map(into_contiguous).collect();
        tensors.truncate(lengths.iter().filter(|length| **length > 0).count());
        let before = (from > 0).then_some(joined);
        behind_one_another(before, tensors, &lengths, from, length)
    }

    fn part(joined: FloatTensor<Self>, from: usize, length: usize) -> FloatTensor<Self> {
        let joined = into_contiguous(joined);
        let CubeTensor { client, device, dtype, handle, meta, .. } = joined;
        let (bytes, behind) = (dtype.size(), meta.num_elements() - from - room(length));
        let handle = handle.offset_start((from * bytes) as u64).offset_end((behind * bytes) as u64);
        CubeTensor::new_contiguous(client, device, Shape::from([length]), handle, dtype)
    }
}

/// Tensors of these lengths behind so many numbers `before`, as one of this length.
///
/// As long as all are [`parts`] that lie in one memory behind one another, it is the piece of memory that they lie in, and nothing is laid:
/// a tensor whose memory is as long as what it has so far. Else it has memory of its own.
fn behind_one_another(
    before: Option<CubeTensor>,
    tensors: Vec<CubeTensor>,
    lengths: &[usize],
    from: usize,
    length: usize,
) -> CubeTensor {
    let so_far = before.iter().map(|before| (before, from)).chain(tensors.iter().zip(lengths.iter().copied()));
    if let Some(handle) = one_memory(so_far) {
        let CubeTensor { client, device, dtype, .. } = tensors[0].clone();
        return CubeTensor::new_contiguous(client, device, Shape::from([length]), handle, dtype);
    }
    let has_own = |joined: &CubeTensor| joined.handle.size_in_used() == (length * joined.dtype.size()) as u64;
    let joined = match before {
        Some(joined) if has_own(&joined) => joined,
        before => {
            let joined = empty(&tensors[0], [length]);
            if let Some(before) = before {
                lay::laid(vec![before], &[from], &joined, 0);
            }
            joined
        }
    };
    lay::laid(tensors, lengths, &joined, from);
    joined
}

/// The piece of memory that tensors of such lengths lie in behind one another, if they do.
fn one_memory<'a>(mut tensors: impl Iterator<Item = (&'a CubeTensor, usize)>) -> Option<Handle> {
    let begins = |handle: &Handle| handle.offset_start.unwrap_or(0);
    let ends = |handle: &Handle| begins(handle) + handle.size_in_used();
    let fills = |(tensor, length): (&CubeTensor, usize)| {
        tensor.handle.size_in_used() == (room(length) * tensor.dtype.size()) as u64
    };
    let first = tensors.next().filter(|first| fills(*first))?.0;
    let mut handle = first.handle.clone();
    for (tensor, length) in tensors {
        let next = &tensor.handle;
        let one = next.memory.descriptor() == handle.memory.descriptor() && tensor.dtype == first.dtype;
        if !one || begins(next) != ends(&handle) || !fills((tensor, length)) {
            return None;
        }
        handle.offset_end = next.offset_end;
    }
    Some(handle)
}

impl<B: GpuJoined, C: CheckpointStrategy> GpuJoined for Autodiff<B, C> {
    fn lay(
        joined: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        lengths: [usize; AT_ONCE],
        from: usize,
        length: usize,
    ) -> FloatTensor<Self> {
        let [joined, a, b, c, d, e, f] = [joined, a, b, c, d, e, f].map(FloatTensor::<Self>::into_primitive);
        FloatTensor::<Self>::new(B::lay(joined, a, b, c, d, e, f, lengths, from, length))
    }

    fn part(joined: FloatTensor<Self>, from: usize, length: usize) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::part(joined.into_primitive(), from, length))
    }
}
