//! A convolution, and the gradient to its kernels, as a product of two matrices whose tiles lie in a workgroup's memory (implicit GEMM,
//! Chetlur et al. 2014): the matrix of what kernels look at is never written. What a tile takes is read once by its workgroup, not by
//! each thread.

use cubecl::prelude::*;

use super::launch::{BUSY, Kernel};
use super::shapes::{Shapes, zeros};

/// Rows and columns of a workgroup's tile.
pub const TILE: u32 = 64;

/// Rows and columns of that which a thread computes.
pub const EACH: u32 = 8;

/// Threads of a workgroup, down and across.
const THREADS: u32 = TILE / EACH;

/// How much of what is summed over lies in the workgroup's memory at a time.
const DEEP: u32 = 8;

/// Places that a part of a gradient is summed over at least.
const SHARE: usize = 512;

/// A thread reads so much of a tile.
const PARTS: u32 = TILE * DEEP / (THREADS * THREADS);

/// What a convolution is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Form {
    pub kernel: Kernel,
    /// Kernels are turned round, and go from the output's channels to the input's.
    pub turned: bool,
    /// Each image has kernels of its own, of one place: images are workgroups one behind another.
    pub own: bool,
}

/// The two tiles that a workgroup shares, `[DEEP, TILE]` each.
#[derive(CubeType)]
struct Tiles<F: Float> {
    rows: Shared<[F]>,
    columns: Shared<[F]>,
}

#[cube]
fn tiles<F: Float>() -> Tiles<F> {
    let len = comptime!((DEEP * TILE) as usize);
    Tiles::<F> { rows: Shared::<[F]>::new_slice(len), columns: Shared::<[F]>::new_slice(len) }
}

/// Adds the products of the tiles to this thread's sums, `[EACH, EACH]`: rows next to one another, columns as far apart as there are
/// threads.
#[cube]
fn add_products<F: Float>(sums: &mut Array<F>, tiles: &Tiles<F>) {
    for deep in 0..DEEP {
        let mut rows = Array::<F>::new(comptime!(EACH as usize));
        let mut columns = Array::<F>::new(comptime!(EACH as usize));
        #[unroll]
        for at in 0..EACH {
            rows[at as usize] = tiles.rows[(deep * TILE + UNIT_POS_Y * EACH + at) as usize];
            columns[at as usize] = tiles.columns[(deep * TILE + at * THREADS + UNIT_POS_X) as usize];
        }
        #[unroll]
        for row in 0..EACH {
            #[unroll]
            for column in 0..EACH {
                sums[comptime!((row * EACH + column) as usize)] += rows[row as usize] * columns[column as usize];
            }
        }
    }
}

/// What an input's map, which begins there, has at a place; zero beside it, and where there is none.
#[cube]
fn look<F: Float>(input: &Tensor<F>, there: bool, map: u32, y: i32, x: i32, shapes: &Shapes) -> F {
    let lies = there && y >= 0 && x >= 0 && (y as u32) < shapes.height && (x as u32) < shapes.width;
    let at = map + (y as u32) * shapes.width + x as u32;
    let value = input[select(lies, at, 0u32.runtime()) as usize];
    select(lies, value, F::new(0.0))
}

/// This thread among those of its workgroup.
#[cube]
fn thread() -> u32 {
    UNIT_POS_Y * THREADS + UNIT_POS_X
}

