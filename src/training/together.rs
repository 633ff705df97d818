//! Which parameters are moved as one. A GPU waits for each kernel to begin, however little it then does: small parameters are laid behind
//! one another there. On a CPU each is moved alone.

use std::collections::HashMap;

use burn::module::{ModuleMapper, Param, ParamId};
use burn::tensor::{Device, Tensor};

use crate::kernels::on_cpu;

/// Numbers of a parameter that is moved with others, at most: to lay more takes longer than for a kernel to begin.
const SMALL: usize = 1 << 16;

/// Numbers that are moved as one, at most.
const MOST: usize = 1 << 22;

/// A parameter's numbers, flat, without autodiff.
pub struct Parameter {
    pub id: ParamId,
    /// A bias, or a normalisation's.
    pub is_vector: bool,
    pub values: Tensor<1>,
}

impl Parameter {
    /// From what it is, without autodiff.
    pub fn of<const D: usize>(id: ParamId, value: Tensor<D>) -> Self {
        Parameter { id, is_vector: D == 1, values: value.reshape([-1]) }
    }

    /// How many numbers it has.
    pub fn length(&self) -> usize {
        self.values.dims()[0]
    }
}

/// Gives parameters new values, which come flat and without autodiff. Those that there are none for stay.
pub struct Replace(pub HashMap<ParamId, Tensor<1>>);

impl ModuleMapper for Replace {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(values) = self.0.remove(&param.id) else { return param };
        param.map(|old| {
            let value = values.reshape(old.shape());
            if old.device().is_autodiff() { Tensor::from_inner(value).require_grad() } else { value }
        })
    }
}

/// Parameters that are moved as one: which of all they are, and how many numbers each has.
pub struct Group(Vec<(usize, usize)>);

/// Groups of parameters on a device, from how each is moved, which is the same for all of a group, and how many numbers it has.
pub fn groups<How: PartialEq>(parameters: &[(How, usize)], device: &Device) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let alone = on_cpu(device);
    for (at, (how, length)) in parameters.iter().enumerate() {
        let takes = |group: &&mut Group| {
            let (first_how, first_length) = &parameters[group.first()];
            first_how == how && *first_length <= SMALL && group.length() + length <= MOST
        };
        let joins = !alone && *length <= SMALL;
        match joins.then(|| groups.iter_mut().find(takes)).flatten() {
            Some(group) => group.0.push((at, *length)),
            None => groups.push(Group(vec![(at, *length)])),
        }
    }
    groups
}

impl Group {
    /// The first of its parameters.
    pub fn first(&self) -> usize {
        self.0[0].0
    }

    /// Which parameters it has.
    pub fn members(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|(at, _)| *at)
    }

    fn length(&self) -> usize {
        self.0.iter().map(|(_, length)| length).sum()
    }

    /// Those of its parameters as one.
    pub fn join(&self, of: impl Fn(usize) -> Tensor<1>) -> Tensor<1> {
        if let [(at, _)] = self.0[..] {
            return of(at);
        }
        #[cfg(feature = "gpu")]
        return crate::kernels::gpu::join(&self.members().map(of).collect::<Vec<_>>());
        #[cfg(not(feature = "gpu"))]
        unreachable!("on a CPU each is alone")
    }

    /// What [`join`](Self::join) has made, by parameter.
    pub fn part(&self, joined: Tensor<1>) -> impl Iterator<Item = (usize, Tensor<1>)> {
        self.members().zip(self.parts(joined))
    }

    fn parts(&self, joined: Tensor<1>) -> Vec<Tensor<1>> {
        if self.0.len() == 1 {
            return vec![joined];
        }
        #[cfg(feature = "gpu")]
        return crate::kernels::gpu::parts(&joined, &self.0.iter().map(|(_, length)| *length).collect::<Vec<_>>());
        #[cfg(not(feature = "gpu"))]
        unreachable!("on a CPU each is alone")
    }
}
