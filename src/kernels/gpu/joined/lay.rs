//! Laying tensors behind one another.

use burn::backend::cubecl::dtype_to_elem_type;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::super::launch::THREADS;
use super::super::shapes::thread;
use super::{ALIGNMENT, room};

/// Numbers that a thread lays: all of them lie in one part.
const EACH: u32 = 4;

/// Lays tensors of these lengths into a joined one from there on. They are contiguous.
pub fn laid(tensors: Vec<CubeTensor>, lengths: &[usize], joined: &CubeTensor, from: usize) {
    let mut inputs = SequenceArg::new();
    let mut of_inputs = SequenceArg::new();
    for (tensor, length) in tensors.into_iter().zip(lengths) {
        inputs.push(tensor.into_tensor_arg());
        of_inputs.push(*length as u32);
    }
    let length: usize = lengths.iter().copied().map(room).sum();
    let groups = length.div_ceil(THREADS * EACH as usize) as u32;
    // SAFETY: the kernel reads within tensors of the lengths that it is told, and writes as much as they take.
    unsafe {
        lay::launch_unchecked(
            &joined.client,
            CubeCount::Static(groups, 1, 1),
            CubeDim::new_1d(THREADS as u32),
            inputs,
            of_inputs,
            joined.clone().into_tensor_arg(),
            from as u32,
            dtype_to_elem_type(joined.dtype),
        );
    }
}

#[cube(launch_unchecked)]
fn lay<F: Float>(
    inputs: Sequence<OwnedTensor<F>>,
    lengths: Sequence<u32>,
    output: &mut Tensor<F>,
    begins: u32,
    #[define(F)] _dtype: cubecl::ir::ElemType,
) {
    let first = thread() * EACH;
    let mut from = 0u32.runtime();
    #[unroll]
    for at in 0..inputs.len() {
        let (input, length) = (inputs.index(at), *lengths.index(at));
        let room = length.div_ceil(comptime!(ALIGNMENT as u32)) * comptime!(ALIGNMENT as u32);
        if first >= from && first < from + room {
            #[unroll]
            for next in 0..EACH {
                let place = first - from + next;
                let value = input[select(place < length, place, 0u32.runtime()) as usize];
                output[(begins + first + next) as usize] = select(place < length, value, F::new(0.0));
            }
        }
        from += room;
    }
}
