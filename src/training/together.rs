//! Which parameters are moved as one. A GPU waits for each kernel to begin, however little it then does: small parameters are laid behind
//! one another there. On a CPU each is moved alone.

use burn::tensor::{Device, Tensor};

use crate::kernels::on_cpu;

/// Numbers of a parameter that is moved with others, at most: to lay more takes longer than for a kernel to begin.
const SMALL: usize = 1 << 18;

/// Numbers that are moved as one, at most.
const MOST: usize = 1 << 22;

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
        match groups.iter_mut().find(takes).filter(|_| joins) {
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
        return crate::kernels::gpu::join(self.members().map(of).collect());
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
