//! Removes from a module what its package does not need: custom sections, the code that computes the tool definitions, the
//! code and data that only this code reaches, and the padding that the linker leaves in the numbers that it fills in.
//!
//! The module is encoded again, and the encoder writes every number as short as it can be. Functions keep their indices, so
//! the names of the linked module fit the packed one; a removed function becomes a trap of four bytes. Data keeps its
//! address. The remaining functions
//! keep all their instructions in order: the n-th instruction of the linked function is the n-th of the packed one, by which
//! a backtrace finds its lines.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, DataCountSection, DataSection, Function, Module, SectionId};
use wasmparser::{
    BinaryReaderError, CustomSectionReader, DataSectionReader, FunctionBody, Parser, Validator, WasmFeatures,
};

mod data;
mod links;
mod marker;
mod reach;
mod shape;

use links::Links;
use marker::Places;
use reach::Reached;
use shape::Shape;

/// Returns `linked` with `definitions` in it as text, without the code that computes them and without custom sections.
/// Returns `None` if the module has something that cannot be trimmed.
///
/// If there are no definitions, or the module does not compute any because it dispatches calls itself, only code that
/// nothing reaches is removed.
///
/// # Errors
/// The bytes are not a valid core module.
pub(crate) fn trim(linked: &[u8], definitions: Option<&[u8]>) -> Result<Option<Vec<u8>>, BinaryReaderError> {
    let Some(shape) = Shape::read(linked)? else { return Ok(None) };
    let definitions = match definitions {
        Some(text) => marker::find(&shape, linked)?.map(|places| Definitions {
            text,
            length: i32::try_from(text.len()).unwrap_or(i32::MAX),
            places,
        }),
        None => None,
    };
    let cut = definitions.as_ref().map(|definitions| definitions.places.compute);
    let reached = reach::reached(&shape, Links::read(linked)?.as_ref(), cut)?;
    let mut data = DataSection::new();
    for segment in &shape.data {
        data::push(&mut data, segment, |offset| reached.has_data(offset), !shape.names_data)?;
    }
    let mut trimmer = Trimmer { reached, next: shape.imported, definitions, data };
    let mut module = Module::new();
    match trimmer.parse_core_module(&mut module, Parser::new(0), linked) {
        Ok(()) => {}
        Err(Error::ParseError(error)) => return Err(error),
        // The parser knows something that the encoder does not.
        Err(_) => return Ok(None),
    }
    let trimmed = module.finish();
    Validator::new_with_features(WasmFeatures::all()).validate_all(&trimmed)?;
    Ok(Some(trimmed))
}

/// The definitions as text, in a data segment of their own.
struct Definitions<'d> {
    text: &'d [u8],
    /// Length of the text.
    length: i32,
    /// The functions to replace.
    places: Places,
}

/// Encodes a module without what is removed.
struct Trimmer<'d> {
    reached: Reached,
    /// Index of the next function that has a body.
    next: u32,
    definitions: Option<Definitions<'d>>,
    /// What remains of the module's data.
    data: DataSection,
}

impl Trimmer<'_> {
    /// Returns the body that replaces a function's own.
    fn replacement(&self, index: u32) -> Option<Function> {
        let mut function = Function::new([]);
        match &self.definitions {
            Some(Definitions { length, places, .. }) if index == places.length => {
                function.instructions().i32_const(*length).end();
            }
            Some(Definitions { length, places, .. }) if index == places.write => {
                let mut body = function.instructions();
                body.local_get(0).i32_const(0).i32_const(*length).memory_init(0, self.data.len()).end();
            }
            _ if self.reached.has_function(index) => return None,
            _ => {
                function.instructions().unreachable().end();
            }
        }
        Some(function)
    }
}

impl Reencode for Trimmer<'_> {
    type Error = Infallible;

    fn parse_custom_section(&mut self, _: &mut Module, _: CustomSectionReader<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Result<(), Error> {
        let index = self.next;
        self.next += 1;
        match self.replacement(index) {
            Some(replacement) => {
                code.function(&replacement);
                Ok(())
            }
            None => utils::parse_function_body(self, code, body),
        }
    }

    /// Adds the segment of the definitions, which does not occupy memory until it is copied.
    fn parse_data_section(&mut self, data: &mut DataSection, _: DataSectionReader<'_>) -> Result<(), Error> {
        data.clone_from(&self.data);
        if let Some(definitions) = &self.definitions {
            data.passive(definitions.text.iter().copied());
        }
        Ok(())
    }

    fn data_count(&mut self, _: u32) -> Result<u32, Error> {
        Ok(self.data.len() + u32::from(self.definitions.is_some()))
    }

    /// Adds the number of data segments before the code, which `memory.init` requires, if the module does not have it.
    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result<(), Error> {
        if self.definitions.is_some() && before == Some(SectionId::Code) && after != Some(SectionId::DataCount) {
            module.section(&DataCountSection { count: self.data.len() + 1 });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
