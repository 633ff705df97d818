//! The kernels on a GPU, natively: on the adapter that Burn takes, one of software too (Mesa's, SwiftShader).

mod convolutions;
mod in_memory;
mod in_use;
mod joining;
mod normalisation;
mod pooling;
mod replays;
mod waves;

use futures_executor::block_on;

// In one test: a device is started once.
#[test]
fn kernels_on_a_gpu_are_burns_on_the_cpu() {
    block_on(replays::what_is_not_recorded_leaves_what_there_was());
    block_on(replays::replayed_steps_are_ordinary_ones());
    block_on(replays::replayed_steps_are_ordinary_ones_however_they_move());
    block_on(joining::parts_are_what_was_joined());
    block_on(joining::parameters_are_moved_as_on_the_cpu());
    block_on(in_use::a_model_in_use_is_that_on_the_cpu());
    block_on(normalisation::batch_norm_is_burns_on_the_cpu());
    block_on(pooling::max_pooling_is_burns_on_the_cpu());
    block_on(pooling::what_is_not_a_number_stays_so_in_max_pooling());
    block_on(convolutions::convolutions_are_burns_on_the_cpu());
    block_on(convolutions::convolutions_in_use_are_burns_on_the_cpu());
    block_on(convolutions::what_is_not_a_number_stays_so_behind_a_convolution());
}
