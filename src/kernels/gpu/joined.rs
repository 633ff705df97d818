//! Tensors laid behind one another, and parts of such a one: what moves many small ones is then one kernel, not one for each.

mod lay;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Backend, Dispatch, backend_extension};
use burn::tensor::{Shape, Tensor};
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

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
pub fn join(tensors: Vec<Tensor<1>>) -> Tensor<1> {
    let mut tensors = tensors;
    loop {
        tensors = tensors.chunks(AT_ONCE).map(join_at_once).collect();
        if tensors.len() == 1 {
            return tensors.remove(0);
        }
    }
}

fn join_at_once(tensors: &[Tensor<1>]) -> Tensor<1> {
    let lengths = std::array::from_fn(|at| tensors.get(at).map_or(0, |tensor| tensor.dims()[0]));
    // Where there are fewer, others of which nothing is read.
    let [a, b, c, d, e, f] = std::array::from_fn(|at| tensors.get(at).unwrap_or(&tensors[0]).clone().into_dispatch());
    Tensor::from_dispatch(Dispatch::join(a, b, c, d, e, f, lengths))
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

/// Numbers that a part takes, with the zeros behind it.
fn room(length: usize) -> usize {
    length.next_multiple_of(ALIGNMENT)
}

/// Joining, and taking apart.
#[backend_extension(Autodiff, Cube, Fusion)]
pub trait GpuJoined: Backend {
    /// Tensors of these lengths behind one another, each in as much [`room`] as it takes.
    #[fusion(dtype = a, shape = Shape::from([lengths.iter().copied().map(room).sum::<usize>()]))]
    fn join(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        lengths: [usize; AT_ONCE],
    ) -> FloatTensor<Self>;

    /// So many numbers of a joined tensor from where one of its parts begins.
    #[fusion(dtype = joined, shape = Shape::from([*length]))]
    fn part(joined: FloatTensor<Self>, from: usize, length: usize) -> FloatTensor<Self>;
}

impl GpuJoined for CubeBackend {
    fn join(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        lengths: [usize; AT_ONCE],
    ) -> FloatTensor<Self> {
        let mut there: Vec<CubeTensor> = [a, b, c, d, e, f].into_iter().map(into_contiguous).collect();
        there.truncate(lengths.iter().filter(|length| **length > 0).count());
        whole(&there, &lengths).unwrap_or_else(|| lay::laid(there, &lengths))
    }

    fn part(joined: FloatTensor<Self>, from: usize, length: usize) -> FloatTensor<Self> {
        let joined = into_contiguous(joined);
        let CubeTensor { client, device, dtype, handle, meta, .. } = joined;
        let (bytes, behind) = (dtype.size(), meta.num_elements() - from - room(length));
        let handle = handle.offset_start((from * bytes) as u64).offset_end((behind * bytes) as u64);
        CubeTensor::new_contiguous(client, device, Shape::from([length]), handle, dtype)
    }
}

/// The piece of memory that tensors of these lengths lie in, if they are [`parts`] that lie there behind one another: nothing is laid then.
fn whole(tensors: &[CubeTensor], lengths: &[usize]) -> Option<CubeTensor> {
    let (first, last) = (tensors.first()?, tensors.last()?);
    let begins = |tensor: &CubeTensor| tensor.handle.offset_start.unwrap_or(0);
    let mut next = begins(first);
    for (tensor, length) in tensors.iter().zip(lengths) {
        let (handle, bytes) = (&tensor.handle, (room(*length) * tensor.dtype.size()) as u64);
        let one_memory = handle.memory.descriptor() == first.handle.memory.descriptor();
        if !one_memory || begins(tensor) != next || handle.size_in_used() != bytes {
            return None;
        }
        next += bytes;
    }
    let mut handle = first.handle.clone();
    handle.offset_end = last.handle.offset_end;
    let shape = Shape::from([lengths.iter().copied().map(room).sum::<usize>()]);
    Some(CubeTensor::new_contiguous(first.client.clone(), first.device.clone(), shape, handle, first.dtype))
}

impl<B: GpuJoined, C: CheckpointStrategy> GpuJoined for Autodiff<B, C> {
    fn join(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        lengths: [usize; AT_ONCE],
    ) -> FloatTensor<Self> {
        let [a, b, c, d, e, f] = [a, b, c, d, e, f].map(FloatTensor::<Self>::into_primitive);
        FloatTensor::<Self>::new(B::join(a, b, c, d, e, f, lengths))
    }

    fn part(joined: FloatTensor<Self>, from: usize, length: usize) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::part(joined.into_primitive(), from, length))
    }
}
