//! Merkle trees as in RFC 6962, section 2.1: a leaf is hashed after a byte 0, two subtrees after a byte 1, and the left one is the largest full
//! tree that fits. Built leaf by leaf: what is held is one hash for each bit of their number.

use sha2::{Digest, Sha256};

use super::model::EntryHash;

/// A tree that grows to the right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// Full subtrees from left to right, each with the number of its leaves, which is a power of two smaller than the one before it.
    full: Vec<(u64, EntryHash)>,
}

impl Tree {
    /// Adds a leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        let mut grown = (1, Sha256::new().chain_update([0]).chain_update(leaf).finalize().into());
        while let Some(left) = self.full.pop_if(|left| left.0 == grown.0) {
            grown = (left.0 * 2, joined(&left.1, &grown.1));
        }
        self.full.push(grown);
    }

    /// How many leaves there are.
    pub fn n_leaves(&self) -> u64 {
        self.full.iter().map(|(n, _)| n).sum()
    }

    /// The root; of no leaves, the hash of nothing.
    pub fn root(&self) -> EntryHash {
        let joined = self.full.iter().rev().map(|(_, hash)| *hash).reduce(|right, left| joined(&left, &right));
        joined.unwrap_or_else(|| Sha256::digest([]).into())
    }
}

fn joined(left: &EntryHash, right: &EntryHash) -> EntryHash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The leaves of the test vectors of Certificate Transparency, and the roots after each.
    const LEAVES: [&str; 8] = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn the_roots_are_those_of_certificate_transparency() {
        let mut tree = Tree::default();
        assert_eq!(tree.root()[..4], [0xe3, 0xb0, 0xc4, 0x42], "the hash of nothing");
        for (n, (leaf, root)) in LEAVES.iter().zip(ROOTS).enumerate() {
            tree.push(&bytes(leaf));
            assert_eq!((tree.n_leaves(), tree.root().to_vec()), (n as u64 + 1, bytes(root)));
        }
    }
}