/// A convolution's sums: rows are channels of the output, columns its places, one image after another.
#[cube]
pub fn sums_of_convolution<F: Float, W: Float>(
    input: &Tensor<F>,
    weight: &Tensor<W>,
    shapes: &Shapes,
    #[comptime] form: Form,
) -> Array<F> {
    let area = comptime!(form.kernel.area());
    let (size, apart, stride) = comptime!((form.kernel.size, form.kernel.dilation, form.kernel.stride));
    let depth = shapes.channels_in * area;
    let thread = thread();
    let at = place(CUBE_POS_X * TILE + thread, shapes, comptime!(form.own));
    let is_place = at.there;
    let first_map = at.image * shapes.channels_in;
    let first_y = (at.place / shapes.across * stride) as i32 - shapes.above as i32;
    let first_x = (at.place % shapes.across * stride) as i32 - shapes.left as i32;
    let first_weight = if comptime!(form.own) { at.image * shapes.channels_out * depth } else { 0u32.runtime() };

    let mut tiles = tiles::<F>();
    let mut sums = zeros::<F>(comptime!(EACH * EACH));
    for chunk in 0..depth.div_ceil(DEEP) {
        // Threads next to one another read weights that lie next to one another.
        let deep = thread % DEEP;
        let at = chunk * DEEP + deep;
        #[unroll]
        for part in 0..PARTS {
            let row = thread / DEEP + part * comptime!(TILE / PARTS);
            let channel = CUBE_POS_Y * TILE + row;
            let there = channel < shapes.channels_out && at < depth;
            let lies = if comptime!(form.turned) {
                (at / area * shapes.channels_out + channel) * area + (area - 1 - at % area)
            } else {
                channel * depth + at
            };
            let value = F::cast_from(weight[select(there, first_weight + lies, 0u32.runtime()) as usize]);
            tiles.rows[(deep * TILE + row) as usize] = select(there, value, F::new(0.0));
        }
        // And values of the input: each has its place.
        #[unroll]
        for deep in 0..DEEP {
            let at = chunk * DEEP + deep;
            let there = is_place && at < depth;
            let map = (first_map + at / area) * shapes.height * shapes.width;
            let y = first_y + (at % area / size * apart) as i32;
            let x = first_x + (at % size * apart) as i32;
            tiles.columns[(deep * TILE + thread) as usize] = look::<F>(input, there, map, y, x, shapes);
        }
        sync_cube();
        add_products::<F>(&mut sums, &tiles);
        sync_cube();
    }
    sums
}

/// The sums of a gradient to kernels: rows are channels of the output, columns the elements of a kernel, one channel of the input after
/// another. It is summed over places, one image after another, from `begin` to before `end`.
#[cube]
fn sums_of_gradient<F: Float>(
    input: &Tensor<F>,
    gradient: &Tensor<F>,
    shapes: &Shapes,
    begin: u32,
    end: u32,
    #[comptime] kernel: Kernel,
) -> Array<F> {
    let area = comptime!(kernel.area());
    let (size, apart, stride) = comptime!((kernel.size, kernel.dilation, kernel.stride));
    let thread = thread();
    let (deep, first) = (thread % DEEP, thread / DEEP);
    let places = shapes.down * shapes.across;

    let mut tiles = tiles::<F>();
    let mut sums = zeros::<F>(comptime!(EACH * EACH));
    for chunk in 0..(end - begin).div_ceil(DEEP) {
        let at = begin + chunk * DEEP + deep;
        let (image, place) = (at / places, at % places);
        let first_y = (place / shapes.across * stride) as i32 - shapes.above as i32;
        let first_x = (place % shapes.across * stride) as i32 - shapes.left as i32;
        #[unroll]
        for part in 0..PARTS {
            let line = first + part * comptime!(TILE / PARTS);
            let channel = CUBE_POS_Y * TILE + line;
            let there = channel < shapes.channels_out && at < end;
            let lies = (image * shapes.channels_out + channel) * places + place;
            let value = gradient[select(there, lies, 0u32.runtime()) as usize];
            tiles.rows[(deep * TILE + line) as usize] = select(there, value, F::new(0.0));

            let element = CUBE_POS_X * TILE + line;
            let there = element < shapes.channels_in * area && at < end;
            let map = (image * shapes.channels_in + element / area) * shapes.height * shapes.width;
            let y = first_y + (element % area / size * apart) as i32;
            let x = first_x + (element % size * apart) as i32;
            tiles.columns[(deep * TILE + line) as usize] = look::<F>(input, there, map, y, x, shapes);
        }
        sync_cube();
        add_products::<F>(&mut sums, &tiles);
        sync_cube();
    }
    sums
}

