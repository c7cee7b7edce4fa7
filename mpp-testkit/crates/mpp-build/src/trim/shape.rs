//! What a module consists of, as far as trimming has to know.

use wasmparser::{
    BinaryReaderError, CompositeInnerType, Data, ElementItems, ExternalKind, FuncType, FunctionBody, Operator, Parser,
    Payload, TypeRef,
};

#[derive(Debug, Default)]
pub(super) struct Shape<'a> {
    types: Vec<Option<FuncType>>,
    /// The type of each function, imported ones first.
    functions: Vec<u32>,
    /// How many functions are imported.
    pub(super) imported: u32,
    /// Functions that are called from outside, or whose references are kept in globals.
    pub(super) roots: Vec<u32>,
    /// Functions that are in tables, or can be put there.
    pub(super) elements: Vec<u32>,
    /// Whether others see a table, and can call what is in it.
    pub(super) shares_table: bool,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    pub(super) data: Vec<Data<'a>>,
    /// Whether instructions name data segments by their indices.
    pub(super) names_data: bool,
}

impl<'a> Shape<'a> {
    /// `None` where the module has something that this does not know.
    pub(super) fn read(module: &'a [u8]) -> Result<Option<Self>, BinaryReaderError> {
        let mut shape = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            if !shape.take(payload?)? {
                return Ok(None);
            }
        }
        Ok(Some(shape))
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<bool, BinaryReaderError> {
        match payload {
            Payload::TypeSection(groups) => {
                for group in groups {
                    for kind in group?.into_types() {
                        self.types.push(match kind.composite_type.inner {
                            CompositeInnerType::Func(signature) => Some(signature),
                            _ => None,
                        });
                    }
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    match import?.ty {
                        TypeRef::Func(kind) => self.functions.push(kind),
                        TypeRef::FuncExact(_) => return Ok(false),
                        TypeRef::Table(_) => self.shares_table = true,
                        _ => {}
                    }
                }
                self.imported = u32::try_from(self.functions.len()).unwrap_or(u32::MAX);
            }
            Payload::FunctionSection(kinds) => {
                for kind in kinds {
                    self.functions.push(kind?);
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    for operator in global?.init_expr.get_operators_reader() {
                        if let Operator::RefFunc { function_index } = operator? {
                            self.roots.push(function_index);
                        }
                    }
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    match export.kind {
                        ExternalKind::Func | ExternalKind::FuncExact => self.roots.push(export.index),
                        ExternalKind::Table => self.shares_table = true,
                        _ => {}
                    }
                }
            }
            Payload::StartSection { func, .. } => self.roots.push(func),
            Payload::ElementSection(segments) => {
                for segment in segments {
                    match segment?.items {
                        ElementItems::Functions(functions) => {
                            for function in functions {
                                self.elements.push(function?);
                            }
                        }
                        ElementItems::Expressions(_, expressions) => {
                            for expression in expressions {
                                for operator in expression?.get_operators_reader() {
                                    if let Operator::RefFunc { function_index } = operator? {
                                        self.elements.push(function_index);
                                    }
                                }
                            }
                        }
                    }
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::DataSection(segments) => self.data = segments.into_iter().collect::<Result<_, _>>()?,
            Payload::DataCountSection { .. } => self.names_data = true,
            Payload::TableSection(tables) => {
                for table in tables {
                    if !matches!(table?.init, wasmparser::TableInit::RefNull) {
                        return Ok(false);
                    }
                }
            }
            _ => {}
        }
        Ok(true)
    }

    /// The type at an index, where it is one of a function.
    pub(super) fn kind(&self, index: u32) -> Option<&FuncType> {
        self.types.get(index as usize)?.as_ref()
    }

    /// The type of a function.
    pub(super) fn signature(&self, function: u32) -> Option<&FuncType> {
        self.kind(*self.functions.get(function as usize)?)
    }

    pub(super) fn body(&self, function: u32) -> Option<&FunctionBody<'a>> {
        self.bodies.get(function.checked_sub(self.imported)? as usize)
    }

    pub(super) fn function_count(&self) -> usize {
        self.functions.len()
    }
}
