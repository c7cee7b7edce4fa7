//! Finds the functions of a module that can be called, and the data that they can reach.

use std::collections::HashSet;

use wasmparser::{BinaryReaderError, FuncType, Operator};

use super::links::{Links, Symbol};
use super::shape::Shape;

/// What is reached.
#[derive(Debug)]
pub(super) struct Reached {
    /// For each function, whether anything calls it.
    functions: Vec<bool>,
    /// For each byte of the module, whether it is data that nothing reaches. Empty if that is not known.
    unreached_data: Vec<bool>,
}

impl Reached {
    /// Returns whether anything calls a function.
    pub(super) fn has_function(&self, index: u32) -> bool {
        self.functions.get(index as usize).copied().unwrap_or(true)
    }

    /// Returns whether anything reaches the byte of data at an offset in the module.
    pub(super) fn has_data(&self, offset: usize) -> bool {
        !self.unreached_data.get(offset).copied().unwrap_or(false)
    }
}

/// Finds what the module's exports reach. The function `cut` counts as unreachable.
///
/// An indirect call reaches the functions in tables that have its signature, and no others: WebAssembly checks that at run
/// time. With `links`, only those count whose address is in code or data that is reached. Without, all data is reached.
pub(super) fn reached(
    shape: &Shape<'_>,
    links: Option<&Links>,
    cut: Option<u32>,
) -> Result<Reached, BinaryReaderError> {
    let mut search = Search {
        shape,
        links,
        cut,
        live: vec![false; shape.function_count()],
        has_address: vec![links.is_none(); shape.function_count()],
        symbols: vec![false; links.map_or(0, |links| links.symbols.len())],
        open: Vec::new(),
        called: HashSet::new(),
    };
    for root in &shape.roots {
        search.mark(*root);
    }
    if let Some(links) = links {
        links.roots.iter().for_each(|root| search.follow_symbol(links, *root));
    }
    if shape.shares_table {
        search.mark_table();
    }
    while let Some(function) = search.open.pop() {
        search.follow(function)?;
    }
    let unreached_data = links.map(|links| links.unreached_data(&search.symbols)).unwrap_or_default();
    Ok(Reached { functions: search.live, unreached_data })
}

struct Search<'s, 'a> {
    shape: &'s Shape<'a>,
    links: Option<&'s Links>,
    cut: Option<u32>,
    live: Vec<bool>,
    /// For each function, whether its address is in something that is reached.
    has_address: Vec<bool>,
    /// For each symbol, whether its address is in something that is reached.
    symbols: Vec<bool>,
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

    /// Marks everything in tables.
    fn mark_table(&mut self) {
        for function in &self.shape.elements {
            self.mark(*function);
        }
    }

    /// Marks the functions with an address that a new indirect call reaches.
    fn mark_called(&mut self, signature: &FuncType) {
        for function in &self.shape.elements {
            if self.has_address.get(*function as usize) == Some(&true)
                && self.shape.signature(*function).is_none_or(|own| own == signature)
            {
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
                                self.mark_called(&kind);
                            }
                        }
                        None => self.mark_table(),
                    }
                }
                // A reference taken from a table may be called anywhere.
                Operator::TableGet { .. } => self.mark_table(),
                _ => {}
            }
        }
        if let Some(links) = self.links {
            links.within(&body.range()).for_each(|symbol| self.follow_symbol(links, symbol));
        }
        Ok(())
    }

    /// Follows a symbol whose address is in something that is reached, and what its data leads to.
    fn follow_symbol(&mut self, links: &Links, symbol: u32) {
        let mut open = vec![symbol];
        while let Some(index) = open.pop() {
            let Some(seen) = self.symbols.get_mut(index as usize) else { continue };
            if std::mem::replace(seen, true) {
                continue;
            }
            match &links.symbols[index as usize] {
                Symbol::Function(function) => self.give_address(*function),
                Symbol::Data { bytes, .. } => open.extend(links.within(bytes)),
                Symbol::Other => {}
            }
        }
    }

    fn give_address(&mut self, function: u32) {
        if let Some(has_address) = self.has_address.get_mut(function as usize) {
            *has_address = true;
        }
        if self.shape.signature(function).is_none_or(|signature| self.called.contains(signature)) {
            self.mark(function);
        }
    }
}
