//! 3x3 convolution of stride 1 by Winograd's minimal filtering F(4x4, 3x3), and both gradients: as on the CPU (`mien_cpu::winograd`), and
//! of any padding.
//!
//! A tile of 4x4 of the output is `At [(G g Gt) * (Bt d B)] A` of a 3x3 kernel `g` and a 6x6 window `d` of the input: 36 multiplications
//! where the definition takes 144, and they come as 36 products of matrices over channels (Lavin & Gray 2016, *Fast Algorithms for
//! Convolutional Neural Networks*). The gradient to kernels is the transpose of that: `Gt [(A dy At) * (Bt d B)] G`.
//!
//! Places of a tile are as far apart as elements of a kernel: each phase of a dilated convolution is a plain one.

mod transforms;

use burn::backend::cubecl::dtype_to_elem_type;
use burn::backend::ops::FloatTensorOps;
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;

use super::forward::Behind;
use super::launch::{dims, empty, workgroups};
use super::shapes::{ShapesLaunch, shapes};
use super::tilings::Tiling;
use super::{Course, forward, weight_gradient};
use transforms::{Matrix, POINTS, TILE, gather, gather_kernels, transform_kernels, transform_maps};

/// With fewer channels, on either side, transforms take longer than products.
const CHANNELS: usize = 16;

/// Places of the output for each tile, of 16: where maps are smaller, most of a tile lies beside them.
const FILLED: usize = 8;

/// Tiles that kernels are transformed for.
const TILES: usize = 16;

/// Bytes of the largest tensor that is made: half of what every device binds (WebGPU's `maxStorageBufferBindingSize`).
const LARGEST: usize = 64 << 20;

/// Whether a convolution can be done so, and is faster so.
pub fn is_for(input: [usize; 4], channels_out: usize, kernel: usize, course: Course) -> bool {
    let [batch, channels_in, ..] = input;
    let Course { stride, depthwise, output: (down, across), .. } = course;
    let tiles = tiles(course);
    let [fewer, more] = [channels_in.min(channels_out), channels_in.max(channels_out)];
    let fits = images_at_once(more, tiles) > 0 && 4 * POINTS as usize * channels_in * channels_out <= LARGEST;
    let is_one = kernel == 3 && stride == 1 && !depthwise && fits;
    let is_faster = fewer >= CHANNELS && down * across >= FILLED * tiles && batch * tiles >= TILES;
    is_one && (is_faster || course.tilings.everywhere())
}

/// Tiles of an image.
fn tiles(course: Course) -> usize {
    let along = |length: usize| course.dilation * length.div_ceil(course.dilation).div_ceil(TILE as usize);
    along(course.output.0) * along(course.output.1)
}

/// So many images' transformed maps are not too large.
fn images_at_once(channels: usize, tiles: usize) -> usize {
    LARGEST / (4 * POINTS as usize * channels * tiles)
}

/// Some of a convolution's images.
struct Part {
    course: Course,
    first_image: usize,
    /// Tiles of all its images.
    tiles: usize,
}

/// As many images at a time as can be.
fn parts(batch: usize, channels: [usize; 2], course: Course) -> impl Iterator<Item = Part> {
    let tiles = tiles(course);
    let images = images_at_once(channels[0].max(channels[1]), tiles).max(1);
    (0..batch).step_by(images).map(move |first_image| {
        let tiles = tiles * images.min(batch - first_image);
        Part { course, first_image, tiles }
    })
}

/// `input` `[batch, channels in, height, width]` and `weight` `[channels out, channels in, 3, 3]`, or turned round `[channels in, channels
/// out, 3, 3]`, to `[batch, channels out, down, across]`. All are contiguous; products are cut by `tiling` where they are large.
pub fn convolution(
    input: CubeTensor,
    weight: CubeTensor,
    course: Course,
    turned: bool,
    behind: Option<Behind>,
    tiling: Tiling,
) -> CubeTensor {
    let ([batch, channels_in, ..], [out, looked_at, ..]) = (dims(&input), dims(&weight));
    let channels_out = if turned { looked_at } else { out };
    let output = empty(&input, [batch, channels_out, course.output.0, course.output.1]);
    let kernels = transformed_kernels(&input, weight, [channels_out, channels_in], turned);
    for part in parts(batch, [channels_in, channels_out], course) {
        let windows = part.transformed(&input, [dims(&input), dims(&output)], Matrix::Window);
        let tiling = course.tilings.cut(tiling, [channels_out, channels_in, part.tiles], true);
        let products = forward::products(windows, kernels.clone(), tiling);
        part.gather(products, [dims(&input), dims(&output)], &output, behind.clone());
    }
    output
}

/// From `input` `[batch, channels in, height, width]` and `gradient` `[batch, channels out, down, across]` to the gradient to kernels,
/// `[channels out, channels in, 3, 3]`.
pub fn weight_gradient(input: CubeTensor, gradient: CubeTensor, course: Course, tiling: Tiling) -> CubeTensor {
    let ([batch, channels_in, ..], [_, channels_out, ..]) = (dims(&input), dims(&gradient));
    let from = [dims(&input), dims(&gradient)];
    let of_part = |part: Part| {
        let windows = part.transformed(&input, from, Matrix::Window);
        let tiles = part.transformed(&gradient, from, Matrix::Spread);
        let tiling = course.tilings.cut(tiling, [channels_out, part.tiles, channels_in], true);
        gathered_kernels(weight_gradient::products(tiles, windows, tiling))
    };
    let summed = parts(batch, [channels_in, channels_out], course).map(of_part).reduce(CubeBackend::float_add);
    // There is no batch without an image.
    summed.unwrap_or_else(|| empty(&input, [channels_out, channels_in, 3, 3]))
}

