// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @title The root of a batch's leaves
/// @notice Pairs are hashed in sorted order, so that OpenZeppelin's MerkleProof checks the proofs;
/// a node without a partner moves up as it is. Leaves are hashes of more than 64 bytes, so that no
/// inner node can pass for one.
library MerkleTree {
    /// @notice The root of the first `count` leaves; `leaves` is used up.
    function rootOf(bytes32[] memory leaves, uint256 count) internal pure returns (bytes32) {
        while (count > 1) {
            uint256 parents;
            for (uint256 i; i < count; i += 2) {
                leaves[parents++] =
                    i + 1 < count ? Hashes.commutativeKeccak256(leaves[i], leaves[i + 1]) : leaves[i];
            }
            count = parents;
        }
        return leaves[0];
    }
}
