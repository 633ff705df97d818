//! The kernels on a GPU, natively: on the adapter that Burn takes, one of software too (Mesa's, SwiftShader).

mod dense;
mod waves;

use futures_executor::block_on;

#[test]
fn dense_convolutions_on_a_gpu_are_burns_on_the_cpu() {
    block_on(dense::convolutions_are_burns_on_the_cpu());
}