/// Writes the gradient to kernels that one of so many parts comes to: parts are workgroups one behind another.
#[cube]
pub fn gradient_of_kernels<F: Float>(
    input: &Tensor<F>,
    gradient: &Tensor<F>,
    output: &mut Tensor<F>,
    shapes: &Shapes,
    parts: u32,
    #[comptime] kernel: Kernel,
) {
    let all = shapes.batch * shapes.down * shapes.across;
    let share = all.div_ceil(parts);
    let begin = min(CUBE_POS_Z * share, all);
    let sums = sums_of_gradient::<F>(input, gradient, shapes, begin, min(begin + share, all), kernel);
    let elements = shapes.channels_in * comptime!(kernel.area());
    let first_row = first_row();
    #[unroll]
    for column in 0..EACH {
        let element = column_of_tile(column);
        #[unroll]
        for row in 0..EACH {
            if element < elements && first_row + row < shapes.channels_out {
                let line = CUBE_POS_Z * shapes.channels_out + first_row + row;
                output[(line * elements + element) as usize] = sums[comptime!((row * EACH + column) as usize)];
            }
        }
    }
}

/// The first of this thread's rows in the product.
#[cube]
pub fn first_row() -> u32 {
    CUBE_POS_Y * TILE + UNIT_POS_Y * EACH
}

/// One of this thread's columns in the product.
#[cube]
fn column_of_tile(#[comptime] column: u32) -> u32 {
    CUBE_POS_X * TILE + column * THREADS + UNIT_POS_X
}

/// A column of a convolution's product.
#[derive(CubeType)]
struct Place {
    image: u32,
    /// Among all of its image.
    place: u32,
    /// Whether there is one.
    there: bool,
}

/// The place of a column: one image's places after another's, or those of the image that the workgroup is of.
#[cube]
fn place(column: u32, shapes: &Shapes, #[comptime] own: bool) -> Place {
    let places = shapes.down * shapes.across;
    if comptime!(own) {
        Place { image: CUBE_POS_Z, place: column, there: column < places }
    } else {
        Place { image: column / places, place: column % places, there: column < shapes.batch * places }
    }
}

/// Writes the sums of this thread to maps `[batch, channels out, down, across]`.
#[cube]
pub fn write_maps<F: Float>(output: &mut Tensor<F>, sums: &Array<F>, shapes: &Shapes, #[comptime] own: bool) {
    let places = shapes.down * shapes.across;
    let first_row = first_row();
    #[unroll]
    for column in 0..EACH {
        let at = place(column_of_tile(column), shapes, own);
        let map = at.image * shapes.channels_out + first_row;
        #[unroll]
        for row in 0..EACH {
            if at.there && first_row + row < shapes.channels_out {
                output[((map + row) * places + at.place) as usize] = sums[comptime!((row * EACH + column) as usize)];
            }
        }
    }
}

/// Workgroups for a product of so many rows and columns, in so many parts.
pub fn workgroups(rows: usize, columns: usize, parts: usize) -> (CubeCount, CubeDim) {
    let tiles = |length: usize| (length as u32).div_ceil(TILE);
    (CubeCount::Static(tiles(columns), tiles(rows), parts as u32), CubeDim::new_2d(THREADS, THREADS))
}

/// In how many parts a gradient to so many channels' kernels of so many elements is summed, over so many places.
pub fn parts(channels: usize, elements: usize, places: usize) -> usize {
    let tiles = channels.div_ceil(TILE as usize) * elements.div_ceil(TILE as usize);
    // Where there are fewer tiles than keep a device busy, with sixty-four threads each, each is summed in parts.
    (BUSY / 8 / tiles).clamp(1, places.div_ceil(SHARE).max(1))
}
