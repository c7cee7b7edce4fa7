//! The state as the log's writer sees it.

use super::{Effects, State, StateError};
use crate::log::Fold;
use crate::protocol::Leaf;

impl Fold for State {
    type Refusal = StateError;
    type Effects = Effects;

    fn apply(&mut self, index: u64, leaf: &Leaf) -> Result<Effects, StateError> {
        Self::apply(self, index, leaf)
    }

    fn merge(effects: &mut Effects, later: Effects) {
        effects.extend(later);
    }

    fn all_effects(&self) -> Effects {
        Self::all_effects(self)
    }
}
