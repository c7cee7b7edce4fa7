//! Finds the functions of a module that can be called.

use std::collections::HashSet;

use wasmparser::{BinaryReaderError, FuncType, Operator};

use super::shape::Shape;

/// Returns for each function whether anything reaches it. The function `cut` counts as unreachable.
///
/// An indirect call reaches the functions in tables that have its signature, and no others: WebAssembly checks that at run
/// time.
pub(super) fn live(shape: &Shape<'_>, cut: Option<u32>) -> Result<Vec<bool>, BinaryReaderError> {
    let mut search =
        Search { shape, cut, live: vec![false; shape.function_count()], open: Vec::new(), called: HashSet::new() };
    for root in &shape.roots {
        search.mark(*root);
    }
    if shape.shares_table {
        search.mark_elements(|_| true);
    }
    while let Some(function) = search.open.pop() {
        search.follow(function)?;
    }
    Ok(search.live)
}

struct Search<'s, 'a> {
    shape: &'s Shape<'a>,
    cut: Option<u32>,
    live: Vec<bool>,
    /// Live functions whose calls have not been followed yet.
    open: Vec<u32>,
    /// Signatures of indirect calls.
    called: HashSet<FuncType>,
}

impl Search<'_, '_> {
    fn mark(&mut self, function: u32) {
        if Some(function) != self.cut
            && let Some(live) = self.live.get_mut(function as usize)
            && !*live
        {
            *live = true;
            self.open.push(function);
        }
    }

    fn mark_elements(&mut self, which: impl Fn(&FuncType) -> bool) {
        let shape = self.shape;
        for function in &shape.elements {
            if shape.signature(*function).is_none_or(&which) {
                self.mark(*function);
            }
        }
    }

    fn follow(&mut self, function: u32) -> Result<(), BinaryReaderError> {
        let Some(body) = self.shape.body(function) else { return Ok(()) };
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index }
                | Operator::ReturnCall { function_index }
                | Operator::RefFunc { function_index } => self.mark(function_index),
                Operator::CallIndirect { type_index, .. } | Operator::ReturnCallIndirect { type_index, .. } => {
                    match self.shape.kind(type_index).cloned() {
                        Some(kind) => {
                            if self.called.insert(kind.clone()) {
                                self.mark_elements(|other| *other == kind);
                            }
                        }
                        None => self.mark_elements(|_| true),
                    }
                }
                // A reference taken from a table may be called anywhere.
                Operator::TableGet { .. } => self.mark_elements(|_| true),
                _ => {}
            }
        }
        Ok(())
    }
}
