//! A map whose clones share their parts until one of them changes.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::Arc;

/// Number of parts. A change copies one of them, if it is shared.
const PARTS: usize = 256;

/// A map in parts.
#[derive(Debug, Clone)]
pub(crate) struct Shards<K, V> {
    parts: Vec<Arc<BTreeMap<K, V>>>,
    len: usize,
}

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        Self { parts: (0..PARTS).map(|_| Arc::default()).collect(), len: 0 }
    }
}

impl<K: Ord + Hash + Clone, V: Clone> Shards<K, V> {
    fn part<Q: Hash + ?Sized>(key: &Q) -> usize {
        // The hasher has fixed keys. Whoever chooses colliding keys makes one part large, and its copies slow, but no wrong ones.
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        usize::try_from(hasher.finish() % PARTS as u64).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get<Q: Ord + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.parts.get(Self::part(key))?.get(key)
    }

    pub(crate) fn get_key_value<Q: Ord + Hash + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.parts.get(Self::part(key))?.get_key_value(key)
    }

    pub(crate) fn get_mut<Q: Ord + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        Arc::make_mut(self.parts.get_mut(Self::part(key))?).get_mut(key)
    }

    pub(crate) fn contains<Q: Ord + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        if let Some(part) = self.parts.get_mut(Self::part(&key))
            && Arc::make_mut(part).insert(key, value).is_none()
        {
            self.len += 1;
        }
    }

    #[cfg(feature = "server")]
    pub(crate) fn remove<Q: Ord + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let part = self.parts.get_mut(Self::part(key)).filter(|part| part.contains_key(key))?;
        let removed = Arc::make_mut(part).remove(key);
        self.len -= usize::from(removed.is_some());
        removed
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.parts.iter().flat_map(|part| part.iter())
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&V) -> bool) {
        for part in &mut self.parts {
            if part.values().any(|value| !keep(value)) {
                Arc::make_mut(part).retain(|_, value| keep(value));
            }
        }
        self.len = self.parts.iter().map(|part| part.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::Shards;

    #[test]
    fn a_clone_does_not_see_later_changes() {
        let mut map: Shards<String, u32> = Shards::default();
        for number in 0..1000 {
            map.insert(format!("key-{number}"), number);
        }
        let before = map.clone();
        map.insert("key-7".to_owned(), 70);
        map.insert("new".to_owned(), 1);
        if let Some(value) = map.get_mut("key-8") {
            *value = 80;
        }
        assert_eq!((before.get("key-7"), before.get("key-8"), before.get("new")), (Some(&7), Some(&8), None));
        assert_eq!((map.get("key-7"), map.get("key-8"), map.get("new")), (Some(&70), Some(&80), Some(&1)));
        assert_eq!((before.len(), map.len()), (1000, 1001));
        map.retain(|value| *value < 10);
        assert_eq!(map.len(), 9, "0 to 9 without 7 and 8, and `new`");
        #[cfg(feature = "server")]
        assert_eq!((map.remove("key-0"), map.remove("key-0"), map.len(), before.len()), (Some(0), None, 8, 1000));
    }
}
