//! Leaves of the log that are proved to be in it.

use super::checkpoint::prove;
use super::error::ClientError;
use super::registry::{Registry, View};
use crate::log::{Files, ProofError, proof, read_bundle};
use crate::protocol::{Body, Leaf, SignedStatement, paths};

impl Registry {
    /// Returns the leaf with this index, which is proved to be in the tree of the view.
    pub(crate) async fn leaf(&self, view: &View, index: u64) -> Result<Leaf, ClientError> {
        let size = view.head.size;
        if index >= size {
            return Err(ClientError::NoLeaf { index, size });
        }
        let bundle = index / paths::TILE_WIDTH;
        let width = (size - bundle * paths::TILE_WIDTH).min(paths::TILE_WIDTH);
        let read = async |files: &dyn Files| {
            let entries = read_bundle(files, bundle, width).await?;
            let number = usize::try_from(index % paths::TILE_WIDTH).unwrap_or(usize::MAX);
            let damaged = || ProofError::Damaged { path: paths::entries(bundle, width) };
            let leaf = entries.get(number).cloned().ok_or_else(damaged)?;
            proof::inclusion(files, &view.head, index, &leaf).await?;
            Ok(leaf)
        };
        Ok(Leaf::parse(&prove(&self.remote, read).await?)?)
    }

    /// Returns the time and the statement of a leaf. The statement is for this registry, and its signature was verified.
    pub(crate) async fn statement(
        &self,
        view: &View,
        index: u64,
        document: &'static str,
    ) -> Result<(u64, SignedStatement), ClientError> {
        let leaf = self.leaf(view, index).await?;
        let Body::Statement(statement) = leaf.body else {
            return Err(ClientError::LeafDiffers { index, document, what: "its type" });
        };
        self.check_origin("the statement in the log", &statement.statement().registry)?;
        Ok((leaf.time, statement))
    }

    /// Proves that the log begins with the record of this registry.
    ///
    /// # Errors
    /// Returns an error if the first leaf names another registry or root key.
    pub async fn check_genesis(&self, view: &View) -> Result<(), ClientError> {
        const DOCUMENT: &str = "the first leaf of the log";
        let leaf = self.leaf(view, 0).await?;
        let Body::Genesis(genesis) = leaf.body else {
            return Err(ClientError::LeafDiffers { index: 0, document: "description", what: "its type" });
        };
        self.check_origin(DOCUMENT, &genesis.registry)?;
        match genesis.root_key == *self.root_key().key() {
            true => Ok(()),
            false => Err(ClientError::LeafDiffers { index: 0, document: "description", what: "the root key" }),
        }
    }
}
