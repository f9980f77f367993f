// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title How IPFS names a block
/// @notice Spells the CIDv1 (base32, raw codec, sha2-256) of the raw block with a given digest.
/// @dev The CID is 01 55 12 20 ‖ digest, 288 bits, in groups of five from the left. Six groups are
/// the same for every digest; the seventh starts with the prefix's last two bits, which are zero.
/// See https://github.com/multiformats/cid.
library Cid {
    bytes private constant _PREFIX = "ipfs://bafkrei";
    bytes32 private constant _ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
    uint256 private constant _GROUPS = 52; // of 2 + 256 bits, and two more of padding

    /// @notice `ipfs://bafkrei…`, 66 characters.
    function uri(bytes32 digest) internal pure returns (string memory) {
        bytes memory text = new bytes(_PREFIX.length + _GROUPS);
        for (uint256 i; i < _PREFIX.length; ++i) {
            text[i] = _PREFIX[i];
        }
        uint256 last = text.length - 1;
        text[last] = _letter(uint256(digest) << 2);
        uint256 bits = uint256(digest) >> 3;
        for (uint256 i = 1; i < _GROUPS; ++i) {
            text[last - i] = _letter(bits);
            bits >>= 5;
        }
        return string(text);
    }

    /// @dev The letter for the lowest five bits.
    function _letter(uint256 bits) private pure returns (bytes1) {
        return _ALPHABET[bits & 31];
    }
}
