// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The caps of six items in one storage slot
/// @notice 41 bits an item: one more than its cap (40), so that a cap of zero differs from an item
/// that isn't listed.
library ItemCaps {
    uint256 private constant PER_SLOT = 6;
    uint256 private constant BITS = 41;

    /// @notice Where the slot with this item is kept.
    function key(uint256 catalogue, uint256 item) internal pure returns (uint256) {
        return catalogue << 32 | item / PER_SLOT;
    }

    /// @notice One more than the item's cap; 0 if it isn't listed.
    function entryOf(uint256 slot, uint256 item) internal pure returns (uint256) {
        unchecked {
            return slot >> item % PER_SLOT * BITS & (1 << BITS) - 1; // shifts by 205 at most
        }
    }

    /// @notice The slot with an item that it didn't hold.
    function list(uint256 slot, uint256 item, uint256 cap) internal pure returns (uint256) {
        return slot | (cap + 1) << (item % PER_SLOT * BITS);
    }
}
