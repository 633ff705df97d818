//! `mien-plain FROM TO`: takes relaxed SIMD out of a WebAssembly file, for browsers that have none.
//!
//! Of relaxed SIMD Mien asks for `f32x4.relaxed_madd` (`src/kernels/cpu/src/vector.rs`): a product and a sum, rounded once or twice,
//! as is quicker. Rounded twice it is a multiplication and an addition, which every browser has. Beside it the compiler takes
//! `relaxed_min` and `relaxed_max` where it finds the minimum and maximum that are made by comparing.

use anyhow::{Context, Result, bail};
use walrus::ir::{
    BinaryOp, Binop, Instr, InstrSeq, LocalGet, LocalSet, TernOp, TernaryOp, Unop, VisitorMut, dfs_pre_order_mut,
};
use walrus::{LocalId, Module, ModuleConfig, ValType};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to] = &arguments[..] else { bail!("Name two files: mien-plain FROM TO") };
    let bytes = std::fs::read(from).with_context(|| format!("{from} cannot be read"))?;
    std::fs::write(to, plain(&bytes)?).with_context(|| format!("{to} cannot be written"))
}

/// The same module without relaxed SIMD.
fn plain(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut module = ModuleConfig::new().generate_producers_section(false).parse(bytes)?;
    let Module { funcs, locals, .. } = &mut module;
    for (_, function) in funcs.iter_local_mut() {
        let mut plainly = Plainly { summand: locals.add(ValType::V128), left: Vec::new() };
        dfs_pre_order_mut(&mut plainly, function, function.entry_block());
        if let Some(relaxed) = plainly.left.first() {
            bail!("There is nothing plain here in the place of {relaxed}: write it into `Plainly::instead`");
        }
    }
    Ok(module.emit_wasm())
}

/// Puts plain instructions in the place of relaxed ones.
struct Plainly {
    /// Holds what is added while the others are multiplied.
    summand: LocalId,
    /// Relaxed instructions for which there is nothing.
    left: Vec<String>,
}

impl Plainly {
    /// What does the same, where an instruction is relaxed.
    fn instead(&self, instruction: &Instr) -> Option<Vec<Instr>> {
        let one = |op| Some(vec![Binop { op }.into()]);
        match instruction {
            Instr::TernOp(TernOp { op: TernaryOp::F32x4RelaxedMadd }) => Some(vec![
                LocalSet { local: self.summand }.into(),
                Binop { op: BinaryOp::F32x4Mul }.into(),
                LocalGet { local: self.summand }.into(),
                Binop { op: BinaryOp::F32x4Add }.into(),
            ]),
            Instr::Binop(Binop { op: BinaryOp::F32x4RelaxedMin }) => one(BinaryOp::F32x4PMin),
            Instr::Binop(Binop { op: BinaryOp::F32x4RelaxedMax }) => one(BinaryOp::F32x4PMax),
            _ => None,
        }
    }
}

impl VisitorMut for Plainly {
    fn start_instr_seq_mut(&mut self, sequence: &mut InstrSeq) {
        for (instruction, place) in std::mem::take(&mut sequence.instrs) {
            match self.instead(&instruction) {
                Some(plain) => sequence.instrs.extend(plain.into_iter().map(|instruction| (instruction, place))),
                None => {
                    self.left.extend(relaxed(&instruction));
                    sequence.instrs.push((instruction, place));
                }
            }
        }
    }
}

/// What a relaxed instruction is called. Chromium takes a file with one, so that no test of the site would tell.
fn relaxed(instruction: &Instr) -> Option<String> {
    let operation = match instruction {
        Instr::Unop(Unop { op }) => format!("{op:?}"),
        Instr::Binop(Binop { op }) => format!("{op:?}"),
        Instr::TernOp(TernOp { op }) => format!("{op:?}"),
        _ => return None,
    };
    operation.contains("Relaxed").then_some(operation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::{FunctionBuilder, LocalFunction};

    /// `(a, b, c) -> max(a * b + c, a)`, in a block; the product and the sum by this instruction.
    fn module(product: TernaryOp) -> Vec<u8> {
        let mut module = Module::default();
        let [a, b, c] = [(); 3].map(|()| module.locals.add(ValType::V128));
        let mut function = FunctionBuilder::new(&mut module.types, &[ValType::V128; 3], &[ValType::V128]);
        function.func_body().block(ValType::V128, |block| {
            block.local_get(a).local_get(b).local_get(c).instr(TernOp { op: product });
            block.local_get(a).instr(Binop { op: BinaryOp::F32x4RelaxedMax });
        });
        let function = function.finish(vec![a, b, c], &mut module.funcs);
        module.exports.add("relaxed", function);
        module.emit_wasm()
    }

    /// Its instructions in the text format's order, those of blocks in place of the block.
    fn instructions(function: &LocalFunction, sequence: walrus::ir::InstrSeqId) -> Vec<String> {
        let shown = |(instruction, _): &(Instr, _)| match instruction {
            Instr::Block(block) => instructions(function, block.seq),
            Instr::Binop(Binop { op }) => vec![format!("{op:?}")],
            Instr::TernOp(TernOp { op }) => vec![format!("{op:?}")],
            Instr::LocalGet(LocalGet { local }) => vec![format!("get {}", local.index())],
            Instr::LocalSet(LocalSet { local }) => vec![format!("set {}", local.index())],
            other => vec![format!("{other:?}")],
        };
        function.block(sequence).instrs.iter().flat_map(shown).collect()
    }

    #[test]
    fn what_is_relaxed_becomes_plain() {
        let module = Module::from_buffer(&plain(&module(TernaryOp::F32x4RelaxedMadd)).unwrap()).unwrap();
        let (_, function) = module.funcs.iter_local().next().unwrap();
        let shown = instructions(function, function.entry_block());
        assert_eq!(
            shown,
            ["get 0", "get 1", "get 2", "set 3", "F32x4Mul", "get 3", "F32x4Add", "get 0", "F32x4PMax"],
            "what is added is laid aside, and comes last"
        );
    }

    #[test]
    fn a_relaxed_instruction_that_is_not_known_is_told() {
        let told = plain(&module(TernaryOp::F32x4RelaxedNmadd)).unwrap_err().to_string();
        assert!(told.contains("F32x4RelaxedNmadd"), "{told}");
    }

    #[test]
    fn what_is_plain_stays_as_it_is() {
        let once = plain(&module(TernaryOp::F32x4RelaxedMadd)).unwrap();
        assert_eq!(plain(&once).unwrap(), once);
    }
}
