// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The root of a batch's leaves
/// @notice Pairs are hashed in sorted order, so that OpenZeppelin's MerkleProof checks the proofs;
/// a node without a partner moves up as it is. Leaves are hashes of more than 64 bytes, so that no
/// inner node can pass for one.
library MerkleTree {
    /// @notice The root of the first `count` leaves, one at least; `leaves` is used up.
    /// @dev In assembly because bounds checks and calls cost more here than the hashing: 370 gas an
    /// order. Each level is written over the one below: a parent's place is never behind its children's.
    function rootOf(bytes32[] memory leaves, uint256 count) internal pure returns (bytes32 root) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let start := add(leaves, 0x20)
            let end := add(start, shl(5, count))
            for {} gt(end, add(start, 0x20)) {} {
                let last := sub(end, 0x20)
                end := start
                let child := start
                for {} lt(child, last) { child := add(child, 0x40) } {
                    let left := mload(child)
                    let right := mload(add(child, 0x20))
                    let swap := shl(5, gt(left, right))
                    mstore(swap, left)
                    mstore(xor(swap, 0x20), right)
                    mstore(end, keccak256(0x00, 0x40))
                    end := add(end, 0x20)
                }
                if eq(child, last) {
                    mstore(end, mload(child))
                    end := add(end, 0x20)
                }
            }
            root := mload(start)
        }
    }
}