impl Part {
    /// Of maps from input to output, `[36, channels, 1, tiles]`.
    fn transformed(&self, maps: &CubeTensor, [from, to]: [[usize; 4]; 2], by: Matrix) -> CubeTensor {
        let [_, channels, ..] = dims(maps);
        let output = empty(maps, [POINTS as usize, channels, 1, self.tiles]);
        let (count, dim) = workgroups(self.tiles, channels);
        let dtype = dtype_to_elem_type(maps.dtype);
        // SAFETY: the kernel reads within maps of the shapes that it is told, and writes the numbers of tiles and channels that there are.
        unsafe {
            transform_maps::launch_unchecked(
                &maps.client,
                count,
                dim,
                maps.clone().into_tensor_arg(),
                output.clone().into_tensor_arg(),
                self.shapes([from, to]),
                self.first_image as u32,
                self.tiles as u32,
                by,
                self.course.dilation as u32,
                dim.y,
                dtype,
            );
        }
        output
    }

    fn shapes(&self, [from, to]: [[usize; 4]; 2]) -> ShapesLaunch {
        shapes(from, to, self.course.before)
    }

    /// Writes this part of the output, from products `[36, channels out, 1, tiles]`.
    fn gather(&self, products: CubeTensor, from: [[usize; 4]; 2], output: &CubeTensor, behind: Option<Behind>) {
        let [_, channels, ..] = dims(output);
        let (count, dim) = workgroups(self.tiles, channels);
        let dilation = self.course.dilation as u32;
        let (first_image, tiles) = (self.first_image as u32, self.tiles as u32);
        let (client, dtype) = (output.client.clone(), dtype_to_elem_type(output.dtype));
        let (scale, bias, then) = forward::of_behind(behind);
        // SAFETY: the kernel reads all numbers of the tiles and channels that there are, and writes within the output's shape.
        unsafe {
            gather::launch_unchecked(
                &client,
                count,
                dim,
                products.into_tensor_arg(),
                scale.into(),
                bias.into(),
                output.clone().into_tensor_arg(),
                self.shapes(from),
                first_image,
                tiles,
                dilation,
                dim.y,
                then,
                dtype,
            );
        }
    }
}

/// `[36, rows, depth]`, on the device of `like` and of its type.
fn transformed_kernels(like: &CubeTensor, weight: CubeTensor, [rows, depth]: [usize; 2], turned: bool) -> CubeTensor {
    let output = empty(like, [POINTS as usize, rows, depth]);
    let (count, dim) = workgroups(depth, rows);
    let [dtype, dtype_of_weight] = [&output, &weight].map(|tensor| dtype_to_elem_type(tensor.dtype));
    // SAFETY: there are so many kernels, and room for what comes of each.
    unsafe {
        transform_kernels::launch_unchecked(
            &like.client,
            count,
            dim,
            weight.into_tensor_arg(),
            output.clone().into_tensor_arg(),
            rows as u32,
            depth as u32,
            turned,
            dim.y,
            dtype,
            dtype_of_weight,
        );
    }
    output
}

/// From products `[36, rows, columns]` to gradients to kernels, `[rows, columns, 3, 3]`.
fn gathered_kernels(products: CubeTensor) -> CubeTensor {
    let [_, rows, columns] = products.meta.shape().dims();
    let output = empty(&products, [rows, columns, 3, 3]);
    let (count, dim) = workgroups(columns, rows);
    let (client, dtype) = (products.client.clone(), dtype_to_elem_type(products.dtype));
    // SAFETY: there are so many products of each of 36 points, and room for a kernel of each.
    unsafe {
        gather_kernels::launch_unchecked(
            &client,
            count,
            dim,
            products.into_tensor_arg(),
            output.clone().into_tensor_arg(),
            rows as u32,
            columns as u32,
            dim.y,
            dtype,
        );
    }
    output
}

#[cfg(test)]
mod tests {
    use super::super::{Tilings, Window};
    use super::*;

    fn course(input: [usize; 4], channels_out: usize, window: Window, dilation: usize) -> Course {
        let course = Course::of(input, [channels_out, input[1], 3, 3], window, dilation);
        Course { tilings: Tilings::SAFE, ..course }
    }

    #[test]
    fn it_is_for_many_channels_and_maps_that_fill_tiles() {
        let is_for = |[batch, channels_in, channels_out, side]: [usize; 4], stride, dilation| {
            let input = [batch, channels_in, side, side];
            super::is_for(
                input,
                channels_out,
                3,
                course(input, channels_out, Window::around(3, stride, dilation), dilation),
            )
        };
        assert!(is_for([4, 64, 64, 28], 1, 1));
        assert!(!is_for([4, 64, 64, 28], 2, 1), "a stride");
        assert!(!is_for([4, 3, 64, 28], 1, 1), "three channels");
        assert!(!is_for([1, 512, 512, 12], 1, 1), "nine tiles");
        assert!(is_for([2, 512, 512, 12], 1, 1));
        assert!(!is_for([32, 64, 64, 5], 1, 1), "four tiles for 25 places");
        assert!(is_for([8, 32, 32, 12], 1, 3));
        assert!(!is_for([32, 64, 64, 6], 1, 3), "nine tiles for 36 places");
        assert!(!is_for([1, 512, 512, 512], 1, 1), "an image is too large");
        assert!(!is_for([4, 1024, 1024, 28], 1, 1), "kernels are too large");
    }

    #[test]
    fn images_are_taken_in_parts_that_are_not_too_large() {
        let course = course([7, 64, 224, 224], 64, Window::around(3, 1, 1), 1);
        let parts: Vec<_> = parts(7, [64, 64], course).map(|part| (part.first_image, part.tiles / 3136)).collect();
        assert_eq!(parts, [(0, 2), (2, 2), (4, 2), (6, 1)]);
    }
}
