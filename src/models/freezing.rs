//! Which parameters a training moves.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;

use super::{Backbone, Model, Path, Stage};

impl Model {
    /// For a training from pre-trained weights: moves the head, and of the backbone the last `stages` stages. No gradient
    /// is computed below them.
    ///
    /// All of the backbone's normalisations go on with the statistics they came with, in training too: those of a small
    /// batch of faces are worse, and in some published weights the true ones are folded away.
    pub fn with_last_stages(self, stages: usize) -> Model {
        let all = self.backbone.stages();
        let last = &all[all.len().saturating_sub(stages)..];
        let backbone = self.backbone.freeze().map(&mut Thaw { path: Path::default(), stages: last });
        Model { backbone, head: self.head }
    }

    /// How many numbers a gradient moves: of a model with autodiff.
    pub fn moved_parameters(&self) -> usize {
        moved(self).values().sum()
    }
}

/// The parameters of a module that a gradient moves, and how many numbers each has: of one with autodiff.
pub fn moved<M: Module>(module: &M) -> HashMap<ParamId, usize> {
    struct Moved(HashMap<ParamId, usize>);

    impl ModuleVisitor for Moved {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.is_require_grad() {
                self.0.insert(param.id, param.lazy_shape().num_elements());
            }
        }
    }

    let mut visitor = Moved(HashMap::new());
    module.visit(&mut visitor);
    visitor.0
}

/// Lets gradients move the parameters of some stages again.
struct Thaw<'a> {
    path: Path,
    stages: &'a [Stage],
}

impl ModuleMapper for Thaw<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.enter(name, container_type);
    }

    fn exit_module(&mut self, _: &str, container_type: &str) {
        self.path.exit(container_type);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.name();
        let thawed = !self.path.is_statistic() && self.stages.iter().any(|stage| stage.has(&name));
        if thawed { param.set_require_grad(true) } else { param }
    }
}
