//! Validates the JSON text of a result without building a tree of it, for the schemas that most types have.
//!
//! A [`Stream`] only ever accepts. What it does not accept, because it is wrong or because the stream cannot decide, is left to the
//! validator of the whole standard, which also words the mistakes.

mod compile;
mod text;

use text::Text;

/// A compiled schema.
#[derive(Debug)]
pub(super) struct Stream {
    nodes: Box<[Node]>,
    root: usize,
}

/// The kinds of JSON values, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Kinds(u8);

impl Kinds {
    const NULL: Self = Self(1);
    const BOOLEAN: Self = Self(2);
    const NUMBER: Self = Self(4);
    const STRING: Self = Self(8);
    const ARRAY: Self = Self(16);
    const OBJECT: Self = Self(32);
    const ALL: Self = Self(63);

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns the kind of the value that starts with this byte.
    const fn of(first: u8) -> Self {
        match first {
            b'"' => Self::STRING,
            b'{' => Self::OBJECT,
            b'[' => Self::ARRAY,
            b't' | b'f' => Self::BOOLEAN,
            b'n' => Self::NULL,
            _ => Self::NUMBER,
        }
    }
}

/// What one schema says about a value.
#[derive(Debug, Default)]
struct Node {
    kinds: Kinds,
    /// Whether numbers have to be integers.
    is_integer: bool,
    minimum: Option<i128>,
    maximum: Option<i128>,
    /// The strings that are allowed; `None` if all are.
    strings: Option<Vec<String>>,
    /// The node of each item of an array.
    items: Option<usize>,
    min_items: usize,
    max_items: Option<usize>,
    /// `None` if the members of an object can be anything.
    members: Option<Members>,
    /// Nodes of different kinds, of which the one of the value's kind applies.
    alternatives: Vec<usize>,
}

impl Node {
    /// Returns whether the node says nothing but which alternatives there are.
    fn has_only_alternatives(&self) -> bool {
        let has_limits =
            self.minimum.is_some() || self.maximum.is_some() || self.min_items > 0 || self.max_items.is_some();
        !has_limits && self.strings.is_none() && self.items.is_none() && self.members.is_none()
    }
}

/// What a schema says about the members of an object.
#[derive(Debug)]
struct Members {
    /// The properties: their names, nodes, and whether they are required.
    known: Vec<(String, usize, bool)>,
    others: Others,
}

/// What a schema says about the other members of an object.
#[derive(Debug)]
enum Others {
    Allowed,
    Refused,
    Node(usize),
}

/// The largest number of properties of one object: each has a bit.
const MOST_PROPERTIES: usize = 64;

impl Stream {
    /// Returns whether the value is certainly valid. `json` is a JSON text in which no key occurs twice in an object.
    pub(super) fn admits(&self, json: &str) -> bool {
        self.value(self.root, &mut Text::new(json)).is_some()
    }

    /// Reads a value. Returns `None` if it is not certainly valid.
    fn value(&self, node: usize, text: &mut Text<'_>) -> Option<()> {
        let kind = Kinds::of(text.peek()?);
        let node = &self.nodes[node];
        if !node.kinds.overlaps(kind) {
            return None;
        }
        if !node.alternatives.is_empty() {
            let of_kind = |index: &&usize| self.nodes[**index].kinds.overlaps(kind);
            return self.value(*node.alternatives.iter().find(of_kind)?, text);
        }
        // A value of another kind than the keywords are about needs no look at its parts.
        if kind == Kinds::OBJECT && node.members.is_some() {
            return self.object(node.members.as_ref()?, text);
        }
        if kind == Kinds::ARRAY && (node.items.is_some() || node.max_items.is_some() || node.min_items > 0) {
            return self.array(node, text);
        }
        if kind == Kinds::STRING
            && let Some(strings) = &node.strings
        {
            let string = text.string()?;
            return strings.iter().any(|known| known == string).then_some(());
        }
        if kind == Kinds::NUMBER {
            return is_in_range(node, text.number()?).then_some(());
        }
        text.skip()
    }

    fn array(&self, node: &Node, text: &mut Text<'_>) -> Option<()> {
        let mut count = 0;
        text.expect(b'[')?;
        if !text.takes(b']') {
            loop {
                match node.items {
                    Some(items) => self.value(items, text)?,
                    None => text.skip()?,
                }
                count += 1;
                if text.takes(b']') {
                    break;
                }
                text.expect(b',')?;
            }
        }
        (count >= node.min_items && node.max_items.is_none_or(|most| count <= most)).then_some(())
    }

    fn object(&self, members: &Members, text: &mut Text<'_>) -> Option<()> {
        let mut present: u64 = 0;
        let mut next = 0;
        text.expect(b'{')?;
        if !text.takes(b'}') {
            loop {
                let key = text.string()?;
                text.expect(b':')?;
                match members.find(key, next) {
                    Some(index) => {
                        present |= 1 << index;
                        next = index + 1;
                        self.value(members.known[index].1, text)?;
                    }
                    None => match members.others {
                        Others::Allowed => text.skip()?,
                        Others::Refused => return None,
                        Others::Node(node) => self.value(node, text)?,
                    },
                }
                if text.takes(b'}') {
                    break;
                }
                text.expect(b',')?;
            }
        }
        let is_there =
            |(index, (_, _, is_required)): (usize, &(String, usize, bool))| !is_required || present & (1 << index) != 0;
        members.known.iter().enumerate().all(is_there).then_some(())
    }
}

impl Members {
    /// Returns the index of a property. The search begins at `next`, because members often have the order of the schema.
    fn find(&self, key: &str, next: usize) -> Option<usize> {
        let is_it = |(name, _, _): &(String, usize, bool)| name == key;
        let next = next.min(self.known.len());
        let after = self.known[next..].iter().position(is_it).map(|at| next + at);
        after.or_else(|| self.known[..next].iter().position(is_it))
    }
}

/// Returns whether a number certainly has the type and is within the limits of `node`.
fn is_in_range(node: &Node, token: &str) -> bool {
    let Node { is_integer, minimum, maximum, .. } = node;
    // `1.0` is an integer, too, but is not recognized here.
    if *is_integer && !token.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return false;
    }
    if minimum.is_none() && maximum.is_none() {
        return true;
    }
    if let Ok(number) = token.parse::<i64>().map(i128::from).or_else(|_| token.parse::<i128>()) {
        return minimum.is_none_or(|least| number >= least) && maximum.is_none_or(|most| number <= most);
    }
    // A limit that a floating-point number cannot represent is replaced by a narrower one.
    let Ok(number) = token.parse::<f64>() else { return false };
    minimum.is_none_or(|least| least <= EXACT && number >= least.max(-EXACT) as f64)
        && maximum.is_none_or(|most| most >= -EXACT && number <= most.min(EXACT) as f64)
}

/// Up to this number, each integer is exact as a floating-point number.
const EXACT: i128 = 1 << 53;

#[cfg(test)]
mod tests;
